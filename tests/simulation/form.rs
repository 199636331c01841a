//! A questionnaire in which every response leaves a mark of its own: answer number n of an edition chooses option n, which nobody
//! else does. So a total holds only zeros and ones; a 2 proves double counting, and a hole proves loss.

use std::sync::{Arc, Mutex};

use gradimento_common::batch::RawBatch;
use gradimento_common::questionnaire::Questionnaire;
use serde_json::{Value, json};

/// Responses that one version of the questionnaire can tell apart.
pub const COORDINATES: u16 = 60;
/// Of them, those that choose in the question of several choices; the others choose in that of one.
const SEVERAL: u16 = COORDINATES / 2;
/// What the questionnaire is called.
pub const ID: &str = "simulation";

/// The document of a version, and what it says.
pub fn version(number: u32) -> (Arc<str>, Arc<Questionnaire>) {
    static KNOWN: Mutex<Vec<(Arc<str>, Arc<Questionnaire>)>> = Mutex::new(Vec::new());
    let mut known = KNOWN.lock().unwrap();
    while known.len() < number as usize {
        let document = document(known.len() + 1).to_string();
        let questionnaire = serde_json::from_str(&document).unwrap();
        known.push((document.into(), Arc::new(questionnaire)));
    }
    known[number as usize - 1].clone()
}

fn document(version: usize) -> Value {
    let text = json!({"it": "t", "en": "t", "de": "t", "fr": "t", "sl": "t"});
    let options = |range: std::ops::Range<u16>| -> Vec<_> {
        range.map(|coordinate| json!({"id": option(coordinate), "text": text})).collect()
    };
    json!({"id": ID, "version": version, "title": text, "questions": [
        {"id": "overall", "kind": "stars", "dimension": "satisfaction", "required": true, "text": text},
        {"id": "several", "kind": "multiple_choice", "dimension": "user_type", "required": false, "text": text,
         "options": options(0..SEVERAL)},
        {"id": "one", "kind": "single_choice", "dimension": "outcome", "required": false, "text": text,
         "options": options(SEVERAL..COORDINATES)},
    ]})
}

fn option(coordinate: u16) -> String {
    format!("c{coordinate}")
}

/// The answers of the response with this coordinate, as a citizen's device sends them.
pub fn response(version: u32, coordinate: u16, ticket: Option<&str>) -> String {
    let (stars, option) = (1 + coordinate % 5, option(coordinate));
    let chosen = if coordinate < SEVERAL { format!(r#""several":["{option}"]"#) } else { format!(r#""one":"{option}""#) };
    let ticket = ticket.map(|ticket| format!(r#","ticket":"{ticket}""#)).unwrap_or_default();
    format!(r#"{{"questionnaire":"{ID}","version":{version},"answers":{{"overall":{stars},{chosen}}}{ticket}}}"#)
}

/// The coordinate that an option stands for; none for stars and for "no answer".
pub fn coordinate(option: &str) -> Option<u16> {
    option.strip_prefix('c')?.parse().ok()
}

/// Version and coordinate of every response in a batch.
pub fn coordinates(batch: &RawBatch) -> impl Iterator<Item = (u32, u16)> {
    let counted = batch.counts.values().flatten().filter(|(_, n)| **n > 0);
    counted.filter_map(|(option, _)| Some((batch.version, coordinate(option)?)))
}

/// A number for each cell of the questionnaire: the coordinates first, then "no answer" of each question, then the stars.
pub fn cell(question: &str, option: &str) -> u16 {
    match (coordinate(option), question) {
        (Some(coordinate), _) => coordinate,
        (None, "several") => COORDINATES,
        (None, "one") => COORDINATES + 1,
        _ => COORDINATES + 2 + option.parse::<u16>().unwrap_or_default(),
    }
}

/// The cells that the response with this coordinate is counted in.
pub fn cells(coordinate: u16) -> [u16; 3] {
    let unanswered = if coordinate < SEVERAL { "one" } else { "several" };
    [coordinate, cell(unanswered, "none"), COORDINATES + 3 + coordinate % 5]
}

/// The coordinate of a response as the collector stores it: `{"one":["c41"],"overall":["2"]}`.
pub fn coordinate_of_stored(answers: &str) -> Option<u16> {
    answers.split('"').find_map(coordinate)
}
