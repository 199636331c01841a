//! From answers to a message, in one transaction.

use std::collections::BTreeMap;

use crate::desk::{Collector, every_kind, key, national_core, stars};
use gradimento_collector::seal::{Sealed, step};
use gradimento_collector::sealer::Sealer;
use gradimento_collector::store::outbox::{Origin, keep_receipt, next};
use gradimento_collector::store::{StoreError, open_reader};
use gradimento_collector::survey::Editions;
use gradimento_common::clock::Clock as _;
use gradimento_common::disclosure::Policy;
use gradimento_common::ids::StreamId;
use gradimento_common::message::{Message, Payload};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::json;

pub fn editions() -> Editions {
    BTreeMap::from([(national_core().edition(), national_core())])
}

fn origin() -> Origin {
    Origin { agency: "inps".parse().unwrap(), stream: StreamId::from_random([1; 16]) }
}

pub async fn boundary(collector: &Collector, editions: Editions, seed: u64) -> Result<Sealed, StoreError> {
    let origin = origin();
    let (policy, now) = (Policy::new(1, 10, 2).unwrap(), collector.clock.now());
    let work =
        move |tx: &rusqlite::Transaction<'_>| step(tx, &origin, &editions, policy, now, &mut StdRng::seed_from_u64(seed));
    collector.desk.store.write(work).await
}

#[actix_web::test]
async fn nothing_leaves_before_k_and_r_wait_and_then_all_but_r() {
    let collector = Collector::start();
    for n in 0..11 {
        collector.answer(n, stars(n % 5 + 1)).await;
    }
    assert_eq!(boundary(&collector, editions(), 1).await.unwrap(), Sealed::default());
    collector.answer(11, stars(5)).await;
    assert_eq!(boundary(&collector, editions(), 1).await.unwrap(), Sealed { batches: 1, responses: 10, messages: 1 });
    assert_eq!((collector.count("pool"), collector.count("sealed_today")), (2, 10));
    let pending = next(&open_reader(&collector.database).unwrap()).unwrap().unwrap();
    let message = Message::parse(&pending.body).unwrap();
    let Payload::Summary(summary) = message.payload else { panic!("not a summary") };
    let batch = summary.batches[0].clone().check(&national_core(), 10).unwrap();
    assert_eq!(batch.responses(), 10);
}

#[actix_web::test]
async fn the_first_boundary_of_a_day_closes_the_day_before() {
    let collector = Collector::start();
    boundary(&collector, editions(), 0).await.unwrap();
    for n in 0..12 {
        let mut body = stars(1);
        body["suggestion"] = "più corto".into();
        collector.answer(n, body).await;
    }
    boundary(&collector, editions(), 1).await.unwrap();
    boundary(&collector, editions(), 2).await.unwrap();
    let counts = || ["sealed_today", "sealed", "suggestion_today", "suggestion"].map(|table| collector.count(table));
    assert_eq!(counts(), [10, 0, 12, 0]);
    collector.clock.advance(jiff::SignedDuration::from_hours(24));
    boundary(&collector, editions(), 3).await.unwrap();
    assert_eq!(counts(), [0, 10, 0, 12]);
}

#[actix_web::test]
async fn a_boundary_that_fails_changes_nothing() {
    let collector = Collector::start();
    for n in 0..12 {
        collector.answer(n, stars(1)).await;
    }
    let refuse = "CREATE TRIGGER refuse BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'no room'); END";
    collector.desk.store.write(move |tx| Ok(tx.execute_batch(refuse)?)).await.unwrap();
    assert!(boundary(&collector, editions(), 1).await.is_err());
    assert_eq!((collector.count("pool"), collector.count("sealed_today"), collector.count("outbox")), (12, 0, 0));
}

#[actix_web::test]
async fn a_pool_that_contradicts_itself_waits_and_stops_no_other() {
    let collector = Collector::start();
    fill_pool(&collector, 12).await;
    let damage = "INSERT INTO pool SELECT randomblob(16), 'altro', questionnaire, version, assurance, day, language,
                                          iif(key = (SELECT MIN(key) FROM pool), '{\"overall\":[\"9\"]}', answers) FROM pool";
    collector.desk.store.write(move |tx| Ok(tx.execute(damage, [])?)).await.unwrap();
    for seed in 0..30 {
        boundary(&collector, editions(), seed).await.unwrap();
    }
    let of = |table: &str, service: &str| collector.count(&format!("{table} WHERE service = '{service}'"));
    assert_eq!((of("pool", "prova"), of("sealed_today", "prova")), (2, 10));
    // Some draws hold back the one that is damaged: then the others leave, and it waits with another.
    assert_eq!(of("pool", "altro") + of("sealed_today", "altro"), 12);
    assert_eq!(collector.count("pool WHERE answers LIKE '%9%'"), 1);
}

#[actix_web::test]
async fn one_key_at_two_services_is_two_submissions_before_and_after_sealing() {
    let collector = Collector::start();
    for service in ["prova", "tutto"] {
        let mut body = stars(4);
        if service == "tutto" {
            (body["questionnaire"], body["version"]) = ("tutto".into(), 3.into());
        }
        for n in 0..12 {
            let headers = [("Content-Type", "application/json"), ("Idempotency-Key", &*key(n))];
            let path = format!("/rest/cx/v1/services/{service}/responses");
            assert_eq!(collector.post(&path, &headers, body.to_string()).await.status, 201, "{service} {n}");
        }
        let editions = [national_core(), every_kind()].map(|asked| (asked.edition(), asked)).into();
        assert_eq!(boundary(&collector, editions, 1).await.unwrap(), Sealed { batches: 1, responses: 10, messages: 1 });
    }
    collector.clock.advance(jiff::SignedDuration::from_hours(24));
    boundary(&collector, editions(), 2).await.unwrap();
    assert_eq!((collector.count("pool"), collector.count("sealed")), (4, 20));
}

#[actix_web::test]
async fn nothing_leads_from_a_submission_to_its_sealed_response() {
    let collector = Collector::start();
    for n in 0..12 {
        collector.answer(n, stars(1)).await;
    }
    let keys = |table: &str| -> Vec<[u8; 16]> {
        let connection = open_reader(&collector.database).unwrap();
        let mut statement = connection.prepare(&format!("SELECT key FROM {table}")).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let waiting = keys("pool");
    boundary(&collector, editions(), 1).await.unwrap();
    assert_eq!((keys("pool").len(), keys("sealed_today").len()), (2, 10));
    assert!(keys("pool").iter().all(|key| waiting.contains(key)));
    assert!(keys("sealed_today").iter().all(|key| !waiting.contains(key)));
}

#[actix_web::test]
async fn a_submission_that_waits_counts_once_even_when_its_mark_has_grown_old() {
    let collector = Collector::start();
    collector.answer(1, stars(1)).await;
    collector.clock.advance(jiff::SignedDuration::from_hours(24 * 126));
    boundary(&collector, editions(), 1).await.unwrap();
    assert_eq!(collector.count("nullifier"), 0, "the mark is gone");
    let (again, another) = (collector.answer(1, stars(1)), collector.answer(2, stars(1)));
    let (again, another) = futures_util::future::join(again, another).await;
    assert_eq!((again.status, another.status), (201, 201));
    assert_eq!((collector.count("pool"), collector.tally("overall", "1")), (2, 2));
}

#[actix_web::test]
async fn a_very_large_pool_leaves_in_turns_and_every_batch_keeps_k() {
    let collector = Collector::start();
    fill_pool(&collector, 20_005).await;
    let mut turns = Vec::new();
    for seed in 0..4 {
        turns.push(boundary(&collector, editions(), seed).await.unwrap());
    }
    let policy = Policy::new(1, 10, 2).unwrap();
    assert_eq!(turns.iter().map(|turn| turn.responses).collect::<Vec<_>>(), [10_000, 10_000, 0, 0]);
    assert_eq!(turns.iter().map(|turn| turn.is_full(&policy)).collect::<Vec<_>>(), [true, true, false, false]);
    assert_eq!((collector.count("pool"), collector.count("sealed_today")), (5, 20_000));
}

#[actix_web::test]
async fn a_boundary_takes_as_many_turns_as_it_needs() {
    let collector = Collector::start();
    fill_pool(&collector, 12_000).await;
    let assignment = json!({"agency": "inps", "policy": {"version": 1, "k": 10, "r": 2}, "seal_interval_seconds": 3600,
                            "heartbeat_interval_seconds": 86_400, "questionnaires": []});
    collector.desk.survey.adopt(&serde_json::from_value(assignment).unwrap(), editions(), (0, 0));
    let sealed = Sealer::new(collector.desk.clone(), origin()).step().await.unwrap();
    assert_eq!(sealed, Sealed { batches: 2, responses: 11_998, messages: 2 });
}

/// Responses that wait, put there without the detour over the listener.
async fn fill_pool(collector: &Collector, responses: u32) {
    let sql = "WITH RECURSIVE citizen (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM citizen WHERE n < ?1)
               INSERT INTO pool SELECT randomblob(16), 'prova', 'national-core', 1, 'open', '2026-11-24', 'it',
                                       '{\"overall\":[\"5\"]}' FROM citizen";
    collector.desk.store.write(move |tx| Ok(tx.execute(sql, [responses])?)).await.unwrap();
}

#[actix_web::test]
async fn messages_form_a_chain() {
    let collector = Collector::start();
    for n in 0..40 {
        collector.answer(n, stars(1)).await;
        boundary(&collector, editions(), n).await.unwrap();
    }
    let first = next(&open_reader(&collector.database).unwrap()).unwrap().unwrap();
    collector.desk.store.write(|tx| keep_receipt(tx, 1, 1, "a receipt")).await.unwrap();
    let second = next(&open_reader(&collector.database).unwrap()).unwrap().unwrap();
    let chained = Message::parse(&second.body).unwrap().previous;
    assert_eq!(chained, Some(gradimento_common::modi::BodyDigest::of(&first.body)));
    assert_eq!(collector.count("pool") + collector.count("sealed_today"), 40);
}

#[actix_web::test]
async fn public_sums_change_by_whole_batches_only() {
    let collector = Collector::start();
    let total = || collector.sum("sealed_tally WHERE question = 'overall'");
    let mut seen = vec![total()];
    for n in 0..40 {
        collector.answer(n, stars(n % 5 + 1)).await;
        assert_eq!(total(), *seen.last().unwrap(), "an answer moved what is public before it was sealed");
        boundary(&collector, editions(), n).await.unwrap();
        if total() != *seen.last().unwrap() {
            seen.push(total());
        }
    }
    assert_eq!(*seen.last().unwrap(), collector.count("sealed_today"));
    assert!(seen.len() > 2 && seen.windows(2).all(|pair| pair[1] >= pair[0] + 10), "{seen:?}");
}
