//! From sealed responses to the breakdowns of a month: once, and then the responses go.

use gradimento_collector::breakdown::{prepare, release, step};
use gradimento_collector::store::StoreError;
use gradimento_collector::store::breakdown::{due, forfeit};
use gradimento_collector::store::open_reader;
use gradimento_collector::store::outbox::Origin;
use gradimento_common::breakdown::RawBreakdowns;
use gradimento_common::clock::Clock as _;
use gradimento_common::disclosure::Policy;
use gradimento_common::ids::StreamId;
use gradimento_common::message::{Message, Payload};
use jiff::SignedDuration;
use rand::SeedableRng as _;
use rand::rngs::StdRng;

use crate::desk::{Collector, national_core, stars};
use crate::sealing::{boundary, editions};

fn origin() -> Origin {
    Origin { agency: "inps".parse().unwrap(), stream: StreamId::from_random([1; 16]) }
}

fn policy() -> Policy {
    Policy::new(1, 10, 2).unwrap()
}

async fn looked_after(collector: &Collector) -> Result<u64, StoreError> {
    let rng = &mut StdRng::seed_from_u64(3);
    step(&collector.desk.store, &origin(), &editions(), policy(), collector.clock.now(), rng).await
}

/// A collector at which `people` answered on 24 November and were sealed, but for two, `days` later.
async fn after(people: u64, days: i64) -> Collector {
    let collector = Collector::start();
    for n in 0..people {
        collector.answer(n, stars(n % 5 + 1)).await;
    }
    boundary(&collector, editions(), 1).await.unwrap();
    collector.clock.advance(SignedDuration::from_hours(24 * days));
    collector
}

fn sent(collector: &Collector) -> Vec<RawBreakdowns> {
    let connection = open_reader(&collector.database).unwrap();
    let mut statement = connection.prepare("SELECT body FROM outbox ORDER BY sequence").unwrap();
    let bodies = statement.query_map([], |row| row.get::<_, Vec<u8>>(0)).unwrap();
    let payloads = bodies.map(|body| Message::parse(&body.unwrap()).unwrap().payload);
    payloads.filter_map(|payload| if let Payload::Breakdowns(raw) = payload { Some(raw) } else { None }).collect()
}

#[actix_web::test]
async fn breakdowns_leave_some_days_after_the_month_about_whom_the_batches_counted_and_then_the_responses_go() {
    let collector = after(30, 11).await;
    assert_eq!(looked_after(&collector).await.unwrap(), 0, "5 December is too early");
    collector.clock.advance(SignedDuration::from_hours(24));
    assert_eq!(looked_after(&collector).await.unwrap(), 1);
    let raw = sent(&collector).pop().unwrap();
    assert_eq!((raw.service.as_str(), raw.month.to_string(), raw.responses), ("prova", "2026-11".to_owned(), 28));
    assert!(raw.check(&national_core(), &policy(), "2026-12".parse().unwrap()).is_ok());
    assert_eq!((collector.count("sealed") + collector.count("sealed_today"), collector.count("pool")), (0, 2));
}

#[actix_web::test]
async fn a_table_leaves_once_whoever_asks_again() {
    let collector = after(30, 12).await;
    let before = "2026-12".parse().unwrap();
    let again = || {
        let connection = open_reader(&collector.database).unwrap();
        let due = due(&connection, before).unwrap().pop().unwrap();
        prepare(&connection, due, &editions(), &policy(), &mut StdRng::seed_from_u64(9)).unwrap()
    };
    let (first, second) = (again(), again());
    let now = collector.clock.now();
    let leave = |prepared| collector.desk.store.write(move |tx| release(tx, &origin(), prepared, policy(), now));
    leave(first).await.unwrap();
    let refused = leave(second).await.unwrap_err().to_string();
    assert!(refused.contains("UNIQUE constraint failed: breakdown_budget"), "{refused}");
    assert_eq!(looked_after(&collector).await.unwrap(), 0);
    assert_eq!(sent(&collector).len(), 1);
}

#[actix_web::test]
async fn responses_sealed_late_enter_no_second_breakdown_and_go_too() {
    let collector = after(30, 12).await;
    looked_after(&collector).await.unwrap();
    // The two that were held back, and ten of today, leave now: their batch is of December and waits for its own breakdown.
    for n in 100..112 {
        collector.answer(n, stars(1)).await;
    }
    boundary(&collector, editions(), 2).await.unwrap();
    let write = |sql: &'static str| collector.desk.store.write(move |tx| Ok(tx.execute(sql, [])?));
    write("UPDATE sealed_today SET period = '2026-11' WHERE day < '2026-12'").await.unwrap();
    let late = collector.count("sealed_today WHERE period = '2026-11'");
    collector.clock.advance(SignedDuration::from_hours(24));
    assert_eq!(looked_after(&collector).await.unwrap(), 0);
    assert_eq!((sent(&collector).len(), collector.count("sealed_today")), (1, 12 - late));
    assert!(late > 0);
}

#[actix_web::test]
async fn too_few_and_forfeited_months_spend_their_budget_and_say_nothing() {
    let few = after(12, 12).await;
    assert_eq!(looked_after(&few).await.unwrap(), 0);
    assert_eq!((sent(&few).len(), few.count("sealed_today"), few.count("breakdown_budget")), (0, 0, 3));

    let restored = after(30, 12).await;
    for until in ["2026-11", "2026-09"] {
        restored.desk.store.write(|tx| forfeit(tx, until.parse().unwrap())).await.unwrap();
    }
    assert_eq!(looked_after(&restored).await.unwrap(), 0);
    assert_eq!((sent(&restored).len(), restored.count("sealed_today"), restored.count("breakdown_budget")), (0, 0, 3));
}
