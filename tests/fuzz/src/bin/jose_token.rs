//! Tokens as text, from anybody: whatever has been changed, only what was signed comes out of a token.

#![no_main]

use gradimento_common::jose::{Token, TokenKind};
use gradimento_fuzz::keys::{CERTIFICATE, seal_key};
use libfuzzer_sys::fuzz_target;

const KINDS: [TokenKind; 4] = [TokenKind::Request, TokenKind::Receipt, TokenKind::Assignment, TokenKind::Questionnaire];

/// All that the fixed key has ever signed: the payload of each token in the corpus.
const SIGNED: &[u8] = br#"{"signed":"with the fixed key"}"#;

fuzz_target!(|text: &[u8]| {
    let Ok(text) = std::str::from_utf8(text) else { return };
    let kinds: Vec<_> = KINDS.into_iter().filter(|kind| Token::parse_document(*kind, text).is_ok()).collect();
    assert!(kinds.len() <= 1, "a token of two kinds");
    for kind in kinds {
        let Ok(token) = Token::parse(kind, text) else { continue };
        let leaf = token.leaf().to_vec();
        if let Ok(payload) = token.verify(&seal_key()) {
            assert_eq!((payload.as_slice(), leaf.as_slice()), (SIGNED, CERTIFICATE), "something that nobody signed");
        }
    }
});
