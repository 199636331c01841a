//! Text that fits: as large as its place allows, and not at all where it would be too small to read.

use gradimento_common::questionnaire::Language;

use super::letters::{Face, width};

/// From one baseline to the next, in sizes.
const LEADING: f32 = 1.2;
/// Lines that a name may take.
const NAME_LINES_MAX: usize = 3;

/// The sizes that a text may have.
#[derive(Clone, Copy)]
pub(super) struct Sizes {
    pub(super) largest: f32,
    pub(super) smallest: f32,
}

/// Lines of one size.
pub(super) struct Paragraph {
    pub(super) lines: Vec<String>,
    pub(super) size: f32,
    pub(super) face: Face,
    pub(super) language: Option<Language>,
}

impl Sizes {
    /// From the largest down, half a point at a time.
    fn down(self) -> impl Iterator<Item = f32> {
        std::iter::successors(Some(self.largest), |size| Some(size - 0.5)).take_while(move |size| *size >= self.smallest)
    }
}

impl Paragraph {
    /// A name, broken between words; nothing where it does not fit.
    pub(super) fn fitted(text: &str, face: Face, sizes: Sizes, line: f32) -> Option<Self> {
        let broken = |size| wrapped(text, face, size, line).map(|lines| Self { lines, size, face, language: None });
        sizes.down().filter_map(broken).find(|paragraph| paragraph.lines.len() <= NAME_LINES_MAX)
    }

    /// Lines that must stay as they are; nothing where one of them does not fit.
    pub(super) fn of_lines(lines: &[&str], face: Face, sizes: Sizes, line: f32) -> Option<Self> {
        let size = sizes.down().find(|size| lines.iter().all(|text| width(text, face, *size) <= line))?;
        Some(Self { lines: lines.iter().map(|text| (*text).to_owned()).collect(), size, face, language: None })
    }

    /// One of our own texts on one line: of this size, or as much smaller as it needs.
    pub(super) fn on_one_line(text: &str, face: Face, size: f32, line: f32) -> Self {
        let size = size.min(size * line / width(text, face, size).max(1.0));
        Self { lines: vec![text.to_owned()], size, face, language: None }
    }

    pub(super) fn spoken(self, language: Language) -> Self {
        Self { language: Some(language), ..self }
    }

    pub(super) fn leading(&self) -> f32 {
        self.size * LEADING
    }

    pub(super) fn height(&self) -> f32 {
        self.lines.iter().map(|_| self.leading()).sum()
    }
}

/// The words in lines; nothing where a word is longer than a line.
fn wrapped(text: &str, face: Face, size: f32, line: f32) -> Option<Vec<String>> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if width(word, face, size) > line {
            return None;
        }
        let longer = lines.last().map(|last| format!("{last} {word}")).filter(|longer| width(longer, face, size) <= line);
        match (longer, lines.last_mut()) {
            (Some(longer), Some(last)) => *last = longer,
            _ => lines.push(word.to_owned()),
        }
    }
    Some(lines)
}
