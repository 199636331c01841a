//! Telephone numbers: Italian mobiles from 3, landlines from 0, anything behind a plus, and what is said to be one. What also
//! fits a date, opening hours, an amount or a protocol number is left alone.

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::digits::Number;
use super::folding::Folded;
use super::hints::Hint;
use super::{Finding, Marker, all, pattern};

/// Seven digits or more, each a word.
static SPELLED: LazyLock<Regex> = LazyLock::new(|| {
    let digit = "(?: zero | uno | due | tre | quattro | cinque | sei | sette | otto | nove )";
    pattern(&format!(r"\b {digit} (?: [\ ,.\-]{{1,2}} {digit} ){{6,}} \b"))
});

/// Numbers spelled in words, digit by digit.
pub(super) fn find_spelled(folded: &Folded) -> Vec<Finding> {
    all(&SPELLED, folded, Marker::Phone)
}

pub(super) fn by_shape(number: &Number<'_>) -> Option<Marker> {
    let glued = !number.letters_before().is_empty() && number.hint != Some(Hint::Phone);
    if glued {
        return None;
    }
    let found = is_international(number) || is_mobile(number) || is_landline(number);
    found.then_some(Marker::Phone)
}

/// Six to thirteen digits behind a word for telephone, other than an office's free or shared-cost number.
pub(super) fn by_hint(number: &Number<'_>) -> Option<Marker> {
    let fits = number.hint == Some(Hint::Phone) && (6..=13).contains(&number.len());
    (fits && !number.is_date() && !is_office_number(number.digits())).then_some(Marker::Phone)
}

fn is_international(number: &Number<'_>) -> bool {
    match number.digits() {
        [0, 0, 3, 9, national @ ..] => is_national(national),
        [3, 9, national @ ..] if number.has_plus() => is_national(national),
        // Without the plus only a mobile is told from other numbers.
        [3, 9, national @ ..] if national.starts_with(&[3]) => is_national(national) && !number.is_reference(),
        [0, 0, 1..=9, ..] => number.hint == Some(Hint::Phone) && (10..=16).contains(&number.len()),
        _ => number.has_plus() && (8..=15).contains(&number.len()),
    }
}

fn is_national(digits: &[u8]) -> bool {
    match digits {
        [3, ..] => (9..=10).contains(&digits.len()),
        _ => (6..=11).contains(&digits.len()),
    }
}

fn is_mobile(number: &Number<'_>) -> bool {
    let shape = matches!(number.digits(), [3, 2..=9, ..]) && (9..=10).contains(&number.len());
    let grouped = || number.lengths().first().is_some_and(|first| *first >= 3) || is_even(number);
    let reference = || number.is_reference() && number.is_contiguous();
    shape && grouped() && !reference() && !number.is_amount() && !has_year_inside(number) && !number.is_of_year()
}

fn is_landline(number: &Number<'_>) -> bool {
    let shape = matches!(number.digits(), [0, 1..=9, ..]) && (8..=11).contains(&number.len());
    let grouped = || match number.lengths().as_slice() {
        // Eleven in one piece are a partita IVA or a protocol number.
        [8..=10] => true,
        [_] => false,
        [2, 2, ..] => is_even(number) && number.len() >= 10,
        [2..=4, ..] => true,
        _ => false,
    };
    shape && grouped() && !number.is_reference() && !number.is_date() && !number.is_of_year() && !is_period(number)
}

/// Groups of one length (the last may be longer), with one thing between them: opening hours have two.
fn is_even(number: &Number<'_>) -> bool {
    let lengths = number.lengths();
    let Some((last, others)) = lengths.split_last() else { return false };
    let even = others.first().is_some_and(|first| others.iter().all(|length| length == first) && first <= last && *first <= 2);
    even && number.has_one_separator()
}

/// "347/2024/123" is a number of the year 2024.
fn has_year_inside(number: &Number<'_>) -> bool {
    let slashes = number.separators().iter().filter(|gap| gap.as_slice() == b"/").count();
    slashes >= 2 && matches!(number.lengths().as_slice(), [_, 4, _])
}

/// "01/2023 - 12/2023": months and years.
fn is_period(number: &Number<'_>) -> bool {
    let months = matches!(number.lengths().as_slice(), [2, 4, 2] | [2, 4, 2, 4]);
    months && matches!(number.digits(), [_, _, 1, 9, ..] | [_, _, 2, 0, ..])
}

fn is_office_number(digits: &[u8]) -> bool {
    matches!(digits, [8, 0, 0 | 3, ..] | [1, 9, 9, ..] | [8, 4, 0 | 8, ..] | [8, 9, 2 | 5, ..])
}
