//! `GET /status`: whether the collector can take answers, for whoever watches over it.

use actix_web::{HttpResponse, web};
use gradimento_common::problem::ProblemType;
use serde_json::json;

use super::Desk;
use super::refusal::HttpProblem;
use crate::store::pool;

pub(super) async fn show(desk: web::Data<Desk>) -> Result<HttpResponse, HttpProblem> {
    desk.store.read(|connection| pool::sizes(connection, desk.today().month()))?;
    let ready = desk.survey.services().iter().all(|surveyed| surveyed.questionnaire.is_some());
    if ready { Ok(HttpResponse::Ok().json(json!({"status": "ok"}))) } else { Err(ProblemType::QuestionnaireUnavailable.into()) }
}
