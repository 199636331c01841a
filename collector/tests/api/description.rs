//! The interface description against the router.

use gradimento_common::description::{breaches, operations};

use crate::desk::{Collector, SECRET};
use serde_json::json;

#[actix_web::test]
async fn the_description_keeps_the_italian_rules_and_says_only_what_is_routed() {
    let collector = Collector::start();
    let document = collector.get("/openapi.json").await.json();
    assert_eq!(breaches(&document), Vec::<String>::new());
    assert_eq!(document["servers"][0]["url"], collector.url(""));
    for (method, path, servers) in operations(&document) {
        let filled = path.replace("{service}", "prova").replace("{slug}", "busy");
        let reply = match (servers[0].contains("admin"), method.as_str()) {
            (true, _) => collector.back_end(&filled, SECRET, json!({})).await,
            (false, "GET") => collector.get(&filled).await,
            (false, _) => collector.post(&filled, &[], "").await,
        };
        let (status, problem) = reply.problem();
        assert!(problem != "not-found" && status != 405, "{method} {path}: {status} {problem}");
    }
}

#[actix_web::test]
async fn what_programs_may_call_is_described() {
    let document = Collector::start().get("/openapi.json").await.json();
    let routes = concat!(include_str!("../../src/http.rs"), include_str!("../../src/http/admin.rs"))
        .split('"')
        .filter(|text| ["/rest/", "/status", "/openapi.json", "/s/", "/withdraw"].iter().any(|start| text.starts_with(start)));
    let mut routed = 0;
    for path in routes {
        assert!(document["paths"].get(path).is_some(), "{path} is not described");
        routed += 1;
    }
    assert!(routed >= 5, "the router is not where this test looks for it");
}

#[actix_web::test]
async fn replies_have_the_members_that_the_description_promises() {
    let collector = Collector::start();
    let document = collector.get("/openapi.json").await.json();
    let answered = collector.answer(1, crate::desk::stars(5)).await.json();
    let asked = collector.get("/rest/cx/v1/services/prova/questionnaire").await.json();
    let withdrawal = json!({"withdrawal_code": answered["withdrawal_code"]}).to_string();
    let withdrawn = collector.post("/rest/cx/v1/withdrawals", &[("Content-Type", "application/json")], withdrawal).await.json();
    for (schema, reply) in [("Receipt", &answered), ("Asked", &asked), ("Withdrawn", &withdrawn)] {
        let promised = document["components"]["schemas"][schema]["properties"].as_object().unwrap();
        let members: Vec<_> = reply.as_object().unwrap().keys().collect();
        assert_eq!(members, promised.keys().collect::<Vec<_>>(), "{schema}");
    }
    let question = document["components"]["schemas"]["Question"]["properties"].as_object().unwrap();
    for asked in asked["questions"].as_array().unwrap() {
        assert!(asked.as_object().unwrap().keys().all(|member| question.contains_key(member)), "{asked}");
    }
}
