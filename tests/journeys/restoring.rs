//! Collectors that come back from a backup. Each group of citizens gives another number of stars, so that a group that is larger
//! in the national figures than it was proves that somebody was counted twice.

use std::path::{Path, PathBuf};

use gradimento_aggregator::store::sqlite::SqliteStore;
use gradimento_collector::backup::backup;
use gradimento_collector::push::Step;
use gradimento_collector::restore::restore;
use gradimento_tests::{Aggregator, Collector, SkewedClock, number};
use jiff::SignedDuration;
use serde_json::{Value, json};

/// Pushes until nothing waits; a connection that ended meanwhile costs one attempt.
pub(crate) async fn deliver(collector: &mut Collector) -> Vec<Step> {
    let mut steps = Vec::new();
    for _ in 0..40 {
        match collector.push().await {
            Step::Idle => return steps,
            step => steps.push(step),
        }
    }
    panic!("not everything was delivered: {steps:?}");
}

pub(crate) async fn seal_and_deliver(collector: &mut Collector) {
    collector.seal().await;
    deliver(collector).await;
}

/// How many people of the whole country gave 1, 2, 3, 4 and 5 stars.
async fn national(aggregator: &Aggregator) -> [u64; 5] {
    let figures = aggregator.indicators("level=country").await;
    let count = |star: &str| figures.iter().map(|figure| figure["counts"]["overall"][star].as_u64().unwrap()).sum();
    ["1", "2", "3", "4", "5"].map(count)
}

/// An agency of whose `prova` ten answers with one star are in the ledger and two wait, and five with five stars of `altra`.
async fn begun() -> (Aggregator, Collector, tempfile::TempDir, PathBuf) {
    let aggregator = Aggregator::start().await;
    let mut inps = aggregator.collector("inps", 1, SignedDuration::ZERO).await;
    inps.answers(12, 1).await;
    inps.answers_about("altra", 5, 5).await;
    seal_and_deliver(&mut inps).await;
    let kept = inps.backup();
    let folder = kept.path().join("backup");
    (aggregator, inps, kept, folder)
}

fn restored(folder: &Path) -> Collector {
    Collector::restored(folder, SkewedClock::default())
}

#[actix_web::test]
async fn after_a_restore_nobody_is_counted_twice_and_pools_that_were_not_sent_since_go_on() {
    let (aggregator, mut former, _backup, folder) = begun().await;
    former.answers(12, 2).await;
    former.answers_about("altra", 3, 4).await;
    seal_and_deliver(&mut former).await;
    assert_eq!(aggregator.national().await, 22);

    let mut inps = restored(&folder);
    assert_eq!(inps.number("SELECT COUNT(*) FROM pool"), 7);
    let steps = deliver(&mut inps).await;
    assert_eq!(steps.iter().filter(|step| **step == Step::Restoring).count(), 2, "opened and settled: {steps:?}");
    assert_eq!(inps.number("SELECT COUNT(*) FROM pool WHERE service = 'prova'"), 0, "sent since, for all that is known");
    assert_eq!(inps.number("SELECT COUNT(*) FROM pool WHERE service = 'altra'"), 5, "not sent since");

    inps.answers(12, 3).await;
    inps.answers_about("altra", 7, 5).await;
    seal_and_deliver(&mut inps).await;
    let [one, two, three, four, five] = national(&aggregator).await;
    assert!(one <= 12 && two <= 12, "{one} {two}");
    assert_eq!((one + two, three, four, five), (22, 10, 0, 10));

    // The former self comes back to life: it is not listened to any more.
    former.answers(12, 2).await;
    former.seal().await;
    assert_eq!(former.push().await, Step::Superseded);
    assert_eq!(aggregator.national().await, 42);
}

#[actix_web::test]
async fn what_a_backup_had_sealed_and_not_sent_is_delivered_before_the_new_epoch() {
    let (aggregator, former, _first, _) = begun().await;
    former.answers_about("altra", 7, 5).await;
    former.seal().await;
    let backup = former.backup();
    let mut inps = restored(&backup.path().join("backup"));
    deliver(&mut inps).await;
    assert_eq!(national(&aggregator).await, [10, 0, 0, 0, 10]);
    assert_eq!(inps.number("SELECT COUNT(*) FROM pool"), 4, "held back, and kept: all that was sent is known");
    inps.answers_about("altra", 10, 4).await;
    seal_and_deliver(&mut inps).await;
    let [.., four, five] = national(&aggregator).await;
    assert!(five <= 12 && four + five == 20, "{four} {five}");
}

#[actix_web::test]
async fn nothing_is_sealed_before_the_new_epoch_and_a_crash_at_any_step_changes_nothing() {
    let (mut aggregator, mut former, _backup, folder) = begun().await;
    former.answers(12, 2).await;
    seal_and_deliver(&mut former).await;
    aggregator.stop().await;
    let mut inps = restored(&folder);
    // Answered after the restore: these were never sent, whatever the aggregator has.
    inps.answers(12, 3).await;
    assert_eq!(inps.seal().await.batches, 0);
    assert!(matches!(inps.push().await, Step::Unreachable(_)));
    aggregator.start_again().await;
    for _ in 0..20 {
        inps.restart();
        assert_eq!((inps.seal().await.batches, inps.correspondent.speak().await.unwrap()), (0, false));
        inps.push().await;
        if inps.number("SELECT COUNT(*) FROM installation WHERE name = 'restoring'") == 0 {
            break;
        }
    }
    inps.restart();
    assert_eq!(inps.number("SELECT COUNT(*) FROM pool WHERE service = 'prova'"), 12);
    seal_and_deliver(&mut inps).await;
    let [one, two, three, ..] = national(&aggregator).await;
    assert!(one <= 12 && two <= 12 && one + two + three == 32 && three == 10, "{one} {two} {three}");
}

#[actix_web::test]
async fn the_same_backup_restored_twice_counts_nobody_twice() {
    let (aggregator, _former, _backup, folder) = begun().await;
    for (round, stars) in [2, 3].into_iter().enumerate() {
        let mut inps = restored(&folder);
        deliver(&mut inps).await;
        inps.answers(12, stars).await;
        inps.answers_about("altra", 7, 4).await;
        seal_and_deliver(&mut inps).await;
        let epoch: u64 = aggregator.office().store.head(inps.stream).unwrap().unwrap().epoch.into();
        assert_eq!(epoch, round as u64 + 2);
    }
    let [one, two, three, four, five] = national(&aggregator).await;
    assert!(one <= 12 && two <= 12 && three <= 12 && four <= 14 && five <= 5, "{one} {two} {three} {four} {five}");
    // The first takes two of its pools of 14 and 12 with it; the second has dropped all that the backup held.
    assert_eq!(one + two + three + four + five, 10 + 12 + 10 + 10);
}

#[actix_web::test]
async fn what_an_older_backup_has_closed_the_epoch_to_is_given_up_and_never_counted_twice() {
    let (aggregator, mut former, _older, folder) = begun().await;
    // Sealed, never sent, and in the newer backup only.
    former.answers(12, 2).await;
    former.seal().await;
    let newer = former.backup();
    let mut between = restored(&folder);
    between.answers(12, 3).await;
    deliver(&mut between).await;
    seal_and_deliver(&mut between).await;
    let mut inps = restored(&newer.path().join("backup"));
    deliver(&mut inps).await;
    assert_eq!(inps.number("SELECT COUNT(*) FROM outbox WHERE stranded = 1"), 1);
    assert_eq!(inps.number("SELECT SUM(responses) FROM sent_total"), 10, "what is stranded has not been sent");
    inps.answers(12, 4).await;
    seal_and_deliver(&mut inps).await;
    let [one, two, three, four, five] = national(&aggregator).await;
    assert!(one <= 12 && two == 0 && three <= 12 && four == 10 && five == 0, "{one} {two} {three} {four} {five}");
}

#[actix_web::test]
async fn where_the_aggregator_has_lost_what_it_had_confirmed_no_risk_is_taken() {
    let (mut aggregator, mut former, _older, folder) = begun().await;
    let lost = copy_of(&aggregator);
    former.answers(12, 2).await;
    seal_and_deliver(&mut former).await;
    let newer = former.backup();
    aggregator.restore(&lost.path().join("aggregator.sqlite")).await;
    let mut between = restored(&folder);
    deliver(&mut between).await;
    let mut inps = restored(&newer.path().join("backup"));
    assert_eq!(inps.number("SELECT COUNT(*) FROM pool"), 7);
    deliver(&mut inps).await;
    assert_eq!(inps.number("SELECT COUNT(*) FROM pool"), 0, "all that came out of the backup counts as sent");
    inps.answers(12, 3).await;
    seal_and_deliver(&mut inps).await;
    let [one, two, three, ..] = national(&aggregator).await;
    assert!(one <= 12 && two == 0 && three == 10, "{one} {two} {three}");
}

pub(crate) fn copy_of(aggregator: &Aggregator) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    SqliteStore::copy(&aggregator.database(), &folder.path().join("aggregator.sqlite")).unwrap();
    folder
}

#[actix_web::test]
async fn an_aggregator_that_loses_the_new_epoch_is_sent_it_again() {
    let (mut aggregator, _former, _backup, folder) = begun().await;
    let lost = copy_of(&aggregator);
    let mut inps = restored(&folder);
    deliver(&mut inps).await;
    inps.answers(10, 2).await;
    seal_and_deliver(&mut inps).await;
    let before = national(&aggregator).await;
    aggregator.restore(&lost.path().join("aggregator.sqlite")).await;
    inps.answers(12, 3).await;
    inps.seal().await;
    assert!(deliver(&mut inps).await.iter().any(|step| matches!(step, Step::Resumed(_))));
    let after = national(&aggregator).await;
    assert!(before[0] + before[1] == 20 && after.iter().sum::<u64>() == 32, "{before:?} {after:?}");
}

#[actix_web::test]
async fn a_form_that_was_handed_out_before_the_restore_does_not_count_again_after_it() {
    let (_aggregator, former, _backup, folder) = begun().await;
    let url = format!("{}/rest/cx/v1/services/prova/questionnaire", former.url());
    let form: Value = awc::Client::default().get(url).send().await.unwrap().json().await.unwrap();
    let response = json!({"questionnaire": "national-core", "version": 1, "answers": {"overall": 4},
        "form_token": form["form_token"]});
    assert_eq!(former.answer_about("prova", &response).await, 201);
    let mut inps = restored(&folder);
    assert_eq!(inps.answer(&response).await, 422, "whether it has counted is not known any more");
}

#[actix_web::test]
async fn a_backup_that_is_taken_under_load_is_consistent() {
    let aggregator = Aggregator::start().await;
    let mut inps = aggregator.collector("inps", 1, SignedDuration::ZERO).await;
    let folder = tempfile::tempdir().unwrap();
    let (data, targets) = (inps.config.data.clone(), folder.path().to_owned());
    let copying = std::thread::spawn(move || {
        let take = |n: usize| {
            let target = targets.join(format!("backup-{n}"));
            backup(&data, &target).unwrap();
            target
        };
        (0..6).map(take).collect::<Vec<_>>()
    });
    while !copying.is_finished() {
        inps.answers(3, 4).await;
        inps.seal().await;
        inps.push().await;
    }
    for backup in copying.join().unwrap() {
        let database = backup.join("collector.sqlite");
        let one = |sql| number(&database, sql);
        let sealed = one("SELECT COUNT(*) FROM sealed_today");
        assert_eq!(sealed, one("SELECT COALESCE(SUM(responses), 0) FROM sent_total"));
        let answered = one("SELECT COALESCE(SUM(n), 0) FROM tally WHERE question = 'overall'");
        assert_eq!(answered, sealed + one("SELECT COUNT(*) FROM pool"));
        assert_eq!(answered, one("SELECT COUNT(*) FROM nullifier"));
        deliver(&mut restored(&backup)).await;
    }
}

#[actix_web::test]
async fn a_backup_is_private_whole_and_never_written_over() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_aggregator, inps, _backup, folder) = begun().await;
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for entry in std::fs::read_dir(&folder).unwrap() {
        assert_eq!(mode(&entry.unwrap().path()), 0o600);
    }
    let again = backup(&inps.config.data, &folder).unwrap_err();
    assert!(again.to_string().contains("never written over"), "{again}");
    let refused = restore(&folder, &inps.config.data, false).unwrap_err();
    assert!(refused.to_string().contains("--force"), "{refused}");
    let refused = restore(&folder, &inps.config.data, true).unwrap_err();
    assert!(refused.to_string().contains("stop the collector first"), "{refused}");
    let resting = tempfile::tempdir().unwrap();
    assert_eq!(restore(&folder, resting.path(), false).unwrap(), None);
    let aside = restore(&folder, resting.path(), true).unwrap().unwrap();
    assert!(aside.join("identity.json").exists() && aside.join("collector.sqlite").exists());
    assert!(resting.path().join("identity.json").exists());
}
