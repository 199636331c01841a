//! Tickets: who may have them, who may make them, and that each counts once, whoever spends it where.

use std::process::Command;

use gradimento_collector::clock::SystemClock;
use gradimento_common::clock::Clock as _;
use serde_json::json;

use crate::desk::{Collector, SECRET, stars};

const PATH: &str = "/rest/cx/v1/services/prova/tickets";

#[actix_web::test]
async fn a_back_end_gets_tickets_that_each_count_once() {
    let collector = Collector::start();
    let reply = collector.back_end(PATH, SECRET, json!({"count": 3})).await;
    assert_eq!(reply.status, 201);
    let tickets: Vec<String> = serde_json::from_value(reply.json()["items"].clone()).unwrap();
    assert_eq!(tickets.len(), 3);
    for (n, ticket) in tickets.iter().chain(&tickets).enumerate() {
        let mut body = stars(4);
        body["ticket"] = json!(ticket);
        let expected = if n < 3 { 201 } else { 409 };
        assert_eq!(collector.answer(n as u64, body).await.status, expected);
    }
    assert_eq!(collector.count("pool WHERE assurance = 'ticketed'"), 3);
}

#[actix_web::test]
async fn nobody_else_gets_tickets_and_nobody_gets_too_many() {
    let collector = Collector::start();
    for secret in ["", "wrong", &SECRET.replace("only", "onlz")] {
        let reply = collector.back_end(PATH, secret, json!({"count": 1})).await;
        assert_eq!(reply.problem(), (401, "admin-token-invalid".into()));
        assert_eq!(reply.header("WWW-Authenticate"), "Bearer");
    }
    for body in [json!({"count": 0}), json!({"count": 1_001}), json!({"count": -1}), json!({}), json!({"count": 1, "for": "x"})]
    {
        assert_eq!(collector.back_end(PATH, SECRET, body).await.problem(), (400, "body-malformed".into()));
    }
    let elsewhere = PATH.replace("prova", "ignoto");
    assert_eq!(collector.back_end(&elsewhere, SECRET, json!({"count": 1})).await.problem(), (404, "service-unknown".into()));
    assert_eq!(collector.post(PATH, &[], "").await.problem(), (404, "not-found".into()), "citizens do not reach it");
}

#[actix_web::test]
async fn a_ticket_whose_last_day_is_over_says_so() {
    let collector = Collector::start();
    let reply = collector.back_end(PATH, SECRET, json!({"count": 1})).await;
    let ticket = reply.json()["items"][0].clone();
    collector.clock.advance(jiff::SignedDuration::from_hours(24 * 90));
    let mut body = stars(4);
    body["ticket"] = ticket;
    collector.clock.advance(jiff::SignedDuration::from_hours(24));
    assert_eq!(collector.answer(1, body.clone()).await.problem(), (422, "ticket-expired".into()));
    let page = collector.get(&format!("/s/prova?ticket={}&lang=en", body["ticket"].as_str().unwrap())).await.body;
    let form = format!("form_token={}&with-ticket={}&overall=4", crate::form::token(&page), body["ticket"].as_str().unwrap());
    let reply = collector.post("/s/prova?lang=en", &[crate::form::FORM], form).await;
    assert!(reply.status == 422 && reply.body.contains("no longer valid"), "{}", reply.body);
    collector.clock.advance(jiff::SignedDuration::from_hours(-24));
    assert_eq!(collector.answer(1, body).await.status, 201);
}

#[actix_web::test]
async fn the_recipes_of_the_documentation_make_tickets_that_count_once() {
    let collector = Collector::start();
    collector.clock.advance(SystemClock.now().duration_since(collector.desk.clock.now()));
    let folder = tempfile::tempdir().unwrap();
    let page = include_str!("../../../TICKETS.md");
    let key = collector.desk.tokens.ticket_key(&collector.service()).to_text();
    for (n, (language, program)) in [("sh", "sh"), ("php", "php"), ("python", "python3")].into_iter().enumerate() {
        let recipe = page.split(&format!("```{language}\n")).nth(1).unwrap().split("```").next().unwrap();
        let file = folder.path().join(language);
        std::fs::write(&file, recipe).unwrap();
        let run = Command::new(program).arg(&file).arg("prova").env("TICKET_KEY", &key).output();
        let run = run.unwrap_or_else(|error| panic!("{program} is missing (tests/run installs it): {error}"));
        let ticket = String::from_utf8(run.stdout).unwrap();
        let mut body = stars(5);
        body["ticket"] = json!(ticket.trim());
        for (again, expected) in [(0, 201), (1, 409)] {
            let reply = collector.answer(10 * n as u64 + again, body.clone()).await;
            assert_eq!(reply.status, expected, "{language}: {ticket} {}", reply.body);
        }
    }
    assert_eq!(collector.count("pool WHERE assurance = 'ticketed'"), 3);
}
