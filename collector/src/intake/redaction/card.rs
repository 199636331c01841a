//! Payment cards, 13 to 19 digits: in the groups that are printed on them, or under a network's prefix, or where the check
//! digit fits and nothing says that it is a reference.

use super::Marker;
use super::digits::{Number, passes_luhn};
use super::hints::Hint;

pub(super) fn by_shape(number: &Number<'_>) -> Option<Marker> {
    if !(13..=19).contains(&number.len()) || number.has_plus() {
        return None;
    }
    let printed = is_printed(&number.lengths());
    let of_network = number.is_contiguous() && has_network_prefix(number.digits());
    let checked = (printed || number.is_contiguous()) && matches!(number.digits(), [2..=6, ..]) && passes_luhn(number.digits());
    let said = number.hint == Some(Hint::Card);
    // A payment notice has 18 digits and is printed in fours too.
    let reference = number.is_reference() && !(printed && number.len() == 16 && number.is_whole());
    let as_printed = printed && number.len() <= 16 && matches!(number.digits(), [2..=6, ..]);
    (said || !reference && (as_printed || of_network || checked)).then_some(Marker::Card)
}

/// A card with a digit missing.
pub(super) fn by_hint(number: &Number<'_>) -> Option<Marker> {
    (number.hint == Some(Hint::Card) && number.len() >= 12).then_some(Marker::Card)
}

/// 4-4-4-4 and up to 19 digits; 4-6-5 and 4-6-4 as American Express and Diners print them.
fn is_printed(lengths: &[usize]) -> bool {
    match lengths {
        [4, 6, 4 | 5] => true,
        [4, 4, 4, rest @ ..] => matches!(rest, [1..=4] | [4, 1..=3]),
        _ => false,
    }
}

fn has_network_prefix(digits: &[u8]) -> bool {
    matches!((digits.len(), digits), (16, [4, ..] | [5, 1..=5, ..] | [2, 2..=7, ..]) | (15, [3, 4 | 7, ..]))
}
