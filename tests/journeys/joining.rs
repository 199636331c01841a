//! One token, one use, and who may speak afterwards.

use gradimento_aggregator::registry::StreamState;
use gradimento_collector::enrolment::{JoinError, Keys, join};
use gradimento_collector::push::Step;
use gradimento_tests::Aggregator;
use jiff::SignedDuration;

#[actix_web::test]
async fn a_revoked_collector_is_refused_on_the_next_request_of_an_open_connection() {
    let aggregator = Aggregator::start().await;
    let mut inps = aggregator.collector("inps", 1, SignedDuration::ZERO).await;
    for _ in 0..2 {
        inps.answers(12, 5).await;
        inps.seal().await;
    }
    assert_eq!(inps.push().await, Step::Delivered);
    aggregator.office().store.set_stream_state(inps.stream, StreamState::Revoked, aggregator.office().clock.now()).unwrap();
    assert_eq!(inps.push().await, Step::Refused(403));
    assert_eq!(aggregator.office().store.ledger_size().unwrap(), 2);
}

#[actix_web::test]
async fn a_join_token_is_redeemed_by_one_pair_of_keys_and_a_lost_reply_costs_nothing() {
    let aggregator = Aggregator::start().await;
    let token = aggregator.invite("inps", [9; 32], 72);
    let (keys, others) = (Keys::generate().unwrap(), Keys::generate().unwrap());
    let first = join(&token, &keys).await.unwrap();
    assert_eq!(join(&token, &keys).await.unwrap(), first);
    let other = join(&token, &others).await;
    assert!(matches!(other, Err(JoinError::Refused { status: 409, .. })));
    let expired = aggregator.invite("inail", [8; 32], -1);
    let late = join(&expired, &others).await;
    assert!(matches!(late, Err(JoinError::Refused { status: 403, .. })));
    let mut forged = aggregator.invite("c_h501", [7; 32], 72);
    forged.secret = [6; 32];
    assert!(matches!(join(&forged, &others).await, Err(JoinError::Refused { status: 403, .. })));
    let mut elsewhere = aggregator.invite("agid", [5; 32], 72);
    elsewhere.root = [0; 32];
    assert!(matches!(join(&elsewhere, &others).await, Err(JoinError::Foreign(_))));
    elsewhere.url = "http://aggregator.example".into();
    assert!(matches!(join(&elsewhere, &others).await, Err(JoinError::Insecure(_))));
}
