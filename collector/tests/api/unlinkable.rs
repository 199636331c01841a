//! Unlinkable tickets from a citizen's browser to an answer: each counts once, and nothing that was seen when it was signed is
//! seen when it is spent.

#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "it measures, and tells what it measured")]

use std::collections::HashSet;
use std::process::Command;
use std::time::Instant;

use gradimento_common::encoding::{base64url, from_base64url};
use rsa::BoxedUint;
use serde::Deserialize;
use serde_json::json;

use crate::desk::{Collector, SECRET, stars};

const PATH: &str = "/rest/cx/v1/services/prova/unlinkable-tickets";
const KEY: &str = "/rest/cx/v1/services/prova/unlinkable-key";

/// What was seen when a ticket was signed, and the ticket.
#[derive(Deserialize)]
struct Issued {
    blinded: String,
    signature: String,
    ticket: String,
    refused: String,
}

impl Issued {
    /// Prefix and signature of the ticket.
    fn spent(&self) -> Vec<Vec<u8>> {
        self.ticket.split('.').skip(2).map(|part| from_base64url(part).unwrap()).collect()
    }

    fn seen(&self) -> [Vec<u8>; 2] {
        [&self.blinded, &self.signature].map(|part| from_base64url(part).unwrap())
    }
}

/// Tickets that the script in `assets/ticket.js` gets.
async fn issue(collector: &Collector, count: usize) -> Vec<Issued> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/api/ticket.mjs");
    let mut node = Command::new("node");
    node.arg(script).args([collector.url(""), collector.admin_url(), SECRET.into(), "prova".into(), count.to_string()]);
    let output = actix_web::web::block(move || node.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Every run of eight bytes.
fn runs(parts: &[Vec<u8>]) -> HashSet<&[u8]> {
    parts.iter().flat_map(|part| part.windows(8)).collect()
}

#[actix_web::test]
async fn a_ticket_that_was_signed_unseen_counts_once() {
    let collector = Collector::start();
    let issued = issue(&collector, 2).await;
    let page = collector.get(&format!("/s/prova?ticket={}", issued[0].ticket)).await.body;
    assert!(page.contains(&format!("name=\"with-ticket\" value=\"{}\"", issued[0].ticket)), "a link carries it");
    for (n, expected) in [(0, 201), (0, 409), (1, 201), (1, 409)] {
        let mut body = stars(4);
        body["ticket"] = json!(issued[n].ticket);
        let reply = collector.answer(10 * n as u64 + u64::from(expected == 409), body).await;
        assert_eq!(reply.status, expected, "{}", reply.body);
    }
    assert_eq!(collector.count("pool WHERE assurance = 'ticketed'"), 2);
    assert!(issued[0].refused.contains("not signed"), "another's signature makes no ticket: {}", issued[0].refused);
}

#[actix_web::test]
async fn what_is_seen_when_a_ticket_is_signed_and_when_it_is_spent_have_nothing_in_common() {
    let collector = Collector::start();
    let issued = issue(&collector, 12).await;
    let key = collector.get(KEY).await.json();
    let n = from_base64url(key["n"].as_str().unwrap()).unwrap();
    for one in &issued {
        let (seen, texts) = (one.seen(), [one.blinded.as_bytes().to_vec(), one.signature.as_bytes().to_vec()]);
        for other in &issued {
            // In bytes, and as text.
            let spent = other.spent();
            assert!(runs(&seen).is_disjoint(&runs(&spent)));
            let written: Vec<_> = other.ticket.split('.').skip(2).map(|part| part.as_bytes().to_vec()).collect();
            assert!(runs(&texts).is_disjoint(&runs(&written)));
            // Whoever kept everything finds for each signature a blinding that leads to each ticket: all fit equally well.
            assert!(could_have_been(&seen, &spent, &n));
        }
    }
    // One client's blinded messages are spread evenly: in 12 times 255 bytes each half-byte comes 382 times, give or take.
    let nibbles = issued.iter().flat_map(|one| one.seen()[0][1..].to_vec()).flat_map(|byte| [byte >> 4, byte & 15]);
    let mut counts = [0u32; 16];
    nibbles.for_each(|nibble| counts[usize::from(nibble)] += 1);
    assert!(counts.iter().all(|count| (280..490).contains(count)), "{counts:?}");
}

/// Whether some blinding turns the message of this ticket into what was seen.
fn could_have_been(seen: &[Vec<u8>; 2], spent: &[Vec<u8>], n: &[u8]) -> bool {
    let number = |bytes: &[u8]| BoxedUint::from_be_slice(bytes, 2048).unwrap();
    let modulus = number(n).to_nz().unwrap();
    let power = |base: &BoxedUint| {
        let square = |x: BoxedUint| x.mul_mod(&x, &modulus);
        (0..16).fold(base.clone(), |x, _| square(x)).mul_mod(base, &modulus)
    };
    let [blinded, blind_signature] = seen;
    let signature = number(&spent[1]);
    let factor = number(blind_signature).mul_mod(&signature.invert_mod(&modulus).unwrap(), &modulus);
    power(&signature).mul_mod(&power(&factor), &modulus) == number(blinded)
}

#[actix_web::test]
async fn only_the_back_end_has_anything_signed_and_only_under_the_months_key() {
    let collector = Collector::start();
    let month = collector.get(KEY).await.json()["month"].clone();
    let wanted = |month: &serde_json::Value, blinded: Vec<String>| json!({"month": month, "blinded": blinded});
    let one = base64url(&[1; 256]);
    let refused = collector.back_end(PATH, "wrong", wanted(&month, vec![one.clone()])).await;
    assert_eq!(refused.problem(), (401, "admin-token-invalid".into()));
    let high = base64url(&[0xff; 256]);
    for (month, blinded) in [
        (&month, vec![]),
        (&month, vec![one.clone(); 81]),
        (&month, vec![high]),
        (&month, vec![base64url(&[1; 255])]),
        (&month, vec!["+".into()]),
        (&json!("2026-09"), vec![one.clone()]),
        (&json!("2026-12"), vec![one.clone()]),
    ] {
        let reply = collector.back_end(PATH, SECRET, wanted(month, blinded)).await;
        assert_eq!(reply.problem(), (400, "body-malformed".into()), "{}", reply.body);
    }
    let started = Instant::now();
    let reply = collector.back_end(PATH, SECRET, wanted(&month, vec![one; 80])).await;
    println!("80 signatures in {} ms, in a test build", started.elapsed().as_millis());
    assert_eq!((reply.status, reply.json()["items"].as_array().unwrap().len()), (201, 80));
}

#[actix_web::test]
async fn a_ticket_of_a_month_that_is_over_or_of_nobody_is_refused() {
    let collector = Collector::start();
    let issued = issue(&collector, 1).await;
    let answer = |n: u64, ticket: String| {
        let mut body = stars(4);
        body["ticket"] = json!(ticket);
        collector.answer(n, body)
    };
    let ticket = &issued[0].ticket;
    let parts: Vec<&str> = ticket.split('.').collect();
    for (n, changed) in [
        ["u", "2026-10", parts[2], parts[3]].join("."),
        ["u", parts[1], &base64url(&[7; 32]), parts[3]].join("."),
        ["u", parts[1], parts[2], &base64url(&[1; 256])].join("."),
        ["u", parts[1], parts[2]].join("."),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(answer(n as u64, changed).await.problem(), (422, "ticket-invalid".into()));
    }
    collector.clock.advance(jiff::SignedDuration::from_hours(24 * 99));
    assert_eq!(answer(9, ticket.clone()).await.problem(), (422, "ticket-expired".into()));
    collector.clock.advance(jiff::SignedDuration::from_hours(-24));
    assert_eq!(answer(9, ticket.clone()).await.status, 201, "2 March 2027 is the last day of November's key");
}
