//! Partite IVA, 11 digits. A sole trader's names a person. With a word or the country in front, whatever its digits; without,
//! only where the check digit fits: 11 digits that fail it are far more often a protocol number.

use super::Marker;
use super::digits::{Number, passes_luhn};
use super::hints::Hint;

pub(super) fn by_shape(number: &Number<'_>) -> Option<Marker> {
    if number.len() != 11 {
        return None;
    }
    let country = number.letters_before().eq_ignore_ascii_case(b"it");
    let likely = number.is_contiguous() && passes_luhn(number.digits()) && !number.is_reference() && !number.has_plus();
    match number.hint {
        Some(Hint::Vat) => Some(Marker::Vat),
        Some(Hint::FiscalCode) => Some(Marker::FiscalCode),
        Some(Hint::Phone) => None,
        _ if country || likely => Some(Marker::Vat),
        _ => None,
    }
}

/// A digit too many or too few is a typing error.
pub(super) fn by_hint(number: &Number<'_>) -> Option<Marker> {
    (number.hint == Some(Hint::Vat) && (9..=13).contains(&number.len())).then_some(Marker::Vat)
}
