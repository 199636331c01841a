//! What answers meet on their way in when there are too many of them, or when a machine gives itself away.

#![expect(clippy::disallowed_methods, reason = "how long a form is held is measured by the real clock")]

use std::process::Command;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use gradimento_collector::intake::proof::solves;
use serde_json::json;

use crate::desk::{Collector, key, stars};
use crate::form::{FORM, token};

const PATH: &str = "/rest/cx/v1/services/prova/responses";
/// Forms that may wait for their age at once.
const PLACES: usize = 256;
const JSON: (&str, &str) = ("Content-Type", "application/json");

/// The first number that solves a challenge.
fn proof(challenge: &str, difficulty: u32) -> String {
    (0..).find(|number| solves(challenge, *number, difficulty)).unwrap().to_string()
}

#[actix_web::test]
async fn above_the_budget_an_answer_waits_or_proves_some_work() {
    let collector = Collector::start_with_budget(5);
    for n in 0..5 {
        let reply = collector.answer(n, stars(4)).await;
        assert_eq!((reply.status, reply.header("X-RateLimit-Limit")), (201, ""));
    }
    let refused = collector.answer(5, stars(4)).await;
    assert_eq!(refused.problem(), (429, "budget-exhausted".into()));
    let headers = ["Retry-After", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"];
    assert_eq!(headers.map(|name| refused.header(name)), ["13", "5", "0", "13"]);
    let difficulty = u32::try_from(refused.json()["difficulty"].as_u64().unwrap()).unwrap();
    let (key, number) = (key(5), proof(&key(5), difficulty));
    for (number, expected) in [("0", 429), ("x", 429), (&*number, 201), (&*number, 201)] {
        let headers = [JSON, ("Idempotency-Key", &*key), ("Proof-Of-Work", number)];
        assert_eq!(collector.post(PATH, &headers, stars(4).to_string()).await.status, expected, "{number}");
    }
    assert_eq!(collector.count("pool"), 6);
    // Whoever cannot work waits, and is taken then.
    collector.clock.advance(jiff::SignedDuration::from_secs(13));
    assert_eq!(collector.answer(6, stars(4)).await.status, 201);
    // It came while a flood was suspected, and without a proof.
    assert_eq!(collector.sum("suspected_tally WHERE reason = 'flood'"), 1);
}

#[actix_web::test]
async fn a_ticket_is_taken_whatever_the_budget() {
    let collector = Collector::start_with_budget(1);
    assert_eq!([collector.answer(0, stars(4)).await.status, collector.answer(1, stars(4)).await.status], [201, 429]);
    let mut body = stars(4);
    body["ticket"] = json!(collector.desk.tokens.issue_ticket(&collector.service(), collector.last_day(), &mut rand::rng()));
    assert_eq!(collector.answer(2, body).await.status, 201);
}

#[actix_web::test]
async fn a_form_above_the_budget_comes_back_whole_with_how_much_work_it_takes() {
    let collector = Collector::start_with_budget(1);
    let page = collector.get("/s/prova").await.body;
    assert!(!page.contains("data-difficulty"), "unnoticeable at normal load");
    assert_eq!([collector.answer(0, stars(4)).await.status, collector.answer(1, stars(4)).await.status], [201, 429]);
    collector.clock.advance(jiff::SignedDuration::from_secs(2));
    let body = format!("form_token={}&overall=2", token(&page));
    let reply = collector.post("/s/prova", &[FORM], body.clone()).await;
    assert_eq!((reply.status, reply.header("Retry-After").is_empty()), (429, false));
    assert!(reply.body.contains("name=\"overall\" value=\"2\" checked") && token(&reply.body) == token(&page));
    let difficulty = reply.body.split("data-difficulty=\"").nth(1).unwrap().split('"').next().unwrap().parse::<u32>().unwrap();
    let body = format!("{body}&proof-of-work={}", proof(token(&page), difficulty));
    assert_eq!(collector.post("/s/prova", &[FORM], body).await.status, 201);
    assert!(collector.get("/s/prova").await.body.contains("data-difficulty"), "the next citizen's script begins ahead");
    let asked = collector.get("/rest/cx/v1/services/prova/questionnaire").await.json();
    assert!(asked["difficulty"].as_u64() > Some(difficulty.into()), "bought answers make the next one dearer: {asked}");
}

#[actix_web::test]
async fn what_the_pages_script_finds_is_what_the_collector_wants() {
    let script = include_str!("../../templates/page/proof.js");
    for challenge in ["", "a", &"x".repeat(44), &"x".repeat(45), &key(1), &"y".repeat(100)] {
        let run = format!("{script}\nprove('{challenge}', 9).then(console.log)");
        let output = Command::new("node").args(["-e", &run]).output().unwrap();
        let number = String::from_utf8(output.stdout).unwrap().trim().to_owned();
        assert_eq!(number, proof(challenge, 9), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[actix_web::test]
async fn a_form_that_comes_back_at_once_is_made_to_wait_and_counts_once() {
    let collector = Collector::start();
    let asked = collector.get("/rest/cx/v1/services/prova/questionnaire").await.json();
    let mut body = stars(4);
    body["form_token"] = asked["form_token"].clone();
    let started = Instant::now();
    let reply = collector.post(PATH, &[JSON], body.to_string()).await;
    assert_eq!(reply.status, 201);
    assert!(started.elapsed() >= Duration::from_secs(1));
    collector.clock.advance(jiff::SignedDuration::from_secs(2));
    // Where nobody may wait any more, one that is old enough has no need to.
    let _places = take_all_places(&collector);
    assert_eq!(collector.post(PATH, &[JSON], body.to_string()).await.body, reply.body);
    assert_eq!(collector.count("pool"), 1);
}

/// Forms that wait for their age, as many as may: each took its place when it was looked at, and keeps it until it is dropped.
fn take_all_places(collector: &Collector) -> Vec<impl Future<Output = Option<()>>> {
    let mut waiting: Vec<_> = (0..PLACES).map(|_| Box::pin(collector.desk.gate.come_of_age(0))).collect();
    assert!(waiting.iter_mut().all(|one| one.as_mut().now_or_never().is_none()));
    waiting
}

#[actix_web::test]
async fn too_many_early_forms_are_told_to_come_back_and_lose_nothing() {
    let collector = Collector::start();
    let places = take_all_places(&collector);
    let token = collector.desk.tokens.issue_form_token(&collector.service(), collector.now(), &mut rand::rng());
    let mut body = stars(4);
    body["form_token"] = json!(token);
    let refused = collector.post(PATH, &[JSON], body.to_string()).await;
    assert_eq!((refused.problem(), refused.header("Retry-After")), ((429, "form-token-early".into()), "1"));
    drop(places);
    assert_eq!(collector.post(PATH, &[JSON], body.to_string()).await.status, 201);
    assert_eq!(collector.count("pool"), 1);
}

#[actix_web::test]
async fn a_field_that_no_person_meets_counts_the_answer_apart() {
    let collector = Collector::start();
    let page = collector.get("/s/prova").await.body;
    assert!(page.contains("<div hidden aria-hidden=\"true\"><label for=\"web-site\""));
    assert!(page.contains("name=\"web-site\" type=\"text\" tabindex=\"-1\" autocomplete=\"off\""));
    collector.clock.advance(jiff::SignedDuration::from_secs(9));
    for (trap, suspected) in [("", 0), ("https://cheap.example", 1)] {
        let page = collector.get("/s/prova").await.body;
        collector.clock.advance(jiff::SignedDuration::from_secs(9));
        let body = format!("form_token={}&overall=5&web-site={trap}", token(&page));
        for _ in 0..2 {
            assert_eq!(collector.post("/s/prova", &[FORM], body.clone()).await.status, 201);
        }
        assert_eq!(collector.sum("suspected_tally WHERE service = 'prova' AND reason = 'trap'"), suspected);
    }
    assert_eq!(collector.tally("overall", "5"), 2);
    let metrics = collector.metrics().await;
    assert!(metrics.contains("responses_suspected_total{service=\"prova\",reason=\"trap\"} 1"), "{metrics}");
    assert!(metrics.contains("responses_suspected_today{service=\"prova\",reason=\"trap\"} 1"), "{metrics}");
}
