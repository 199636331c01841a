//! Past ratings, from the exports of the components in the field. They are counted by day and forgotten: no row of the file is
//! kept, no page, no title and no text, for what citizens wrote there never went through redaction. A file is imported whole
//! or refused with every row that cannot be read.

mod report;

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;
use std::str::FromStr;

use csv::StringRecord;
use gradimento_common::batch::NONE;
use gradimento_common::calendar::Day;
use gradimento_common::ids::ServiceId;
use gradimento_common::questionnaire::Questionnaire;
use thiserror::Error;

use crate::intake::bridge::{present, reason, stars};
use crate::store::imported::{ImportedCount, replace};
use crate::store::{Store, StoreError};

pub use report::report;

/// Largest export, in bytes: a million ratings with 200 characters each.
pub const IMPORT_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// How many faulty rows are told one by one.
const FAULTS_TOLD_MAX: usize = 20;

/// Whose export it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Ratings of the WordPress theme. It has no export of its own; what export plug-ins write is recognised by the names of
    /// its fields.
    Wordpress,
    /// `@feedback-csv` of the Plone add-on.
    Plone,
}

/// What is wrong with one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFault {
    /// Line of the file at which the row begins, from 1.
    pub line: u64,
    /// What is wrong; never what stands there.
    pub detail: &'static str,
}

/// Why nothing was imported.
#[derive(Debug, Error)]
pub enum ImportError {
    /// The file cannot be read.
    #[error("the file cannot be read: {0}")]
    Unreadable(#[from] std::io::Error),
    /// The file is too large.
    #[error("the file has more than {IMPORT_BYTES_MAX} bytes")]
    TooLarge,
    /// A column is missing.
    #[error("the first row names no column for {what}; one of these is needed: {}", names.join(", "))]
    Column {
        /// What the column holds.
        what: &'static str,
        /// How it may be called.
        names: &'static [&'static str],
    },
    /// Rows cannot be read.
    #[error("{} rows cannot be read, and nothing was imported:{}", .0.len(), told(.0))]
    Rows(Vec<RowFault>),
    /// The counts could not be stored.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Ratings counted: by day, question and option.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counted {
    /// How many ratings.
    pub ratings: u64,
    cells: BTreeMap<(Day, String, String), u64>,
}

/// Imports an export for a service, in place of what the same kind of export brought before. Returns the number of ratings.
///
/// # Errors
/// Where the file cannot be read whole; nothing has changed then.
pub async fn import(
    store: &Store,
    questionnaire: &Questionnaire,
    service: &ServiceId,
    format: Format,
    file: impl Read,
) -> Result<u64, ImportError> {
    let tally = read(questionnaire, format, file)?;
    let (ratings, counts, service) = (tally.ratings, tally.counts(), service.clone());
    store.write(move |transaction| replace(transaction, &service, format.name(), &counts)).await?;
    Ok(ratings)
}

/// Counts the ratings of an export.
///
/// # Errors
/// Where the file cannot be read whole, with every row that cannot.
pub fn read(questionnaire: &Questionnaire, format: Format, file: impl Read) -> Result<Counted, ImportError> {
    let mut bytes = Vec::new();
    file.take(IMPORT_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > IMPORT_BYTES_MAX {
        return Err(ImportError::TooLarge);
    }
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter(&bytes)).flexible(true).from_reader(bytes.as_slice());
    let columns = Columns::find(format, reader.headers().map_err(|_| ImportError::Rows(vec![NOT_TEXT]))?)?;
    let (mut counted, mut faults) = (Counted::default(), Vec::new());
    for record in reader.records() {
        let rating = match &record {
            Ok(record) => Rating::read(questionnaire, &columns, record),
            Err(error) => Err(RowFault { line: error.position().map_or(0, csv::Position::line), ..NOT_TEXT }),
        };
        match rating {
            Ok(rating) => counted.add(questionnaire, &rating),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() { Ok(counted) } else { Err(ImportError::Rows(faults)) }
}

const NOT_TEXT: RowFault = RowFault { line: 1, detail: "is not UTF-8 text" };

/// Spreadsheets in Italian write semicolons.
fn delimiter(bytes: &[u8]) -> u8 {
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |wanted| first.iter().filter(|byte| **byte == wanted).count();
    if count(b';') > count(b',') { b';' } else { b',' }
}

/// Where the three columns are that are read.
struct Columns {
    stars: usize,
    reason: usize,
    date: usize,
}

impl Columns {
    fn find(format: Format, headers: &StringRecord) -> Result<Self, ImportError> {
        let place = |what: &'static str, names: &'static [&'static str]| {
            let named = |header: &str| names.contains(&header.trim().to_lowercase().as_str());
            headers.iter().position(named).ok_or(ImportError::Column { what, names })
        };
        let [stars, reason, date] = format.column_names();
        Ok(Self { stars: place("the stars", stars)?, reason: place("the answer", reason)?, date: place("the date", date)? })
    }
}

struct Rating<'q> {
    day: Day,
    stars: u8,
    reason: Option<(&'q str, &'q str)>,
}

impl<'q> Rating<'q> {
    fn read(questionnaire: &'q Questionnaire, columns: &Columns, record: &StringRecord) -> Result<Self, RowFault> {
        let line = record.position().map_or(0, csv::Position::line);
        let fault = |detail| RowFault { line, detail };
        let stars = stars(record.get(columns.stars)).ok_or(fault("has no stars from 1 to 5"))?;
        let day = day(record.get(columns.date).unwrap_or_default()).ok_or(fault("has no date"))?;
        let reason = match present(record.get(columns.reason)) {
            None => None,
            Some(text) => {
                let reason =
                    reason(questionnaire, stars, text).ok_or(fault("has an answer that does not go with its stars"))?;
                Some((reason.question, reason.option))
            }
        };
        Ok(Self { day, stars, reason })
    }
}

/// The day of `2024-05-31`, alone or before a time, or of `31/05/2024`.
fn day(text: &str) -> Option<Day> {
    let date = text.trim().split(['T', ' ']).next()?;
    let parts: Vec<&str> = date.split('/').collect();
    match parts.as_slice() {
        [day, month, year] => format!("{year}-{month:0>2}-{day:0>2}").parse().ok(),
        _ => date.parse().ok(),
    }
}

impl Counted {
    fn add(&mut self, questionnaire: &Questionnaire, rating: &Rating<'_>) {
        self.ratings += 1;
        let stars = rating.stars.to_string();
        for question in questionnaire.questions().iter().filter(|question| question.is_counted()) {
            let option = match rating.reason {
                _ if question.id == "overall" => stars.as_str(),
                Some((answered, option)) if answered == question.id => option,
                _ => NONE,
            };
            *self.cells.entry((rating.day, question.id.clone(), option.to_owned())).or_default() += 1;
        }
    }

    /// The counts, in the order of their days.
    #[must_use]
    pub fn counts(self) -> Vec<ImportedCount> {
        let cells = self.cells.into_iter();
        cells.map(|((day, question, option), n)| ImportedCount { day, question, option, n }).collect()
    }
}

impl Format {
    /// As it is stored and as the command line calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Wordpress => "wordpress",
            Self::Plone => "plone",
        }
    }

    /// The names that stars, answer and date may have in the first row, in lower case.
    fn column_names(self) -> [&'static [&'static str]; 3] {
        match self {
            Self::Wordpress => [
                &["_dci_rating_stelle", "stelle", "stars", "star", "valutazioni (stelle)"],
                &["_dci_rating_risposta_chiusa", "risposta_chiusa", "radioresponse", "risposta scelta multipla"],
                &["post_date", "date", "data"],
            ],
            Self::Plone => [&["vote"], &["answer"], &["date"]],
        }
    }
}

impl FromStr for Format {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = [Self::Wordpress, Self::Plone].into_iter().find(|format| format.name() == text);
        known.ok_or("must be `wordpress` or `plone`")
    }
}

impl fmt::Display for RowFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} {}", self.line, self.detail)
    }
}

fn told(faults: &[RowFault]) -> String {
    let shown = faults.iter().take(FAULTS_TOLD_MAX).map(|fault| format!("\n  {fault}")).collect::<String>();
    if faults.len() > FAULTS_TOLD_MAX { format!("{shown}\n  and so on") } else { shown }
}

#[cfg(test)]
mod tests;
