//! `POST /rest/cx/v1/services/{service}/responses`: a response from a program that speaks for a citizen.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use gradimento_common::limits::RESPONSE_BODY_BYTES_MAX;
use gradimento_common::problem::{Problem, ProblemType};
use gradimento_common::response::RawResponse;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Desk;
use super::misfit::Misfit;
use super::passage::{Manner, marked, of_age};
use super::refusal::HttpProblem;
use super::unlinkable::recognise;
use crate::intake::accept;
use crate::intake::submission::{SubmissionKey, WithdrawalCode};
use crate::store::Outcome;
use crate::survey::Surveyed;

#[derive(Serialize)]
struct Receipt<'a> {
    withdrawal_code: &'a str,
}

pub(super) async fn submit(
    desk: web::Data<Desk>,
    service: web::Path<String>,
    request: HttpRequest,
    body: Result<web::Bytes, actix_web::Error>,
) -> Result<HttpResponse, HttpProblem> {
    let code = receive(&desk, &service, &request, body).await;
    let code = code.inspect_err(|HttpProblem(problem)| desk.metrics.refused(problem.kind()))?;
    Ok(HttpResponse::build(StatusCode::CREATED).json(Receipt { withdrawal_code: code.as_str() }))
}

async fn receive(
    desk: &Desk,
    service: &str,
    request: &HttpRequest,
    body: Result<web::Bytes, actix_web::Error>,
) -> Result<WithdrawalCode, HttpProblem> {
    let surveyed = desk.service(service)?;
    let raw = read(request, body)?;
    let key = submission_key(desk, &surveyed, &raw, request).await?;
    take(desk, &surveyed, &raw, &key, &Manner::of_request(request, raw.form_token.as_deref())).await
}

/// Accepts and stores a response, however it came; yields the code for withdrawing it.
pub(super) async fn take(
    desk: &Desk,
    surveyed: &Surveyed,
    raw: &RawResponse,
    key: &SubmissionKey,
    manner: &Manner,
) -> Result<WithdrawalCode, HttpProblem> {
    let service = &surveyed.service.id;
    let questionnaire = surveyed.questionnaire.as_ref().ok_or(ProblemType::QuestionnaireUnavailable)?;
    let today = desk.today();
    let ticket = raw.ticket.as_deref().map(|ticket| recognise(desk, service, ticket)).transpose()?;
    // A ticket is a limit of its own.
    let suspicion = if ticket.is_some() { None } else { manner.pass(desk, service)? };
    let response = accept(raw, service, questionnaire, key, ticket, today)?;
    let assurance = response.assurance();
    let outcome = desk.store.store(marked(response, suspicion)).await?;
    desk.metrics.responded(service, assurance, outcome.name());
    desk.metrics.suspected(service, suspicion.filter(|_| outcome == Outcome::Stored));
    match outcome {
        Outcome::Stored | Outcome::CountedBefore => Ok(key.withdrawal_code(service)),
        Outcome::TicketSpent => Err(ProblemType::TicketSpent.into()),
    }
}

/// Reads a JSON body.
pub(super) fn read<T: DeserializeOwned>(
    request: &HttpRequest,
    body: Result<web::Bytes, actix_web::Error>,
) -> Result<T, HttpProblem> {
    if essence(request) != "application/json" {
        return Err(Problem::new(ProblemType::MediaTypeUnsupported).detail("send application/json").into());
    }
    let body = body.map_err(|error| body_problem(&error))?;
    // Where it fits, it is read once, and nothing is kept of where the reader was.
    serde_json::from_slice(&body).map_err(|_| Misfit::of::<T>(&body).into())
}

/// The media type of a body, in lower case, without parameters.
pub(super) fn essence(request: &HttpRequest) -> String {
    let media_type = request.headers().get("Content-Type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

pub(super) fn body_problem(error: &actix_web::Error) -> HttpProblem {
    let too_large = error.as_response_error().status_code() == StatusCode::PAYLOAD_TOO_LARGE;
    let problem = if too_large {
        Problem::new(ProblemType::BodyTooLarge).detail(format!("at most {RESPONSE_BODY_BYTES_MAX} bytes are accepted"))
    } else {
        Problem::new(ProblemType::BodyMalformed).detail("the body did not arrive whole")
    };
    problem.into()
}

async fn submission_key(
    desk: &Desk,
    surveyed: &Surveyed,
    raw: &RawResponse,
    request: &HttpRequest,
) -> Result<SubmissionKey, HttpProblem> {
    if let Some(token) = &raw.form_token {
        return of_age(desk, desk.tokens.form(&surveyed.service.id, token, desk.clock.now())?).await;
    }
    let header = request.headers().get("Idempotency-Key").ok_or(ProblemType::SubmissionKeyMissing)?;
    let key = header.to_str().ok().and_then(SubmissionKey::from_header);
    key.ok_or_else(|| ProblemType::SubmissionKeyInvalid.into())
}
