//! What stands around the form: notices, refusals, assets, and what every answer carries.

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

#[actix_web::test]
async fn every_answer_carries_the_strict_policy_and_no_cookie() {
    let collector = Collector::start();
    for path in ["/s/prova", "/s/ignoto", "/privacy", "/style.css", "/page.js", "/icon.svg", "/status", "/nowhere"] {
        let reply = collector.get(path).await;
        let policy = reply.header("Content-Security-Policy");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("  "), "{policy}");
        assert_eq!((reply.header("Set-Cookie"), reply.header("Referrer-Policy")), ("", "no-referrer"), "{path}");
    }
    let page = collector.get("/s/prova").await;
    assert_eq!(page.header("Cache-Control"), "no-store");
    assert!(!page.body.contains(" style=") && !page.body.contains("<style") && !page.body.contains(" onclick"));
    assert_eq!(page.body.matches("<script").count(), 1);
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
