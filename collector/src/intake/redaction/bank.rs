//! IBANs: the Italian and Sammarinese shape whatever its check digits, those of other countries where they check, and anything
//! with digits after the word.

use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::Regex;

use super::folding::Folded;
use super::hints::{self, Hint};
use super::{Finding, Marker, all, pattern};

/// Country, two digits, a letter, ten digits, twelve characters. Up to two may be missing.
static ITALIAN: LazyLock<Regex> = LazyLock::new(|| {
    let gap = r"[\ .\-]{0,2}";
    pattern(&format!(r"\b(?:IT|SM) {gap} [0-9O]{{2}} {gap} [A-Z] (?: {gap} [0-9O] ){{10}} (?: {gap} [A-Z0-9] ){{8,12}} \b"))
});

/// In one piece, with a character too many or too few.
static MISTYPED: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b(?:IT|SM) [0-9]{2} [A-Z]? [A-Z0-9]{0,3} [0-9]{12,30} \b"));

/// How long an IBAN is, in the countries of the single euro payments area (ISO 13616 register).
const LENGTHS: [(&[u8; 2], usize); 38] = [
    (b"AD", 24),
    (b"AL", 28),
    (b"AT", 20),
    (b"BE", 16),
    (b"BG", 22),
    (b"CH", 21),
    (b"CY", 28),
    (b"CZ", 24),
    (b"DE", 22),
    (b"DK", 18),
    (b"EE", 20),
    (b"ES", 24),
    (b"FI", 18),
    (b"FR", 27),
    (b"GB", 22),
    (b"GI", 23),
    (b"GR", 27),
    (b"HR", 21),
    (b"HU", 28),
    (b"IE", 22),
    (b"IS", 26),
    (b"IT", 27),
    (b"LI", 21),
    (b"LT", 20),
    (b"LU", 20),
    (b"LV", 21),
    (b"MC", 27),
    (b"MD", 24),
    (b"ME", 22),
    (b"MT", 31),
    (b"NL", 18),
    (b"NO", 15),
    (b"PL", 28),
    (b"PT", 25),
    (b"RO", 24),
    (b"SE", 24),
    (b"SI", 19),
    (b"SK", 24),
];

/// Of any country.
static FOREIGN: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b [A-Z]{2} [0-9]{2} (?: [\ .\-]? [A-Z0-9] ){11,30} \b"));

/// Groups with digits after the word.
static GROUPS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"\b (?: [A-Z]{2} \ )? [A-Z0-9]{0,6} [0-9] [A-Z0-9]* (?: [\ .\-]{1,2} [A-Z]? [0-9] [A-Z0-9]* ){0,9} \b")
});

/// Characters that an account number must have to be taken for one after the word.
const SAID_MIN: usize = 10;

pub(super) fn find(folded: &Folded) -> Vec<Finding> {
    let foreign = FOREIGN.find_iter(folded.bytes()).filter_map(|found| checked_part(folded, found.range()));
    let said = GROUPS.find_iter(folded.bytes()).filter(|found| {
        let length = found.as_bytes().iter().filter(|byte| byte.is_ascii_alphanumeric()).count();
        length >= SAID_MIN && hints::before(folded, found.start()) == Some(Hint::Iban)
    });
    let ranges = foreign.chain(said.map(|found| found.range()));
    let mut findings: Vec<_> = ranges.map(|range| Finding { range, marker: Marker::Iban }).collect();
    findings.append(&mut all(&ITALIAN, folded, Marker::Iban));
    findings.append(&mut all(&MISTYPED, folded, Marker::Iban));
    findings
}

/// As much of a shape as its country's IBANs have, where that passes the check: words may follow.
fn checked_part(folded: &Folded, range: Range<usize>) -> Option<Range<usize>> {
    let text = folded.slice(&range);
    let country = text.get(..2)?;
    let (_, length) = LENGTHS.iter().find(|(code, _)| code.eq_ignore_ascii_case(country))?;
    let mut characters = text.iter().enumerate().filter(|(_, byte)| byte.is_ascii_alphanumeric());
    let end = characters.nth(length - 1)?.0 + 1;
    text.get(..end).is_some_and(passes_mod_97).then_some(range.start..range.start + end)
}

/// ISO 7064 MOD 97-10 over the country and check digits moved to the end.
fn passes_mod_97(text: &[u8]) -> bool {
    let characters: Vec<u8> = text.iter().copied().filter(u8::is_ascii_alphanumeric).collect();
    let (country, account) = characters.split_at(characters.len().min(4));
    let remainder = account.iter().chain(country).fold(0u32, |remainder, byte| match byte {
        b'0'..=b'9' => (remainder * 10 + u32::from(byte - b'0')) % 97,
        _ => (remainder * 100 + u32::from(byte.to_ascii_uppercase() - b'A') + 10) % 97,
    });
    remainder == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_are_told_right_from_wrong() {
        assert!(passes_mod_97(b"IT60 X054 2811 1010 0000 0123 456"));
        assert!(passes_mod_97(b"de89370400440532013000"));
        assert!(!passes_mod_97(b"IT61X0542811101000000123456"));
    }
}
