//! Headers of tokens whose signature holds: a signer may write what it likes, and only ES256 with the right `typ` passes.
//!
//! Input: the header, a line break, the payload.

#![no_main]

use gradimento_common::jose::{Token, TokenKind};
use gradimento_fuzz::keys::{compact, seal_key};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

const KINDS: [(TokenKind, &str); 4] = [
    (TokenKind::Request, "JWT"),
    (TokenKind::Receipt, "receipt+jwt"),
    (TokenKind::Assignment, "assignment+jwt"),
    (TokenKind::Questionnaire, "questionnaire+jwt"),
];

fuzz_target!(|input: &[u8]| {
    let split = input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len());
    let (header, payload) = input.split_at(split);
    let text = compact(header, payload);
    for (kind, typ) in KINDS {
        let Ok(token) = Token::parse_document(kind, &text) else { continue };
        let members: Value = serde_json::from_slice(header).expect("an accepted header is JSON");
        assert_eq!((&members["alg"], members["typ"].as_str()), (&Value::from("ES256"), Some(typ)));
        assert_eq!(members.as_object().map(|members| members.len()), Some(3), "nothing but alg, typ and x5c");
        assert_eq!(token.verify(&seal_key()).as_deref(), Ok(payload), "what was signed comes out");
    }
});
