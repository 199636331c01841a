//! `GET /openapi.json`: the interfaces of the public and the message listener, as programs read them.

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpResponse, web};
use gradimento_common::description::complete;
use serde_json::Value;

use super::Office;
use super::refusal::HttpProblem;

const DOCUMENT: &str = include_str!("../../assets/openapi.json");
/// What stands in the document for the public listener.
const PUBLIC: &str = "https://public.invalid";
/// What stands in the document for the message listener.
const MESSAGES: &str = "https://messages.invalid";

pub(super) async fn show(office: web::Data<Office>) -> Result<HttpResponse, HttpProblem> {
    let document = description(&office.public_url, &office.welcome.messages_url);
    let document = document.map_err(|error| HttpProblem::internal(&error))?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "public, max-age=3600")).json(document))
}

fn description(public: &str, messages: &str) -> Result<Value, serde_json::Error> {
    let mut document = serde_json::from_str(DOCUMENT)?;
    complete(&mut document, env!("CARGO_PKG_VERSION"), &[(PUBLIC, public), (MESSAGES, messages)]);
    Ok(document)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use gradimento_common::description::{breaches, operations};

    use super::*;
    use crate::http::{message_endpoints, public_endpoints};

    const AT: [&str; 2] = ["https://gradimento.example", "https://messages.example"];

    #[test]
    fn the_routers_and_the_description_hold_the_same_addresses() {
        let described = operations(&description(AT[0], AT[1]).unwrap());
        for (listener, endpoints) in AT.into_iter().zip([public_endpoints(), message_endpoints()]) {
            let routed = endpoints.iter().map(|known| (known.method.to_owned(), known.path.replace(":.*}", "}")));
            let of_listener = described.iter().filter(|(.., servers)| servers.iter().any(|url| url == listener));
            let of_listener: BTreeSet<_> = of_listener.map(|(method, path, _)| (method.clone(), path.clone())).collect();
            assert_eq!(routed.collect::<BTreeSet<_>>(), of_listener, "{listener}");
        }
    }

    #[test]
    fn the_description_keeps_the_italian_rules() {
        let document = description(AT[0], AT[1]).unwrap();
        assert_eq!(breaches(&document), Vec::<String>::new());
        assert!(!document.to_string().contains(".invalid"));
    }
}
