//! What a poster can be written with: Helvetica, which every PDF reader brings along, with its letters and their widths.
//! Nothing is embedded, and whether a line fits is known before anything is drawn.

/// The two faces in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Face {
    Regular,
    Bold,
}

/// Letters of Slovene and Croatian that stand in the fonts but not in Windows-1252, each at a code which that leaves free,
/// with the glyph's name in Adobe's standard Latin set.
pub(super) const ADDED: [(char, u8, &str); 6] = [
    ('Č', 0x7f, "Ccaron"),
    ('č', 0x81, "ccaron"),
    ('Ć', 0x8d, "Cacute"),
    ('ć', 0x8f, "cacute"),
    ('Đ', 0x90, "Dcroat"),
    ('đ', 0x9d, "dcroat"),
];

/// Windows-1252 from 0x80 to 0x9f; what it leaves free is a space here.
const UPPER: &str = "€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ";

/// The code of a letter, if there is one.
pub(super) fn code(letter: char) -> Option<u8> {
    if let Some((_, code, _)) = ADDED.iter().find(|(added, ..)| *added == letter) {
        return Some(*code);
    }
    match letter {
        ' '..='~' | '\u{a0}'..='\u{ff}' => u8::try_from(u32::from(letter)).ok(),
        _ => UPPER.chars().position(|upper| upper == letter).and_then(|place| u8::try_from(place + 0x80).ok()),
    }
}

/// How wide a line is at a size, in the size's unit. A letter that there is not counts as the widest; the layout has refused it.
pub(super) fn width(text: &str, face: Face, size: f32) -> f32 {
    let widths = match face {
        Face::Regular => &REGULAR,
        Face::Bold => &BOLD,
    };
    let of = |letter| code(letter).and_then(|code| widths.get(usize::from(code) - 0x20)).copied().unwrap_or(1_015);
    text.chars().map(|letter| f32::from(of(letter))).sum::<f32>() * size / 1_000.0
}

/// Thousandths of the size, for the codes from 0x20 on: the widths that Adobe publishes for its standard fonts.
#[rustfmt::skip]
const REGULAR: [u16; 224] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584, 722,
    556, 500, 222, 556, 333, 1000, 556, 556, 333, 1000, 667, 333, 1000, 722, 611, 500,
    722, 222, 222, 333, 333, 350, 556, 1000, 333, 1000, 500, 333, 944, 556, 500, 667,
    278, 333, 556, 556, 556, 556, 260, 556, 333, 737, 370, 556, 584, 333, 737, 333,
    400, 584, 333, 333, 333, 556, 537, 278, 333, 333, 365, 556, 834, 834, 834, 611,
    667, 667, 667, 667, 667, 667, 1000, 722, 667, 667, 667, 667, 278, 278, 278, 278,
    722, 722, 778, 778, 778, 778, 778, 584, 778, 722, 722, 722, 722, 667, 667, 611,
    556, 556, 556, 556, 556, 556, 889, 500, 556, 556, 556, 556, 278, 278, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 584, 611, 556, 556, 556, 556, 500, 556, 500,
];

#[rustfmt::skip]
const BOLD: [u16; 224] = [
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611,
    975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722, 611, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556,
    333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611,
    611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584, 722,
    556, 556, 278, 556, 500, 1000, 556, 556, 333, 1000, 667, 333, 1000, 722, 611, 556,
    722, 278, 278, 500, 500, 350, 556, 1000, 333, 1000, 556, 333, 944, 611, 500, 667,
    278, 333, 556, 556, 556, 556, 280, 556, 333, 737, 370, 556, 584, 333, 737, 333,
    400, 584, 333, 333, 333, 611, 556, 278, 333, 333, 365, 556, 834, 834, 834, 611,
    722, 722, 722, 722, 722, 722, 1000, 722, 667, 667, 667, 667, 278, 278, 278, 278,
    722, 722, 778, 778, 778, 778, 778, 584, 778, 722, 722, 722, 722, 667, 667, 611,
    556, 556, 556, 556, 556, 556, 889, 556, 556, 556, 556, 556, 278, 278, 278, 278,
    611, 611, 611, 611, 611, 611, 611, 584, 611, 611, 611, 611, 611, 556, 611, 556,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_has_a_code_of_its_own() {
        let letters = "Aaz~ àèéìòùÀÈÉ’“”«»–—€ äöüÄÖÜß çœŒêîô čšžČŠŽ ćđĆĐ";
        let mut seen = std::collections::BTreeMap::new();
        for letter in letters.chars() {
            let code = code(letter).unwrap_or_else(|| panic!("{letter} has no code"));
            assert_eq!(*seen.entry(code).or_insert(letter), letter);
        }
        for absent in ['\u{7}', '\u{7f}', '\u{85}', 'Ω', '漢', '\n'] {
            assert_eq!(code(absent), None, "{absent:?}");
        }
        assert_eq!(
            (code('€'), code('’'), code('š'), code('ž'), code('Ÿ')),
            (Some(0x80), Some(0x92), Some(0x9a), Some(0x9e), Some(0x9f))
        );
    }

    #[test]
    fn widths_are_those_of_helvetica() {
        assert_eq!(width("Hi", Face::Regular, 1_000.0), 944.0);
        assert_eq!(width("Hi", Face::Bold, 1_000.0), 1_000.0);
        assert_eq!(width("čč", Face::Regular, 1_000.0), 1_000.0);
    }
}
