//! New certificates before the old ones end, and the way back after.

use gradimento_aggregator::registry::StreamState;
use gradimento_collector::push::Step;
use gradimento_tests::{Aggregator, Collector};
use jiff::SignedDuration;
use rusqlite::Connection;

use crate::restoring::{copy_of, deliver};

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

#[actix_web::test]
async fn a_refusal_of_the_certificates_leads_to_new_ones_once() {
    let aggregator = Aggregator::start().await;
    let mut inps = aggregator.collector("inps", 1, SignedDuration::ZERO).await;
    let file = Connection::open(aggregator.database()).unwrap();
    let ended = || file.execute("UPDATE certificate SET not_after = 1 WHERE purpose = 'seal'", []).unwrap();
    let issued = || file.query_row("SELECT COUNT(*) FROM certificate", [], |row| row.get::<_, u32>(0)).unwrap();
    inps.answers(12, 4).await;
    inps.seal().await;
    ended();
    assert_eq!(inps.push().await, Step::Refused(401));
    ended();
    assert_eq!((inps.push().await, issued()), (Step::Refused(401), 4), "not a third pair while nothing is delivered");
    inps.correspondent.renew_now().await.unwrap();
    assert_eq!(inps.push().await, Step::Delivered);
    ended();
    inps.answers(12, 4).await;
    inps.seal().await;
    assert_eq!(inps.push().await, Step::Refused(401));
    assert_eq!(inps.push().await, Step::Delivered);
}

#[actix_web::test]
async fn an_aggregator_restored_from_before_a_renewal_and_a_joining_hears_everything_and_nobody_helps() {
    let mut aggregator = Aggregator::start().await;
    let mut inps = aggregator.collector("inps", 1, SignedDuration::ZERO).await;
    let token = aggregator.invite("inail", [2; 32], 72);
    let before = copy_of(&aggregator);
    let mut inail = Collector::join(&token, Default::default()).await;
    assert!(inail.correspondent.pull().await.unwrap());
    for collector in [&mut inps, &mut inail] {
        collector.correspondent.renew_now().await.unwrap();
        collector.answers(12, 4).await;
        collector.seal().await;
        deliver(collector).await;
    }
    assert_eq!(aggregator.national().await, 20);
    aggregator.restore(&before.path().join("aggregator.sqlite")).await;
    for collector in [&mut inps, &mut inail] {
        collector.answers(10, 5).await;
        collector.seal().await;
        deliver(collector).await;
        collector.correspondent.renew_now().await.unwrap();
    }
    assert_eq!(aggregator.national().await, 40);
}

#[actix_web::test]
async fn a_certificate_of_ours_that_nobody_registered_is_nobodys_unless_the_registry_was_restored_since() {
    let mut aggregator = Aggregator::start().await;
    let mut inps = aggregator.collector("inps", 1, SignedDuration::ZERO).await;
    let copy = copy_of(&aggregator);
    let forget = |aggregator: &Aggregator| {
        Connection::open(aggregator.database()).unwrap().execute("DELETE FROM certificate", []).unwrap()
    };
    inps.answers(12, 4).await;
    inps.seal().await;
    assert_eq!((forget(&aggregator), inps.push().await), (2, Step::Refused(401)));
    aggregator.restore(&copy.path().join("aggregator.sqlite")).await;
    assert_eq!((forget(&aggregator), inps.push().await), (2, Step::Delivered));
}

#[actix_web::test]
async fn a_seal_that_a_restored_aggregator_has_lost_still_recovers_after_its_end() {
    let mut aggregator = Aggregator::start().await;
    let mut inps = joined(&aggregator, "inps", 1, 70).await;
    let before = copy_of(&aggregator);
    for clock in [&aggregator.clock, &inps.clock] {
        clock.set(SignedDuration::from_hours(-24 * 35));
    }
    inps.correspondent.renew_now().await.unwrap();
    for clock in [&aggregator.clock, &inps.clock] {
        clock.set(SignedDuration::ZERO);
    }
    aggregator.restore(&before.path().join("aggregator.sqlite")).await;
    // The `Date` of replies is the machine's own, so that the collector takes its clock of the past for wrong, and learns better.
    assert!(inps.correspondent.renew().await.is_err());
    assert!(inps.correspondent.renew().await.unwrap());
    assert_eq!(begin(&mut inps).await, Step::Delivered);
}

#[actix_web::test]
async fn a_certificate_that_the_registry_has_lost_does_not_bring_a_revoked_collector_back() {
    let mut aggregator = Aggregator::start().await;
    let mut inps = aggregator.collector("inps", 1, SignedDuration::ZERO).await;
    let before = copy_of(&aggregator);
    inps.correspondent.renew_now().await.unwrap();
    aggregator.restore(&before.path().join("aggregator.sqlite")).await;
    let (office, revoked) = (aggregator.office(), StreamState::Revoked);
    office.store.set_stream_state(inps.stream, revoked, office.clock.now()).unwrap();
    inps.answers(12, 4).await;
    inps.seal().await;
    assert_eq!(inps.push().await, Step::Refused(403));
    assert!(inps.correspondent.renew_now().await.is_err());
    assert_eq!((office.store.ledger_size().unwrap(), office.store.revoked().unwrap().len()), (1, 3), "it is listed, too");
}
