//! `POST .../withdrawals` and `/withdraw`: a response taken back counts nowhere; one that was sealed stays.

use std::time::Duration;

use crate::desk::{Collector, Reply, response, stars};
use crate::sealing::{boundary, editions};
use futures_util::future::{join_all, join3};
use gradimento_collector::store::open_reader;
use jiff::SignedDuration;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};

const PATH: &str = "/rest/cx/v1/withdrawals";
const JSON: (&str, &str) = ("Content-Type", "application/json");
const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");
const UNKNOWN: &str = "0000-0000-0000-0000";

async fn withdraw(collector: &Collector, code: &str) -> Reply {
    collector.post(PATH, &[JSON], json!({"withdrawal_code": code}).to_string()).await
}

fn code(reply: &Reply) -> String {
    reply.json()["withdrawal_code"].as_str().unwrap().to_owned()
}

/// Every cell of the tallies.
fn tallies(collector: &Collector) -> Vec<(String, String, String, u64)> {
    let reader = open_reader(&collector.database).unwrap();
    let mut statement = reader.prepare("SELECT assurance, question, option, n FROM tally ORDER BY 1, 2, 3").unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

fn several() -> [Value; 4] {
    [
        response(json!({"overall": 5, "ease_of_use": 5, "outcome": "achieved"})),
        response(json!({"overall": 5, "ease_of_use": 4})),
        response(json!({"overall": 1, "outcome": "not_achieved", "outcome_reason": ["other", "technical_problem"]})),
        response(json!({"overall": 5})),
    ]
}

#[actix_web::test]
async fn a_withdrawn_response_counts_nowhere_and_does_not_come_back() {
    let collector = Collector::start();
    let mut body = stars(5);
    body["suggestion"] = json!("più sedie");
    let sent = collector.answer(1, body.clone()).await;
    let reply = withdraw(&collector, &code(&sent)).await;
    assert_eq!((reply.status, &reply.json()["withdrawn"]), (200, &json!(true)));
    assert!(reply.json()["detail"].as_str().unwrap().contains("suggestion"));
    assert_eq!((collector.count("pool"), collector.count("tally"), collector.count("nullifier")), (0, 0, 1));
    // Nothing leads from the response to its suggestion, so that it stays.
    assert_eq!(collector.count("suggestion_today"), 1);
    let again = collector.answer(1, body).await;
    assert_eq!((again.status, again.body), (201, sent.body));
    assert_eq!((collector.count("pool"), collector.count("tally")), (0, 0));
}

#[actix_web::test]
async fn the_tallies_are_as_if_the_response_had_never_come() {
    let several = several();
    for left_out in 0..several.len() {
        let (with, without) = (Collector::start(), Collector::start());
        let mut withdrawn = String::new();
        for (n, body) in several.iter().enumerate() {
            let reply = with.answer(n as u64, body.clone()).await;
            assert_eq!(reply.status, 201, "{}", reply.body);
            if n == left_out {
                withdrawn = code(&reply);
            } else {
                without.answer(n as u64, body.clone()).await;
            }
        }
        assert_ne!(tallies(&with), tallies(&without));
        assert_eq!(withdraw(&with, &withdrawn).await.status, 200);
        assert_eq!(tallies(&with), tallies(&without));
    }
}

#[actix_web::test]
async fn a_ticketed_response_is_taken_from_ticketed_tallies_and_its_ticket_stays_spent() {
    let collector = Collector::start();
    let ticket = collector.desk.tokens.issue_ticket(&collector.service(), collector.last_day(), &mut rand::rng());
    collector.answer(1, stars(4)).await;
    let mut body = stars(4);
    body["ticket"] = json!(ticket);
    let sent = collector.answer(2, body.clone()).await;
    assert_eq!(withdraw(&collector, &code(&sent)).await.status, 200);
    assert_eq!(collector.tally("overall", "4"), 1);
    assert!(tallies(&collector).iter().all(|(assurance, _, _, n)| assurance == "open" && *n == 1));
    assert_eq!(collector.answer(3, body).await.problem(), (409, "ticket-spent".into()));
}

#[actix_web::test]
async fn a_sealed_response_stays_and_its_code_is_answered_like_one_that_never_was() {
    let collector = Collector::start();
    let mut codes = Vec::new();
    for n in 0..12 {
        codes.push(code(&collector.answer(n, stars(3)).await));
    }
    boundary(&collector, editions(), 1).await.unwrap();
    let unknown = withdraw(&collector, UNKNOWN).await;
    assert_eq!(unknown.problem(), (404, "withdrawal-impossible".into()));
    let mut withdrawn = 0;
    for code in codes {
        let reply = withdraw(&collector, &code).await;
        match reply.status {
            200 => withdrawn += 1,
            status => assert_eq!((status, reply.body), (404, unknown.body.clone())),
        }
    }
    assert_eq!((withdrawn, collector.count("pool"), collector.count("sealed_today")), (2, 0, 10));
    assert_eq!(collector.tally("overall", "3"), 10);
}

#[actix_web::test]
async fn a_code_is_taken_once_and_however_it_is_typed() {
    let collector = Collector::start();
    for (n, spelling) in
        [str::to_lowercase, |code: &str| code.replace('-', ""), |code: &str| code.replace('-', " ")].iter().enumerate()
    {
        let code = code(&collector.answer(n as u64, stars(1)).await);
        assert_eq!(withdraw(&collector, &spelling(&code)).await.status, 200);
        assert_eq!(withdraw(&collector, &code).await.problem(), (404, "withdrawal-impossible".into()));
    }
    for wrong in ["", "x", "😀", &"0".repeat(5_000)] {
        assert_eq!(withdraw(&collector, wrong).await.problem(), (404, "withdrawal-impossible".into()));
    }
}

#[actix_web::test]
async fn a_bad_request_is_refused_by_name() {
    let collector = Collector::start();
    let good = json!({"withdrawal_code": UNKNOWN}).to_string();
    assert_eq!(collector.post(PATH, &[], good).await.problem(), (415, "media-type-unsupported".into()));
    for body in ["", "{}", "[]", r#"{"withdrawal_code": 1}"#, r#"{"withdrawal_code": "x", "name": "y"}"#] {
        assert_eq!(collector.post(PATH, &[JSON], body).await.problem(), (400, "body-malformed".into()), "{body}");
    }
    assert_eq!(collector.get(PATH).await.problem(), (405, "method-not-allowed".into()));
}

/// Waiting, sealed, and what the tallies hold of one question that everybody answers.
fn balance(collector: &Collector) -> (u64, u64, u64) {
    let overall = tallies(collector).iter().filter(|(_, question, ..)| question == "overall").map(|(.., n)| n).sum();
    (collector.count("pool"), collector.count("sealed_today") + collector.count("sealed"), overall)
}

#[actix_web::test]
async fn whatever_is_sealed_and_withdrawn_at_the_same_moment_nothing_is_lost_or_counted_twice() {
    let collector = Collector::start();
    let mut codes = Vec::new();
    for n in 0..60 {
        codes.push(code(&collector.answer(n, stars(n % 5 + 1)).await));
    }
    // Every second code twice, at once, with boundaries and further answers in between.
    let twice = codes.iter().step_by(2).chain(codes.iter().step_by(2));
    let withdrawals = join_all(twice.map(|code| withdraw(&collector, code)));
    let boundaries = join_all((0..8).map(async |seed| {
        actix_web::rt::time::sleep(Duration::from_millis(3 * seed)).await;
        boundary(&collector, editions(), seed).await.unwrap().responses
    }));
    let answers = join_all((60..90).map(|n| collector.answer(n, stars(n % 5 + 1))));
    let (withdrawals, boundaries, answers) = join3(withdrawals, boundaries, answers).await;
    assert!(answers.iter().all(|reply| reply.status == 201));
    let withdrawn = withdrawals.iter().filter(|reply| reply.status == 200).count() as u64;
    let (pool, sealed, counted) = balance(&collector);
    assert!(withdrawn <= 30);
    assert_eq!(pool + sealed + withdrawn, 90);
    assert_eq!((sealed, counted), (boundaries.iter().sum(), pool + sealed));
}

#[actix_web::test]
async fn in_any_order_of_answers_withdrawals_boundaries_and_days_the_sums_hold() {
    let mut rng = StdRng::seed_from_u64(4);
    let collector = Collector::start();
    let (mut codes, mut withdrawn) = (Vec::new(), 0);
    for step in 0..300 {
        match rng.random_range(0..20) {
            19 => collector.clock.advance(SignedDuration::from_hours(8)),
            0 => drop(boundary(&collector, editions(), step).await.unwrap()),
            1..=6 if !codes.is_empty() => {
                let code: &String = &codes[rng.random_range(0..codes.len())];
                withdrawn += u64::from(withdraw(&collector, code).await.status == 200);
            }
            _ => codes.push(code(&collector.answer(step, several()[rng.random_range(0..4)].clone()).await)),
        }
        let (pool, sealed, counted) = balance(&collector);
        assert_eq!((pool + sealed + withdrawn, counted), (codes.len() as u64, pool + sealed), "step {step}");
    }
    assert!(withdrawn > 10 && collector.count("sealed") > 10);
}

#[actix_web::test]
async fn the_page_withdraws_without_javascript_in_five_languages() {
    let collector = Collector::start();
    for (n, (language, title)) in [
        ("it", "Ritira la tua risposta"),
        ("en", "Withdraw your answer"),
        ("de", "Antwort zurückziehen"),
        ("fr", "Retirer votre réponse"),
        ("sl", "Umik odgovora"),
    ]
    .into_iter()
    .enumerate()
    {
        let form = collector.get_in(language, "/withdraw").await;
        assert_eq!(form.status, 200);
        assert!(
            form.body.contains(&format!("<html lang=\"{language}\">"))
                && form.body.contains(title)
                && !form.body.contains("<script")
        );
        let code = code(&collector.answer(n as u64, stars(2)).await);
        let body = format!("language={language}&withdrawal_code={}", code.replace('-', "+"));
        let done = collector.post("/withdraw", &[FORM], body.clone()).await;
        assert_eq!((done.status, collector.count("pool")), (200, 0));
        assert!(done.body.contains("role=\"status\"") && !done.body.contains(&code));
        let again = collector.post("/withdraw", &[FORM], body).await;
        assert_eq!(again.status, 404);
        assert!(again.body.contains("role=\"alert\"") && again.body.contains(title));
    }
    // No code at all is no response's code.
    let reply = collector.post("/withdraw", &[FORM], "language=it").await;
    assert!(reply.status == 404 && reply.body.contains("Nessuna risposta"), "{}", reply.body);
}
