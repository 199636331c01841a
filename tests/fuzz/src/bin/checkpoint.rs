//! Checkpoints, as text from anybody and as bodies that the ledger's key did sign.

#![no_main]

use std::sync::LazyLock;

use gradimento_common::checkpoint::{NoteVerifier, open, sign};
use gradimento_common::encoding::base64;
use gradimento_fuzz::keys::{LEDGER, LEDGER_SEED, ledger};
use libfuzzer_sys::fuzz_target;
use ring::signature::Ed25519KeyPair;

/// The size and root of the only checkpoint in the corpus that is signed.
const SIGNED: (u64, [u8; 32]) = (42, [9; 32]);

fuzz_target!(|input: &str| {
    let verifier = ledger().verifier();
    if let Ok(checkpoint) = open(input, &verifier) {
        assert_eq!((checkpoint.size(), checkpoint.root().as_bytes()), (SIGNED.0, &SIGNED.1), "something that nobody signed");
    }
    if let Ok(checkpoint) = open(&note(input, &verifier), &verifier) {
        let head = format!("{}\n{}\n{}\n", checkpoint.origin(), checkpoint.size(), checkpoint.root().to_base64());
        assert!(input.starts_with(&head), "one checkpoint has one spelling");
        assert_eq!(open(&sign(&checkpoint, ledger()), &verifier), Ok(checkpoint));
    }
    if let Ok(key) = input.parse::<NoteVerifier>() {
        assert_eq!(key.to_string(), input, "one verifier key has one spelling");
    }
});

/// The signed note of a text, whatever it is (C2SP signed-note).
fn note(text: &str, verifier: &NoteVerifier) -> String {
    static PAIR: LazyLock<Ed25519KeyPair> =
        LazyLock::new(|| Ed25519KeyPair::from_seed_unchecked(&LEDGER_SEED).expect("an Ed25519 key"));
    // The verifier key is written name+id+key.
    let written = verifier.to_string();
    let id = written.split('+').nth(1).and_then(|id| u32::from_str_radix(id, 16).ok()).expect("a key id");
    let signature = [id.to_be_bytes().as_slice(), PAIR.sign(text.as_bytes()).as_ref()].concat();
    format!("{text}\n— {LEDGER} {}\n", base64(&signature))
}
