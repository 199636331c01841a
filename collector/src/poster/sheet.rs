//! A sheet with marks on it: what the layout decides and both formats draw. Points, from the upper left corner.

use gradimento_common::questionnaire::Language;

use super::Poster;
use super::letters::Face;

/// The kappa of a quarter circle as one Bézier curve.
const ROUND: f32 = 0.552_284_8;

/// One page.
pub(super) struct Sheet {
    pub(super) width: f32,
    pub(super) height: f32,
    /// For the window's title bar and for those who hear the document.
    pub(super) title: String,
    pub(super) language: Language,
    /// In the order in which they are drawn.
    pub(super) marks: Vec<Mark>,
}

pub(super) enum Mark {
    Shape { outline: Vec<Step>, ink: Ink },
    Line(Line),
}

/// One line of text; `x` is its left end, `y` its baseline.
pub(super) struct Line {
    pub(super) text: String,
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) size: f32,
    pub(super) face: Face,
    pub(super) ink: Ink,
    /// Whose language it is, where it is one of the poster's.
    pub(super) language: Option<Language>,
}

/// The colours. Each keeps more than 4.5:1 on what it stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    Blue,
    White,
    Text,
    Soft,
    Black,
}

impl Ink {
    pub(super) fn rgb(self) -> [u8; 3] {
        match self {
            Self::Blue => [0x00, 0x66, 0xcc],
            Self::White => [0xff, 0xff, 0xff],
            Self::Text => [0x17, 0x32, 0x4d],
            Self::Soft => [0x45, 0x5b, 0x71],
            Self::Black => [0x00, 0x00, 0x00],
        }
    }
}

/// One step of an outline.
#[derive(Clone, Copy)]
pub(super) enum Step {
    To(f32, f32),
    Line(f32, f32),
    Curve([f32; 6]),
    Close,
}

impl Sheet {
    pub(super) fn new(poster: &Poster<'_>, width: f32, height: f32) -> Self {
        let title = format!("{} – {}", poster.agency, poster.service);
        Self { width, height, title, language: poster.languages.first, marks: Vec::new() }
    }

    /// The same on paper of another size and the same proportions.
    pub(super) fn onto(mut self, width: f32, height: f32) -> Self {
        let scale = width / self.width;
        for mark in &mut self.marks {
            match mark {
                Mark::Shape { outline, .. } => outline.iter_mut().for_each(|step| *step = step.scaled(scale)),
                Mark::Line(line) => [&mut line.x, &mut line.y, &mut line.size].into_iter().for_each(|value| *value *= scale),
            }
        }
        Self { width, height, ..self }
    }

    pub(super) fn shape(&mut self, outline: Vec<Step>, ink: Ink) {
        self.marks.push(Mark::Shape { outline, ink });
    }
}

impl Step {
    fn scaled(self, scale: f32) -> Self {
        match self {
            Self::To(x, y) => Self::To(x * scale, y * scale),
            Self::Line(x, y) => Self::Line(x * scale, y * scale),
            Self::Curve(points) => Self::Curve(points.map(|value| value * scale)),
            Self::Close => Self::Close,
        }
    }
}

/// A rectangle.
pub(super) fn block(x: f32, y: f32, width: f32, height: f32) -> [Step; 5] {
    [Step::To(x, y), Step::Line(x + width, y), Step::Line(x + width, y + height), Step::Line(x, y + height), Step::Close]
}

/// A rectangle with round corners.
pub(super) fn rounded(x: f32, y: f32, width: f32, height: f32, radius: f32) -> Vec<Step> {
    let (right, bottom, bend) = (x + width, y + height, radius * (1.0 - ROUND));
    vec![
        Step::To(x + radius, y),
        Step::Line(right - radius, y),
        Step::Curve([right - bend, y, right, y + bend, right, y + radius]),
        Step::Line(right, bottom - radius),
        Step::Curve([right, bottom - bend, right - bend, bottom, right - radius, bottom]),
        Step::Line(x + radius, bottom),
        Step::Curve([x + bend, bottom, x, bottom - bend, x, bottom - radius]),
        Step::Line(x, y + radius),
        Step::Curve([x, y + bend, x + bend, y, x + radius, y]),
        Step::Close,
    ]
}

/// A star of five points in a square of `size`.
pub(super) fn star(x: f32, y: f32, size: f32) -> Vec<Step> {
    let radius = size / 2.0;
    // The centre of a star that stands on two points is a little below the middle of its box.
    let (centre_x, centre_y) = (x + radius, y + radius * 1.05);
    let mut outline = Vec::with_capacity(11);
    for (corner, angle) in (0_u8..10).map(|corner| (corner, f32::from(corner) * std::f32::consts::PI / 5.0)) {
        let reach = if corner % 2 == 0 { radius } else { radius * 0.46 };
        let point = (centre_x + reach * angle.sin(), centre_y - reach * angle.cos());
        outline.push(if corner == 0 { Step::To(point.0, point.1) } else { Step::Line(point.0, point.1) });
    }
    outline.push(Step::Close);
    outline
}
