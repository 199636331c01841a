//! Claims of a request whose signatures hold: what is verified is this body, meant for us, now, with an id of sensible length.
//!
//! Input: three lines and the rest: the bearer's claims, the integrity token's claims (`DIGEST` stands for the body's),
//! `Content-Type`, the body. The target signs them as a collector would.

#![no_main]

use gradimento_common::limits::{CLOCK_LEEWAY_SECONDS, TOKEN_LIFE_SECONDS};
use gradimento_common::modi::{BodyDigest, Presented};
use gradimento_fuzz::NOW;
use gradimento_fuzz::keys::{compact, seal_key};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

const HEADER: &[u8] = br#"{"alg":"ES256","typ":"JWT","x5c":["Y2VydGlmaWNhdGU="]}"#;
const AUDIENCE: &str = "https://a.example";

fuzz_target!(|input: &str| {
    let mut parts = input.splitn(4, '\n');
    let (Some(bearer), Some(integrity), Some(content_type), Some(body)) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return;
    };
    let digest = BodyDigest::of(body.as_bytes());
    let integrity = integrity.replace("DIGEST", &digest.to_string());
    let authorization = format!("Bearer {}", compact(HEADER, bearer.as_bytes()));
    let signature = compact(HEADER, integrity.as_bytes());
    let presented = Presented {
        authorization: Some(&authorization),
        digest: Some(&digest.to_string()),
        signature: Some(&signature),
        content_type: Some(content_type),
        content_encoding: None,
        body: body.as_bytes(),
    };
    let Ok(unverified) = presented.open() else { return };
    let now = Timestamp::from_second(NOW).expect("within range");
    let Ok(verified) = unverified.verify(&seal_key(), AUDIENCE, now) else { return };
    assert_eq!((verified.body(), verified.digest(), verified.signature()), (body.as_bytes(), digest, &*signature));
    assert!((16..=128).contains(&verified.jti().len()));
    let remembered = verified.jti_expires() - NOW;
    assert!((0..=5 * TOKEN_LIFE_SECONDS + 2 * CLOCK_LEEWAY_SECONDS).contains(&remembered), "{remembered} s");
    for claims in [bearer, &integrity] {
        let claims: Value = serde_json::from_str(claims).expect("accepted claims are JSON");
        let names = |value: &Value| value == AUDIENCE;
        assert!(names(&claims["aud"]) || claims["aud"].as_array().is_some_and(|all| all.iter().any(names)));
        assert!(claims["iat"].as_i64().is_some_and(|iat| iat <= NOW + CLOCK_LEEWAY_SECONDS));
        assert!(claims["exp"].as_i64().is_some_and(|exp| exp >= NOW - CLOCK_LEEWAY_SECONDS));
    }
});
