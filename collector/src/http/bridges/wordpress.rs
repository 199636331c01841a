//! `POST /bridges/wordpress/{service}`: what the WordPress theme for municipalities posts to `admin-ajax.php`.

use std::collections::BTreeMap;

use actix_multipart::Multipart;
use actix_web::http::header;
use actix_web::{FromRequest as _, HttpRequest, HttpResponse, web};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use gradimento_common::problem::{Problem, ProblemType};
use gradimento_common::response::Fault;
use serde_json::json;

use super::super::Desk;
use super::super::refusal::HttpProblem;
use super::super::responses::{body_problem, essence};
use super::receive;
use crate::intake::bridge::{ForeignRating, WORDPRESS};

/// The theme's name for what it asks of `admin-ajax.php`.
const ACTION: &str = "save_rating";

/// Fields of the form by name. Those that are not read, the page's address and title, are dropped with the request.
type Fields = BTreeMap<String, String>;

pub(in crate::http) async fn save(
    desk: web::Data<Desk>,
    service: web::Path<String>,
    request: HttpRequest,
    body: Result<web::Bytes, actix_web::Error>,
) -> Result<HttpResponse, HttpProblem> {
    let fields = read(&request, body).await?;
    let field = |name: &str| fields.get(name).map(String::as_str);
    if field("action") != Some(ACTION) {
        let fault = Fault { pointer: "/action".to_owned(), detail: format!("must be `{ACTION}`") };
        return Err(Problem::new(ProblemType::AnswersInvalid).errors(vec![fault]).into());
    }
    let rating = ForeignRating { stars: field("star"), reason: field("radioResponse"), text: field("freeText") };
    receive(&desk, &service, &request, rating, WORDPRESS).await?;
    // The theme looks at the status only. A number that counted up would tell the order in which ratings came.
    Ok(HttpResponse::Ok().json(json!({"success": true, "rating": {"id": 0}})))
}

async fn read(request: &HttpRequest, body: Result<web::Bytes, actix_web::Error>) -> Result<Fields, HttpProblem> {
    let body = body.map_err(|error| body_problem(&error))?;
    match essence(request).as_str() {
        "application/x-www-form-urlencoded" => {
            let mut payload = actix_web::dev::Payload::from(body);
            let form = web::Form::<Vec<(String, String)>>::from_request(request, &mut payload).await;
            Ok(form.map_err(|error| body_problem(&error))?.into_inner().into_iter().collect())
        }
        "multipart/form-data" => parts(request, body).await.ok_or_else(malformed),
        _ => {
            let detail = "send application/x-www-form-urlencoded or multipart/form-data";
            Err(Problem::new(ProblemType::MediaTypeUnsupported).detail(detail).into())
        }
    }
}

/// The parts of a multipart form; the body is here already, and no longer than any other may be.
async fn parts(request: &HttpRequest, body: web::Bytes) -> Option<Fields> {
    let arrived = stream::once(async { Ok::<_, actix_web::error::PayloadError>(body) });
    let mut parts = Multipart::new(request.headers(), arrived.boxed_local());
    let mut fields = Fields::new();
    while let Some(mut part) = parts.try_next().await.ok()? {
        let name = part.name()?.to_owned();
        let mut value = Vec::new();
        while let Some(piece) = part.try_next().await.ok()? {
            value.extend_from_slice(&piece);
        }
        fields.insert(name, String::from_utf8(value).ok()?);
    }
    Some(fields)
}

fn malformed() -> HttpProblem {
    let detail = format!("the parts of the form cannot be read; see its {}", header::CONTENT_TYPE);
    Problem::new(ProblemType::BodyMalformed).detail(detail).into()
}
