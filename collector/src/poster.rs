//! Posters: the way from a counter, a waiting room or a letter to a service's questionnaire. A code to scan, the address to
//! type, and a call in one or two languages, as SVG or PDF. Pure: what is printed depends on the arguments alone.

mod layout;
mod letters;
mod paragraph;
mod pdf;
mod qr;
mod sheet;
mod svg;
mod words;

use std::str::FromStr;

use gradimento_common::ids::ServiceId;
use gradimento_common::questionnaire::Language;
use thiserror::Error;

/// What a poster is for.
#[derive(Debug, Clone, Copy)]
pub struct Poster<'a> {
    /// What the agency calls itself.
    pub agency: &'a str,
    /// What the service is called.
    pub service: &'a str,
    /// Where the service's questionnaire is.
    pub address: &'a str,
    /// Of the call.
    pub languages: Languages,
    /// Of the paper.
    pub format: Format,
}

/// The paper, upright.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// 210 x 297 mm: a wall.
    A4,
    /// 105 x 148 mm: a counter, or a letter.
    A6,
}

/// One or two languages, the first in larger type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Languages {
    first: Language,
    second: Option<Language>,
}

/// Why there is no poster. The agency's to mend; the text says how.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PosterRefusal {
    /// A letter that the printers' standard fonts lack.
    #[error("the letter `{0}` cannot be printed: write the name with Latin letters")]
    Letter(char),
    /// The agency's name.
    #[error("the agency's name is too long for a poster: it must fit into three lines")]
    AgencyLong,
    /// The service's name.
    #[error("the service's name is too long for a poster: it must fit into three lines")]
    ServiceLong,
    /// The address.
    #[error("the address {0} is too long to be typed from a poster: host and path must fit into one line each")]
    AddressLong(String),
}

/// What was asked for is neither of the formats, or not one or two of the languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Misasked {
    /// The format.
    #[error("a format is `a4` or `a6`")]
    Format,
    /// The languages.
    #[error("languages are one or two different ones of it, en, de, fr, sl, with a comma between them")]
    Languages,
}

impl FromStr for Format {
    type Err = Misasked;

    fn from_str(text: &str) -> Result<Self, Misasked> {
        match text.to_ascii_lowercase().as_str() {
            "a4" => Ok(Self::A4),
            "a6" => Ok(Self::A6),
            _ => Err(Misasked::Format),
        }
    }
}

impl FromStr for Languages {
    type Err = Misasked;

    fn from_str(text: &str) -> Result<Self, Misasked> {
        let tags: Vec<_> = text.split(',').map(|tag| Language::from_tag(tag.trim())).collect();
        match tags.as_slice() {
            [Some(first)] => Ok(Self { first: *first, second: None }),
            [Some(first), Some(second)] if first != second => Ok(Self { first: *first, second: Some(*second) }),
            _ => Err(Misasked::Languages),
        }
    }
}

impl Languages {
    fn all(self) -> impl Iterator<Item = Language> {
        [Some(self.first), self.second].into_iter().flatten()
    }
}

/// The short address of a service: where citizens find its questionnaire under the collector's public address.
#[must_use]
pub fn address(public_url: &str, service: &ServiceId) -> String {
    format!("{}/s/{service}", public_url.trim_end_matches('/'))
}

impl Poster<'_> {
    /// The poster as an SVG document.
    ///
    /// # Errors
    /// Where something does not fit or cannot be printed.
    pub fn svg(&self) -> Result<String, PosterRefusal> {
        Ok(svg::draw(&layout::lay_out(self)?))
    }

    /// The poster as a PDF document of one page.
    ///
    /// # Errors
    /// Where something does not fit or cannot be printed.
    pub fn pdf(&self) -> Result<Vec<u8>, PosterRefusal> {
        Ok(pdf::draw(&layout::lay_out(self)?))
    }
}

#[cfg(test)]
mod tests;
