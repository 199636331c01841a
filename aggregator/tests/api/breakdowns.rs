//! The noisy cross-tables, for anybody.

use std::sync::Arc;

use gradimento_common::breakdown::{Crossing, RawBreakdowns};
use gradimento_common::disclosure::Policy;
use gradimento_common::ids::Assurance;
use gradimento_common::message::Payload;
use gradimento_common::questionnaire::{Questionnaire, SHIPPED};
use rand::SeedableRng as _;
use rand::rngs::StdRng;

use crate::member::Member;
use crate::office::Office;

const PATH: &str = "/rest/cx/v1/breakdowns";

pub fn breakdowns() -> RawBreakdowns {
    let questionnaire: Arc<Questionnaire> = Arc::new(serde_json::from_str(SHIPPED[1]).unwrap());
    let policy = Policy::new(1, 10, 2).unwrap();
    let drawn = Crossing::new(&questionnaire).with_noise(&policy, &mut StdRng::seed_from_u64(1));
    let (mechanism, tables) = drawn.unwrap();
    RawBreakdowns {
        service: "prova".parse().unwrap(),
        questionnaire: "national-core".parse().unwrap(),
        version: 1,
        assurance: Assurance::Open,
        month: "2026-10".parse().unwrap(),
        responses: 12,
        mechanism,
        tables,
    }
}

#[actix_web::test]
async fn breakdowns_are_published_as_they_came_with_their_standard_error() {
    let office = Office::start().await;
    let inps = Member::join(&office, "inps").await;
    let sent = breakdowns();
    let body = inps.message(1, office.now(), Payload::Breakdowns(sent.clone()));
    assert_eq!(inps.send(&body, office.now()).await.status, 201);
    let reply = office.get(&format!("{PATH}?agency=INPS&service=prova&period=2026-10")).await;
    let item = &reply.json()["items"][0];
    assert_eq!((&item["responses"], &item["mechanism"]["scale"]), (&12.into(), &"6".into()));
    assert_eq!(item["tables"], serde_json::to_value(&sent.tables).unwrap());
    assert!((item["standard_error"].as_f64().unwrap() - sent.mechanism.standard_error()).abs() < 1e-12);
    for nobodys in ["agency=inail", "service=altro", "period=2026-09", "assurance=ticketed", "questionnaire=altro"] {
        assert_eq!(office.get(&format!("{PATH}?{nobodys}")).await.json()["items"], serde_json::json!([]), "{nobodys}");
    }
}

#[actix_web::test]
async fn a_query_for_breakdowns_that_cannot_be_understood_names_its_parameter() {
    let office = Office::start().await;
    for (query, named) in [("level=agency", "`level` is not known"), ("period=x", "period must be a month")] {
        let reply = office.get(&format!("{PATH}?{query}")).await;
        assert_eq!((reply.status, reply.problem().as_str()), (400, "query-invalid"));
        assert!(reply.json()["detail"].as_str().unwrap().contains(named));
    }
}
