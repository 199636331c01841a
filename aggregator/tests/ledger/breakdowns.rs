//! Counts with noise: breakdowns once, noisy batches apart from exact ones.

use std::sync::Arc;

use gradimento_aggregator::publish::Level;
use gradimento_aggregator::publish::dimension::Dimensions;
use gradimento_aggregator::publish::noisy::noisy_indicators;
use gradimento_aggregator::store::sqlite::SqliteStore;
use gradimento_aggregator::store::{Accepted, Refused, RollupFilter, Store};
use gradimento_aggregator::verify::NotSound;
use gradimento_common::breakdown::{Crossing, RawBreakdowns};
use gradimento_common::disclosure::Policy;
use gradimento_common::ids::Assurance;
use gradimento_common::message::{NoisySummary, Payload};
use gradimento_common::questionnaire::Questionnaire;
use gradimento_common::response::Answers;
use rand::SeedableRng as _;
use rand::rngs::StdRng;

use crate::sender::{Failed, Sender, batch, editions};

fn questionnaire() -> Arc<Questionnaire> {
    editions().into_values().next().unwrap()
}

fn policy() -> Policy {
    Policy::new(1, 10, 2).unwrap()
}

pub fn breakdowns(month: &str, seed: u64) -> RawBreakdowns {
    let questionnaire = questionnaire();
    let mut crossing = Crossing::new(&questionnaire);
    let answers = serde_json::from_str(r#"{"overall": 4}"#).unwrap();
    crossing.add(&Answers::check(&questionnaire, &answers).unwrap(), "it", 30);
    let responses = crossing.responses();
    let (mechanism, tables) = crossing.with_noise(&policy(), &mut StdRng::seed_from_u64(seed)).unwrap();
    RawBreakdowns {
        service: "pensioni".parse().unwrap(),
        questionnaire: "national-core".parse().unwrap(),
        version: 1,
        assurance: Assurance::Open,
        month: month.parse().unwrap(),
        responses,
        mechanism,
        tables,
    }
}

fn store() -> (tempfile::TempDir, SqliteStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("a.sqlite")).unwrap();
    (folder, store)
}

#[test]
fn breakdowns_are_taken_once_and_never_drawn_again() {
    let (_folder, store) = store();
    let inps = Sender::join(&store, "inps", 1);
    let first = inps.body_of(1, 1, None, Payload::Breakdowns(breakdowns("2026-10", 1)));
    let Accepted::New(receipt) = inps.send(&store, &first).unwrap() else { panic!("not new") };
    assert_eq!(inps.send(&store, &first).unwrap(), Accepted::Before(receipt));
    let again = inps.body_of(1, 2, Some(&first), Payload::Breakdowns(breakdowns("2026-10", 2)));
    assert!(matches!(inps.send(&store, &again), Err(Failed::Refused(Refused::ReleasedBefore))));
    let earlier = inps.body_of(1, 2, Some(&first), Payload::Breakdowns(breakdowns("2026-09", 2)));
    inps.send(&store, &earlier).unwrap();
    let inail = Sender::join(&store, "inail", 2);
    let until = |stream| store.stream_totals(stream).unwrap().broken_down_until.map(|month| month.to_string());
    assert_eq!(
        (until(inps.stream).as_deref(), until(inail.stream)),
        (Some("2026-10"), None),
        "the last month, of its own stream"
    );

    let published = store.breakdowns(&RollupFilter { period: Some("2026-10".into()), ..RollupFilter::default() }).unwrap();
    assert_eq!((published.len(), store.ledger_size().unwrap()), (1, 2));
    assert_eq!((published[0].agency.as_str(), published[0].responses), ("inps", 30));
    assert_eq!(published[0].tables, breakdowns("2026-10", 1).tables);
    assert!((published[0].standard_error - published[0].mechanism.variance().sqrt()).abs() < 1e-12);
}

#[test]
fn breakdowns_of_a_month_that_is_not_over_or_with_less_noise_are_refused() {
    let (_folder, store) = store();
    let inps = Sender::join(&store, "inps", 1);
    let open = inps.body_of(1, 1, None, Payload::Breakdowns(breakdowns("2026-11", 1)));
    assert!(matches!(inps.send(&store, &open), Err(Failed::NotSound(NotSound::Breakdowns(_)))));
    let mut quiet = breakdowns("2026-10", 1);
    quiet.mechanism.scale = "1/10".parse().unwrap();
    let quiet = inps.body_of(1, 1, None, Payload::Breakdowns(quiet));
    assert!(matches!(inps.send(&store, &quiet), Err(Failed::NotSound(NotSound::Breakdowns(_)))));
    assert_eq!(store.ledger_size().unwrap(), 0);
}

#[test]
fn noisy_batches_add_up_apart_from_exact_ones_and_so_does_their_noise() {
    let (_folder, store) = store();
    let inps = Sender::join(&store, "inps", 1);
    let mut rng = StdRng::seed_from_u64(1);
    let mut noisy = || batch("pensioni", [1, 2, 3, 4, 5]).with_noise(&questionnaire(), &policy(), &mut rng).unwrap();
    let batches = vec![noisy(), noisy()];
    let variance = batches[0].mechanism.variance();
    let sum = batches.iter().map(|batch| batch.counts["overall"]["5"]).sum::<i64>();
    let first = inps.body_of(1, 1, None, Payload::NoisySummary(NoisySummary { batches }));
    inps.send(&store, &first).unwrap();
    let exact = inps.body(2, Some(&first), vec![batch("pensioni", [0, 0, 0, 0, 12])]);
    inps.send(&store, &exact).unwrap();

    let all = RollupFilter::default();
    assert_eq!(store.rollups(&all).unwrap()[0].responses, 12);
    let rollups = store.noisy_rollups(&all).unwrap();
    assert_eq!((rollups.len(), rollups[0].place.responses, rollups[0].counts["overall"]["5"]), (1, 30, sum));
    assert!((rollups[0].variance - 2.0 * variance).abs() < 1e-9);
    let figure = &noisy_indicators(&rollups, Level::Country, &Dimensions::default())[0];
    assert!((figure.noise.unwrap().standard_error - (2.0 * variance).sqrt()).abs() < 1e-9);
}
