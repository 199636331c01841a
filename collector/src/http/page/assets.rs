//! Style, script and icon. Their addresses change with their content, so that a browser fetches each of them once, and
//! never an old one.

use std::sync::LazyLock;

use actix_web::http::header::{self, ETag, EntityTag, Header as _, IfNoneMatch};
use actix_web::{HttpRequest, HttpResponse};
use gradimento_common::encoding::{hex, sha256};

/// A file that is part of the program.
struct Asset {
    media_type: &'static str,
    content: &'static str,
    tag: String,
    url: String,
}

impl Asset {
    fn new(path: &str, media_type: &'static str, content: &'static str) -> Self {
        let tag: String = hex(&sha256(content.as_bytes())).chars().take(16).collect();
        Self { media_type, content, url: format!("{path}?v={tag}"), tag }
    }
}

static STYLE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("/style.css", "text/css; charset=utf-8", include_str!("../../../templates/style.css")));

// One file on the wire, four thoughts in the source.
static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    let content = concat!(
        "(function () {\n'use strict';\n",
        include_str!("../../../templates/page/steps.js"),
        include_str!("../../../templates/page/suggestion.js"),
        include_str!("../../../templates/page/proof.js"),
        include_str!("../../../templates/page/send.js"),
        "start();\n}());\n"
    );
    Asset::new("/page.js", "text/javascript; charset=utf-8", content)
});

static KIOSK: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("/kiosk.js", "text/javascript; charset=utf-8", include_str!("../../../templates/page/kiosk.js"))
});

static ICON: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("/icon.svg", "image/svg+xml", include_str!("../../../templates/icon.svg")));

pub(super) fn style_url() -> &'static str {
    &STYLE.url
}

pub(super) fn script_url() -> &'static str {
    &SCRIPT.url
}

pub(super) fn kiosk_url() -> &'static str {
    &KIOSK.url
}

/// `GET /style.css`.
pub(in crate::http) async fn style(request: HttpRequest) -> HttpResponse {
    serve(&STYLE, &request)
}

/// `GET /page.js`.
pub(in crate::http) async fn script(request: HttpRequest) -> HttpResponse {
    serve(&SCRIPT, &request)
}

/// `GET /kiosk.js`.
pub(in crate::http) async fn kiosk(request: HttpRequest) -> HttpResponse {
    serve(&KIOSK, &request)
}

/// `GET /icon.svg`.
pub(in crate::http) async fn icon(request: HttpRequest) -> HttpResponse {
    serve(&ICON, &request)
}

fn serve(asset: &'static Asset, request: &HttpRequest) -> HttpResponse {
    // A year where the address names this very content; elsewhere the browser asks each time and is told "unchanged".
    let versioned = request.query_string().strip_prefix("v=") == Some(&asset.tag);
    let keep = if versioned { "public, max-age=31536000, immutable" } else { "no-cache" };
    // Weak: what leaves may be compressed, and is then other bytes of the same meaning.
    let tag = EntityTag::new_weak(asset.tag.clone());
    let known = match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(&tag)),
        Err(_) => false,
    };
    let mut reply = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    reply.insert_header((header::CACHE_CONTROL, keep)).insert_header(ETag(tag));
    if known { reply.finish() } else { reply.content_type(asset.media_type).body(asset.content) }
}
