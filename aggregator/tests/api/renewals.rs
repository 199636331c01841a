//! New certificates over the wire.

use awc::http::Method;
use gradimento_aggregator::registry::StreamState;
use gradimento_common::enrolment::Certificates;
use gradimento_common::modi::CONTENT_TYPE;

use crate::member::{Keys, Member};
use crate::office::{Office, Reply};

fn certificates(reply: &Reply) -> Certificates {
    assert_eq!(reply.status, 201, "{}", reply.text());
    serde_json::from_slice(&reply.body).unwrap()
}

#[actix_web::test]
async fn a_renewed_collector_speaks_with_its_new_keys_and_with_its_old_ones() {
    let office = Office::start().await;
    let inps = Member::join(&office, "inps").await;
    let keys = Keys::new();
    let reply = inps.renew(&keys).await;
    assert_eq!(inps.renew(&keys).await.body, reply.body, "a lost reply costs nothing");
    let renewed = inps.with(&keys, &certificates(&reply));
    let body = renewed.heartbeat(1, office.now());
    assert_eq!(renewed.send(&body, office.now()).await.status, 201);
    assert_eq!(inps.send(&body, office.now()).await.status, 200, "the old certificates are valid until they expire");
    assert_eq!(inps.renew(&Keys::new()).await.status, 201);
}

#[actix_web::test]
async fn a_renewal_is_refused_for_keys_of_others_and_for_the_revoked() {
    let office = Office::start().await;
    let (inps, inail) = (Member::join(&office, "inps").await, Member::join(&office, "inail").await);
    let keys = Keys::new();
    assert_eq!(inps.renew(&keys).await.status, 201);
    assert_eq!(inail.renew(&keys).await.problem(), "certificate-key-used");
    let twice = serde_json::json!({"tls": keys.requests().tls, "seal": keys.requests().tls}).to_string().into_bytes();
    let json = [("Content-Type", CONTENT_TYPE)];
    let reply = inail.call(Method::POST, "/rest/cx/v1/renewals", &json, twice).await;
    assert_eq!(reply.problem(), "certificate-request-invalid");
    for _ in 0..3 {
        assert_eq!(inail.renew(&Keys::new()).await.status, 201);
    }
    let crowded = inail.renew(&Keys::new()).await;
    assert_eq!((crowded.problem().as_str(), crowded.status), ("certificates-exhausted", 409));
    assert!(crowded.json()["until"].as_str().unwrap().ends_with('Z'));
    office.running.office.store.set_stream_state(inps.stream, StreamState::Revoked, office.now()).unwrap();
    assert_eq!(inps.renew(&keys).await.problem(), "peer-revoked");
}

#[actix_web::test]
async fn an_expired_collector_recovers_with_its_seal_twice_and_then_a_person_approves() {
    let office = Office::start().await;
    let mut inps = Member::join(&office, "inps").await;
    assert_eq!(inps.recover(&office, &Keys::new()).await.problem(), "recovery-early");
    office.move_on(31);
    let body = inps.heartbeat(1, office.now());
    assert_eq!(inps.send(&body, office.now()).await.problem(), "peer-unknown", "its certificate has expired");
    for turn in 0..2 {
        office.move_on(31 * turn);
        let keys = Keys::new();
        let reply = inps.recover(&office, &keys).await;
        assert_eq!(inps.recover(&office, &keys).await.body, reply.body, "a lost reply costs nothing");
        inps = inps.with(&keys, &certificates(&reply));
    }
    office.move_on(31);
    let exhausted = inps.recover(&office, &Keys::new()).await;
    assert_eq!((exhausted.problem().as_str(), exhausted.status), ("recovery-exhausted", 403));
    office.running.office.store.approve_recoveries(&"inps".parse().unwrap()).unwrap();
    certificates(&inps.recover(&office, &Keys::new()).await);
}

#[actix_web::test]
async fn a_recovery_needs_the_seal_of_a_stream_that_was_not_revoked() {
    let office = Office::start().await;
    let inps = Member::join(&office, "inps").await;
    office.move_on(31);
    let unsigned = office.public(Method::POST, "/rest/cx/v1/recoveries", &[("Content-Type", CONTENT_TYPE)], Keys::new().body());
    assert_eq!(unsigned.await.problem(), "token-missing");
    let elsewhere = Office::start().await;
    let stranger = Member::join(&elsewhere, "inps").await;
    assert_eq!(stranger.recover(&office, &Keys::new()).await.problem(), "certificate-unknown");
    office.running.office.store.set_stream_state(inps.stream, StreamState::Revoked, office.now()).unwrap();
    assert_eq!(inps.recover(&office, &Keys::new()).await.problem(), "peer-revoked");
}
