//! What holds at every address: methods, media types, sizes, headers.

use awc::http::Method;
use gradimento_aggregator::http::{Endpoint, admin_endpoints, message_endpoints, public_endpoints};
use gradimento_common::limits::{ENROLMENT_BODY_BYTES_MAX, MESSAGE_BODY_BYTES_MAX};
use gradimento_common::modi::CONTENT_TYPE;
use rusqlite::Connection;

use crate::member::{Keys, Member};
use crate::office::{Office, Reply};

fn filled(path: &str) -> String {
    path.replace("{path:.*}", "0/000")
        .replace("{slug}", "busy")
        .replace("{agency}", "inps")
        .replace("{stream}", "x")
        .replace("{id}", "national-core")
        .replace("{version}", "1")
}

fn check_method(endpoint: &Endpoint, reply: &Reply) {
    let what = format!("{} {}: {}", endpoint.method, endpoint.path, reply.text());
    assert_eq!((reply.problem().as_str(), reply.status), ("method-not-allowed", 405), "{what}");
    assert_eq!(reply.header("allow"), if endpoint.method == "GET" { "GET, HEAD" } else { "POST" }, "{what}");
}

#[actix_web::test]
async fn another_method_is_refused_with_the_ones_that_are_allowed() {
    let office = Office::start().await;
    let inps = Member::join(&office, "inps").await;
    for endpoint in public_endpoints() {
        check_method(&endpoint, &office.public(Method::DELETE, &filled(endpoint.path), &[], Vec::new()).await);
    }
    for endpoint in message_endpoints() {
        check_method(&endpoint, &inps.call(Method::PUT, &filled(endpoint.path), &[], Vec::new()).await);
    }
    assert_eq!(office.get("/rest/cx/v1/messages").await.problem(), "not-found", "messages go to their own listener");
    assert_eq!(inps.get("/rest/cx/v1/enrolments", &[]).await.problem(), "not-found");
    assert_eq!(office.get("/metrics").await.problem(), "not-found");
}

#[actix_web::test]
async fn what_can_be_read_can_be_asked_about_without_its_body() {
    let office = Office::start().await;
    for endpoint in public_endpoints().iter().filter(|endpoint| endpoint.method == "GET") {
        let path = filled(endpoint.path);
        let (get, head) = (office.get(&path).await, office.public(Method::HEAD, &path, &[], Vec::new()).await);
        assert_eq!(head.status, get.status, "{path}");
        assert_eq!((head.header("content-type"), head.body.len()), (get.header("content-type"), 0), "{path}");
    }
}

#[actix_web::test]
async fn every_reply_tells_browsers_to_be_careful() {
    let office = Office::start().await;
    for path in ["/", "/style.css", "/status", "/nowhere", "/rest/cx/v1/indicators"] {
        let reply = office.get(path).await;
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(reply.header("referrer-policy"), "no-referrer", "{path}");
        assert!(reply.header("content-security-policy").starts_with("default-src 'none'"), "{path}");
        assert!(!reply.header("cache-control").is_empty(), "{path}");
    }
    for endpoint in admin_endpoints() {
        assert_eq!(office.admin(endpoint.path).await.status, 200);
    }
}

#[actix_web::test]
async fn bodies_of_another_type_or_size_are_refused_alike_everywhere() {
    let office = Office::start().await;
    let inps = Member::join(&office, "inps").await;
    let json = [("Content-Type", CONTENT_TYPE)];
    for (path, bytes_max) in [
        ("/rest/cx/v1/messages", MESSAGE_BODY_BYTES_MAX),
        ("/rest/cx/v1/renewals", ENROLMENT_BODY_BYTES_MAX),
        ("/rest/cx/v1/enrolments", ENROLMENT_BODY_BYTES_MAX),
        ("/rest/cx/v1/recoveries", ENROLMENT_BODY_BYTES_MAX),
    ] {
        let public = public_endpoints().iter().any(|endpoint| endpoint.path == path);
        let send = async |headers: &[(&str, &str)], body: Vec<u8>| {
            if public {
                office.public(Method::POST, path, headers, body).await
            } else {
                inps.call(Method::POST, path, headers, body).await
            }
        };
        assert_eq!(send(&[("Content-Type", "text/plain")], Keys::new().body()).await.status, 415, "{path}");
        assert_eq!(send(&[], Keys::new().body()).await.problem(), "media-type-unsupported", "{path}");
        let large = send(&json, vec![b' '; bytes_max + 1]).await;
        assert_eq!((large.status, large.problem().as_str()), (413, "body-too-large"), "{path}");
        assert!(large.json()["detail"].as_str().unwrap().contains(&bytes_max.to_string()), "{path}");
    }
    let broken = office.public(Method::POST, "/rest/cx/v1/enrolments", &json, b"{".to_vec()).await;
    assert_eq!((broken.status, broken.problem().as_str()), (400, "body-malformed"));
}

#[actix_web::test]
async fn a_database_that_somebody_holds_is_a_reason_to_come_back() {
    let office = Office::start().await;
    let inps = Member::join(&office, "inps").await;
    let other = Connection::open(office.folder.path().join("aggregator.sqlite")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let body = inps.heartbeat(1, office.now());
    let reply = inps.send(&body, office.now()).await;
    assert_eq!((reply.status, reply.problem().as_str(), reply.header("retry-after")), (503, "busy", "30"));
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(inps.send(&body, office.now()).await.status, 201);
}
