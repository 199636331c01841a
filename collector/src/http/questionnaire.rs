//! `GET /rest/cx/v1/services/{service}/questionnaire`: what a service asks, with a token for one answer.

use actix_web::{HttpResponse, web};
use gradimento_common::problem::ProblemType;
use gradimento_common::questionnaire::{Question, Text};
use serde::Serialize;

use super::Desk;
use super::refusal::HttpProblem;

#[derive(Serialize)]
struct Asked<'a> {
    questionnaire: &'a str,
    version: u32,
    form_token: String,
    /// Zero bits of the proof of work that should come with the answer; 0 while nothing is suspected.
    difficulty: u32,
    title: &'a Text,
    questions: &'a [Question],
}

pub(super) async fn show(desk: web::Data<Desk>, service: web::Path<String>) -> Result<HttpResponse, HttpProblem> {
    let surveyed = desk.service(&service)?;
    let questionnaire = surveyed.questionnaire.as_ref().ok_or(ProblemType::QuestionnaireUnavailable)?;
    let edition = questionnaire.edition();
    Ok(HttpResponse::Ok().json(Asked {
        questionnaire: edition.questionnaire.as_str(),
        version: edition.version,
        form_token: desk.form_token(&surveyed.service.id)?,
        difficulty: desk.gate.difficulty(&surveyed.service.id, desk.clock.now()),
        title: questionnaire.title(),
        questions: questionnaire.questions(),
    }))
}
