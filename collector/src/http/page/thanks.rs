//! The page after an answer: what happens with it, how to take it back, what others say.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use gradimento_common::disclosure::K_FLOOR;
use gradimento_common::questionnaire::Language;

use super::frame::{Frame, html};
use super::score::{Score, scores};
use super::words::fill;
use crate::http::Desk;
use crate::http::refusal::HttpProblem;
use crate::intake::submission::WithdrawalCode;
use crate::survey::Surveyed;

#[derive(Template)]
#[template(path = "page/thanks.html")]
struct ThanksPage<'a> {
    frame: Frame<'a>,
    service: &'a str,
    next: Vec<String>,
    code: &'a str,
    scores: Vec<Score>,
}

pub(super) fn show(
    desk: &Desk,
    surveyed: &Surveyed,
    language: Language,
    code: &WithdrawalCode,
) -> Result<HttpResponse, HttpProblem> {
    let frame = Frame::new(desk, language);
    // The floor, not the present policy: it holds whatever the aggregator sets.
    let k = K_FLOOR.to_string();
    let next = frame.words.thanks.next.iter().map(|text| fill(text, &[("k", &k)])).collect();
    let scores = scores(desk, surveyed, frame.words)?;
    html(StatusCode::CREATED, &ThanksPage { frame, service: &surveyed.service.name, next, code: code.as_str(), scores })
}
