//! Bodies of the JSON interface, through the collector's own routes: every reply is a code for withdrawal or a problem document
//! that does not repeat what the citizen wrote.

#![no_main]

use gradimento_fuzz::collector::post;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

/// Shorter texts may stand in a reply by chance.
const TEXT_BYTES_MIN: usize = 24;

fuzz_target!(|body: &[u8]| {
    let reply = post("/rest/cx/v1/services/prova/responses", "application/json", body.to_vec());
    assert!(matches!(reply.status, 201 | 400 | 409 | 413 | 422), "status {}", reply.status);
    let document: Value = serde_json::from_str(&reply.text).expect("replies are JSON");
    let named = if reply.status == 201 { "withdrawal_code" } else { "type" };
    assert!(document[named].is_string(), "{document}");
    let sent: Value = serde_json::from_slice(body).unwrap_or_default();
    let suggestion = sent["suggestion"].as_str().filter(|text| text.len() >= TEXT_BYTES_MIN);
    assert!(suggestion.is_none_or(|text| !reply.text.contains(text)), "the reply repeats the suggestion");
});
