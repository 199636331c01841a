//! Where everything stands. Drawn for A4 and scaled to the paper: A6 is half of it, so that what is 16 points high on a wall
//! is 8 in the hand.

use gradimento_common::questionnaire::Language;

use super::letters::{Face, code, width};
use super::paragraph::{Paragraph, Sizes};
use super::sheet::{Ink, Line, Mark, Sheet, Step, block, rounded, star};
use super::words::{Words, words};
use super::{Format, Languages, Poster, PosterRefusal, qr};

/// The paper that the layout is drawn for, in points: 210 x 297 mm.
const WIDTH: f32 = 595.276;
const HEIGHT: f32 = 841.89;
/// White around everything, 10 mm on A4 and 5 mm on A6: office printers leave 4.2 mm.
const MARGIN: f32 = 28.35;
/// From the blue block's edge to its text.
const PADDING: f32 = 32.0;
/// Widest line in the blue block, and below it.
const LINE: f32 = WIDTH - 2.0 * (MARGIN + PADDING);
/// Names are as large as lets them stand in three lines; the smallest is 8 points on A6.
const AGENCY_SIZES: Sizes = Sizes { largest: 19.0, smallest: 16.0 };
const SERVICE_SIZES: Sizes = Sizes { largest: 26.0, smallest: 17.0 };
/// What is typed letter by letter is never under 9 points.
const ADDRESS_SIZES: Sizes = Sizes { largest: 26.0, smallest: 18.0 };
/// Largest side of the code with its quiet zone: 106 mm on A4.
const CODE_MAX: f32 = 300.0;
/// Narrowest strip of white above and below the code.
const AIR: f32 = 14.0;

/// Lays a poster out.
pub(super) fn lay_out(poster: &Poster<'_>) -> Result<Sheet, PosterRefusal> {
    for letter in [poster.agency, poster.service, poster.address].into_iter().flat_map(str::chars) {
        code(letter).ok_or(PosterRefusal::Letter(letter))?;
    }
    let mut table = Table { sheet: Sheet::new(poster, WIDTH, HEIGHT), y: MARGIN };
    table.block_with_call(poster)?;
    table.way_there(poster)?;
    Ok(match poster.format {
        Format::A4 => table.sheet,
        Format::A6 => table.sheet.onto(297.638, 419.528),
    })
}

/// The sheet, and how far down it is full.
struct Table {
    sheet: Sheet,
    y: f32,
}

impl Table {
    /// The blue block on top: who asks, and what.
    fn block_with_call(&mut self, poster: &Poster<'_>) -> Result<(), PosterRefusal> {
        let x = MARGIN + PADDING;
        let agency = Paragraph::fitted(poster.agency, Face::Bold, AGENCY_SIZES, LINE).ok_or(PosterRefusal::AgencyLong)?;
        let background = self.sheet.marks.len();
        self.y += 20.0;
        self.put(&agency, Place::From(x), Ink::White);
        self.y += 24.0;
        for place in 0_u8..5 {
            self.sheet.shape(star(x + f32::from(place) * 44.0, self.y, 36.0), Ink::White);
        }
        self.y += 36.0;
        for (language, [call, invitation], air) in poster.languages.calls() {
            self.y += air;
            let Words { call: question, invitation: please, .. } = words(language);
            let question = Paragraph::on_one_line(question, Face::Bold, call, LINE);
            self.put(&question.spoken(language), Place::From(x), Ink::White);
            self.y += 2.0;
            self.put(
                &Paragraph::on_one_line(please, Face::Regular, invitation, LINE).spoken(language),
                Place::From(x),
                Ink::White,
            );
        }
        self.y += 28.0;
        let outline = rounded(MARGIN, MARGIN, WIDTH - 2.0 * MARGIN, self.y - MARGIN, 18.0);
        self.sheet.marks.insert(background, Mark::Shape { outline, ink: Ink::Blue });
        Ok(())
    }

    /// Below it: which service, the code, the address, and how to use them.
    fn way_there(&mut self, poster: &Poster<'_>) -> Result<(), PosterRefusal> {
        let service = Paragraph::fitted(poster.service, Face::Bold, SERVICE_SIZES, LINE).ok_or(PosterRefusal::ServiceLong)?;
        let address = address_lines(poster.address)?;
        let how: Vec<_> = poster.languages.all().map(|language| (language, words(language).how)).collect();
        let how: Vec<_> = how
            .iter()
            .map(|(language, text)| Paragraph::on_one_line(text, Face::Regular, 16.0, LINE).spoken(*language))
            .collect();
        let texts = service.height() + address.height() + how.iter().map(Paragraph::height).sum::<f32>() + 12.0;
        let room = HEIGHT - MARGIN - self.y - texts;
        let side = CODE_MAX.min(room - 3.0 * AIR);
        // What is left over is white, in equal parts: above the service, around the code, below the last line.
        let air = (room - side) / 4.0;
        self.y += air;
        self.put(&service, Place::Centred, Ink::Text);
        self.y += air;
        self.code(poster.address, side)?;
        self.y += air;
        self.put(&address, Place::Centred, Ink::Blue);
        self.y += 12.0;
        for paragraph in &how {
            self.put(paragraph, Place::Centred, Ink::Soft);
        }
        Ok(())
    }

    /// The code, between four corners that say "aim here".
    fn code(&mut self, address: &str, side: f32) -> Result<(), PosterRefusal> {
        let x = (WIDTH - side) / 2.0;
        let long = || PosterRefusal::AddressLong(address.to_owned());
        let outline = qr::code(address, x, self.y, side).ok_or_else(long)?;
        self.sheet.shape(outline, Ink::Black);
        self.sheet.shape(corners(x, self.y, side), Ink::Blue);
        self.y += side;
        Ok(())
    }

    fn put(&mut self, paragraph: &Paragraph, place: Place, ink: Ink) {
        let Paragraph { size, face, language, .. } = *paragraph;
        for text in &paragraph.lines {
            self.y += paragraph.leading();
            let x = match place {
                Place::From(x) => x,
                Place::Centred => (WIDTH - width(text, face, size)) / 2.0,
            };
            // The line's box ends a fifth of the size below the baseline.
            let y = self.y - size * 0.2;
            self.sheet.marks.push(Mark::Line(Line { text: text.clone(), x, y, size, face, ink, language }));
        }
    }
}

#[derive(Clone, Copy)]
enum Place {
    From(f32),
    Centred,
}

/// The address as it is typed: on one line where that is legible, else its host on one and its path on the next. `https://` is
/// what a browser tries by itself.
fn address_lines(address: &str) -> Result<Paragraph, PosterRefusal> {
    let long = || PosterRefusal::AddressLong(address.to_owned());
    let typed = address.strip_prefix("https://").unwrap_or(address);
    let after_scheme = typed.find("://").map_or(0, |place| place + 3);
    let host = typed.get(after_scheme..).and_then(|rest| rest.find('/')).map_or(typed.len(), |place| after_scheme + place);
    let (host, path) = typed.split_at_checked(host).ok_or_else(long)?;
    let whole = Paragraph::of_lines(&[typed], Face::Bold, ADDRESS_SIZES, LINE);
    whole.or_else(|| Paragraph::of_lines(&[host, path], Face::Bold, ADDRESS_SIZES, LINE)).ok_or_else(long)
}

/// Four corners around a square.
fn corners(x: f32, y: f32, side: f32) -> Vec<Step> {
    let (arm, thick) = (side * 0.13, 5.0);
    let (right, bottom) = (x + side, y + side);
    let arms = [
        block(x, y, arm, thick),
        block(x, y, thick, arm),
        block(right - arm, y, arm, thick),
        block(right - thick, y, thick, arm),
        block(x, bottom - thick, arm, thick),
        block(x, bottom - arm, thick, arm),
        block(right - arm, bottom - thick, arm, thick),
        block(right - thick, bottom - arm, thick, arm),
    ];
    arms.concat()
}

impl Languages {
    /// Each language with the sizes of its call and invitation, and the white above them.
    fn calls(self) -> impl Iterator<Item = (Language, [f32; 2], f32)> {
        let second = self.second.map(|language| (language, [28.0, 18.0], 18.0));
        [Some((self.first, [54.0, 24.0], 14.0)), second].into_iter().flatten()
    }
}
