//! Plates of vehicles and numbers of personal documents. Both are a few letters and digits, like so much else: apart from the
//! exact shape of a present-day plate, only a word in front tells.

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::folding::Folded;
use super::hints::{self, Hint};
use super::{Finding, Marker, all, data, exact_pattern, pattern};

/// AA000AA since 1994, in capitals. I, O, Q and U are never in one.
static CAPITALS: LazyLock<Regex> = LazyLock::new(|| exact_pattern("\\b [A-HJ-NPR-TV-Z]{2} [0-9]{3} [A-HJ-NPR-TV-Z]{2} \\b"));
/// The same with gaps.
static SPACED: LazyLock<Regex> =
    LazyLock::new(|| exact_pattern(r"\b [A-HJ-NPR-TV-Z]{2} [\ .\-]? [0-9]{3} [\ .\-]? [A-HJ-NPR-TV-Z]{2} \b"));
/// Any case, older shapes and motorcycles too: after a word.
static ANY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b (?: [a-z]{2} [\ .\-]? [0-9]{3} [\ .\-]? [a-z]{2} | [a-z]{2} [\ .\-]? [0-9]{5,6} | [a-z]{2} [\ .\-]? [a-z][0-9]{5}
        | roma \ ? (?: [0-9][0-9a-z][0-9]{4} | [a-z][0-9]{5} ) ) \b",
    )
});

static DOCUMENT: LazyLock<Regex> = LazyLock::new(|| {
    let name = r"(?: carta\ (?:d'\ ?|di\ )?identita | c\.i\. | cie | passaporto | patente | tessera\ sanitaria | permesso
        \ di\ soggiorno | passport | reisepass | passeport )";
    let between = r"(?: \ ? (?:n | nr | num | numero | nro | elettronica | di\ guida | b | mia) \b [.']? ){0,3}";
    pattern(&format!(r"\b {name} {between} [\ :=(,]{{1,4}} (?P<datum> [a-z]{{0,2}} \ ? [0-9] [a-z0-9]{{5,19}} ) \b"))
});

pub(super) fn find(folded: &Folded) -> Vec<Finding> {
    if !folded.has_digit() {
        return Vec::new();
    }
    let mut findings = all(&CAPITALS, folded, Marker::Plate);
    if !is_shouted(folded.bytes()) {
        findings.append(&mut all(&SPACED, folded, Marker::Plate));
    }
    let said = ANY.find_iter(folded.bytes()).filter(|found| hints::before(folded, found.start()) == Some(Hint::Plate));
    findings.extend(said.map(|found| Finding { range: found.range(), marker: Marker::Plate }));
    findings.append(&mut data(&DOCUMENT, folded, Marker::Document));
    findings
}

/// Whether most of a text is in capitals: there "DA 120 GG" is three words.
fn is_shouted(text: &[u8]) -> bool {
    text.iter().filter(|byte| byte.is_ascii_uppercase()).count() > text.iter().filter(|byte| byte.is_ascii_lowercase()).count()
}
