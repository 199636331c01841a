//! One seal boundary with a very large pool, as after a day on which the sealer could not run: how long it takes, and how long
//! a citizen who comes meanwhile waits for the writer.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::web;
use gradimento_collector::clock::SystemClock;
use gradimento_collector::gate::Gate;
use gradimento_collector::http::Desk;
use gradimento_collector::intake::tokens::TokenKey;
use gradimento_collector::metrics::Metrics;
use gradimento_collector::sealer::Sealer;
use gradimento_collector::store::Store;
use gradimento_collector::store::outbox::Origin;
use gradimento_collector::survey::Survey;
use gradimento_common::assignment::Assignment;
use gradimento_common::ids::StreamId;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::answers::{national_core, samples};
use crate::bare::Bare;
use crate::process::machine_load;
use crate::report::{Series, line};
use crate::{Extent, Failure};

/// Responses that wait.
const WAITING: usize = 50_000;
/// How often a citizen comes.
const ARRIVALS: Duration = Duration::from_millis(2);

/// Measures and prints.
pub async fn run(extent: Extent) -> Result<(), Failure> {
    let (before, mut took, mut waited, mut messages) =
        (machine_load(), Series::default(), Series::default(), Series::default());
    for _ in 0..extent.rounds {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("collector.sqlite");
        Bare::create(&path)?.insert(&samples()?, WAITING)?;
        let desk = desk(Store::open(&path)?)?;
        let origin = Origin { agency: "inps".parse()?, stream: StreamId::from_random([1; 16]) };
        let (sealer, start) = (Sealer::new(desk.clone(), origin), Instant::now());
        let boundary = actix_web::rt::spawn(async move { (sealer.step().await, start.elapsed()) });
        let mut longest = Duration::ZERO;
        while !boundary.is_finished() {
            let arrival = Instant::now();
            desk.store.write(|_| Ok(())).await?;
            longest = longest.max(arrival.elapsed());
            sleep(ARRIVALS).await;
        }
        let (sealed, elapsed) = boundary.await?;
        took.push(elapsed.as_secs_f64() * 1e3);
        waited.push(longest.as_secs_f64() * 1e3);
        messages.push(sealed?.messages as f64);
    }
    line(&format!("medians of {} boundaries, {WAITING} responses each", extent.rounds), "   median   (lowest to highest)");
    line("whole boundary, ms", &took.shown(0));
    line("longest wait of somebody who came meanwhile, ms", &waited.shown(0));
    line("messages", &messages.shown(0));
    line("load of the machine before and after", &format!("{before}, {}", machine_load()));
    Ok(())
}

fn desk(store: Store) -> Result<web::Data<Desk>, Failure> {
    let survey = Survey::default();
    let assignment: Assignment = serde_json::from_value(json!({
        "agency": "inps", "policy": {"version": 1, "k": 10, "r": 2}, "seal_interval_seconds": 3600,
        "heartbeat_interval_seconds": 86_400, "questionnaires": []
    }))?;
    let questionnaire = national_core()?;
    survey.adopt(&assignment, BTreeMap::from([(questionnaire.edition(), questionnaire)]), (0, 0));
    Ok(web::Data::new(Desk {
        store,
        survey,
        tokens: TokenKey::new(&[7; 32]),
        clock: Arc::new(SystemClock),
        rng: Mutex::new(StdRng::seed_from_u64(1)),
        agency_name: "Ente di prova".into(),
        notices: Default::default(),
        contact: None,
        public_url: None,
        metrics: Metrics::default(),
        mint: None,
        gate: Gate::new([]),
    }))
}
