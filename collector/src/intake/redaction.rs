//! Personal data in a suggestion, replaced by markers before the text reaches the disk. The store takes a [`Redacted`], and
//! only this room makes one.
//!
//! Rules go by shape: a mistyped codice fiscale is still somebody's. Check digits and the words in front decide only where a
//! shape alone would also fit a protocol number, an amount or a date. Every rule runs in time linear in the text: patterns
//! are automata without look-around, and each of their repetitions is bounded or consumes what it reads.
//!
//! The limit on a suggestion's length is the questionnaire's and is checked before, on what the citizen wrote; a marker may be
//! longer than what it replaces, and the column takes it.

mod bank;
mod card;
mod digits;
mod email;
mod fiscal_code;
mod folding;
mod hints;
mod network;
mod person;
mod phone;
mod plate;
mod secret;
mod vat;

use std::fmt;
use std::ops::Range;

use folding::Folded;
use regex::bytes::{Regex, RegexBuilder};

/// Passes over one text. A replacement may uncover what it overlapped; nothing that we know of needs more than three.
const PASSES_MAX: usize = 8;

/// A text from which personal data of known shapes has been taken. Made by [`Redacted::of`] only. `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Redacted(String);

/// What stands in the place of a personal datum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Marker {
    FiscalCode,
    Iban,
    Card,
    Vat,
    Email,
    Secret,
    Phone,
    Network,
    Plate,
    Document,
    BirthDate,
    Name,
    Address,
}

/// One personal datum and where it stands, in bytes.
#[derive(Debug, Clone)]
struct Finding {
    range: Range<usize>,
    marker: Marker,
}

type Rule = fn(&Folded) -> Vec<Finding>;

/// Where findings overlap, the longest names the marker; among equals, the earlier rule.
const RULES: [Rule; 10] = [
    fiscal_code::find,
    bank::find,
    digits::find,
    phone::find_spelled,
    email::find,
    secret::find,
    network::find,
    plate::find,
    person::find_names,
    person::find_birth_and_home,
];

impl Redacted {
    /// Takes personal data out of a text. Doing it twice changes nothing.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut text = text.to_owned();
        for _ in 0..PASSES_MAX {
            match pass(&text) {
                Some(next) => text = next,
                None => break,
            }
        }
        Self(text)
    }

    /// The text with its markers.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redacted(..)")
    }
}

impl Marker {
    const ALL: [Self; 13] = [
        Self::FiscalCode,
        Self::Iban,
        Self::Card,
        Self::Vat,
        Self::Email,
        Self::Secret,
        Self::Phone,
        Self::Network,
        Self::Plate,
        Self::Document,
        Self::BirthDate,
        Self::Name,
        Self::Address,
    ];

    /// In Italian whatever the suggestion's language: the agency reads it.
    const fn text(self) -> &'static str {
        match self {
            Self::FiscalCode => "[codice fiscale]",
            Self::Iban => "[IBAN]",
            Self::Card => "[carta]",
            Self::Vat => "[partita IVA]",
            Self::Email => "[e-mail]",
            Self::Secret => "[password]",
            Self::Phone => "[telefono]",
            Self::Network => "[indirizzo IP]",
            Self::Plate => "[targa]",
            Self::Document => "[documento]",
            Self::BirthDate => "[data di nascita]",
            Self::Name => "[nome]",
            Self::Address => "[indirizzo]",
        }
    }
}

/// One pass; nothing where nothing was found.
fn pass(text: &str) -> Option<String> {
    let folded = Folded::of(text);
    let findings = merged(RULES.iter().flat_map(|rule| rule(&folded)).collect());
    if findings.is_empty() {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for finding in findings {
        let place = folded.place(&finding.range);
        out.push_str(text.get(at..place.start).unwrap_or_default());
        out.push_str(finding.marker.text());
        at = place.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    Some(out)
}

/// Overlapping findings become one that covers them all: no end of a datum survives because another rule saw its start.
fn merged(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.retain(|finding| !finding.range.is_empty());
    // Stable: among equals the earlier rule stays first.
    findings.sort_by_key(|finding| (finding.range.start, std::cmp::Reverse(finding.range.len())));
    let mut longest = 0;
    let mut out: Vec<Finding> = Vec::new();
    for finding in findings {
        let length = finding.range.len();
        match out.last_mut().filter(|last| finding.range.start < last.range.end) {
            Some(last) => {
                last.range.end = last.range.end.max(finding.range.end);
                if length > longest {
                    (last.marker, longest) = (finding.marker, length);
                }
            }
            None => {
                longest = length;
                out.push(finding);
            }
        }
    }
    out
}

/// Every whole match of a pattern, under one marker.
fn all(pattern: &Regex, folded: &Folded, marker: Marker) -> Vec<Finding> {
    pattern.find_iter(folded.bytes()).map(|found| Finding { range: found.range(), marker }).collect()
}

/// The part named `datum` of every match of a pattern, under one marker.
fn data(pattern: &Regex, folded: &Folded, marker: Marker) -> Vec<Finding> {
    let captures = pattern.captures_iter(folded.bytes());
    captures.filter_map(|found| Some(Finding { range: found.name("datum")?.range(), marker })).collect()
}

/// A pattern over folded text. Letters match without case.
fn pattern(source: &str) -> Regex {
    build(source, true)
}

/// A pattern over folded text in which case matters.
fn exact_pattern(source: &str) -> Regex {
    build(source, false)
}

#[expect(clippy::expect_used, reason = "patterns are constants of this room, and its tests compile all of them")]
fn build(source: &str, any_case: bool) -> Regex {
    let mut builder = RegexBuilder::new(source);
    builder.unicode(false).case_insensitive(any_case).ignore_whitespace(true);
    builder.build().expect("a constant pattern is well formed")
}

#[cfg(test)]
mod tests;
