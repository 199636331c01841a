//! A sheet as PDF: for the printer. Two of the fonts that every reader has, named and not embedded.

use pdf_writer::{Content, Finish as _, Name, Pdf, Rect, Ref, Str, TextStr};

use super::letters::{ADDED, Face, code};
use super::sheet::{Ink, Line, Mark, Sheet, Step};

/// A face: how the page calls it, and how the world does.
const FACES: [(Face, Name<'_>, Name<'_>); 2] =
    [(Face::Regular, Name(b"R"), Name(b"Helvetica")), (Face::Bold, Name(b"B"), Name(b"Helvetica-Bold"))];

/// Draws it. The same sheet makes the same bytes: no date, no random identifier.
pub(super) fn draw(sheet: &Sheet) -> Vec<u8> {
    let [catalogue, tree, page_id, content_id, information] = [1, 2, 3, 4, 5].map(Ref::new);
    let mut pdf = Pdf::new();
    let mut root = pdf.catalog(catalogue);
    root.pages(tree).lang(TextStr(sheet.language.tag()));
    root.viewer_preferences().display_doc_title(true);
    root.finish();
    pdf.document_info(information).title(TextStr(&sheet.title));
    pdf.pages(tree).kids([page_id]).count(1);
    let mut page = pdf.page(page_id);
    page.parent(tree).media_box(Rect::new(0.0, 0.0, sheet.width, sheet.height)).contents(content_id);
    let mut resources = page.resources();
    let mut fonts = resources.fonts();
    for ((_, name, _), id) in FACES.iter().zip(6..) {
        fonts.pair(*name, Ref::new(id));
    }
    fonts.finish();
    resources.finish();
    page.finish();
    for ((_, _, base), id) in FACES.iter().zip(6..) {
        font(&mut pdf, Ref::new(id), *base);
    }
    pdf.stream(content_id, &content(sheet));
    pdf.finish()
}

fn font(pdf: &mut Pdf, id: Ref, base: Name<'_>) {
    let mut font = pdf.type1_font(id);
    font.base_font(base);
    let mut encoding = font.encoding_custom();
    encoding.base_encoding(Name(b"WinAnsiEncoding"));
    let mut differences = encoding.differences();
    for (_, code, glyph) in ADDED {
        differences.consecutive(code, [Name(glyph.as_bytes())]);
    }
}

fn content(sheet: &Sheet) -> Vec<u8> {
    let mut content = Content::new();
    for mark in &sheet.marks {
        match mark {
            Mark::Shape { outline, ink } => shape(&mut content, outline, *ink, sheet.height),
            Mark::Line(line) => text(&mut content, line, sheet.height),
        }
    }
    content.finish().into_vec()
}

fn shape(content: &mut Content, outline: &[Step], ink: Ink, height: f32) {
    fill(content, ink);
    for step in outline {
        match *step {
            Step::To(x, y) => content.move_to(x, height - y),
            Step::Line(x, y) => content.line_to(x, height - y),
            Step::Curve([a, b, c, d, x, y]) => content.cubic_to(a, height - b, c, height - d, x, height - y),
            Step::Close => content.close_path(),
        };
    }
    content.fill_nonzero();
}

fn text(content: &mut Content, line: &Line, height: f32) {
    fill(content, line.ink);
    // The layout has refused what has no code.
    let codes: Vec<u8> = line.text.chars().filter_map(code).collect();
    let name = FACES.iter().find(|(face, ..)| *face == line.face).map_or(Name(b"R"), |(_, name, _)| *name);
    content.begin_text().set_font(name, line.size).next_line(line.x, height - line.y).show(Str(&codes)).end_text();
}

fn fill(content: &mut Content, ink: Ink) {
    let [red, green, blue] = ink.rgb().map(|part| f32::from(part) / 255.0);
    content.set_fill_rgb(red, green, blue);
}
