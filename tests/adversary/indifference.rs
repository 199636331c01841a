//! What is sealed depends on counts and the clock, never on answers: the real collector, on a real file, seals the same
//! responses whatever they say.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use gradimento_collector::seal;
use gradimento_collector::store::outbox::Origin;
use gradimento_collector::store::{Store, open_reader};
use gradimento_collector::survey::Editions;
use gradimento_common::calendar::Day;
use gradimento_common::disclosure::Policy;
use gradimento_common::ids::StreamId;
use gradimento_common::questionnaire::{Questionnaire, SHIPPED};
use jiff::Timestamp;
use rand::rngs::StdRng;
use rand::{Rng as _, RngExt as _, SeedableRng as _};
use rusqlite::Transaction;

const SERVICES: [&str; 3] = ["a", "b", "c"];

fn questionnaire() -> Arc<Questionnaire> {
    Arc::new(serde_json::from_str(SHIPPED[1]).unwrap())
}

/// Puts a response into the pool, as the writer does, under a key and on a day that depend on the pattern only.
fn answer(transaction: &Transaction<'_>, n: u64, service: &str, day: &str, stars: u64) {
    let edition = questionnaire().edition();
    let key: [u8; 16] = StdRng::seed_from_u64(n).random();
    transaction
        .execute(
            "INSERT INTO pool (key, service, questionnaire, version, assurance, day, language, answers)
             VALUES (?1, ?2, ?3, ?4, 'open', ?5, 'it', ?6)",
            (key, service, edition.questionnaire.as_str(), edition.version, day, format!(r#"{{"overall":["{stars}"]}}"#)),
        )
        .unwrap();
}

fn waiting(database: &Path) -> BTreeSet<Vec<u8>> {
    let connection = open_reader(database).unwrap();
    let mut statement = connection.prepare("SELECT key FROM pool").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// Who waits after each boundary of three months under the arrival pattern of `pattern`, with answers drawn by `answers`.
async fn decisions(pattern: u64, mut answers: impl FnMut(u64) -> u64) -> Vec<BTreeSet<Vec<u8>>> {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("collector.sqlite");
    let store = Store::open(&database).unwrap();
    let (mut rng, mut seen, mut n) = (StdRng::seed_from_u64(pattern), Vec::new(), 0);
    for day in 0..12u32 {
        let now: Timestamp = format!("2026-{:02}-{:02}T10:00:00Z", 9 + day / 5, 1 + day % 5 * 6).parse().unwrap();
        let mut arrivals = Vec::new();
        for _ in 0..rng.random_range(0..14u32) {
            let service = SERVICES[rng.next_u32().trailing_zeros().min(2) as usize];
            arrivals.push((pattern * 1_000_000 + n, service, answers(n)));
            n += 1;
        }
        let editions: Editions = BTreeMap::from([(questionnaire().edition(), questionnaire())]);
        let origin = Origin { agency: "inps".parse().unwrap(), stream: StreamId::from_random([1; 16]) };
        let (policy, seed) = (Policy::new(1, 5, 2).unwrap(), rng.next_u64());
        let boundary = move |transaction: &Transaction<'_>| {
            for (n, service, stars) in arrivals {
                answer(transaction, n, service, &Day::of(now).to_string(), stars);
            }
            seal::step(transaction, &origin, &editions, policy, now, &mut StdRng::seed_from_u64(seed))
        };
        store.write(boundary).await.unwrap();
        seen.push(waiting(&database));
    }
    seen
}

#[actix_web::test]
async fn the_same_arrivals_are_sealed_at_the_same_boundaries_whatever_they_say() {
    for pattern in 0..8 {
        let content = decisions(pattern, |_| 5).await;
        let angry = decisions(pattern, |_| 1).await;
        let one_angry = decisions(pattern, |n| if n == 7 { 1 } else { 5 }).await;
        let mixed = decisions(pattern, |n| n % 5 + 1).await;
        assert!(content == angry && content == one_angry && content == mixed, "pattern {pattern}");
        // Something was sealed, and something waited.
        assert!(
            content.iter().any(|waiting| !waiting.is_empty()) && content.windows(2).any(|pair| !pair[0].is_subset(&pair[1]))
        );
    }
}
