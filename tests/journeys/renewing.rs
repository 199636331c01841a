//! New certificates before the old ones end, and the way back after.

use gradimento_collector::push::Step;
use gradimento_tests::{Aggregator, Collector};
use jiff::SignedDuration;

/// A collector that joined so many days ago. TLS itself goes by the machine's clock, so that the past is where to begin.
async fn joined(aggregator: &Aggregator, code: &str, n: u8, days_ago: i64) -> Collector {
    let past = SignedDuration::from_hours(-24 * days_ago);
    aggregator.clock.set(past);
    let collector = aggregator.silent_collector(code, n, past).await;
    aggregator.clock.set(SignedDuration::ZERO);
    collector.clock.set(SignedDuration::ZERO);
    collector
}

async fn begin(inps: &mut Collector) -> Step {
    inps.correspondent.pull().await.unwrap();
    inps.correspondent.speak().await.unwrap();
    inps.push().await
}

#[actix_web::test]
async fn certificates_are_renewed_at_two_thirds_of_their_life_and_messages_go_on() {
    let aggregator = Aggregator::start().await;
    let mut inps = joined(&aggregator, "inps", 1, 19).await;
    assert!(!inps.correspondent.renew().await.unwrap());
    let mut inail = joined(&aggregator, "inail", 2, 21).await;
    let first = inail.correspondent.validity();
    assert!(inail.correspondent.renew().await.unwrap());
    assert!(inail.correspondent.validity().until > first.until);
    assert!(!inail.correspondent.renew().await.unwrap());
    for collector in [&mut inps, &mut inail] {
        assert_eq!(begin(collector).await, Step::Delivered);
    }
}

#[actix_web::test]
async fn a_collector_whose_certificates_have_ended_comes_back_by_its_last_seal_key() {
    let aggregator = Aggregator::start().await;
    let mut inps = joined(&aggregator, "inps", 1, 31).await;
    assert!(inps.correspondent.pull().await.is_err());
    assert!(inps.correspondent.renew().await.unwrap());
    assert_eq!(begin(&mut inps).await, Step::Delivered);
}

#[actix_web::test]
async fn a_renewed_identity_is_what_the_next_start_uses() {
    let aggregator = Aggregator::start().await;
    let mut inps = joined(&aggregator, "inps", 1, 25).await;
    inps.correspondent.renew_now().await.unwrap();
    let reopened = inps.reopen();
    assert_eq!(reopened.correspondent.validity(), inps.correspondent.validity());
}
