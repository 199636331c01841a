//! What stands around the form: notices, refusals, assets, and what every answer carries.

use actix_web::ResponseError as _;
use gradimento_collector::config::Notices;
use gradimento_collector::http::HttpProblem;
use gradimento_common::problem::ProblemType;

use crate::desk::Collector;

#[actix_web::test]
async fn notices_name_the_agency_and_how_to_reach_it_in_every_language() {
    let collector = Collector::start();
    for language in ["it", "en", "de", "fr", "sl"] {
        for path in ["privacy", "accessibility"] {
            let reply = collector.get(&format!("/{path}?lang={language}")).await;
            assert_eq!((reply.status, reply.header("Content-Type")), (200, "text/html; charset=utf-8"));
            assert!(reply.body.contains(&format!("<html lang=\"{language}\">")));
            assert!(reply.body.contains("Ente di prova") && reply.body.contains("href=\"mailto:urp@ente.example\""), "{path}");
            assert!(!reply.body.contains('{'), "something was not filled in: {path} {language}");
        }
        let form = collector.get(&format!("/s/prova?lang={language}")).await.body;
        assert!(form.contains(&format!("href=\"/privacy?lang={language}\"")));
        assert!(form.contains(&format!("href=\"/accessibility?lang={language}\"")));
    }
    assert!(collector.get("/accessibility").await.body.contains("href=\"https://www.agid.gov.it/\""));
}

#[actix_web::test]
async fn what_cannot_be_shown_is_told_on_a_page_in_the_readers_language() {
    let collector = Collector::start();
    for (path, status, said) in [
        ("/s/ignoto?lang=en", 404, "Page not found"),
        ("/s/ignoto?lang=fr", 404, "Page introuvable"),
        ("/s/nuovo", 503, "Il questionario non è ancora disponibile"),
    ] {
        let reply = collector.get(path).await;
        assert_eq!((reply.status, reply.header("Content-Type")), (status, "text/html; charset=utf-8"));
        assert!(reply.body.contains(said), "{path}");
    }
    assert_eq!(collector.get("/s/nuovo").await.header("Retry-After"), "2");
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    for (body, status) in [("overall=4".to_owned(), 400), (format!("overall={}", "4".repeat(40_000)), 413)] {
        let reply = collector.post("/s/prova", &[form, ("Accept-Language", "de")], body).await;
        assert_eq!(reply.status, status);
        assert!(reply.body.contains("<html lang=\"de\">"));
    }
}

/// `Reply::to` looks at every reply that any of these tests gets; here is at least one of each sort.
#[actix_web::test]
async fn every_answer_carries_the_strict_policy_and_no_cookie() {
    let collector = Collector::start();
    for path in
        ["/s/prova", "/s/ignoto", "/privacy", "/style.css", "/page.js", "/icon.svg", "/status", "/nowhere", "/widget.js"]
    {
        collector.get(path).await;
    }
    let (form, json) = (("Content-Type", "application/x-www-form-urlencoded"), ("Content-Type", "application/json"));
    for (path, header, body, status) in [
        ("/s/prova", form, "overall=4", 400),
        ("/withdraw", form, "withdrawal_code=x", 404),
        ("/privacy", form, "", 405),
        ("/bridges/wordpress/sito", form, "x=1", 422),
        ("/rest/cx/v1/services/prova/responses", json, "{", 400),
        ("/rest/cx/v1/withdrawals", json, "{}", 400),
    ] {
        assert_eq!(collector.post(path, &[header], body).await.status, status, "{path}");
    }
    let tickets = "/rest/cx/v1/services/prova/tickets";
    assert_eq!(collector.back_end(tickets, "wrong", serde_json::json!({"count": 1})).await.status, 401);
    assert_eq!(collector.back_end("/nowhere", "", serde_json::json!({})).await.status, 404);
    collector.metrics().await;
    let page = collector.get("/s/prova").await;
    assert_eq!(page.header("Cache-Control"), "no-store");
    assert!(!page.body.contains(" style=") && !page.body.contains("<style") && !page.body.contains(" onclick"));
    assert_eq!(page.body.matches("<script").count(), 1);
}

#[actix_web::test]
async fn a_browser_is_shown_a_page_where_a_program_gets_a_problem_document() {
    let collector = Collector::start();
    for path in ["/?lang=fr", "/s?lang=fr", "/poster/ignoto.svg?lang=fr", "/withdrawl?lang=fr"] {
        let (page, problem) = (collector.browse(path).await, collector.get(path).await);
        assert_eq!((page.status, page.header("Content-Type")), (404, "text/html; charset=utf-8"), "{path}");
        assert!(page.body.contains("<html lang=\"fr\">") && page.body.contains("Page introuvable"), "{path}");
        assert_eq!(problem.header("Content-Type"), "application/problem+json", "{path}");
    }
    let service = "/rest/cx/v1/services/ignoto/questionnaire";
    assert_eq!(collector.browse(service).await.problem(), (404, "service-unknown".into()));
    let headers = [("Content-Type", "text/plain"), ("Accept", "text/html"), ("Accept-Language", "de")];
    let reply = collector.post("/withdraw", &headers, "withdrawal_code=x").await;
    assert_eq!(reply.status, 400);
    assert!(reply.body.contains("<html lang=\"de\">") && reply.body.contains("war nicht lesbar"), "{}", reply.body);
}

#[actix_web::test]
async fn an_agency_without_a_contact_has_sound_sentences_and_what_it_declares_is_told() {
    let silent = Collector::start_declaring(Notices::default());
    let declaring = Collector::start_declaring(Notices {
        privacy_officer: Some("rpd@ente.example".into()),
        retention_months: Some(24),
        accessibility_declaration: Some("https://form.agid.gov.it/view/0000".into()),
    });
    for (language, elsewhere, months) in [
        ("it", ": vedi i recapiti sul sito di Ente di prova.", "suggerimenti: 24."),
        ("en", ": see the addresses on the website of Ente di prova.", "kept: 24."),
        ("de", ": siehe die Adressen auf der Website von Ente di prova.", "Monaten: 24."),
        ("fr", " : voir les adresses sur le site de Ente di prova.", "mois : 24."),
        ("sl", ": glejte naslove na spletišču ustanove Ente di prova.", "mesecih: 24."),
    ] {
        let of = async |collector: &Collector, path: &str| collector.get(&format!("/{path}?lang={language}")).await.body;
        let (privacy, accessibility) = (of(&silent, "privacy").await, of(&silent, "accessibility").await);
        assert_eq!([privacy.matches(elsewhere).count(), accessibility.matches(elsewhere).count()], [3, 1], "{language}");
        assert!(!accessibility.contains("form.agid") && !privacy.contains(months), "{language}");
        let (privacy, accessibility) = (of(&declaring, "privacy").await, of(&declaring, "accessibility").await);
        assert!(privacy.contains("href=\"mailto:rpd@ente.example\"") && privacy.contains(months), "{language}");
        assert!(accessibility.contains("<a href=\"https://form.agid.gov.it/view/0000\">"), "{language}");
        assert!(!privacy.contains('{') && !accessibility.contains('{'), "{language}");
    }
}

#[actix_web::test]
async fn style_and_script_are_kept_by_the_address_of_their_content() {
    let collector = Collector::start();
    let page = collector.get("/s/prova").await.body;
    for start in ["/style.css?v=", "/page.js?v="] {
        let address = page.split('"').find(|part| part.starts_with(start)).unwrap();
        assert!(collector.get(address).await.header("Cache-Control").contains("immutable"));
        assert_eq!(collector.get(&format!("{start}old")).await.header("Cache-Control"), "no-cache");
    }
}

/// What a middleware refuses passes by those who add headers: nothing can be asked for that shows it within seconds.
#[test]
fn a_refusal_carries_the_strict_headers_by_itself() {
    let refused = HttpProblem::from(ProblemType::BodyMalformed).error_response();
    for header in ["Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Cache-Control"] {
        assert!(refused.headers().contains_key(header), "{header}");
    }
}
