//! The code that a camera reads.

use qrcode::{Color, EcLevel, QrCode};

use super::sheet::{Step, block};

/// White modules around a code, as ISO/IEC 18004 asks.
pub(super) const QUIET_MODULES: f32 = 4.0;

/// The outline of an address's code in a square of `side`, quiet zone included. Error correction Q: a quarter of the code may be
/// torn off, dirty or in the glare of a lamp. Nothing where the address is longer than a code can hold.
pub(super) fn code(address: &str, x: f32, y: f32, side: f32) -> Option<Vec<Step>> {
    let code = QrCode::with_error_correction_level(address, EcLevel::Q).ok()?;
    let modules = code.width();
    #[expect(clippy::cast_precision_loss, reason = "a code has at most 177 modules a side")]
    let at = |module: usize| module as f32;
    let module = side / (at(modules) + 2.0 * QUIET_MODULES);
    let mut outline = Vec::new();
    for (row, colours) in code.to_colors().chunks(modules).enumerate() {
        // Neighbours in a row are one bar: a smaller file, and no hair between them where a printer rounds.
        let mut column = 0;
        for bar in colours.chunk_by(|left, right| left == right) {
            if bar.first() == Some(&Color::Dark) {
                let (left, top) = (x + (at(column) + QUIET_MODULES) * module, y + (at(row) + QUIET_MODULES) * module);
                outline.extend(block(left, top, at(bar.len()) * module, module));
            }
            column += bar.len();
        }
    }
    Some(outline)
}
