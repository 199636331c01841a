//! The page after an answer: what happens with it, how to take it back, what others say.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use gradimento_common::disclosure::K_FLOOR;

use super::frame::{Frame, html};
use super::posted::Posted;
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
    /// Where a code can be used later, as it is typed.
    withdraw_at: Option<String>,
    scores: Vec<Score>,
}

pub(super) fn show(
    desk: &Desk,
    surveyed: &Surveyed,
    posted: &Posted,
    code: &WithdrawalCode,
) -> Result<HttpResponse, HttpProblem> {
    let frame = Frame::new(desk, posted.language).on(posted.screen);
    // The floor, not the present policy: it holds whatever the aggregator sets.
    let k = K_FLOOR.to_string();
    let next = frame.words.thanks.next.iter().map(|text| fill(text, &[("k", &k)])).collect();
    let scores = scores(desk, surveyed, frame.words)?;
    let public = desk.public_url.as_deref().map(|url| url.strip_prefix("https://").unwrap_or(url).trim_end_matches('/'));
    let withdraw_at = public.map(|public| format!("{public}/withdraw"));
    let service = &surveyed.service.name;
    html(StatusCode::CREATED, &ThanksPage { frame, service, next, code: code.as_str(), withdraw_at, scores })
}
