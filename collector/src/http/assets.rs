//! What other sites' pages load from here: the component, its style, and the adapter for markup that is already there. The
//! same bytes for everybody, so they are cached, and revalidated by their hash.

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use gradimento_common::encoding::{hex, sha256};
use gradimento_common::questionnaire::{Questionnaire, SHIPPED};
use serde_json::json;

use super::Desk;
use super::refusal::HttpProblem;

/// An hour without asking; for a week more the copy is used while the browser asks whether it is still good. A mended
/// component is everywhere after an hour and one more visit, and a collector that is down breaks no page.
const CACHE_CONTROL: &str = "public, max-age=3600, stale-while-revalidate=604800";

/// The questionnaire that the component asks.
const COMPONENT_QUESTIONNAIRE: &str = "designers-italia";

/// Where the script wants the questionnaire, and where what is on screen besides it.
const PLACES: [&str; 2] = ["'{{questionnaire}}'", "'{{words}}'"];

/// Where the script wants the proof of work, which the hosted page has too.
const PLACE_OF_PROOF: &str = "// {{proof}}\n";

pub(super) async fn widget(desk: web::Data<Desk>, request: HttpRequest) -> Result<HttpResponse, HttpProblem> {
    let questionnaire = component_questionnaire(&desk).map_err(|error| HttpProblem::internal(&error))?;
    let [place_of_questionnaire, place_of_words] = PLACES;
    let script = include_str!("../../assets/widget.js").replacen(place_of_questionnaire, &questionnaire, 1);
    let script = script.replacen(PLACE_OF_PROOF, include_str!("../../templates/page/proof.js"), 1);
    let script = script.replacen(place_of_words, include_str!("../../assets/widget-words.json"), 1);
    Ok(asset(&request, "text/javascript; charset=utf-8", lean(&script)))
}

pub(super) async fn widget_style(request: HttpRequest) -> HttpResponse {
    asset(&request, "text/css; charset=utf-8", lean(include_str!("../../assets/widget.css")))
}

pub(super) async fn bridge(request: HttpRequest) -> HttpResponse {
    asset(&request, "text/javascript; charset=utf-8", include_str!("../../assets/bridge.js").to_owned())
}

pub(super) async fn ticket(request: HttpRequest) -> HttpResponse {
    asset(&request, "text/javascript; charset=utf-8", include_str!("../../assets/ticket.js").to_owned())
}

/// The questionnaire in the version that this collector's services ask, as JSON; the shipped one where none asks it.
fn component_questionnaire(desk: &Desk) -> Result<String, serde_json::Error> {
    let services = desk.survey.services();
    let asked = services.iter().filter_map(|surveyed| surveyed.questionnaire.as_deref());
    let newest = asked
        .filter(|questionnaire| questionnaire.edition().questionnaire.as_str() == COMPONENT_QUESTIONNAIRE)
        .max_by_key(|questionnaire| questionnaire.edition().version);
    match newest {
        Some(questionnaire) => embedded(questionnaire),
        None => embedded(&serde_json::from_str(SHIPPED[0])?),
    }
}

fn embedded(questionnaire: &Questionnaire) -> Result<String, serde_json::Error> {
    let edition = questionnaire.edition();
    let (id, version) = (edition.questionnaire.as_str(), edition.version);
    serde_json::to_string(&json!({"questionnaire": id, "version": version, "questions": questionnaire.questions()}))
}

/// The same without indentation and without the lines of comments, which citizens' phones need not fetch: a fifth of it.
fn lean(source: &str) -> String {
    let mut in_comment = false;
    let lines = source.lines().map(str::trim).filter(|line| {
        let comment = in_comment || line.starts_with("/*");
        in_comment = comment && !line.ends_with("*/");
        !comment && !line.is_empty() && !line.starts_with("//")
    });
    lines.flat_map(|line| [line, "\n"]).collect()
}

fn asset(request: &HttpRequest, media_type: &'static str, body: String) -> HttpResponse {
    let hash = hex(&sha256(body.as_bytes()));
    let etag = format!("\"{}\"", hash.get(..32).unwrap_or_default());
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let unchanged = known.is_some_and(|tags| tags.split(',').any(|tag| tag.trim().trim_start_matches("W/") == etag));
    let mut reply = if unchanged { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    reply.insert_header((header::ETAG, etag)).insert_header((header::CACHE_CONTROL, CACHE_CONTROL));
    // A page that isolates itself (`Cross-Origin-Embedder-Policy`) loads only what says that it may be loaded.
    reply.insert_header(("Cross-Origin-Resource-Policy", HeaderValue::from_static("cross-origin")));
    if unchanged { reply.finish() } else { reply.content_type(media_type).body(body) }
}
