//! `GET /rest/cx/v1/breakdowns`: the noisy cross-tables, for anybody.

use actix_web::{HttpRequest, HttpResponse, web};
use gradimento_common::calendar::Month;
use gradimento_common::ids::{AgencyCode, QuestionnaireId, ServiceId};
use serde_json::json;

use super::Office;
use super::conditional::{self, tag};
use super::indicators::{assurance, once, pairs, text_of, unknown};
use super::refusal::{HttpProblem, blocking};
use crate::store::RollupFilter;

/// Breakdowns come once a month.
const CACHE: &str = "public, max-age=3600";
const PARAMETERS: &str = "agency, service, questionnaire, assurance, period";

pub(super) async fn list(office: web::Data<Office>, request: HttpRequest) -> Result<HttpResponse, HttpProblem> {
    let filter = filter(request.query_string())?;
    let items = blocking(move || Ok(office.store.breakdowns(&filter)?)).await?;
    let body = serde_json::to_vec(&json!({"items": items})).map_err(|error| HttpProblem::internal(&error))?;
    match conditional::reply(&request, &tag(&body), CACHE) {
        Ok(unchanged) => Ok(unchanged),
        Err(mut reply) => Ok(reply.content_type("application/json").body(body)),
    }
}

fn filter(query: &str) -> Result<RollupFilter, HttpProblem> {
    let mut filter = RollupFilter::default();
    for (name, value) in pairs(query)? {
        match name.as_str() {
            "agency" => once(&mut filter.agency, &name, value.parse::<AgencyCode>(), "a codice IPA")?,
            "service" => once(&mut filter.service, &name, text_of::<ServiceId>(&value), "a service id")?,
            "questionnaire" => {
                once(&mut filter.questionnaire, &name, text_of::<QuestionnaireId>(&value), "a questionnaire id")?;
            }
            "assurance" => once(&mut filter.assurance, &name, assurance(&value), "open or ticketed")?,
            "period" => once(&mut filter.period, &name, text_of::<Month>(&value), "a month such as 2026-11")?,
            _ => return Err(unknown(&name, PARAMETERS)),
        }
    }
    Ok(filter)
}
