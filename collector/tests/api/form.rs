//! The plain HTML form, as a browser without JavaScript uses it.

use crate::desk::Collector;

const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

fn token(page: &str) -> &str {
    page.split("name=\"form_token\" value=\"").nth(1).unwrap().split('"').next().unwrap()
}

#[actix_web::test]
async fn a_form_is_filled_in_and_sent_twice_and_counts_once() {
    let collector = Collector::start();
    let page = collector.get("/s/prova").await.body;
    assert!(page.contains("<html lang=\"it\">") && page.contains("Valuta 5 stelle su 5"));
    let body = format!("form_token={}&language=it&overall=5&suggestion=Perch%C3%A9+%F0%9F%91%8D+%E4%BD%A0", token(&page));
    let first = collector.post("/s/prova", &[FORM], body.clone()).await;
    let second = collector.post("/s/prova", &[FORM], body).await;
    assert_eq!((first.status, second.status), (201, 201));
    assert_eq!(first.body, second.body);
    assert!(first.body.contains("Grazie"));
    assert_eq!((collector.count("pool"), collector.count("suggestion_today WHERE text = 'Perché 👍 你'")), (1, 1));
}

#[actix_web::test]
async fn a_faulty_form_comes_back_with_every_answer_and_counts_nothing() {
    let collector = Collector::start();
    let page = collector.get("/s/prova").await.body;
    let body = format!("form_token={}&language=de&ease_of_use=4&suggestion=%3Cb%3Eciao", token(&page));
    let reply = collector.post("/s/prova", &[FORM], body).await;
    assert_eq!(reply.status, 422);
    assert!(reply.body.contains("<html lang=\"de\">") && reply.body.contains("role=\"alert\""));
    assert!(reply.body.contains("name=\"ease_of_use\" value=\"4\" checked"));
    assert!(reply.body.contains("&#60;b&#62;ciao") && !reply.body.contains("<b>ciao"));
    assert_eq!(collector.count("pool"), 0);
}

#[actix_web::test]
async fn a_form_that_was_open_too_long_keeps_its_answers_and_gets_a_fresh_token() {
    let collector = Collector::start();
    let old = collector.get("/s/prova").await.body;
    collector.clock.advance(jiff::SignedDuration::from_hours(30));
    let reply = collector.post("/s/prova", &[FORM], format!("form_token={}&overall=2", token(&old))).await;
    assert_eq!(reply.status, 422);
    assert!(reply.body.contains("name=\"overall\" value=\"2\" checked"));
    let fresh = token(&reply.body);
    assert_ne!(fresh, token(&old));
    let sent = collector.post("/s/prova", &[FORM], format!("form_token={fresh}&overall=2")).await;
    assert_eq!((sent.status, collector.count("pool")), (201, 1));
}
