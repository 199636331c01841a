//! The codice fiscale: 16 letters and digits in a fixed order, with or without things between them, in any case. Where
//! two people would share one, digits become letters of `LMNPQRSTUV` (omocodia); people also type O for 0 and I for 1.

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::folding::Folded;
use super::hints::{self, Hint};
use super::{Finding, Marker, pattern};

/// True digits that a shape with gaps must have: without any, ordinary words would fit it.
const DIGITS_MIN: usize = 4;

static CONTIGUOUS: LazyLock<Regex> = LazyLock::new(|| {
    pattern("[A-Z]{6} [0-9LMNPQRSTUVOI]{2} [ABCDEHLMPRST] [0-9LMNPQRSTUVOI]{2} [A-Z] [0-9LMNPQRSTUVOI]{3} [A-Z]")
});

static SPACED: LazyLock<Regex> = LazyLock::new(|| {
    let gap = r"[\ ._/\-]{0,3}";
    let (letter, digit, month) = ("[A-Z]", "[0-9LMNPQRSTUVOI]", "[ABCDEHLMPRST]");
    let parts = [vec![letter; 6], vec![digit; 2], vec![month], vec![digit; 2], vec![letter], vec![digit; 3], vec![letter]];
    pattern(&format!(r"\b{}\b", parts.concat().join(gap)))
});

/// Something of about that length after the words "codice fiscale": a character too many or too few is a typing error.
static SAID: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b [A-Z]{3,7} [\ .\-]? [A-Z]{0,3} [\ .\-]? [0-9][A-Z0-9]{4,11} \b"));

pub(super) fn find(folded: &Folded) -> Vec<Finding> {
    let contiguous = CONTIGUOUS.find_iter(folded.bytes()).filter(|found| {
        let whole = is_whole(folded, &found.range());
        // Without digits a word could have the shape; one in capitals, or that checks, or that is said to be a code, is one.
        let capitals = found.as_bytes().iter().all(|byte| !byte.is_ascii_lowercase());
        let code = || capitals || has_right_check_letter(found.as_bytes()) || is_said(folded, found.start());
        digits(found.as_bytes()) >= DIGITS_MIN || whole && code()
    });
    let spaced = SPACED.find_iter(folded.bytes()).filter(|found| digits(found.as_bytes()) >= DIGITS_MIN);
    let said = SAID.find_iter(folded.bytes()).filter(|found| is_said(folded, found.start()));
    contiguous.chain(spaced).chain(said).map(|found| Finding { range: found.range(), marker: Marker::FiscalCode }).collect()
}

fn digits(text: &[u8]) -> usize {
    text.iter().filter(|byte| byte.is_ascii_digit()).count()
}

fn is_said(folded: &Folded, at: usize) -> bool {
    hints::before(folded, at) == Some(Hint::FiscalCode)
}

fn is_whole(folded: &Folded, range: &std::ops::Range<usize>) -> bool {
    let outside = |byte: Option<u8>| byte.is_none_or(|byte| !byte.is_ascii_alphanumeric());
    outside(folded.before(range.start)) && outside(folded.bytes().get(range.end).copied())
}

/// The 16th character (decreto ministeriale 23 December 1976): a sum over the others, odd places weighed by a table.
fn has_right_check_letter(code: &[u8]) -> bool {
    const ODD: [u32; 26] = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    let order = |byte: u8| match byte {
        b'0'..=b'9' => usize::from(byte - b'0'),
        _ => usize::from(byte.to_ascii_uppercase().saturating_sub(b'A')),
    };
    let Some((check, others)) = code.split_last() else { return false };
    let weigh = |(place, byte): (usize, &u8)| {
        let order = order(*byte);
        if place % 2 == 0 { ODD.get(order).copied().unwrap_or_default() } else { u32::try_from(order).unwrap_or_default() }
    };
    let sum: u32 = others.iter().enumerate().map(weigh).sum();
    u32::try_from(order(*check)) == Ok(sum % 26)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_letters_are_told_right_from_wrong() {
        assert!(has_right_check_letter(b"RCCMNL83S18D969H"));
        assert!(has_right_check_letter(b"RSSMRA85T10A562S"));
        assert!(has_right_check_letter(b"rssmra85t10a56nh"));
        assert!(!has_right_check_letter(b"MRORSS12T05E472W"));
    }
}
