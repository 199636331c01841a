//! What every reply of both listeners carries. Everything comes from here, nothing is inline, no page tells another site where
//! the citizen was, and nothing is kept that does not say so itself.

use actix_web::middleware::DefaultHeaders;

/// Names and values. Refusals carry them by themselves: a middleware that fails passes by those who would add them.
pub(super) const STRICT: [(&str, &str); 4] = [
    (
        "Content-Security-Policy",
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'",
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-store"),
];

/// Adds them where a reply has none of its own.
pub(super) fn strict() -> DefaultHeaders {
    STRICT.into_iter().fold(DefaultHeaders::new(), DefaultHeaders::add)
}
