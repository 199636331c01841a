//! `GET /openapi.json`: the interfaces as programs read them, by the Italian rules for interoperable services.

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use super::Office;
use super::refusal::HttpProblem;

const DOCUMENT: &str = include_str!("../../assets/openapi.json");

pub(super) async fn show(office: web::Data<Office>) -> Result<HttpResponse, HttpProblem> {
    let document = description(&office.public_url, &office.welcome.messages_url);
    let document = document.map_err(|error| HttpProblem::internal(&error))?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "public, max-age=3600")).json(document))
}

/// The document with this program's version and the addresses of its listeners. An address that is not https is a sandbox.
fn description(public: &str, messages: &str) -> Result<Value, serde_json::Error> {
    let mut document: Value = serde_json::from_str(DOCUMENT)?;
    let server = |url: &str, description: &str| {
        let mut server = json!({"url": url, "description": description});
        if let (false, Some(server)) = (url.starts_with("https://"), server.as_object_mut()) {
            server.insert("x-sandbox".to_owned(), true.into());
        }
        server
    };
    let messages = server(messages, "Interfaccia dei messaggi: TLS con certificato del raccoglitore");
    if let Some(info) = document.pointer_mut("/info/version") {
        *info = env!("CARGO_PKG_VERSION").into();
    }
    if let Some(servers) = document.pointer_mut("/servers") {
        *servers = json!([server(public, "Interfaccia pubblica"), messages]);
    }
    let paths = document.get_mut("paths").and_then(Value::as_object_mut).into_iter().flat_map(|paths| paths.values_mut());
    for servers in paths.filter_map(|path| path.get_mut("servers")) {
        *servers = json!([messages]);
    }
    Ok(document)
}
