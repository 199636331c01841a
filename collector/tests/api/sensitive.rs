//! What is answered about a sensitive service leaves with noise, alone or in company, and shows on no page.

use gradimento_collector::sensitive::{mark, split};
use gradimento_collector::store::open_reader;
use gradimento_collector::store::outbox::next;
use gradimento_common::batch::{RawBatch, Tally};
use gradimento_common::disclosure::{Policy, PoolKey, Reach, SealOrder};
use gradimento_common::ids::{Assurance, ServiceId};
use gradimento_common::message::{Message, Payload, Service, ServiceKind};
use rand::SeedableRng as _;
use rand::rngs::StdRng;

use crate::desk::{Collector, national_core, stars};
use crate::sealing::{boundary, editions};

fn service(id: &str, sensitive: bool) -> Service {
    Service { id: id.parse().unwrap(), name: "Prova".into(), kind: ServiceKind::Transaction, sensitive }
}

fn policy() -> Policy {
    Policy::new(1, 10, 2).unwrap()
}

#[actix_web::test]
async fn batches_of_a_sensitive_service_leave_with_noise_and_their_sums_are_shown_nowhere() {
    let collector = Collector::start();
    collector.desk.store.write(|tx| mark(tx, &[service("prova", true)])).await.unwrap();
    for n in 0..30 {
        collector.answer(n, stars(5)).await;
    }
    let sealed = boundary(&collector, editions(), 1).await.unwrap();
    assert_eq!((sealed.batches, sealed.responses, sealed.messages), (1, 28, 1));
    let pending = next(&open_reader(&collector.database).unwrap()).unwrap().unwrap();
    let Payload::NoisySummary(summary) = Message::parse(&pending.body).unwrap().payload else { panic!("exact counts left") };
    let batch = summary.batches[0].clone();
    assert_eq!(batch.responses, 28);
    assert_ne!(batch.counts["overall"].values().sum::<i64>(), 28, "noise does not add up");
    assert!(batch.check(&national_core(), 10, &policy()).is_ok());
    assert_eq!(collector.count("sealed_tally"), 0);
}

#[actix_web::test]
async fn a_parent_batch_with_a_sensitive_pool_in_it_gets_noise_and_a_flag_is_never_taken_back() {
    let collector = Collector::start();
    let key =
        |id: &str| PoolKey { service: id.parse().unwrap(), edition: national_core().edition(), assurance: Assurance::Open };
    let order = move |service: ServiceId, pools: &[&str]| SealOrder {
        service,
        pools: pools.iter().map(|id| key(id)).collect(),
        reach: Reach::All,
    };
    let batch = |service: ServiceId| {
        let (day, questionnaire) = ("2026-11-24".parse().unwrap(), national_core());
        let edition = questionnaire.edition();
        RawBatch {
            service,
            questionnaire: edition.questionnaire,
            version: edition.version,
            assurance: Assurance::Open,
            first_day: day,
            last_day: day,
            responses: 12,
            counts: Tally::new(&questionnaire).counts(),
        }
    };
    let work = move |tx: &rusqlite::Transaction<'_>| {
        mark(tx, &[service("a", true), service("b", false)])?;
        mark(tx, &[service("a", false), service("b", false)])?;
        let orders = [order(ServiceId::other(), &["a", "b"]), order("b".parse().unwrap(), &["b"])];
        let batches = orders.iter().map(|order| (order, batch(order.service.clone()))).collect();
        split(tx, batches, &editions(), &policy(), &mut StdRng::seed_from_u64(1))
    };
    let (exact, noisy) = collector.desk.store.write(work).await.unwrap();
    assert_eq!((exact.len(), noisy.len()), (1, 1));
    assert!(noisy[0].service.is_other() && exact[0].service.as_str() == "b");
}
