//! `GET /openapi.json`: the interface as programs read it.

use actix_web::{HttpRequest, HttpResponse};
use gradimento_common::description::complete;
use serde_json::Value;

use super::refusal::HttpProblem;

const DOCUMENT: &str = include_str!("../../assets/openapi.json");
/// What stands in the document for this listener.
const PUBLIC: &str = "https://public.invalid";

pub(super) async fn show(request: HttpRequest) -> Result<HttpResponse, HttpProblem> {
    let mut document: Value = serde_json::from_str(DOCUMENT).map_err(|error| HttpProblem::internal(&error))?;
    complete(&mut document, env!("CARGO_PKG_VERSION"), &[(PUBLIC, &address_of(&request))]);
    Ok(HttpResponse::Ok().json(document))
}

/// The address under which the caller found us.
pub(super) fn address_of(request: &HttpRequest) -> String {
    address(request.headers().get("Host").and_then(|host| host.to_str().ok()).unwrap_or_default())
}

/// This listener speaks plain HTTP: on loopback that is all there is, elsewhere
/// something in front of it speaks TLS.
fn address(host: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    let host = if !host.is_empty() && host.bytes().all(plain) { host } else { "localhost" };
    let local = ["127.", "localhost", "[::1]"].iter().any(|local| host.starts_with(local));
    format!("{}://{host}", if local { "http" } else { "https" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_the_callers_own() {
        for (host, expected) in [
            ("gradimento.inps.example", "https://gradimento.inps.example"),
            ("127.0.0.1:8081", "http://127.0.0.1:8081"),
            ("", "http://localhost"),
            ("a\"b", "http://localhost"),
        ] {
            assert_eq!(address(host), expected);
        }
    }
}
