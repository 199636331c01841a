//! Requests from pages: answered where the service may stand, refused everywhere else.

use awc::http::Method;
use serde_json::{Value, json};

use crate::desk::{Collector, SITE, key};

struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

async fn ask(collector: &Collector, method: Method, path: &str, headers: &[(&str, &str)], body: String) -> Answer {
    let mut request = awc::Client::default().request(method, collector.url(path));
    for header in headers {
        request = request.insert_header(*header);
    }
    let mut reply = request.send_body(body).await.unwrap();
    let text = |value: &awc::http::header::HeaderValue| value.to_str().unwrap().to_owned();
    let headers = reply.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    let body = String::from_utf8(reply.body().await.unwrap().to_vec()).unwrap();
    Answer { status: reply.status().as_u16(), headers, body }
}

const QUESTIONNAIRE: &str = "/rest/cx/v1/services/sito/questionnaire";
const RESPONSES: &str = "/rest/cx/v1/services/sito/responses";

fn stars(n: u64) -> String {
    json!({"questionnaire": "designers-italia", "version": 1, "answers": {"overall": n}}).to_string()
}

#[actix_web::test]
async fn a_listed_page_may_ask_and_answer_without_credentials() {
    let collector = Collector::start();
    let asked = ask(&collector, Method::GET, QUESTIONNAIRE, &[("Origin", SITE)], String::new()).await;
    assert_eq!((asked.status, asked.header("Access-Control-Allow-Origin")), (200, Some(SITE)));
    let headers = [("Origin", SITE), ("Content-Type", "application/json"), ("Idempotency-Key", &*key(1))];
    let answered = ask(&collector, Method::POST, RESPONSES, &headers, stars(4)).await;
    assert_eq!((answered.status, answered.header("Access-Control-Allow-Origin")), (201, Some(SITE)));
    for reply in [&asked, &answered] {
        assert_eq!((reply.header("Access-Control-Allow-Credentials"), reply.header("Vary")), (None, Some("Origin")));
        assert_eq!(reply.header("Access-Control-Expose-Headers"), Some("Retry-After"));
    }
    // A refusal must be readable too, or the page cannot tell it from a lost line.
    let refused = ask(&collector, Method::POST, RESPONSES, &headers, stars(9)).await;
    assert_eq!((refused.status, refused.header("Access-Control-Allow-Origin")), (422, Some(SITE)));
    assert_eq!(collector.count("pool"), 1);
}

#[actix_web::test]
async fn a_preflight_names_what_the_component_and_the_theme_send() {
    let collector = Collector::start();
    for path in [RESPONSES, "/bridges/wordpress/sito", "/bridges/plone/sito/@feedback-add"] {
        let headers = [("Origin", SITE), ("Access-Control-Request-Method", "POST")];
        let reply = ask(&collector, Method::OPTIONS, path, &headers, String::new()).await;
        assert_eq!((reply.status, reply.header("Access-Control-Allow-Origin")), (204, Some(SITE)), "{path}");
        assert_eq!(
            reply.header("Access-Control-Allow-Headers"),
            Some("Accept, Cache-Control, Content-Type, Idempotency-Key, Proof-Of-Work")
        );
        assert_eq!(reply.header("Access-Control-Allow-Methods"), Some("GET, POST"));
    }
}

#[actix_web::test]
async fn any_other_page_is_refused_and_counts_nothing() {
    let collector = Collector::start();
    let json = ("Content-Type", "application/json");
    for origin in
        ["https://elsewhere.example", "http://www.comune.example.it", "https://www.comune.example.it:8443", "null", "*"]
    {
        let headers = [("Origin", origin), json, ("Idempotency-Key", &*key(1))];
        let reply = ask(&collector, Method::POST, RESPONSES, &headers, stars(4)).await;
        assert_eq!(serde_json::from_str::<Value>(&reply.body).unwrap()["type"], "/problems/origin-not-allowed", "{origin}");
        assert_eq!((reply.status, reply.header("Access-Control-Allow-Origin")), (403, None), "{origin}");
        assert!(reply.header("Content-Security-Policy").is_some() && !reply.body.contains("example"));
        for (method, path) in
            [(Method::GET, QUESTIONNAIRE), (Method::OPTIONS, RESPONSES), (Method::POST, "/bridges/wordpress/sito")]
        {
            assert_eq!(ask(&collector, method, path, &headers, String::new()).await.status, 403, "{origin} {path}");
        }
    }
    // A page on which one service stands is no place for another.
    let other =
        ask(&collector, Method::GET, "/rest/cx/v1/services/prova/questionnaire", &[("Origin", SITE)], String::new()).await;
    assert_eq!((other.status, collector.count("pool")), (403, 0));
}

#[actix_web::test]
async fn the_collectors_own_pages_and_programs_need_no_list() {
    let collector = Collector::start();
    let own = collector.url("");
    let reply = ask(&collector, Method::GET, QUESTIONNAIRE, &[("Origin", &own)], String::new()).await;
    assert_eq!((reply.status, reply.header("Access-Control-Allow-Origin")), (200, None));
    assert_eq!(ask(&collector, Method::GET, QUESTIONNAIRE, &[], String::new()).await.status, 200);
    let unknown =
        ask(&collector, Method::GET, "/rest/cx/v1/services/no/questionnaire", &[("Origin", SITE)], String::new()).await;
    assert_eq!(unknown.status, 404);
}

#[actix_web::test]
async fn the_page_is_not_stored() {
    let collector = Collector::start();
    let headers = [("Origin", SITE), ("Content-Type", "application/json"), ("Idempotency-Key", &*key(1))];
    assert_eq!(ask(&collector, Method::POST, RESPONSES, &headers, stars(4)).await.status, 201);
    let log = std::fs::read(collector.database.with_extension("sqlite-wal")).unwrap();
    let file = [std::fs::read(&collector.database).unwrap(), log].concat();
    let holds = |text: &[u8]| file.windows(text.len()).any(|window| window == text);
    assert!(holds(b"designers-italia") && !holds(b"comune.example"));
}
