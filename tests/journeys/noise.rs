//! Figures with noise are checked as whole as exact ones are.

use std::sync::Arc;

use gradimento_collector::push::Step;
use gradimento_collector::store::outbox;
use gradimento_common::batch::{RawBatch, Tally};
use gradimento_common::calendar::Day;
use gradimento_common::clock::Clock as _;
use gradimento_common::disclosure::Policy;
use gradimento_common::ids::Assurance;
use gradimento_common::message::{NoisySummary, Payload};
use gradimento_common::questionnaire::{Questionnaire, SHIPPED};
use gradimento_common::response::Answers;
use gradimento_tests::{Aggregator, Collector};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rusqlite::types::Value;

use crate::verifying::{Altered, flip, told, verify, within_a_month};

/// Sends one batch with noise: twelve people, four stars.
async fn send_noisy(collector: &mut Collector) {
    let questionnaire: Arc<Questionnaire> = Arc::new(serde_json::from_str(SHIPPED[1]).unwrap());
    let (edition, policy, now) = (questionnaire.edition(), Policy::new(1, 10, 2).unwrap(), collector.clock.now());
    let mut tally = Tally::new(&questionnaire);
    let answers = serde_json::from_value(serde_json::json!({"overall": 4})).unwrap();
    (0..12).for_each(|_| tally.add(&Answers::check(&questionnaire, &answers).unwrap()));
    let batch = RawBatch {
        service: "prova".parse().unwrap(),
        questionnaire: edition.questionnaire,
        version: edition.version,
        assurance: Assurance::Open,
        first_day: Day::of(now),
        last_day: Day::of(now),
        responses: tally.responses(),
        counts: tally.counts(),
    };
    let noisy = batch.with_noise(&questionnaire, &policy, &mut StdRng::seed_from_u64(8)).unwrap();
    let (origin, payload) =
        (collector.correspondent.origin().clone(), Payload::NoisySummary(NoisySummary { batches: vec![noisy] }));
    let say = move |tx: &rusqlite::Transaction<'_>| outbox::append(tx, &origin, payload, policy, now);
    collector.desk.store.write(say).await.unwrap();
    assert_eq!(collector.push().await, Step::Delivered);
}

#[actix_web::test]
async fn altered_figures_with_noise_are_named() {
    let aggregator = Aggregator::start().await;
    let mut inps = aggregator.collector("inps", 1, within_a_month(aggregator.clock.now())).await;
    send_noisy(&mut inps).await;
    inps.answers(12, 5).await;
    inps.seal().await;
    inps.push().await;
    let (report, _) = verify(&aggregator, None).await.unwrap();
    assert_eq!((report.responses, report.figures), (22, 10), "five levels, exact and with noise");
    let month = Day::of(inps.clock.now()).month();
    let named = format!("indicator country, national-core 1, open, {month}, with noise: ");
    let double = |value: Value| match value {
        Value::Real(variance) => Value::Real(variance * 2.0),
        other => panic!("no variance: {other:?}"),
    };
    for (column, why) in [("responses", "responses: published"), ("variance", "noise standard_error: published")] {
        let change: Box<dyn Fn(Value) -> Value> = if column == "variance" { Box::new(double) } else { Box::new(flip(0)) };
        let _altered = Altered::new(&aggregator, "noisy_rollup", column, "agency = 'inps'", change);
        let told = told(&aggregator).await;
        assert!(told.contains(&named) && told.contains(why), "{column}: {told}");
    }
    for (question, option) in [("overall", "4"), ("outcome", "none")] {
        let row = format!("question = '{question}' AND option = '{option}'");
        let _altered = Altered::new(&aggregator, "noisy_count", "n", &row, flip(0));
        let told = told(&aggregator).await;
        assert!(told.contains(&format!("{named}counts {question} {option}: published")), "{told}");
    }
    let _moved = Altered::new(&aggregator, "noisy_rollup", "period", "agency = 'inps'", |_| Value::Text("2020-01".into()));
    assert!(told(&aggregator).await.contains("2020-01, with noise: no batch of the ledger leads to it"));
}
