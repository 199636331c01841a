//! The figures, for anybody.

use gradimento_aggregator::publish::Level;
use gradimento_common::questionnaire::SHIPPED;
use serde_json::Value;

use crate::member::Member;
use crate::office::Office;

const PATH: &str = "/rest/cx/v1/indicators";

async fn published() -> Office {
    let office = Office::start().await;
    for (code, n) in [("inps", 10), ("inail", 20)] {
        let member = Member::join(&office, code).await;
        let body = member.summary("prova", n, office.now());
        let reply = member.send(&body, office.now()).await;
        assert_eq!(reply.status, 201, "{}", reply.text());
    }
    office
}

fn responses(document: &Value) -> Vec<u64> {
    document["items"].as_array().unwrap().iter().map(|item| item["responses"].as_u64().unwrap()).collect()
}

#[actix_web::test]
async fn a_figure_has_every_member_that_was_promised() {
    let office = published().await;
    let document = office.get(&format!("{PATH}?agency=inps")).await.json();
    let item = document["items"][0].as_object().unwrap();
    for member in [
        "level",
        "agency",
        "service",
        "questionnaire",
        "version",
        "assurance",
        "period",
        "responses",
        "counts",
        "dimension",
        "score",
        "score_interval",
        "top2_share",
        "top2_interval",
    ] {
        assert!(!item[member].is_null(), "{member} in {item:?}");
    }
    assert_eq!(item["dimension"], "satisfaction");
    // Ten unanimous people do not prove that everybody would say so.
    assert_eq!((&item["score"], item["score_interval"][1].as_f64()), (&100.0.into(), Some(100.0)));
    assert!((item["score_interval"][0].as_f64().unwrap() - 72.246_7).abs() < 1e-3, "{item:?}");
    assert_eq!((&item["counts"]["overall"]["5"], &item["counts"]["overall"]["none"]), (&10.into(), &0.into()));
}

#[actix_web::test]
async fn every_filter_narrows_and_what_nobody_has_is_empty() {
    let office = published().await;
    for (query, expected) in [
        ("level=country", vec![30]),
        ("level=agency", vec![20, 10]),
        ("agency=INPS", vec![10]),
        ("service=prova&level=country", vec![30]),
        ("questionnaire=national-core&level=country", vec![30]),
        ("questionnaire=designers-italia", vec![]),
        ("assurance=open&level=country", vec![30]),
        ("assurance=ticketed", vec![]),
        ("category=C16&territory=IT&period=2026-11&level=country", vec![30]),
        ("category=L6", vec![]),
        ("agency=nobody", vec![]),
    ] {
        assert_eq!(responses(&office.get(&format!("{PATH}?{query}")).await.json()), expected, "{query}");
    }
}

#[actix_web::test]
async fn a_query_that_cannot_be_understood_names_its_parameter() {
    let office = Office::start().await;
    for (query, named) in [
        ("agencies=inps", "`agencies` is not known"),
        ("level=planet", "level must be country, category, territory, agency or service"),
        ("period=november", "period must be a month"),
        ("agency=a-b", "agency must be"),
        ("service=A+B", "service must be"),
        ("assurance=maybe", "assurance must be open or ticketed"),
        ("territory=", "territory must be"),
        ("agency=inps&agency=inail", "agency is given twice"),
    ] {
        let reply = office.get(&format!("{PATH}?{query}")).await;
        assert_eq!((reply.status, reply.problem().as_str()), (400, "query-invalid"), "{query}");
        let detail = reply.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(named), "{query}: {detail}");
    }
    for level in [Level::Country, Level::Category, Level::Territory, Level::Agency, Level::Service] {
        let level = serde_json::to_value(level).unwrap();
        assert_eq!(office.get(&format!("{PATH}?level={}", level.as_str().unwrap())).await.status, 200);
    }
}

#[actix_web::test]
async fn figures_that_are_known_are_not_sent_again_until_they_change() {
    let office = Office::start().await;
    let first = office.get(PATH).await;
    assert_eq!(first.header("cache-control"), "public, max-age=60");
    let tag = [("If-None-Match", first.header("etag"))];
    assert_eq!(office.get_with(PATH, &tag).await.status, 304);
    let inps = Member::join(&office, "inps").await;
    inps.send(&inps.summary("prova", 10, office.now()), office.now()).await;
    assert_eq!(office.get_with(PATH, &tag).await.status, 200);
}

#[actix_web::test]
async fn satisfaction_with_a_service_and_the_clearness_of_a_page_are_two_figures_with_their_own_names() {
    let office = published().await;
    let roma = Member::join(&office, "c_h501").await;
    let body = roma.summary_of(SHIPPED[0], "pagina", 40, office.now());
    assert_eq!(roma.send(&body, office.now()).await.status, 201);
    let document = office.get(&format!("{PATH}?level=country")).await.json();
    let measured: Vec<_> = document["items"].as_array().unwrap().iter().map(|item| item["dimension"].as_str()).collect();
    assert_eq!((measured, responses(&document)), (vec![Some("clarity"), Some("satisfaction")], vec![40, 30]));
    let page = office.get("/").await.text();
    let (satisfied, clear) = page.split_once("Chiarezza delle informazioni · Risposte aperte").unwrap();
    assert!(
        satisfied.contains("Soddisfazione complessiva · Risposte aperte") && satisfied.contains("n&nbsp;=&nbsp;30"),
        "{page}"
    );
    assert!(clear.contains("n&nbsp;=&nbsp;40") && !page.contains("n&nbsp;=&nbsp;70"), "{page}");
}
