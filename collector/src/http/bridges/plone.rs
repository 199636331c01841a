//! `POST /bridges/plone/{service}/@feedback-add`: what the Plone add-on for feedback posts.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::Value;

use super::super::Desk;
use super::super::refusal::HttpProblem;
use super::super::responses::read;
use super::receive;
use crate::intake::bridge::{ForeignRating, PLONE};

/// The members by name. Only those in [`PLONE`] are read: not `content`, the path of the page, nor any other, for the add-on
/// sends the empty field of its trap for robots under a name that each site chooses.
type Members = BTreeMap<String, Value>;

pub(in crate::http) async fn add(
    desk: web::Data<Desk>,
    service: web::Path<String>,
    request: HttpRequest,
    body: Result<web::Bytes, actix_web::Error>,
) -> Result<HttpResponse, HttpProblem> {
    let mut members: Members = read(&request, body)?;
    let [stars, reason, words] = [PLONE.stars, PLONE.reason, PLONE.text].map(|name| members.remove(name).and_then(text));
    let rating = ForeignRating { stars: stars.as_deref(), reason: reason.as_deref(), text: words.as_deref() };
    receive(&desk, &service, &request, rating, PLONE).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A member as text. Something that is neither text nor number is kept as JSON, which no answer equals.
fn text(value: Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    }
}
