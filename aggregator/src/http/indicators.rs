//! `GET /rest/cx/v1/indicators`: the figures, for anybody.

use actix_web::{HttpResponse, web};
use gradimento_common::calendar::Month;
use gradimento_common::problem::{Problem, ProblemType};
use serde::Deserialize;
use serde_json::json;

use super::Office;
use super::refusal::{HttpProblem, blocking};
use crate::publish::{Level, indicators};
use crate::store::RollupFilter;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    agency: Option<String>,
    service: Option<String>,
    category: Option<String>,
    territory: Option<String>,
    period: Option<String>,
    level: Option<Level>,
}

pub(super) async fn list(
    office: web::Data<Office>,
    query: Result<web::Query<Query>, actix_web::Error>,
) -> Result<HttpResponse, HttpProblem> {
    let query = query.map_err(|_| invalid("known: agency, service, category, territory, period, level"))?.into_inner();
    let level = query.level.unwrap_or(Level::Service);
    let filter = filter(query)?;
    let items = blocking(move || Ok(indicators(&office.store.rollups(&filter)?, level))).await?;
    Ok(HttpResponse::Ok().json(json!({"items": items})))
}

fn filter(query: Query) -> Result<RollupFilter, HttpProblem> {
    let agency = query.agency.map(|code| code.parse()).transpose().map_err(|_| invalid("agency must be a codice IPA"))?;
    let period = query.period.map(|month| month.parse::<Month>()).transpose();
    let period = period.map_err(|_| invalid("period must be a month such as 2026-11"))?.map(String::from);
    Ok(RollupFilter { agency, service: query.service, category: query.category, territory: query.territory, period })
}

fn invalid(detail: &str) -> HttpProblem {
    Problem::new(ProblemType::QueryInvalid).detail(detail).into()
}
