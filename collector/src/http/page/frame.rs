//! What stands around every page: language, agency, links. And how a page leaves: as HTML in that language.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use gradimento_common::questionnaire::Language;
use serde::Deserialize;

use super::assets;
use super::kiosk::Screen;
use super::words::{Words, fill, words};
use crate::http::Desk;
use crate::http::refusal::HttpProblem;

/// What a request says about the page that it wants.
pub(in crate::http) struct Asked {
    /// The language: the link's own, else the browser's first that we speak, else Italian.
    pub(in crate::http) language: Language,
    /// The ticket that a link carries.
    pub(in crate::http) ticket: Option<String>,
    /// Whose screen it is shown on.
    pub(in crate::http) screen: Screen,
}

#[derive(Default, Deserialize)]
struct Query {
    lang: Option<String>,
    ticket: Option<String>,
    kiosk: Option<String>,
}

impl Asked {
    pub(in crate::http) fn of(request: &HttpRequest) -> Self {
        let query = web::Query::<Query>::from_query(request.query_string()).map(web::Query::into_inner).unwrap_or_default();
        let header = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let language = query.lang.as_deref().and_then(Language::from_tag);
        let language = language.unwrap_or_else(|| header.map_or(Language::It, Language::accepted));
        Self { language, ticket: query.ticket, screen: Screen::asked(query.kiosk.as_deref()) }
    }
}

/// The frame of one page.
pub(in crate::http) struct Frame<'a> {
    pub(in crate::http) lang: &'static str,
    pub(in crate::http) words: &'static Words,
    pub(in crate::http) agency: &'a str,
    pub(in crate::http) contact: Option<Contact<'a>>,
    pub(in crate::http) run_by: String,
    pub(in crate::http) style: &'static str,
    pub(in crate::http) script: &'static str,
    pub(in crate::http) kiosk_script: &'static str,
    screen: Screen,
}

/// One entry of the language switch.
pub(in crate::http) struct Tongue {
    pub(in crate::http) tag: &'static str,
    pub(in crate::http) name: &'static str,
    pub(in crate::http) current: bool,
}

/// How to reach somebody, as the configuration says: an e-mail address or a page.
#[derive(Clone)]
pub(in crate::http) struct Contact<'a> {
    pub(in crate::http) text: &'a str,
    pub(in crate::http) href: String,
}

impl<'a> Frame<'a> {
    pub(in crate::http) fn new(desk: &'a Desk, language: Language) -> Self {
        let words = words(language);
        Self {
            lang: language.tag(),
            words,
            agency: &desk.agency_name,
            contact: desk.contact.as_deref().and_then(Contact::of),
            run_by: fill(words.frame.run_by, &[("agency", &desk.agency_name)]),
            style: assets::style_url(),
            script: assets::script_url(),
            kiosk_script: assets::kiosk_url(),
            screen: Screen::Own,
        }
    }

    /// The same on a certain screen.
    pub(in crate::http) fn on(self, screen: Screen) -> Self {
        Self { screen, ..self }
    }

    pub(in crate::http) fn kiosk(&self) -> bool {
        self.screen == Screen::Kiosk
    }

    pub(in crate::http) fn tongues(&self) -> Vec<Tongue> {
        let tongue = |language: Language| Tongue {
            tag: language.tag(),
            name: words(language).language,
            current: language.tag() == self.lang,
        };
        Language::ALL.into_iter().map(tongue).collect()
    }
}

impl<'a> Contact<'a> {
    /// Only what is plainly an address on the web or of e-mail becomes a link.
    pub(in crate::http) fn of(text: &'a str) -> Option<Self> {
        let web = text.starts_with("https://") || text.starts_with("http://");
        let mail = !web && text.contains('@') && !text.contains(char::is_whitespace);
        let href = if web { text.to_owned() } else { format!("mailto:{text}") };
        (web || mail).then_some(Self { text, href })
    }
}

/// A page on its way out.
pub(in crate::http) fn html(status: StatusCode, page: &impl Template) -> Result<HttpResponse, HttpProblem> {
    let text = page.render().map_err(|error| HttpProblem::internal(&error))?;
    let mut reply = HttpResponse::build(status).content_type("text/html; charset=utf-8").body(text);
    reply.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept-Language"));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        reply.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(crate::http::refusal::RETRY_AFTER));
    }
    Ok(reply)
}
