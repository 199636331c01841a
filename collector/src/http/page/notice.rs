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
    sections: Vec<(&'static str, Vec<Vec<Piece>>)>,
}

/// A run of text, perhaps a link.
struct Piece {
    text: String,
    href: Option<String>,
}

/// Where the agency for digital Italy is found, as the notices spell it.
const AGID: &str = "www.agid.gov.it";

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
    let sections = notice.sections.iter();
    let sections = sections.map(|(heading, texts)| (*heading, texts.iter().map(|text| pieces(text, &frame)).collect()));
    let sections = sections.collect();
    html(StatusCode::OK, &NoticePage { frame, title: notice.title, sections })
}

/// A paragraph with its links: the agency's contact and AgID.
fn pieces(text: &str, frame: &Frame<'_>) -> Vec<Piece> {
    let agency = [("agency", frame.agency)];
    let contact = || match &frame.contact {
        Some(contact) => Piece { text: contact.text.to_owned(), href: Some(contact.href.clone()) },
        None => Piece { text: fill(frame.words.frame.no_contact, &agency), href: None },
    };
    let agid = || Piece { text: AGID.to_owned(), href: Some(format!("https://{AGID}/")) };
    let mut pieces = Vec::new();
    for (place, part) in text.split("{contact}").enumerate() {
        pieces.extend((place > 0).then(contact));
        for (place, part) in part.split(AGID).enumerate() {
            pieces.extend((place > 0).then(agid));
            pieces.push(Piece { text: fill(part, &agency), href: None });
        }
    }
    pieces
}

/// In place of a page that cannot be shown: the same status as a program would get, in the reader's language.
pub(super) fn refusal(desk: &Desk, asked: &Asked, problem: &HttpProblem) -> HttpResponse {
    let frame = Frame::new(desk, asked.language).on(asked.screen);
    let refused = &frame.words.refused;
    let [title, advice] = match problem.0.kind() {
        ProblemType::ServiceUnknown | ProblemType::NotFound => refused.unknown,
        ProblemType::QuestionnaireUnavailable => refused.unavailable,
        ProblemType::TicketInvalid | ProblemType::TicketExpired | ProblemType::TicketSpent => refused.ticket,
        kind if kind.status() < 500 => refused.form,
        _ => refused.internal,
    };
    html(problem.status_code(), &RefusedPage { frame, title, advice }).unwrap_or_else(|problem| problem.error_response())
}
