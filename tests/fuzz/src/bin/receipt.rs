//! Receipts that the aggregator's key did sign: only one for the very message is taken.
//!
//! Input: the receipt's claims. The target signs them as the aggregator would.

#![no_main]

use gradimento_common::ids::StreamId;
use gradimento_common::jose::TokenKind;
use gradimento_common::message::Position;
use gradimento_common::modi::BodyDigest;
use gradimento_common::receipt::Receipt;
use gradimento_fuzz::json;
use gradimento_fuzz::keys::{seal_key, signer};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|claims: &[u8]| {
    let text = signer().sign_bytes(TokenKind::Receipt, claims).expect("randomness");
    let position = Position { stream: StreamId::from_random([7; 16]), epoch: 1, sequence: 2 };
    let digest = BodyDigest::of(b"body");
    let Ok(receipt) = Receipt::verify(&text, &seal_key(), position, digest) else { return };
    assert_eq!((receipt.stream, receipt.epoch, receipt.sequence), (position.stream, position.epoch, position.sequence));
    assert_eq!(receipt.digest, digest);
    json::assert_says_the_same(claims, &serde_json::to_vec(&receipt).expect("what was read can be written"), &[]);
});
