//! Interface descriptions (OpenAPI 3.0.3) as both servers publish them: completed with what the program knows, and checked
//! against the Italian rules for interoperable services (AgID, api-oas-checker). The documents are written by hand.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::problem::{MEDIA_TYPE, ProblemType};

/// Writes the version, the addresses and the list of problem types into a document. `servers` are pairs of the address that
/// stands in the document for a listener and the one under which the world knows it.
pub fn complete(document: &mut Value, version: &str, servers: &[(&str, &str)]) {
    set(document, "/info/version", version.into());
    let types = ProblemType::ALL.iter().map(|kind| kind.uri()).collect();
    set(document, "/components/schemas/Problem/properties/type/enum", types);
    name_servers(document.get_mut("servers"), servers);
    let paths = document.get_mut("paths").and_then(Value::as_object_mut).into_iter().flat_map(|paths| paths.values_mut());
    paths.for_each(|path| name_servers(path.get_mut("servers"), servers));
}

fn set(document: &mut Value, pointer: &str, value: Value) {
    document.pointer_mut(pointer).into_iter().for_each(|place| *place = value.clone());
}

fn name_servers(listed: Option<&mut Value>, servers: &[(&str, &str)]) {
    for server in listed.and_then(Value::as_array_mut).into_iter().flatten().filter_map(Value::as_object_mut) {
        let written = server.get("url").and_then(Value::as_str);
        let Some((_, url)) = servers.iter().find(|(stands_for, _)| Some(*stands_for) == written) else { continue };
        server.insert("url".to_owned(), (*url).into());
        if is_sandbox(url) {
            server.insert("x-sandbox".to_owned(), true.into());
        }
    }
}

/// Whether an address is for trying things out: nothing that others rely on is on loopback or without TLS.
fn is_sandbox(url: &str) -> bool {
    let host = url.strip_prefix("https://").unwrap_or_default();
    host.is_empty() || ["127.", "localhost", "[::1]"].iter().any(|local| host.starts_with(local))
}

/// Method (in upper case) and path of every operation, with the addresses at which it is served.
#[must_use]
pub fn operations(document: &Value) -> BTreeSet<(String, String, Vec<String>)> {
    let addresses = |servers: &Value| {
        let servers = servers.as_array().into_iter().flatten();
        servers.filter_map(|server| server.get("url")?.as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    let default = document.get("servers").map(addresses).unwrap_or_default();
    let mut operations = BTreeSet::new();
    each_operation(document, &mut |method, path, item, _| {
        let servers = item.get("servers").map_or_else(|| default.clone(), addresses);
        operations.insert((method.to_owned(), path.to_owned(), servers));
    });
    operations
}

/// What in a completed document breaks the rules; nothing, in one that may be published.
#[must_use]
pub fn breaches(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for member in ["title", "version", "x-summary", "description", "termsOfService", "contact"] {
        require(&mut found, document.pointer(&format!("/info/{member}")).is_some(), || format!("info has no {member}"));
    }
    let servers = document.get("servers").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    for server in servers {
        let url = server.get("url").and_then(Value::as_str).unwrap_or_default();
        let open = !is_sandbox(url) || server.get("x-sandbox").is_some();
        require(&mut found, open && server.get("description").is_some(), || format!("server {url} says too little"));
    }
    each_object(document, "", &mut |place, members| check_object(document, place, members, &mut found));
    let mut ids = BTreeSet::new();
    each_operation(document, &mut |method, path, _, operation| {
        let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default();
        require(&mut found, ids.insert(id.to_owned()) && !id.is_empty(), || format!("{method} {path}: operationId {id}"));
        check_operation(document, &format!("{method} {path}"), operation, &mut found);
    });
    found
}

fn require(found: &mut Vec<String>, holds: bool, breach: impl FnOnce() -> String) {
    if !holds {
        found.push(breach());
    }
}

fn check_object(document: &Value, place: &str, members: &Map<String, Value>, found: &mut Vec<String>) {
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    if let Some("integer" | "number") = text("type") {
        require(found, members.contains_key("format"), || format!("{place}: a number without format"));
    }
    if let (Some("header"), Some(name)) = (text("in"), text("name")) {
        let forbidden = ["Authorization", "Content-Type", "Accept"].contains(&name);
        require(found, !forbidden, || format!("{place}: {name} is no parameter"));
    }
    if let Some(reference) = text("$ref") {
        let target = document.pointer(reference.trim_start_matches('#'));
        require(found, target.is_some(), || format!("{place}: {reference} is not there"));
    }
}

fn check_operation(document: &Value, name: &str, operation: &Value, found: &mut Vec<String>) {
    let tags = document.get("tags").and_then(Value::as_array).into_iter().flatten();
    let known = tags.filter_map(|tag| tag.get("name")).any(|tag| operation.pointer("/tags/0") == Some(tag));
    require(found, known && operation.get("summary").is_some(), || format!("{name}: no known tag, or no summary"));
    let responses = operation.get("responses").and_then(Value::as_object);
    require(found, responses.is_some_and(|all| all.contains_key("default")), || format!("{name}: no default response"));
    for (status, response) in responses.into_iter().flatten().filter(|(status, _)| !status.starts_with(['2', '3'])) {
        let problem = response.get("content").is_some_and(|content| content.get(MEDIA_TYPE).is_some());
        require(found, problem, || format!("{name} {status}: not a problem document"));
        let listed = response.get("x-problem-types").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        require(found, status == "default" || !listed.is_empty(), || format!("{name} {status}: no problem types"));
        for slug in listed.iter().filter_map(Value::as_str) {
            let kind = ProblemType::from_uri(&format!("/problems/{slug}"));
            let fits = kind.is_some_and(|kind| kind.status().to_string() == *status);
            require(found, fits, || format!("{name} {status}: {slug} is not a problem of that status"));
        }
    }
}

/// Calls `with` method, path, path item and operation.
fn each_operation(document: &Value, with: &mut impl FnMut(&str, &str, &Value, &Value)) {
    for (path, item) in document.get("paths").and_then(Value::as_object).into_iter().flatten() {
        for method in ["get", "post", "put", "delete", "patch"] {
            item.get(method).into_iter().for_each(|operation| with(&method.to_uppercase(), path, item, operation));
        }
    }
}

fn each_object(value: &Value, place: &str, with: &mut impl FnMut(&str, &Map<String, Value>)) {
    match value {
        Value::Object(members) => {
            with(place, members);
            members.iter().for_each(|(name, member)| each_object(member, &format!("{place}/{name}"), with));
        }
        Value::Array(items) => items.iter().for_each(|item| each_object(item, place, with)),
        _ => (),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn document() -> Value {
        let refusal = json!({"content": {"application/problem+json": {}}, "x-problem-types": ["busy"]});
        let operation = json!({"operationId": "show", "tags": ["t"], "summary": "s", "responses": {"503": refusal,
            "default": {"content": {"application/problem+json": {}}}}});
        json!({"info": {"title": "", "version": "", "x-summary": "", "description": "", "termsOfService": "", "contact": {}},
            "servers": [{"url": "https://a.invalid", "description": "d"}], "tags": [{"name": "t"}],
            "paths": {"/status": {"get": operation}},
            "components": {"schemas": {"Problem": {"properties": {"type": {"enum": []}, "status": {"type": "integer", "format": "int32"}}}}}})
    }

    #[test]
    fn a_document_is_completed_with_what_the_program_knows() {
        for (url, sandbox) in [("https://gradimento.example", false), ("http://b.example", true), ("https://127.0.0.1:1", true)]
        {
            let mut document = document();
            complete(&mut document, "1.2.3", &[("https://a.invalid", url)]);
            assert_eq!(document["info"]["version"], "1.2.3");
            assert_eq!(
                (&document["servers"][0]["url"], document["servers"][0].get("x-sandbox").is_some()),
                (&json!(url), sandbox)
            );
            let types = document["components"]["schemas"]["Problem"]["properties"]["type"]["enum"].as_array().unwrap();
            assert_eq!(types.len(), ProblemType::ALL.len());
            assert_eq!(breaches(&document), Vec::<String>::new());
            assert_eq!(operations(&document), BTreeSet::from([("GET".to_owned(), "/status".to_owned(), vec![url.to_owned()])]));
        }
    }

    #[test]
    fn each_breach_is_found() {
        for (pointer, wrong, told) in [
            ("/info", json!({}), "info has no x-summary"),
            ("/servers/0/url", json!("http://a.example"), "says too little"),
            ("/components/schemas/Problem/properties/status", json!({"type": "integer"}), "a number without format"),
            ("/components/schemas/Problem", json!({"$ref": "#/components/schemas/Nothing"}), "is not there"),
            ("/paths/~1status/get/operationId", json!(""), "operationId"),
            ("/paths/~1status/get/tags", json!(["other"]), "no known tag"),
            ("/paths/~1status/get/responses/default", json!({}), "not a problem document"),
            ("/paths/~1status/get/responses/503/x-problem-types", json!([]), "no problem types"),
            ("/paths/~1status/get/responses/503/x-problem-types", json!(["not-found"]), "not a problem of that status"),
            ("/paths/~1status/get/responses", json!({}), "no default response"),
            ("/paths/~1status/get/parameters", json!([{"in": "header", "name": "Accept"}]), "is no parameter"),
        ] {
            let mut document = document();
            if let (Some(operation), true) = (document.pointer_mut("/paths/~1status/get"), pointer.ends_with("parameters")) {
                operation["parameters"] = json!([]);
            }
            *document.pointer_mut(pointer).unwrap() = wrong;
            let found = breaches(&document);
            assert!(found.iter().any(|breach| breach.contains(told)), "{told}: {found:?}");
        }
    }
}
