//! A sheet as SVG: for the web, for word processors, for a designer who wants to go on from it. Attributes only, no style, no
//! script, no font file: a strict content security policy shows it as it is.

use std::fmt::Write as _;

use super::letters::Face;
use super::sheet::{Ink, Line, Mark, Sheet, Step};

/// All of these have Helvetica's widths, which the layout has measured; the last is whatever there is.
const FAMILY: &str = "Helvetica, Arial, 'Liberation Sans', 'Nimbus Sans', sans-serif";

/// Draws it.
pub(super) fn draw(sheet: &Sheet) -> String {
    let (width, height, language, title) = (sheet.width, sheet.height, sheet.language.tag(), escaped(&sheet.title));
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}pt\" height=\"{height}pt\" viewBox=\"0 0 {width} {height}\" \
         xml:lang=\"{language}\" font-family=\"{FAMILY}\">\n<title>{title}</title>\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n"
    );
    for mark in &sheet.marks {
        svg += &match mark {
            Mark::Shape { outline, ink } => format!("<path fill=\"{}\" d=\"{}\"/>\n", colour(*ink), path(outline)),
            Mark::Line(line) => text(line),
        };
    }
    svg + "</svg>\n"
}

fn text(line: &Line) -> String {
    let weight = match line.face {
        Face::Regular => "normal",
        Face::Bold => "bold",
    };
    let (x, y, size) = (number(line.x), number(line.y), number(line.size));
    let language = line.language.map(|language| format!(" xml:lang=\"{}\"", language.tag())).unwrap_or_default();
    let (fill, text) = (colour(line.ink), escaped(&line.text));
    format!("<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" font-weight=\"{weight}\" fill=\"{fill}\"{language}>{text}</text>\n")
}

fn path(outline: &[Step]) -> String {
    let mut path = String::new();
    for step in outline {
        // Writing to a string cannot fail.
        let _ = match *step {
            Step::To(x, y) => write!(path, "M{} {}", number(x), number(y)),
            Step::Line(x, y) => write!(path, "L{} {}", number(x), number(y)),
            Step::Curve([a, b, c, d, x, y]) => {
                let points = [a, b, c, d, x, y].map(number);
                write!(path, "C{}", points.join(" "))
            }
            Step::Close => write!(path, "Z"),
        };
    }
    path
}

/// A thousandth of a point is finer than any printer.
fn number(value: f32) -> String {
    format!("{value:.3}").trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn colour(ink: Ink) -> String {
    let [red, green, blue] = ink.rgb();
    format!("#{red:02x}{green:02x}{blue:02x}")
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\'' => escaped += "&#39;",
            letter => escaped.push(letter),
        }
    }
    escaped
}
