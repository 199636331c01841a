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
    let key = "k".repeat(32);
    let keyed = [JSON, ("Idempotency-Key", &*key)];
    let short = [JSON, ("Idempotency-Key", "short")];
    for (service, headers, body, status, kind) in [
        ("ignoto", &keyed[..], &*good, 404, "service-unknown"),
        ("..%2f", &keyed[..], &good, 404, "service-unknown"),
        ("nuovo", &keyed[..], &good, 503, "questionnaire-unavailable"),
        ("prova", &[JSON][..], &good, 400, "submission-key-missing"),
        ("prova", &short[..], &good, 400, "submission-key-invalid"),
        ("prova", &keyed[1..], &good, 415, "media-type-unsupported"),
        ("prova", &keyed[..], &" ".repeat(40_000), 413, "body-too-large"),
    ] {
        let reply = collector.post(&format!("/rest/cx/v1/services/{service}/responses"), headers, body).await;
        assert_eq!(reply.problem(), (status, kind.to_owned()), "{service}: {}", reply.body);
    }
    assert_eq!((collector.count("pool"), collector.count("nullifier"), collector.count("tally")), (0, 0, 0));
}

#[actix_web::test]
async fn a_bad_body_is_refused_with_the_member_that_is_wrong_and_without_a_word_of_the_sender() {
    let collector = Collector::start();
    let core = |rest: &str| format!(r#"{{"questionnaire":"national-core","version":1,{rest}}}"#).into_bytes();
    let deep = format!(r#""answers":{}{}"#, "[".repeat(10_000), "]".repeat(10_000));
    let not_utf8 = [&core(r#""answers":{"overall":5}, "suggestion":"canarino "#)[..], b"\xff"].concat();
    let of_another = br#"{"questionnaire":"canarino","version":1,"answers":{"overall":5}}"#.to_vec();
    let of_another_version = br#"{"questionnaire":"national-core","version":2,"answers":{"overall":5}}"#.to_vec();
    for (body, status, kind, pointer) in [
        (b"".to_vec(), 400, "body-malformed", ""),
        (b"canarino".to_vec(), 400, "body-malformed", ""),
        (br#"["canarino"]"#.to_vec(), 400, "body-malformed", ""),
        ([&core(r#""answers":{"overall":5}"#)[..], b" canarino"].concat(), 400, "body-malformed", ""),
        (core(r#""answers":{"overall":5},"canarino":1"#), 400, "body-malformed", ""),
        (br#"{"version":1,"suggestion":"canarino"}"#.to_vec(), 400, "body-malformed", "/questionnaire"),
        (br#"{"questionnaire":"national-core","version":"canarino"}"#.to_vec(), 400, "body-malformed", "/version"),
        (core(r#""version":1,"suggestion":"canarino""#), 400, "body-malformed", "/version"),
        (core(r#""answers":{"overall":5},"suggestion":["canarino"]"#), 400, "body-malformed", "/suggestion"),
        (core(r#""answers":"canarino""#), 400, "body-malformed", "/answers"),
        (core(&deep), 400, "body-malformed", "/answers"),
        (core(r#""answers":{"overall":"canarino \q"}"#), 400, "body-malformed", "/answers"),
        (not_utf8, 400, "body-malformed", "/suggestion"),
        (core(r#""answers":{"overall":1,"overall":5},"suggestion":"canarino""#), 422, "answers-invalid", "/answers/overall"),
        (core(r#""answers":{"overall":"canarino"}"#), 422, "answers-invalid", "/answers/overall"),
        (core(r#""answers":{"overall":5,"parole del canarino":1}"#), 422, "answers-invalid", "/answers"),
        (of_another, 422, "questionnaire-mismatch", "/questionnaire"),
        (of_another_version, 422, "questionnaire-mismatch", "/version"),
    ] {
        let reply = collector.post(PATH, &[JSON, ("Idempotency-Key", &"k".repeat(32))], body.clone()).await;
        let sent = String::from_utf8_lossy(&body);
        assert_eq!(reply.problem(), (status, kind.to_owned()), "{sent}: {}", reply.body);
        let errors = reply.json()["errors"].clone();
        assert_eq!((errors.as_array().map(Vec::len), errors[0]["pointer"].as_str()), (Some(1), Some(pointer)), "{sent}");
        assert!(!reply.body.contains("canarino"), "{sent}: {}", reply.body);
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
