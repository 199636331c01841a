//! What other sites' pages load: the component, its style, the adapter.

use awc::http::StatusCode;
use gradimento_common::questionnaire::Language;

use crate::desk::{Collector, designers_italia};

const ASSETS: [(&str, &str); 4] = [
    ("/widget.js", "text/javascript; charset=utf-8"),
    ("/widget.css", "text/css; charset=utf-8"),
    ("/ticket.js", "text/javascript; charset=utf-8"),
    ("/bridge.js", "text/javascript; charset=utf-8"),
];

#[actix_web::test]
async fn what_pages_load_is_cached_and_comes_again_only_when_it_has_changed() {
    let collector = Collector::start();
    for (path, media_type) in ASSETS {
        let reply = awc::Client::default().get(collector.url(path)).send().await.unwrap();
        let header = |name: &str| reply.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        assert_eq!((reply.status(), header("Content-Type").unwrap()), (StatusCode::OK, media_type.to_owned()));
        assert_eq!(header("Cache-Control").unwrap(), "public, max-age=3600, stale-while-revalidate=604800");
        assert_eq!(header("Cross-Origin-Resource-Policy").unwrap(), "cross-origin");
        assert_eq!((header("Set-Cookie"), header("Access-Control-Allow-Origin")), (None, None));
        let etag = header("ETag").unwrap();
        let again = |tag: String| awc::Client::default().get(collector.url(path)).insert_header(("If-None-Match", tag)).send();
        let mut unchanged = again(format!("\"other\", {etag}")).await.unwrap();
        assert_eq!((unchanged.status(), unchanged.body().await.unwrap().len()), (StatusCode::NOT_MODIFIED, 0), "{path}");
        assert_eq!(again("\"other\"".to_owned()).await.unwrap().status(), StatusCode::OK);
    }
}

#[actix_web::test]
async fn the_component_carries_every_text_of_the_questionnaire_that_services_ask() {
    let collector = Collector::start();
    let script = collector.get("/widget.js").await.body;
    assert!(!script.contains("'{{") && script.contains("\"questionnaire\":\"designers-italia\""));
    for question in designers_italia().questions() {
        for language in Language::ALL {
            let options = question.options.iter().map(|choice| choice.text.of(language));
            let hint = question.hint.as_ref().map(|hint| hint.of(language));
            for text in options.chain([question.text.of(language)]).chain(hint) {
                assert!(script.contains(text), "{text}");
            }
        }
    }
}
