//! Pages of plain text: privacy notice, accessibility statement, and what stands in for a page that cannot be shown.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, ResponseError as _, web};
use askama::Template;
use gradimento_common::problem::ProblemType;

use super::frame::{Asked, Frame, html};
use super::words::{Notice, fill};
use crate::http::Desk;
use crate::http::refusal::HttpProblem;

#[derive(Template)]
#[template(path = "page/notice.html")]
struct NoticePage<'a> {
    frame: Frame<'a>,
    title: &'static str,
    sections: Vec<(String, Vec<String>)>,
}

#[derive(Template)]
#[template(path = "page/refused.html")]
struct RefusedPage<'a> {
    frame: Frame<'a>,
    title: &'static str,
    advice: &'static str,
}

/// `GET /privacy`.
pub(in crate::http) async fn privacy(desk: web::Data<Desk>, request: HttpRequest) -> Result<HttpResponse, HttpProblem> {
    let frame = Frame::new(&desk, Asked::of(&request).language);
    let notice = &frame.words.privacy;
    show(frame, notice)
}

/// `GET /accessibility`.
pub(in crate::http) async fn accessibility(desk: web::Data<Desk>, request: HttpRequest) -> Result<HttpResponse, HttpProblem> {
    let frame = Frame::new(&desk, Asked::of(&request).language);
    let notice = &frame.words.accessibility;
    show(frame, notice)
}

fn show(frame: Frame<'_>, notice: &'static Notice) -> Result<HttpResponse, HttpProblem> {
    let agency = [("agency", frame.agency)];
    let nowhere = fill(frame.words.frame.no_contact, &agency);
    let contact = frame.contact.as_ref().map_or(nowhere.as_str(), |contact| contact.text);
    let filled = |text: &&str| fill(text, &[("agency", frame.agency), ("contact", contact)]);
    let sections = notice.sections.iter().map(|(heading, texts)| (filled(heading), texts.iter().map(filled).collect()));
    let sections = sections.collect();
    html(StatusCode::OK, &NoticePage { frame, title: notice.title, sections })
}

/// In place of a page that cannot be shown: the same status as a program would get, in the reader's language.
pub(super) fn refusal(desk: &Desk, asked: &Asked, problem: &HttpProblem) -> HttpResponse {
    let frame = Frame::new(desk, asked.language);
    let refused = &frame.words.refused;
    let [title, advice] = match problem.0.kind() {
        ProblemType::ServiceUnknown | ProblemType::NotFound => refused.unknown,
        ProblemType::QuestionnaireUnavailable => refused.unavailable,
        ProblemType::TicketInvalid | ProblemType::TicketSpent => refused.ticket,
        kind if kind.status() < 500 => refused.form,
        _ => refused.internal,
    };
    html(problem.status_code(), &RefusedPage { frame, title, advice }).unwrap_or_else(|problem| problem.error_response())
}
