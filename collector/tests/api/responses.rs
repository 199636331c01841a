//! `POST .../responses`: counted once, or refused with the place of the fault and nothing stored.

use crate::desk::{Collector, key, response, stars};
use serde_json::json;

const PATH: &str = "/rest/cx/v1/services/prova/responses";
const JSON: (&str, &str) = ("Content-Type", "application/json");

#[actix_web::test]
async fn a_response_is_stored_and_tallied_once_however_often_it_is_sent() {
    let collector = Collector::start();
    let first = collector.answer(1, stars(5)).await;
    assert_eq!(first.status, 201);
    let again = collector.answer(1, stars(5)).await;
    assert_eq!((again.status, &again.body), (201, &first.body));
    assert_eq!(collector.count("pool"), 1);
    assert_eq!(collector.tally("overall", "5"), 1);
    assert_eq!(collector.tally("outcome", "none"), 1);
    let other = collector.answer(2, stars(5)).await;
    assert_ne!(other.json()["withdrawal_code"], first.json()["withdrawal_code"]);
    assert_eq!(collector.tally("overall", "5"), 2);
}

#[actix_web::test]
async fn identical_submissions_at_the_same_moment_count_once() {
    let collector = Collector::start();
    let replies = futures_util::future::join_all((0..40).map(|_| collector.answer(1, stars(3)))).await;
    assert!(replies.iter().all(|reply| reply.status == 201 && reply.body == replies[0].body));
    assert_eq!((collector.count("pool"), collector.tally("overall", "3")), (1, 1));
}

#[actix_web::test]
async fn a_form_token_of_the_questionnaire_counts_once() {
    let collector = Collector::start();
    let asked = collector.get("/rest/cx/v1/services/prova/questionnaire").await.json();
    assert_eq!((asked["questionnaire"].as_str(), asked["version"].as_u64()), (Some("national-core"), Some(1)));
    let mut body = stars(4);
    body["form_token"] = asked["form_token"].clone();
    for _ in 0..2 {
        assert_eq!(collector.post(PATH, &[JSON], body.to_string()).await.status, 201);
    }
    assert_eq!(collector.count("pool"), 1);
    collector.clock.advance(jiff::SignedDuration::from_hours(25));
    assert_eq!(collector.post(PATH, &[JSON], body.to_string()).await.problem(), (422, "form-token-expired".into()));
    body["form_token"] = json!("AAAA");
    assert_eq!(collector.post(PATH, &[JSON], body.to_string()).await.problem(), (422, "form-token-invalid".into()));
}

#[actix_web::test]
async fn a_ticket_counts_once_and_says_so_the_second_time() {
    let collector = Collector::start();
    let ticket = collector.desk.tokens.issue_ticket(&collector.service(), collector.last_day(), &mut rand::rng());
    let mut body = stars(4);
    body["ticket"] = json!(ticket);
    assert_eq!(collector.answer(1, body.clone()).await.status, 201);
    assert_eq!(collector.answer(1, body.clone()).await.status, 201);
    assert_eq!(collector.answer(2, body.clone()).await.problem(), (409, "ticket-spent".into()));
    body["ticket"] = json!("made up");
    assert_eq!(collector.answer(3, body).await.problem(), (422, "ticket-invalid".into()));
    assert_eq!(collector.count("pool WHERE assurance = 'ticketed'"), 1);
    assert_eq!(collector.count("pool"), 1);
    // The refused submission left no mark: without the ticket it counts.
    assert_eq!(collector.answer(2, stars(4)).await.status, 201);
    assert_eq!(collector.count("pool"), 2);
}

#[actix_web::test]
async fn bad_input_is_refused_by_name_and_stores_nothing() {
    let collector = Collector::start();
    let good = stars(5).to_string();
    let deep = format!(
        "{{\"questionnaire\":\"national-core\",\"version\":1,\"answers\":{}{}}}",
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    let twice = r#"{"questionnaire":"national-core","version":1,"answers":{"overall":1,"overall":5}}"#;
    let version = json!({"questionnaire": "national-core", "version": 2, "answers": {"overall": 5}}).to_string();
    let unknown = json!({"questionnaire": "national-core", "version": 1, "answers": {"overall": 5}, "name": "x"}).to_string();
    let secret = "k".repeat(32);
    let keyed = [JSON, ("Idempotency-Key", &*secret)];
    let at = |path: &str| format!("/rest/cx/v1/services/{path}/responses");
    for (path, headers, body, status, kind) in [
        (at("ignoto"), &keyed[..], good.clone().into_bytes(), 404, "service-unknown"),
        (at("..%2f"), &keyed[..], good.clone().into_bytes(), 404, "service-unknown"),
        (at("nuovo"), &keyed[..], good.clone().into_bytes(), 503, "questionnaire-unavailable"),
        (at("prova"), &[JSON][..], good.clone().into_bytes(), 400, "submission-key-missing"),
        (at("prova"), &[JSON, ("Idempotency-Key", "short")][..], good.clone().into_bytes(), 400, "submission-key-invalid"),
        (at("prova"), &keyed[1..], good.clone().into_bytes(), 415, "media-type-unsupported"),
        (at("prova"), &keyed[..], vec![b' '; 40_000], 413, "body-too-large"),
        (at("prova"), &keyed[..], b"{\"questionnaire\":\"\xff\"}".to_vec(), 400, "body-malformed"),
        (at("prova"), &keyed[..], deep.into_bytes(), 400, "body-malformed"),
        (at("prova"), &keyed[..], twice.as_bytes().to_vec(), 400, "body-malformed"),
        (at("prova"), &keyed[..], unknown.into_bytes(), 400, "body-malformed"),
        (at("prova"), &keyed[..], b"".to_vec(), 400, "body-malformed"),
        (at("prova"), &keyed[..], version.into_bytes(), 422, "questionnaire-mismatch"),
    ] {
        let reply = collector.post(&path, headers, body).await;
        assert_eq!(reply.problem(), (status, kind.to_owned()), "{path}: {}", reply.body);
    }
    assert_eq!((collector.count("pool"), collector.count("nullifier"), collector.count("tally")), (0, 0, 0));
}

#[actix_web::test]
async fn answers_that_do_not_fit_are_each_named() {
    let collector = Collector::start();
    let mut body = response(json!({"overall": 6, "outcome_reason": ["other"], "colour": "red"}));
    body["suggestion"] = json!("x".repeat(1_001));
    body["language"] = json!("ja");
    let reply = collector.answer(1, body).await;
    assert_eq!(reply.problem(), (422, "answers-invalid".into()));
    let reply = reply.json();
    let mut named: Vec<_> = reply["errors"].as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
    named.sort_unstable();
    assert_eq!(named, ["/answers/colour", "/answers/outcome_reason", "/answers/overall", "/language", "/suggestion"]);
    assert_eq!((collector.count("pool"), collector.count("suggestion_today")), (0, 0));
}

#[actix_web::test]
async fn other_methods_and_addresses_are_answered_with_problems() {
    let collector = Collector::start();
    assert_eq!(collector.get(PATH).await.problem(), (405, "method-not-allowed".into()));
    assert_eq!(collector.get("/nowhere").await.problem(), (404, "not-found".into()));
    assert!(collector.get("/problems/ticket-spent").await.body.contains("A ticket counts once"));
    assert_eq!(collector.get("/status").await.problem(), (503, "questionnaire-unavailable".into()));
    assert_eq!(key(1).len(), 32);
}
