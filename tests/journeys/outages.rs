//! Whatever was away, off or lost: everything arrives, once.

use gradimento_collector::push::Step;
use gradimento_tests::{Aggregator, Collector};
use jiff::SignedDuration;

/// Pushes until nothing waits; a connection that ended meanwhile costs one attempt.
async fn deliver_all(collector: &mut Collector) -> u32 {
    let mut delivered = 0;
    for _ in 0..20 {
        match collector.push().await {
            Step::Delivered => delivered += 1,
            Step::Idle => return delivered,
            _ => (),
        }
    }
    panic!("not everything was delivered");
}

#[actix_web::test]
async fn a_collector_that_was_cut_off_for_a_week_delivers_everything_on_return_once() {
    let mut aggregator = Aggregator::start().await;
    let mut inps = aggregator.collector("inps", 1, SignedDuration::from_hours(-7 * 24)).await;
    aggregator.stop().await;
    for day in (0..7).rev() {
        inps.clock.set(SignedDuration::from_hours(-24 * day));
        inps.answers(12, 1 + (day % 5) as u8).await;
        inps.seal().await;
        assert_eq!(inps.push().await, Step::Unreachable(None));
    }
    aggregator.start_again().await;
    assert_eq!(deliver_all(&mut inps).await, 7);
    // Two were held back each day, and went with the next.
    assert_eq!(aggregator.national().await, 7 * 12 - 2);
}

#[actix_web::test]
async fn a_collector_that_was_itself_off_for_a_week_delivers_everything_on_return_once() {
    let aggregator = Aggregator::start().await;
    let mut inps = aggregator.collector("inps", 1, SignedDuration::from_hours(-7 * 24)).await;
    let mut others = aggregator.collector("inail", 2, SignedDuration::ZERO).await;
    for stars in [1, 2] {
        inps.answers(12, stars).await;
        inps.seal().await;
    }
    // Two messages wait in its outbox and eleven people in its pool, when the power goes.
    inps.answers(9, 3).await;
    others.answers(12, 5).await;
    others.seal().await;
    assert_eq!(deliver_all(&mut others).await, 1);
    inps.clock.set(SignedDuration::ZERO);
    inps.restart();
    assert_eq!(deliver_all(&mut inps).await, 2);
    assert_eq!(inps.number("SELECT COUNT(*) FROM pool"), 2 + 9);
    inps.answers(1, 4).await;
    assert_eq!(inps.seal().await.responses, 10);
    assert_eq!(deliver_all(&mut inps).await, 1);
    assert_eq!(aggregator.national().await, 10 + 12 + 10 + 10);
}

#[actix_web::test]
async fn a_collector_whose_clock_is_a_day_off_still_delivers() {
    let aggregator = Aggregator::start().await;
    for (n, hours) in [(1, 25), (2, -25)] {
        let code = format!("ente_{n}");
        let mut collector = aggregator.silent_collector(&code, n, SignedDuration::from_hours(hours)).await;
        assert!(collector.correspondent.pull().await.unwrap());
        assert!(collector.correspondent.speak().await.unwrap());
        assert_eq!(collector.push().await, Step::ClockCorrected);
        assert_eq!(collector.push().await, Step::Delivered);
        collector.answers(12, 5).await;
        collector.seal().await;
        assert_eq!(collector.push().await, Step::Delivered);
    }
}

#[actix_web::test]
async fn an_aggregator_that_was_restored_from_a_backup_is_sent_again_what_it_lost() {
    let mut aggregator = Aggregator::start().await;
    let mut inps = aggregator.collector("inps", 1, SignedDuration::ZERO).await;
    inps.answers(12, 1).await;
    inps.seal().await;
    assert_eq!(inps.push().await, Step::Delivered);
    let backup = tempfile::tempdir().unwrap().path().with_extension("sqlite");
    rusqlite::Connection::open(aggregator.database()).unwrap().execute("VACUUM INTO ?1", [backup.to_str()]).unwrap();
    for stars in [2, 3] {
        inps.answers(12, stars).await;
        inps.seal().await;
        assert_eq!(deliver_all(&mut inps).await, 1);
    }
    let before = aggregator.national().await;
    aggregator.stop().await;
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{suffix}", aggregator.database().display()));
    }
    std::fs::rename(backup, aggregator.database()).unwrap();
    aggregator.start_again().await;
    assert!(aggregator.national().await < before);
    inps.answers(12, 4).await;
    inps.seal().await;
    // Catalogue and one summary are there; the third message is the first that was lost.
    let resumed = match inps.push().await {
        Step::Unreachable(_) => inps.push().await,
        step => step,
    };
    assert_eq!(resumed, Step::Resumed(3));
    assert_eq!(deliver_all(&mut inps).await, 3);
    assert_eq!(aggregator.national().await, 4 * 12 - 2);
    // A month may have ended meanwhile, which makes a figure more.
    let figures = aggregator.indicators("level=country").await;
    let stars = figures.iter().flat_map(|figure| ["1", "2", "3", "4"].map(|star| &figure["counts"]["overall"][star]));
    let counted: u64 = stars.map(|n| n.as_u64().unwrap()).sum();
    assert_eq!(counted, 4 * 12 - 2);
}

#[actix_web::test]
async fn questionnaires_and_terms_stay_known_while_the_aggregator_is_away() {
    let mut aggregator = Aggregator::start().await;
    let mut inps = aggregator.collector("inps", 1, SignedDuration::ZERO).await;
    aggregator.stop().await;
    assert!(inps.correspondent.pull().await.is_err());
    inps.answers(12, 5).await;
    assert_eq!(inps.seal().await.responses, 10);
    let reopened = inps.reopen();
    assert!(reopened.desk.survey.terms().is_some());
    assert!(reopened.desk.survey.services().iter().all(|surveyed| surveyed.questionnaire.is_some()));
}
