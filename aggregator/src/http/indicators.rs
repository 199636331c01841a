//! `GET /rest/cx/v1/indicators`: the figures, for anybody.

use std::str::FromStr;

use actix_web::{HttpRequest, HttpResponse, web};
use gradimento_common::calendar::Month;
use gradimento_common::ids::{AgencyCode, Assurance, QuestionnaireId, ServiceId};
use gradimento_common::problem::{Problem, ProblemType};
use serde_json::json;

use super::Office;
use super::conditional::{self, tag};
use super::refusal::{HttpProblem, blocking};
use crate::publish::dimension::Dimensions;
use crate::publish::noisy::noisy_indicators;
use crate::publish::{Level, indicators};
use crate::store::RollupFilter;

/// Figures change when a batch arrives, and collectors seal once an hour.
const CACHE: &str = "public, max-age=60";
const PARAMETERS: &str = "agency, service, questionnaire, assurance, category, territory, period, level";

pub(super) async fn list(office: web::Data<Office>, request: HttpRequest) -> Result<HttpResponse, HttpProblem> {
    let Query { filter, level } = Query::parse(request.query_string())?;
    let figures = blocking(move || {
        let dimensions = Dimensions::of(&office.editions.load());
        let exact = indicators(&office.store.rollups(&filter)?, level, &dimensions);
        Ok((exact, noisy_indicators(&office.store.noisy_rollups(&filter)?, level, &dimensions)))
    });
    let (exact, noisy) = figures.await?;
    let items = exact.into_iter().map(serde_json::to_value).chain(noisy.into_iter().map(serde_json::to_value));
    let items = items.collect::<Result<Vec<_>, _>>().map_err(|error| HttpProblem::internal(&error))?;
    let body = serde_json::to_vec(&json!({"items": items})).map_err(|error| HttpProblem::internal(&error))?;
    match conditional::reply(&request, &tag(&body), CACHE) {
        Ok(unchanged) => Ok(unchanged),
        Err(mut reply) => Ok(reply.content_type("application/json").body(body)),
    }
}

/// Which figures, and over what they are added up.
#[derive(Debug)]
struct Query {
    filter: RollupFilter,
    level: Level,
}

impl Query {
    fn parse(text: &str) -> Result<Self, HttpProblem> {
        let (mut filter, mut level) = (RollupFilter::default(), None);
        for (name, value) in pairs(text)? {
            match name.as_str() {
                "agency" => once(&mut filter.agency, &name, value.parse::<AgencyCode>(), "a codice IPA")?,
                "service" => once(&mut filter.service, &name, text_of::<ServiceId>(&value), "a service id")?,
                "questionnaire" => {
                    once(&mut filter.questionnaire, &name, text_of::<QuestionnaireId>(&value), "a questionnaire id")?;
                }
                "assurance" => once(&mut filter.assurance, &name, assurance(&value), "open or ticketed")?,
                "category" => once(&mut filter.category, &name, code(value), "a category such as L6")?,
                "territory" => once(&mut filter.territory, &name, code(value), "a territory such as ITE4")?,
                "period" => once(&mut filter.period, &name, text_of::<Month>(&value), "a month such as 2026-11")?,
                "level" => {
                    let known = "country, category, territory, agency or service";
                    once(&mut level, &name, serde_json::from_value(value.into()), known)?;
                }
                _ => return Err(unknown(&name, PARAMETERS)),
            }
        }
        Ok(Self { filter, level: level.unwrap_or(Level::Service) })
    }
}

/// The names and values of a query, in its order.
pub(super) fn pairs(query: &str) -> Result<Vec<(String, String)>, HttpProblem> {
    let pairs = web::Query::<Vec<(String, String)>>::from_query(query);
    Ok(pairs.map_err(|_| invalid("the query is not one of names and values"))?.into_inner())
}

pub(super) fn once<T, E>(slot: &mut Option<T>, name: &str, value: Result<T, E>, shape: &str) -> Result<(), HttpProblem> {
    let value = value.map_err(|_| invalid(&format!("{name} must be {shape}")))?;
    if slot.replace(value).is_some() { Err(invalid(&format!("{name} is given twice"))) } else { Ok(()) }
}

/// The value as it was written, where it has the shape of a `T`.
pub(super) fn text_of<T: FromStr>(value: &str) -> Result<String, T::Err> {
    value.parse::<T>().map(|_| value.to_owned())
}

pub(super) fn assurance(value: &str) -> Result<String, ()> {
    let known = [Assurance::Open, Assurance::Ticketed].into_iter().find(|known| known.as_str() == value);
    known.map(|known| known.as_str().to_owned()).ok_or(())
}

/// Codes of both lists are short and plain.
fn code(value: String) -> Result<String, ()> {
    let fits = (1..=16).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if fits { Ok(value) } else { Err(()) }
}

/// Named, so that the caller finds it; shortened, because it is the caller's text.
pub(super) fn unknown(name: &str, known: &str) -> HttpProblem {
    let name: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
    invalid(&format!("`{name}` is not known here; known are {known}"))
}

fn invalid(detail: &str) -> HttpProblem {
    Problem::new(ProblemType::QueryInvalid).detail(detail).into()
}
