//! `GET /poster/{service}.svg` and `.pdf`: the paper that leads to a service's questionnaire. It holds nothing that the
//! questionnaire's page does not say, so it is public: whoever prints it needs no account.

use actix_web::http::header::{self, ContentDisposition, DispositionParam, DispositionType};
use actix_web::{HttpRequest, HttpResponse, web};
use gradimento_common::problem::{Problem, ProblemType};
use serde::Deserialize;

use super::Desk;
use super::description;
use super::refusal::HttpProblem;
use crate::poster::{Misasked, Poster, PosterRefusal, address};

#[derive(Deserialize)]
struct Query {
    #[serde(default = "wall")]
    format: String,
    #[serde(default = "italian_and_english")]
    lang: String,
}

fn wall() -> String {
    "a4".to_owned()
}

fn italian_and_english() -> String {
    "it,en".to_owned()
}

pub(super) async fn svg(
    desk: web::Data<Desk>,
    service: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, HttpProblem> {
    drawn(&desk, &service, &request, "svg", "image/svg+xml", |poster| poster.svg().map(String::into_bytes))
}

pub(super) async fn pdf(
    desk: web::Data<Desk>,
    service: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, HttpProblem> {
    drawn(&desk, &service, &request, "pdf", "application/pdf", |poster| poster.pdf())
}

fn drawn(
    desk: &Desk,
    service: &str,
    request: &HttpRequest,
    ending: &str,
    media_type: &str,
    draw: impl FnOnce(&Poster<'_>) -> Result<Vec<u8>, PosterRefusal>,
) -> Result<HttpResponse, HttpProblem> {
    let surveyed = desk.service(service)?;
    let query = web::Query::<Query>::from_query(request.query_string()).map_err(|error| misasked(&error.to_string()))?;
    let public_url = desk.public_url.clone().unwrap_or_else(|| description::address_of(request));
    let poster = Poster {
        agency: &desk.agency_name,
        service: &surveyed.service.name,
        address: &address(&public_url, &surveyed.service.id),
        languages: query.lang.parse()?,
        format: query.format.parse()?,
    };
    let body = draw(&poster)?;
    let name = DispositionParam::Filename(format!("{}-{}.{ending}", surveyed.service.id, query.format.to_ascii_lowercase()));
    let disposition = ContentDisposition { disposition: DispositionType::Inline, parameters: vec![name] };
    Ok(HttpResponse::Ok().content_type(media_type).insert_header((header::CONTENT_DISPOSITION, disposition)).body(body))
}

fn misasked(detail: &str) -> HttpProblem {
    Problem::new(ProblemType::QueryInvalid).detail(detail.to_owned()).into()
}

impl From<Misasked> for HttpProblem {
    fn from(wrong: Misasked) -> Self {
        misasked(&wrong.to_string())
    }
}

/// The agency's names or address are at fault, which the caller learns in words: it is the agency that prints.
impl From<PosterRefusal> for HttpProblem {
    fn from(refusal: PosterRefusal) -> Self {
        Problem::new(ProblemType::PosterImpossible).detail(refusal.to_string()).into()
    }
}
