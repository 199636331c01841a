//! The interface description against what is really answered.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::member::Member;
use crate::office::Office;

fn members(object: &Value) -> BTreeSet<String> {
    object.as_object().unwrap().keys().cloned().collect()
}

#[actix_web::test]
async fn replies_have_the_members_that_the_description_promises() {
    let office = Office::start().await;
    let inps = Member::join(&office, "inps").await;
    let receipt = inps.send(&inps.summary("prova", 10, office.now()), office.now()).await.json();
    let description = office.get("/openapi.json").await.json();
    let promised = |schema: &str| members(&description["components"]["schemas"][schema]["properties"]);
    let head = inps.get(&format!("/rest/cx/v1/streams/{}/head", inps.stream), &[]).await.json();
    let indicators = office.get("/rest/cx/v1/indicators").await.json();
    let totals = inps.get(&format!("/rest/cx/v1/streams/{}/totals", inps.stream), &[]).await.json();
    let agencies = office.get("/rest/cx/v1/agencies").await.json();
    let proofs = office.get("/rest/cx/v1/ledger/0").await.json();
    let editions = office.get("/rest/cx/v1/questionnaires").await.json();
    for (schema, reply) in [
        ("StreamTotals", &totals),
        ("StreamTotal", &totals["items"][0]),
        ("Agencies", &agencies),
        ("Agency", &agencies["items"][0]),
        ("Proofs", &proofs),
        ("Proof", &proofs["items"][0]),
        ("Editions", &editions),
        ("ReceiptReply", &receipt),
        ("Head", &head),
        ("Status", &office.get("/status").await.json()),
        ("Indicators", &indicators),
        ("Indicator", &indicators["items"][0]),
    ] {
        assert_eq!(members(reply), promised(schema), "{schema}");
    }
    let message: Value = serde_json::from_slice(&inps.heartbeat(1, office.now())).unwrap();
    assert_eq!(members(&message), promised("Message"));
}

#[actix_web::test]
async fn the_description_names_the_listeners_at_which_it_is_served() {
    let office = Office::start().await;
    let description = office.get("/openapi.json").await.json();
    let servers = description["servers"].as_array().unwrap();
    assert_eq!(servers[0]["url"], office.running.public_url);
    assert_eq!(servers[1]["url"], office.running.messages_url);
}
