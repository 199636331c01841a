//! Requests as the WordPress theme and the Plone add-on make them, field by field.

use serde_json::{Value, json};

use crate::desk::{Collector, Reply, SITE, key};

const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");
const JSON: (&str, &str) = ("Content-Type", "application/json");
/// A path that must never be found again.
const PAGE: &str = "https%3A%2F%2Fwww.comune.example.it%2Fservizi%2Fbonus-disabili%2F";

fn wordpress(star: &str, reason: &str, text: &str) -> String {
    format!(
        "action=save_rating&title=Bonus+disabili+%E2%80%93+Comune&star={star}&radioResponse={reason}&freeText={text}&page={PAGE}"
    )
}

async fn send_wordpress(collector: &Collector, body: String) -> Reply {
    let headers = [FORM, ("Origin", SITE), ("Cache-Control", "no-cache")];
    collector.post("/bridges/wordpress/sito", &headers, body).await
}

async fn send_plone(collector: &Collector, body: Value) -> Reply {
    let headers = [JSON, ("Accept", "application/json"), ("Origin", SITE)];
    collector.post("/bridges/plone/sito/@feedback-add", &headers, body.to_string()).await
}

fn pointer(reply: &Reply) -> String {
    reply.json()["errors"][0]["pointer"].as_str().unwrap_or_default().to_owned()
}

fn file_holds(collector: &Collector, text: &str) -> bool {
    let log = std::fs::read(collector.database.with_extension("sqlite-wal")).unwrap_or_default();
    let file = [std::fs::read(&collector.database).unwrap(), log].concat();
    file.windows(text.len()).any(|window| window == text.as_bytes())
}

#[actix_web::test]
async fn a_rating_of_the_wordpress_theme_counts_under_our_codes() {
    let collector = Collector::start();
    let body = wordpress(
        "2",
        "A+volte+non+capivo+se+stavo+procedendo+correttamente",
        "L%26%2339%3Borario+%26lt%3Bnon%26gt%3B+c%E2%80%99%C3%A8",
    );
    let reply = send_wordpress(&collector, body).await;
    assert_eq!((reply.status, reply.json()), (200, json!({"success": true, "rating": {"id": 0}})));
    let nothing_chosen = send_wordpress(&collector, wordpress("5", "null", "null")).await;
    assert_eq!(nothing_chosen.status, 200);
    let tallies = [("overall", "2"), ("negative", "unclear_proceeding"), ("overall", "5"), ("negative", "none")];
    for (question, option) in tallies {
        assert_eq!(collector.tally(question, option), 1, "{question} {option}");
    }
    assert_eq!(collector.count("suggestion_today WHERE text = 'L''orario <non> c’è'"), 1);
    assert!(!file_holds(&collector, "bonus-disabili") && !file_holds(&collector, "Bonus disabili"));
}

#[actix_web::test]
async fn the_same_form_may_come_in_parts() {
    let collector = Collector::start();
    let fields = [
        ("action", "save_rating"),
        ("title", "Bonus"),
        ("star", "4"),
        ("radioResponse", "Altro"),
        ("freeText", "Città"),
        ("page", "x"),
    ];
    let part = |(name, value)| format!("--limite\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    let body = fields.map(part).concat() + "--limite--\r\n";
    let headers = [("Content-Type", "multipart/form-data; boundary=limite"), ("Origin", SITE)];
    let reply = collector.post("/bridges/wordpress/sito", &headers, body.clone()).await;
    assert_eq!((reply.status, collector.tally("positive", "other_positive")), (200, 1), "{}", reply.body);
    assert_eq!(collector.count("suggestion_today WHERE text = 'Città'"), 1);
    let cut_off = body.split_at(body.len() / 2).0.to_owned();
    assert_eq!(collector.post("/bridges/wordpress/sito", &headers, cut_off).await.problem(), (400, "body-malformed".into()));
    assert_eq!(collector.count("pool"), 1);
}

#[actix_web::test]
async fn what_the_wordpress_bridge_refuses_names_the_themes_field_and_stores_nothing() {
    let collector = Collector::start();
    let too_long = "a".repeat(201);
    let cases = [
        (wordpress("null", "null", "null"), "/star"),
        (wordpress("6", "null", "null"), "/star"),
        (wordpress("5", "Ho+avuto+problemi+tecnici", "null"), "/radioResponse"),
        (wordpress("5", "Le+indicazioni+erano+belle", "null"), "/radioResponse"),
        (wordpress("5", "null", &too_long), "/freeText"),
        ("action=delete_rating&star=5".to_owned(), "/action"),
    ];
    for (body, field) in cases {
        let reply = send_wordpress(&collector, body).await;
        assert_eq!((reply.problem(), pointer(&reply)), ((422, "answers-invalid".into()), field.to_owned()));
        assert!(!reply.body.contains("belle"));
    }
    let reply = collector.post("/bridges/wordpress/sito", &[JSON], "{}").await;
    assert_eq!(reply.problem(), (415, "media-type-unsupported".into()));
    let reply = send_wordpress(&collector, wordpress("5", "null", &"a".repeat(40_000))).await;
    assert_eq!(reply.problem(), (413, "body-too-large".into()));
    let reply = collector.post("/bridges/wordpress/nuovo", &[FORM], wordpress("5", "null", "null")).await;
    assert_eq!(reply.problem(), (503, "questionnaire-unavailable".into()));
    let reply = collector.post("/bridges/wordpress/no", &[FORM], wordpress("5", "null", "null")).await;
    assert_eq!(reply.problem(), (404, "service-unknown".into()));
    assert_eq!((collector.count("pool"), collector.count("nullifier"), collector.count("suggestion_today")), (0, 0, 0));
}

#[actix_web::test]
async fn a_rating_of_the_plone_add_on_counts_under_our_codes() {
    let collector = Collector::start();
    let body = json!({"vote": 3, "answer": "technical_problems", "comment": "Il modulo è lento", "honey": "", "content": "/servizi/bonus-disabili"});
    let reply = send_plone(&collector, body).await;
    assert_eq!((reply.status, reply.body.as_str()), (204, ""));
    assert_eq!(send_plone(&collector, json!({"vote": 5, "content": "Login"})).await.status, 204);
    assert_eq!(send_plone(&collector, json!({"vote": "4", "answer": null, "comment": "", "content": "x"})).await.status, 204);
    let tallies = [("overall", "3"), ("negative", "technical_problems"), ("overall", "5"), ("overall", "4")];
    for (question, option) in tallies {
        assert_eq!(collector.tally(question, option), 1, "{question} {option}");
    }
    assert_eq!(collector.count("suggestion_today"), 1);
    assert!(!file_holds(&collector, "bonus-disabili"));
}

#[actix_web::test]
async fn what_the_plone_bridge_refuses_names_the_add_ons_member_and_stores_nothing() {
    let collector = Collector::start();
    let cases = [
        (json!({"content": "x"}), "/vote"),
        (json!({"vote": "nok", "content": "x"}), "/vote"),
        (json!({"vote": 2.5, "content": "x"}), "/vote"),
        (json!({"vote": 5, "answer": "technical_problems"}), "/answer"),
        (json!({"vote": 5, "answer": ["clear_instructions"]}), "/answer"),
        (json!({"vote": 1, "comment": "à".repeat(201)}), "/comment"),
    ];
    for (body, member) in cases {
        let reply = send_plone(&collector, body).await;
        assert_eq!((reply.problem(), pointer(&reply)), ((422, "answers-invalid".into()), member.to_owned()));
    }
    let reply = collector.post("/bridges/plone/sito/@feedback-add", &[JSON], "[1]").await;
    assert_eq!(reply.problem(), (400, "body-malformed".into()));
    assert_eq!(collector.get("/bridges/plone/sito/@feedback-add").await.problem(), (405, "method-not-allowed".into()));
    assert_eq!(collector.count("pool"), 0);
}

#[actix_web::test]
async fn what_came_over_a_bridge_is_redacted_like_any_other_suggestion() {
    let collector = Collector::start();
    let sent = send_plone(&collector, json!({"vote": 2, "comment": "Scrivetemi: cf RSSMRA85T10A562S", "content": "x"})).await;
    assert_eq!((sent.status, collector.count("suggestion_today")), (204, 1));
    let text =
        "Il mio codice &#232; RSSMRA85T10A562S".replace('&', "%26").replace('#', "%23").replace(';', "%3B").replace(' ', "+");
    assert_eq!(send_wordpress(&collector, wordpress("2", "null", &text)).await.status, 200);
    assert_eq!(collector.count("suggestion_today WHERE text LIKE 'Il mio codice è %'"), 1);
    assert!(!file_holds(&collector, "RSSMRA85T10A562S"));
}

#[actix_web::test]
async fn a_bridged_rating_counts_as_often_as_it_is_sent_unless_a_key_says_that_it_is_the_same() {
    let collector = Collector::start();
    for _ in 0..2 {
        assert_eq!(send_wordpress(&collector, wordpress("5", "null", "null")).await.status, 200);
    }
    assert_eq!(collector.count("pool"), 2);
    for _ in 0..2 {
        let headers = [FORM, ("Idempotency-Key", &*key(7))];
        assert_eq!(collector.post("/bridges/wordpress/sito", &headers, wordpress("1", "null", "null")).await.status, 200);
    }
    assert_eq!((collector.count("pool"), collector.tally("overall", "1")), (3, 1));
}
