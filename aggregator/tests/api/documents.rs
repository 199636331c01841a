//! What collectors pull, from either listener.

use crate::member::Member;
use crate::office::Office;

#[actix_web::test]
async fn both_listeners_serve_the_assignment_and_the_questionnaires() {
    let office = Office::start().await;
    let inps = Member::join(&office, "inps").await;
    for path in ["/rest/cx/v1/agencies/INPS/assignment", "/rest/cx/v1/questionnaires/national-core/1"] {
        let (public, private) = (office.get(path).await, inps.get(path, &[]).await);
        assert_eq!((public.status, private.status), (200, 200));
        assert_eq!(private.header("content-type"), "application/jose");
    }
    assert_eq!(inps.get("/rest/cx/v1/agencies/nobody/assignment", &[]).await.problem(), "agency-unknown");
    assert_eq!(office.get("/rest/cx/v1/questionnaires/national-core/99").await.problem(), "not-found");
}

#[actix_web::test]
async fn an_assignment_that_is_known_is_not_sent_again() {
    let office = Office::start().await;
    let inps = Member::join(&office, "inps").await;
    let path = "/rest/cx/v1/agencies/inps/assignment";
    let first = inps.get(path, &[]).await;
    let tag = first.header("etag");
    for known in [tag, &format!("\"other\", {tag}"), "*"] {
        let again = inps.get(path, &[("If-None-Match", known)]).await;
        assert_eq!((again.status, again.header("etag"), again.body.len()), (304, tag, 0), "{known}");
    }
    assert_eq!(inps.get(path, &[("If-None-Match", "\"other\"")]).await.status, 200);
}
