//! Bodies of the HTML form, through the collector's own routes: every answer is a page or a problem, never a fault of ours, and
//! nothing that was sent becomes markup.
//!
//! Input: the fields, without the form token; behind a `!` the token that goes with them is too old.

#![no_main]

use std::collections::BTreeSet;
use std::sync::LazyLock;

use gradimento_fuzz::collector::{form_token, post};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let (fresh, fields) = input.strip_prefix(b"!").map_or((true, input), |fields| (false, fields));
    let reply = submit(fresh, fields);
    assert!(matches!(reply.status, 201 | 400 | 413 | 422), "status {}", reply.status);
    let (stranger, page) = (tags(&reply.text), tags_of_pages());
    assert!(stranger.is_subset(page), "markup that is not ours: {:?}", stranger.difference(page));
});

fn submit(fresh: bool, fields: &[u8]) -> gradimento_fuzz::collector::Reply {
    let body = [b"form_token=", form_token(fresh).as_bytes(), b"&", fields].concat();
    post("/s/prova", "application/x-www-form-urlencoded", body)
}

/// The tags of the three pages, from harmless input.
fn tags_of_pages() -> &'static BTreeSet<String> {
    static TAGS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
        let pages = [(true, "overall=5"), (true, "overall=9"), (false, "overall=5")];
        pages.into_iter().flat_map(|(fresh, fields)| tags(&submit(fresh, fields.as_bytes()).text)).collect()
    });
    &TAGS
}

fn tags(page: &str) -> BTreeSet<String> {
    let name = |rest: &str| rest.split(|c: char| c.is_whitespace() || c == '>').next().unwrap_or_default().to_owned();
    page.split('<').skip(1).map(name).collect()
}
