//! Join tokens: as text, and as the text of the JSON that stands in them. What is read is written as it was, or as one spelling
//! of it, and never shows its secret.

#![no_main]

use gradimento_common::encoding::{base64url, hex};
use gradimento_common::enrolment::JoinToken;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    check(&format!("gradimento1.{}", base64url(input)));
    if let Ok(text) = std::str::from_utf8(input) {
        check(text);
    }
});

fn check(text: &str) {
    let Ok(token) = text.parse::<JoinToken>() else { return };
    let written = token.to_string();
    assert_eq!(written.parse().as_ref(), Ok(&token), "what is written is read");
    assert!(written.is_ascii() && !written.contains(char::is_whitespace), "it can be copied whole");
    assert!(!format!("{token:?}").contains(&hex(&token.secret)) || token.url.contains(&hex(&token.secret)));
}
