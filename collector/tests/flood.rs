//! A flood of sound answers from one source, and a citizen in the middle of it. In a program of its own, one flood after the
//! other, because memory is measured by the process. How long a citizen waits is printed here and asserted of the program as it
//! is released (`tests/browser/crowded.test.mjs`).

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]
#![allow(
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "it measures, and tells what it measured"
)]

#[allow(dead_code, reason = "the desk serves other tests too")]
#[path = "api/desk.rs"]
mod desk;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::{StreamExt as _, stream};
use serde_json::json;

use desk::{Collector, key, stars};
use gradimento_collector::intake::proof::solves;

/// Requests that the flood has under way at once.
const CONCURRENT: usize = 64;

/// A citizen who waits longer has not got through.
const WAIT_SECONDS_MAX: u64 = 30;

/// Answers in the flood.
const SIZE: u64 = 20_000;

const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

fn token(page: &str) -> &str {
    page.split("name=\"form_token\" value=\"").nth(1).unwrap().split('"').next().unwrap()
}

/// The first number that solves a challenge.
fn proof(challenge: &str, difficulty: u32) -> String {
    (0..).find(|number| solves(challenge, *number, difficulty)).unwrap().to_string()
}

/// Resident memory of this process, server and flood together, in kB.
fn memory_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// What became of a flood, so far.
#[derive(Default)]
struct Flood {
    taken: AtomicU64,
    refused: AtomicU64,
    over: AtomicBool,
}

/// Sends the flood from a thread of its own.
fn flood(url: String) -> Arc<Flood> {
    let flood = Arc::new(Flood::default());
    let told = Arc::clone(&flood);
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async {
            let client = awc::Client::builder().timeout(Duration::from_secs(60)).finish();
            let each = |n: u64| {
                let request = client.post(&url).insert_header(("Idempotency-Key", key(1_000 + n)));
                async move { request.send_json(&stars(1 + n % 5)).await.unwrap().status().as_u16() }
            };
            let mut replies = stream::iter((0..SIZE).map(each)).buffer_unordered(CONCURRENT);
            while let Some(status) = replies.next().await {
                match status {
                    201 => told.taken.fetch_add(1, Ordering::Relaxed),
                    429 => told.refused.fetch_add(1, Ordering::Relaxed),
                    other => panic!("{other}"),
                };
            }
        });
        told.over.store(true, Ordering::Release);
    });
    flood
}

/// What a browser does: opens the page, lets its citizen answer, sends, works where it is asked to. Yields how long everything
/// but the citizen took.
async fn citizen(collector: &Collector) -> Duration {
    let started = Instant::now();
    let page = collector.get("/s/prova").await;
    assert_eq!(page.status, 200);
    let answering = Instant::now();
    actix_web::rt::time::sleep(Duration::from_secs(2)).await;
    collector.clock.advance(jiff::SignedDuration::from_secs(2));
    let answered = answering.elapsed();
    let mut body = format!("form_token={}&overall=5&suggestion=Onesto", token(&page.body));
    for _ in 0..3 {
        let reply = collector.post("/s/prova", &[FORM], body.clone()).await;
        if reply.status == 201 {
            return started.elapsed() - answered;
        }
        assert_eq!(reply.status, 429);
        let difficulty = reply.body.split("data-difficulty=\"").nth(1).unwrap().split('"').next().unwrap();
        body = format!("{body}&proof-of-work={}", proof(token(&page.body), difficulty.parse().unwrap()));
    }
    panic!("the citizen gave up");
}

async fn citizens_in_a_flood(collector: &Collector, name: &str) -> Arc<Flood> {
    let before = memory_kb();
    let started = Instant::now();
    let flood = flood(collector.url("/rest/cx/v1/services/prova/responses"));
    let (mut slowest, mut citizens) = (Duration::ZERO, 0);
    while citizens == 0 || !flood.over.load(Ordering::Acquire) {
        slowest = slowest.max(citizen(collector).await);
        citizens += 1;
    }
    let (taken, refused) = (flood.taken.load(Ordering::Relaxed), flood.refused.load(Ordering::Relaxed));
    let grown = memory_kb().saturating_sub(before);
    println!(
        "{name}: {} answers in {:.1} s, {taken} taken, {refused} refused; {citizens} citizens meanwhile, the slowest waited \
         {} ms; memory grew by {grown} kB",
        taken + refused,
        started.elapsed().as_secs_f64(),
        slowest.as_millis(),
    );
    assert_eq!(taken + refused, SIZE);
    assert_eq!(collector.count("suggestion_today WHERE text = 'Onesto'"), citizens);
    assert!(slowest < Duration::from_secs(WAIT_SECONDS_MAX), "{slowest:?}");
    // The flood's own connections and queue are in it too.
    assert!(grown < 64 * 1024, "{grown} kB");
    assert!(collector.metrics().await.contains("flood_suspected{service=\"prova\"} 1"));
    flood
}

async fn a_flood_within_the_budget_is_stored_flagged_and_counted_apart() {
    let collector = Collector::start();
    let flood = citizens_in_a_flood(&collector, "within the budget").await;
    assert_eq!(flood.refused.load(Ordering::Relaxed), 0);
    // More than a minute's usual 600, less what came back while the citizens answered.
    let suspected = collector.sum("suspected_tally WHERE service = 'prova' AND reason = 'flood'");
    assert!(suspected > SIZE / 2, "{suspected}");
    let metrics = collector.metrics().await;
    assert!(
        metrics.contains(&format!("responses_suspected_today{{service=\"prova\",reason=\"flood\"}} {suspected}")),
        "{metrics}"
    );
}

async fn a_flood_above_the_budget_is_refused_and_citizens_are_not() {
    let collector = Collector::start_with_budget(600);
    let flood = citizens_in_a_flood(&collector, "above the budget").await;
    assert!(flood.refused.load(Ordering::Relaxed) > SIZE / 2);
    assert!(collector.metrics().await.contains("refusals_total{problem=\"budget-exhausted\"}"));
    // Other services do not notice.
    let other = json!({"questionnaire": "tutto", "version": 3, "answers": {"overall": 5}});
    let headers = [("Content-Type", "application/json"), ("Idempotency-Key", &*key(1))];
    let reply = collector.post("/rest/cx/v1/services/tutto/responses", &headers, other.to_string()).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
}

#[actix_web::test]
async fn in_a_flood_citizens_get_through_and_the_agency_sees_it() {
    a_flood_within_the_budget_is_stored_flagged_and_counted_apart().await;
    a_flood_above_the_budget_is_refused_and_citizens_are_not().await;
}
