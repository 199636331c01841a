//! E-mail addresses, as written and as spelled for robots: "mario punto rossi chiocciola esempio punto it".

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::folding::Folded;
use super::{Finding, Marker, all, pattern};

/// Spaces may surround the sign and the dots; a comma for the dot is a typing error.
static WRITTEN: LazyLock<Regex> = LazyLock::new(|| {
    let dot = r"(?: \. | , | \ \.\ ? )";
    pattern(&format!(
        r"[a-z0-9_.+%'\-]{{1,64}} \ {{0,2}} @ \ {{0,2}} [a-z0-9_\-]{{1,63}}
        (?: {dot} [a-z0-9_\-]{{2,63}} ){{0,3}} {dot} [a-z_]{{2,12}}"
    ))
});

/// Without a domain's end, when nothing separates it: "mario.rossi@gmail".
static SHORT: LazyLock<Regex> = LazyLock::new(|| pattern(r"[a-z0-9_.+%\-]{1,64} @ [a-z0-9_\-]{2,63}"));

static SPELLED: LazyLock<Regex> = LazyLock::new(|| {
    let dot = r"(?: \ {0,2} (?: \. | [(\[]?(?:punto|dot|punkt|point|pika)[)\]]? ) \ {0,2} )";
    let joint = r"(?: \ ? (?: \. | _ | - | \ (?:punto|dot|trattino|underscore|meno|basso|trattino\ basso)\ ) \ ? )";
    let at = r"(?: \ {0,2} (?: [(\[]\ ?(?:a|at|chiocciola|@)\ ?[)\]] | \ chiocciol(?:a|ina)\ | \ at\ | _at_ ) \ {0,2} )";
    let top = "(?:it|com|eu|net|org|info|me|de|fr|si|at|ch|uk|es|edu|gov|biz|email|cloud|online)";
    let provider =
        "(?: gmail|hotmail|yahoo|libero|outlook|alice|tiscali|virgilio|tim|icloud|live|fastwebnet|aruba|legalmail|protonmail
        |pec|msn )";
    let word = r"[a-z0-9_+.\-]{1,64}";
    pattern(&format!(
        r"\b {word} (?: {joint} {word} ){{0,4}} {at}
        (?: [a-z0-9\-]{{1,63}} (?: {dot} [a-z0-9\-]{{1,63}} ){{0,2}} {dot} {top} | {provider} (?: {dot} [a-z]{{2,6}} )? ) \b"
    ))
});

pub(super) fn find(folded: &Folded) -> Vec<Finding> {
    let mut findings = Vec::new();
    if folded.bytes().contains(&b'@') {
        findings.append(&mut all(&WRITTEN, folded, Marker::Email));
        findings.append(&mut all(&SHORT, folded, Marker::Email));
    }
    findings.append(&mut all(&SPELLED, folded, Marker::Email));
    findings
}
