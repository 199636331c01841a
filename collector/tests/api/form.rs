//! The plain HTML form, as a browser without JavaScript uses it.

use crate::desk::Collector;

pub const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

pub fn token(page: &str) -> &str {
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

#[actix_web::test]
async fn changing_the_language_counts_nothing_and_keeps_token_and_answers() {
    let collector = Collector::start();
    let page = collector.get("/s/prova").await.body;
    let body = format!("form_token={}&language=it&overall=2&suggestion=Ciao&go-language=sl&at-step=outcome", token(&page));
    let reply = collector.post("/s/prova?lang=sl", &[FORM], body).await;
    assert_eq!((reply.status, collector.count("pool")), (200, 0));
    assert!(reply.body.contains("<html lang=\"sl\">") && !reply.body.contains("role=\"alert\""));
    assert!(reply.body.contains("value=\"2\" checked") && reply.body.contains("\nCiao</textarea>"));
    assert!(reply.body.contains("name=\"at-step\" value=\"outcome\""));
    assert_eq!(token(&reply.body), token(&page));
}

#[actix_web::test]
async fn a_form_of_an_earlier_edition_comes_back_with_the_present_questions() {
    let collector = Collector::start();
    let page = collector.get("/s/prova").await.body;
    assert!(page.contains("name=\"questionnaire\" value=\"national-core\"") && page.contains("name=\"version\" value=\"1\""));
    let body = format!("form_token={}&questionnaire=national-core&version=7&overall=4", token(&page));
    let reply = collector.post("/s/prova", &[FORM], body).await;
    assert_eq!((reply.status, collector.count("pool")), (422, 0));
    assert!(reply.body.contains("Le domande sono cambiate") && reply.body.contains("value=\"4\" checked"));
}

#[actix_web::test]
async fn a_line_end_is_one_character_whatever_the_browser_sends() {
    let collector = Collector::start();
    let lines = "a%0D%0A".repeat(499);
    let page = collector.get("/s/prova").await.body;
    let body = format!("form_token={}&overall=4&suggestion={lines}bb", token(&page));
    assert_eq!(collector.post("/s/prova", &[FORM], body).await.status, 201);
    let too_long = format!("form_token={}&overall=4&suggestion={lines}bbb", token(&collector.get("/s/prova").await.body));
    let reply = collector.post("/s/prova", &[FORM], too_long).await;
    assert_eq!(reply.status, 422);
    assert!(reply.body.contains("al massimo 1000 caratteri") && reply.body.contains("href=\"#a-suggestion\""));
}

#[actix_web::test]
async fn a_ticket_comes_with_the_link_and_counts_once() {
    let collector = Collector::start();
    let ticket = collector.desk.tokens.issue_ticket(&collector.service(), collector.last_day(), &mut rand::rng());
    let link = format!("/s/prova?ticket={ticket}");
    let pages = [collector.get(&link).await.body, collector.get(&link).await.body];
    for (page, expected) in pages.iter().zip([201, 409]) {
        assert!(page.contains(&format!("name=\"with-ticket\" value=\"{ticket}\"")));
        let body = format!("form_token={}&with-ticket={ticket}&overall=4", token(page));
        let reply = collector.post("/s/prova", &[FORM], body).await;
        assert_eq!((reply.status, reply.header("Content-Type")), (expected, "text/html; charset=utf-8"));
    }
    assert_eq!((collector.count("pool WHERE assurance = 'ticketed'"), collector.count("pool")), (1, 1));
}

#[actix_web::test]
async fn an_invitation_that_does_not_count_is_told_before_and_after_and_the_answers_stay() {
    let collector = Collector::start();
    let issue = |service: &str| {
        let service = service.parse().unwrap();
        collector.desk.tokens.issue_ticket(&service, collector.last_day(), &mut rand::rng())
    };
    let (spent, foreign) = (issue("prova"), issue("sito"));
    let early = collector.get(&format!("/s/prova?ticket={spent}")).await.body;
    let body = format!("form_token={}&with-ticket={spent}&overall=4", token(&early));
    assert_eq!(collector.post("/s/prova", &[FORM], body).await.status, 201);
    for (ticket, status) in [(&spent, 409), (&foreign, 422), (&"x".to_owned(), 422)] {
        let page = collector.get(&format!("/s/prova?ticket={ticket}")).await;
        assert_eq!(page.status, status);
        assert!(
            page.body.contains("Questo invito non è più valido") && !page.body.contains("name=\"with-ticket\""),
            "{ticket}"
        );
        // Whoever had the page open before is told when he sends, loses nothing, and goes on without the invitation.
        let fresh = collector.get("/s/prova").await.body;
        let body = format!("form_token={}&with-ticket={ticket}&overall=2&suggestion=Resta", token(&fresh));
        let reply = collector.post("/s/prova", &[FORM], body).await;
        assert_eq!((reply.status, token(&reply.body)), (status, token(&fresh)));
        assert!(
            reply.body.contains("Questo invito non è più valido") && !reply.body.contains("name=\"with-ticket\""),
            "{ticket}"
        );
        assert!(reply.body.contains("value=\"2\" checked") && reply.body.contains("\nResta</textarea>"), "{ticket}");
        let body = format!("form_token={}&overall=2&suggestion=Resta", token(&reply.body));
        assert_eq!(collector.post("/s/prova", &[FORM], body).await.status, 201);
    }
    assert_eq!((collector.count("pool WHERE assurance = 'ticketed'"), collector.count("pool")), (1, 4));
}

#[actix_web::test]
async fn every_kind_of_question_has_its_control_and_is_counted() {
    let collector = Collector::start();
    let page = collector.get("/s/tutto").await.body;
    for control in [
        "type=\"radio\" id=\"a-viso-neutral\" name=\"viso\" value=\"neutral\"",
        "type=\"radio\" id=\"a-scala-10\"",
        "<use href=\"#satisfied\"/>",
        "<symbol id=\"satisfied\"",
        "<span class=\"text\">Sì</span>",
        "type=\"checkbox\" id=\"a-modi-web\"",
    ] {
        assert!(page.contains(control), "{control}");
    }
    let body = format!("form_token={}&overall=1&viso=neutral&scala=10&ancora=no&modi=web&modi=app", token(&page));
    assert_eq!(collector.post("/s/tutto", &[FORM], body).await.status, 201);
    let stored = r#"{"ancora":["no"],"modi":["web","app"],"overall":["1"],"scala":["10"],"viso":["neutral"]}"#;
    assert_eq!(collector.count(&format!("pool WHERE answers = '{stored}'")), 1);
}
