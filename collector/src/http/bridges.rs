//! For sites whose rating component sends elsewhere today: addresses that take what it sends, as it is, so that one changed
//! address brings its ratings here. The components have no token: a rating that is sent twice counts twice, unless an
//! `Idempotency-Key` says that it is the same.

mod plone;
mod wordpress;

use actix_web::{HttpRequest, web};
use gradimento_common::problem::{Problem, ProblemType};
use rand::Rng as _;

use super::Desk;
use super::passage::Manner;
use super::refusal::HttpProblem;
use super::responses::take;
use crate::intake::bridge::{FieldNames, ForeignRating, renamed, translate};
use crate::intake::submission::SubmissionKey;

pub(super) use plone::add as plone;
pub(super) use wordpress::save as wordpress;

/// Takes a foreign component's rating, and counts a refusal where refusals are counted.
async fn receive(
    desk: &web::Data<Desk>,
    service: &str,
    request: &HttpRequest,
    rating: ForeignRating<'_>,
    names: FieldNames,
) -> Result<(), HttpProblem> {
    let taken = translate_and_take(desk, service, request, rating, names).await;
    taken.inspect_err(|HttpProblem(problem)| desk.metrics.refused(problem.kind()))
}

/// The road that all responses go, with the sender's names in every fault.
async fn translate_and_take(
    desk: &web::Data<Desk>,
    service: &str,
    request: &HttpRequest,
    rating: ForeignRating<'_>,
    names: FieldNames,
) -> Result<(), HttpProblem> {
    let surveyed = desk.service(service)?;
    let questionnaire = surveyed.questionnaire.as_ref().ok_or(ProblemType::QuestionnaireUnavailable)?;
    let invalid = |faults| HttpProblem(Problem::new(ProblemType::AnswersInvalid).errors(faults));
    let raw = translate(questionnaire, rating, names).map_err(invalid)?;
    let key = submission_key(desk, request)?;
    // These components cannot work for a proof.
    match take(desk, &surveyed, &raw, &key, &Manner::of_request(request, None)).await {
        Ok(_) => Ok(()),
        Err(HttpProblem(problem)) if problem.kind() == ProblemType::AnswersInvalid => {
            Err(invalid(renamed(problem.faults().to_vec(), names)))
        }
        Err(problem) => Err(problem),
    }
}

fn submission_key(desk: &Desk, request: &HttpRequest) -> Result<SubmissionKey, HttpProblem> {
    let Some(header) = request.headers().get("Idempotency-Key") else {
        let mut rng = desk.rng.lock().map_err(|_| HttpProblem::internal(&"the random generator is poisoned"))?;
        let mut nonce = [0; 16];
        rng.fill_bytes(&mut nonce);
        return Ok(SubmissionKey::from_token(nonce));
    };
    let key = header.to_str().ok().and_then(SubmissionKey::from_header);
    key.ok_or_else(|| ProblemType::SubmissionKeyInvalid.into())
}
