//! Pages of plain text: privacy notice, accessibility statement, and what stands in for a page that cannot be shown.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, ResponseError as _, web};
use askama::Template;
use gradimento_common::problem::ProblemType;

use super::frame::{Asked, Contact, Frame, html};
use super::words::{Notice, fill};
use crate::config::Notices;
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
    show(&desk, frame, notice)
}

/// `GET /accessibility`.
pub(in crate::http) async fn accessibility(desk: web::Data<Desk>, request: HttpRequest) -> Result<HttpResponse, HttpProblem> {
    let frame = Frame::new(&desk, Asked::of(&request).language);
    let notice = &frame.words.accessibility;
    show(&desk, frame, notice)
}

fn show(desk: &Desk, frame: Frame<'_>, notice: &'static Notice) -> Result<HttpResponse, HttpProblem> {
    let facts = Facts { frame: &frame, notices: &desk.notices };
    let sections = notice.sections.iter();
    let sections = sections.map(|(heading, texts)| (*heading, texts.iter().filter_map(|text| facts.fill_in(text)).collect()));
    let sections = sections.collect();
    html(StatusCode::OK, &NoticePage { frame, title: notice.title, sections })
}

/// What is filled into the notices.
struct Facts<'a> {
    frame: &'a Frame<'a>,
    notices: &'a Notices,
}

impl Facts<'_> {
    /// A paragraph with its links; nothing where it would name what the agency has not declared.
    fn fill_in(&self, text: &str) -> Option<Vec<Piece>> {
        let mut pieces = Vec::new();
        for (place, part) in text.split('{').enumerate() {
            let named = part.split_once('}').filter(|_| place > 0);
            pieces.extend(named.map(|(name, _)| self.piece(name).ok_or(())).transpose().ok()?);
            for (place, text) in named.map_or(part, |(_, rest)| rest).split(AGID).enumerate() {
                pieces.extend((place > 0).then(|| Piece { text: AGID.to_owned(), href: Some(format!("https://{AGID}/")) }));
                pieces.push(Piece::plain(text));
            }
        }
        Some(pieces)
    }

    fn piece(&self, name: &str) -> Option<Piece> {
        let (words, agency) = (&self.frame.words.frame, self.frame.agency);
        let reached = |contact: Option<Contact<'_>>| {
            contact.map_or_else(|| Piece::plain(&fill(words.no_contact, &[("agency", agency)])), Piece::link)
        };
        match name {
            "contact" => Some(reached(self.frame.contact.clone())),
            "officer" => Some(reached(self.notices.privacy_officer.as_deref().and_then(Contact::of))),
            "retention" => Some(Piece::plain(&match self.notices.retention_months {
                Some(months) => fill(words.retention, &[("n", &months.to_string())]),
                None => fill(words.no_retention, &[("agency", agency)]),
            })),
            "declaration" => self.notices.accessibility_declaration.as_deref().and_then(Contact::of).map(Piece::link),
            _ => Some(Piece::plain(agency)),
        }
    }
}

impl Piece {
    fn plain(text: &str) -> Self {
        Self { text: text.to_owned(), href: None }
    }

    fn link(contact: Contact<'_>) -> Self {
        Self { text: contact.text.to_owned(), href: Some(contact.href) }
    }
}

/// In place of a page that cannot be shown: the same status as a program would get, in the reader's language.
pub(in crate::http) fn refusal(desk: &Desk, asked: &Asked, problem: &HttpProblem) -> HttpResponse {
    let frame = Frame::new(desk, asked.language).on(asked.screen);
    let refused = &frame.words.refused;
    let [title, advice] = match problem.0.kind() {
        ProblemType::ServiceUnknown | ProblemType::NotFound => refused.unknown,
        ProblemType::QuestionnaireUnavailable => refused.unavailable,
        kind if kind.status() < 500 => refused.form,
        _ => refused.internal,
    };
    html(problem.status_code(), &RefusedPage { frame, title, advice }).unwrap_or_else(|problem| problem.error_response())
}
