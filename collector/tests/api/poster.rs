//! Posters over HTTP: thin, so only what HTTP adds is looked at here. What is on them stands in the module's own tests and in
//! `tests/outside/test_posters.py`, where a camera's software reads them.

use crate::desk::Collector;

#[actix_web::test]
async fn a_poster_comes_as_svg_with_the_address_under_which_the_collector_was_called() {
    let collector = Collector::start();
    let reply = collector.get("/poster/prova.svg?format=A6&lang=de,fr").await;
    assert_eq!((reply.status, reply.header("Content-Type")), (200, "image/svg+xml"));
    assert_eq!(reply.header("Content-Disposition"), "inline; filename=\"prova-a6.svg\"");
    assert!(reply.header("Content-Security-Policy").contains("default-src 'none'"));
    for text in [&*format!(">{}/s/prova<", collector.url("")), "Ente di prova", "Wie ist es gelaufen?", "297.638"] {
        assert!(reply.body.contains(text), "{text}: {}", reply.body);
    }
}

#[actix_web::test]
async fn a_poster_comes_as_pdf() {
    let collector = Collector::start();
    assert_eq!(collector.get("/poster/prova.pdf").await.header("Content-Type"), "application/pdf");
}

#[actix_web::test]
async fn what_cannot_be_printed_is_a_problem_with_its_reason() {
    let collector = Collector::start();
    for (path, status, problem, detail) in [
        ("/poster/nessuno.svg", 404, "service-unknown", ""),
        ("/poster/prova.svg?format=a5", 400, "query-invalid", "`a4` or `a6`"),
        ("/poster/prova.pdf?lang=it,it", 400, "query-invalid", "one or two"),
        ("/poster/prova.png", 404, "not-found", ""),
    ] {
        let reply = collector.get(path).await;
        assert_eq!(reply.problem(), (status, problem.to_owned()), "{path}");
        assert!(reply.json()["detail"].as_str().unwrap_or_default().contains(detail), "{path}: {}", reply.body);
    }
}
