//! A text as the rules see it: plain ASCII, one byte for one character, so that a full-width digit, a non-breaking space or
//! a zero-width character inside a number hides nothing, and so that every pattern is small.

use std::ops::Range;

use super::Marker;

/// Stands for a marker that is there already. No pattern matches it, so that redacting twice changes nothing.
pub(super) const BARRIER: u8 = 2;
/// Stands for whatever is neither letter, digit, space nor ASCII.
const OTHER: u8 = 1;

/// The folded text, and where each of its bytes stands in the original.
pub(super) struct Folded {
    bytes: Vec<u8>,
    places: Vec<Range<usize>>,
}

impl Folded {
    pub(super) fn of(text: &str) -> Self {
        let mut folded = Self { bytes: Vec::with_capacity(text.len()), places: Vec::with_capacity(text.len()) };
        let mut at = 0;
        while let Some(rest) = text.get(at..)
            && let Some(character) = rest.chars().next()
        {
            let marker = (character == '[').then(|| Marker::ALL.into_iter().map(Marker::text)).into_iter().flatten();
            let marker = marker.into_iter().find(|marker| rest.starts_with(marker));
            let length = marker.map_or(character.len_utf8(), str::len);
            let byte = if marker.is_some() { Some(BARRIER) } else { fold(character) };
            if let Some(byte) = byte {
                folded.bytes.push(byte);
                folded.places.push(at..at + length);
            }
            at += length;
        }
        folded.read_verbs();
        folded
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn slice(&self, range: &Range<usize>) -> &[u8] {
        self.bytes.get(range.clone()).unwrap_or_default()
    }

    /// The byte before a place.
    pub(super) fn before(&self, at: usize) -> Option<u8> {
        at.checked_sub(1).and_then(|at| self.bytes.get(at)).copied()
    }

    pub(super) fn has_digit(&self) -> bool {
        self.bytes.iter().any(u8::is_ascii_digit)
    }

    /// Where a range of the folded text stands in the original; what was dropped inside it is covered.
    pub(super) fn place(&self, range: &Range<usize>) -> Range<usize> {
        let start = self.places.get(range.start).map_or(0, |place| place.start);
        let end = range.end.checked_sub(1).and_then(|last| self.places.get(last)).map_or(start, |place| place.end);
        start..end
    }

    /// Turns the verb "è", and "e'" as many type it, into `=`: to a rule it means the same as a colon, and it must not be taken
    /// for the conjunction "e".
    fn read_verbs(&mut self) {
        let bytes = &mut self.bytes;
        for at in 0..bytes.len() {
            let near = |distance: isize| at.checked_add_signed(distance).and_then(|at| bytes.get(at)).copied();
            let alone = |byte: Option<u8>| byte.is_none_or(|byte| !byte.is_ascii_alphanumeric());
            let verb = match near(0) {
                Some(VERB) => alone(near(-1)) && alone(near(1)),
                Some(b'e' | b'E') => alone(near(-1)) && near(1) == Some(b'\'') && alone(near(2)),
                _ => continue,
            };
            let byte = if verb {
                b'='
            } else if near(0) == Some(VERB) {
                b'e'
            } else {
                continue;
            };
            if let Some(here) = bytes.get_mut(at) {
                *here = byte;
            }
        }
    }
}

/// "è" until it is known whether it is a word.
const VERB: u8 = 3;

/// The byte that stands for a character; nothing for what has no width.
fn fold(character: char) -> Option<u8> {
    let code = u32::from(character);
    match character {
        '\n' | '\r' => Some(b'\n'),
        ' '..='~' => u8::try_from(code).ok(),
        // Combining marks (keycaps too), soft hyphen, joiners, direction marks, variation selectors, byte order mark.
        '\u{300}'..='\u{36f}' | '\u{20d0}'..='\u{20f0}' | '\u{ad}' | '\u{200b}'..='\u{200f}' => None,
        '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{180e}' => None,
        // Full-width ASCII.
        '\u{ff01}'..='\u{ff5e}' => u8::try_from(code - 0xfee0).ok(),
        // Mathematical letters in thirteen styles, and digits in five.
        '\u{1d400}'..='\u{1d6a3}' => letter((code - 0x1d400) % 52),
        '\u{1d7ce}'..='\u{1d7ff}' => digit((code - 0x1d7ce) % 10),
        // Arabic-Indic, their eastern forms, Devanagari.
        '\u{660}'..='\u{669}' | '\u{6f0}'..='\u{6f9}' => digit(code % 16),
        '\u{966}'..='\u{96f}' => digit(code % 16 - 6),
        '\u{2460}'..='\u{2468}' => digit(code - 0x245f),
        '\u{2070}' | '\u{2074}'..='\u{2079}' => digit(code - 0x2070),
        '\u{2080}'..='\u{2089}' => digit(code - 0x2080),
        '²' => Some(b'2'),
        '³' => Some(b'3'),
        '¹' => Some(b'1'),
        '\u{2010}'..='\u{2015}' | '\u{2212}' => Some(b'-'),
        '‘' | '’' | '´' | 'ʼ' => Some(b'\''),
        '“' | '”' | '«' | '»' | '„' => Some(b'"'),
        'è' | 'È' => Some(VERB),
        // The degree sign ends "n°" and "nato l'1°".
        '°' | 'º' => Some(b'\''),
        _ if character.is_whitespace() => Some(b' '),
        _ if character.is_alphabetic() => Some(base(character)),
        _ => Some(OTHER),
    }
}

fn digit(value: u32) -> Option<u8> {
    u8::try_from(value).ok().map(|value| b'0' + value)
}

fn letter(position: u32) -> Option<u8> {
    let position = u8::try_from(position).ok()?;
    Some(if position < 26 { b'A' + position } else { b'a' + position - 26 })
}

/// The letter without its accent; letters of other scripts are word characters and nothing more.
fn base(character: char) -> u8 {
    let bases = [
        ("àáâãäåā", b'a'),
        ("éêëē", b'e'),
        ("ìíîïī", b'i'),
        ("òóôõöøō", b'o'),
        ("ùúûüū", b'u'),
        ("çčć", b'c'),
        ("ñ", b'n'),
        ("šß", b's'),
        ("ž", b'z'),
        ("đ", b'd'),
        ("ýÿ", b'y'),
    ];
    let lower = character.to_lowercase().next().unwrap_or(character);
    let found = bases.iter().find(|(accented, _)| accented.contains(lower)).map(|(_, base)| *base);
    match found {
        Some(base) if character.is_uppercase() => base.to_ascii_uppercase(),
        Some(base) => base,
        None => b'_',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        String::from_utf8(Folded::of(text).bytes).unwrap()
    }

    #[test]
    fn digits_of_other_widths_and_scripts_become_digits() {
        assert_eq!(
            folded("３３３ ٠١٢٣٤٥٦٧٨٩ ۰۹ ०१२३४५६७८९ 𝟎𝟗𝟘 ⁰⁴⁹ ₀₉ ①⑨ 3\u{fe0f}\u{20e3}"),
            "333 0123456789 09 0123456789 090 049 09 19 3"
        );
    }

    #[test]
    fn what_has_no_width_is_dropped_and_covered_by_what_surrounds_it() {
        let text = "a 3\u{200b}3\u{feff} b";
        let seen = Folded::of(text);
        assert_eq!(seen.bytes(), b"a 33 b");
        assert_eq!(text.get(seen.place(&(2..4))), Some("3\u{200b}3"));
    }

    #[test]
    fn the_verb_is_told_from_the_conjunction() {
        assert_eq!(
            folded("il cf è questo e E' quello, perché è così. Cioè c'è: è"),
            "il cf = questo e =' quello, perche = cosi. Cioe c'=: ="
        );
    }

    #[test]
    fn a_marker_is_one_barrier() {
        assert_eq!(folded("[telefono][nome]x[altro]"), "\u{2}\u{2}x[altro]");
    }
}
