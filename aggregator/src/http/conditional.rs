//! Replies that need not be sent again: an entity tag by content, and 304 for whoever has it.

use actix_web::http::header::{CACHE_CONTROL, ETAG, EntityTag, Header as _, IfNoneMatch, TryIntoHeaderValue};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use gradimento_common::encoding::{base64url, sha256};

/// The tag of this content.
pub(super) fn tag(content: &[u8]) -> EntityTag {
    EntityTag::new_strong(base64url(&sha256(content)))
}

/// The 304, where the caller has what `tag` names; otherwise the beginning of a reply that carries the tag.
pub(super) fn reply(request: &HttpRequest, tag: &EntityTag, cache: &'static str) -> Result<HttpResponse, HttpResponseBuilder> {
    let known = match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(tag)),
        Err(_) => false,
    };
    let mut reply = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    if let Ok(value) = tag.clone().try_into_value() {
        reply.insert_header((ETAG, value));
    }
    reply.insert_header((CACHE_CONTROL, cache));
    if known { Ok(reply.finish()) } else { Err(reply) }
}
