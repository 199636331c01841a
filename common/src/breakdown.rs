//! Breakdowns: once a month and service, the overall rating crossed with what else is known. Such tables overlap, so that exact
//! counts would give people away; they leave with noise only, and once.
//!
//! How many responses they are about stands beside them exactly: those are the responses of the batches of that service and month,
//! whose sizes are public already. Noise there would be a second release of the same number, and would protect nobody.

use std::collections::BTreeMap;

use rand::Rng;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::batch::{NONE, SignedCounts, once};
use crate::calendar::Month;
use crate::disclosure::Policy;
use crate::disclosure::noise::Mechanism;
use crate::ids::{Assurance, Edition, QuestionnaireId, ServiceId};
use crate::questionnaire::{Dimension, Kind, Language, Question, Questionnaire};
use crate::response::Answers;

/// The column name of the language in which a citizen answered.
pub const LANGUAGE: &str = "language";

/// What the overall rating is crossed with, where a questionnaire asks it with one answer. Several answers to one question would
/// take more noise; channel and class of device are not known.
const CROSSED_WITH: [Dimension; 2] = [Dimension::Outcome, Dimension::UserType];

/// By how much one person's answer changes a full table: one cell less one, another more one.
const TABLE_SENSITIVITY: u32 = 2;

/// One cross-table with noise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrossTable {
    /// The question of the rows.
    pub rows: String,
    /// The question of the columns, or `language`.
    pub columns: String,
    /// A count for every row and column, `none` included.
    #[serde(deserialize_with = "once::counts")]
    pub counts: SignedCounts,
}

/// The breakdowns of one service and month as they stand in a message: only their shape is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawBreakdowns {
    /// The service, or `other` for the parent of small pools.
    pub service: ServiceId,
    /// What was asked.
    pub questionnaire: QuestionnaireId,
    /// In which version.
    pub version: u32,
    /// How the answers came.
    pub assurance: Assurance,
    /// The reference month.
    pub month: Month,
    /// How many people: exact.
    pub responses: u64,
    /// How the noise was made.
    pub mechanism: Mechanism,
    /// The tables.
    pub tables: Vec<CrossTable>,
}

/// Breakdowns that are complete and carry the noise that the policy demands. Made by [`RawBreakdowns::check`] only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breakdowns(RawBreakdowns);

/// Why breakdowns cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum UnsoundBreakdowns {
    /// Too little company around each person.
    #[error("breakdowns of {responses} are under the policy's k of {k}")]
    TooFew {
        /// How many.
        responses: u64,
        /// The policy's k.
        k: u32,
    },
    /// The questionnaire given for checking is another one.
    #[error("the breakdowns are of another questionnaire")]
    WrongQuestionnaire,
    /// The month is not over.
    #[error("{0} is not over")]
    MonthOpen(Month),
    /// Another mechanism than the policy's, or another scale.
    #[error("the noise is not that of the policy")]
    Mechanism,
    /// A table is missing, too many, or not complete.
    #[error("the tables are not those of the questionnaire")]
    Tables,
}

/// One way of telling responses apart, with all its options.
struct Axis<'a> {
    name: &'a str,
    options: Vec<&'a str>,
}

impl<'a> Axis<'a> {
    fn question(question: &'a Question) -> Self {
        Self { name: &question.id, options: question.option_keys().into_iter().chain([NONE]).collect() }
    }

    fn language() -> Self {
        Self { name: LANGUAGE, options: Language::ALL.map(Language::tag).into_iter().chain([NONE]).collect() }
    }
}

/// The tables of a questionnaire, in order.
fn crossings(questionnaire: &Questionnaire) -> Vec<(Axis<'_>, Axis<'_>)> {
    let questions = questionnaire.questions();
    let Some(overall) = questions.iter().find(|question| question.id == "overall") else { return Vec::new() };
    let single = |question: &&Question| question.is_counted() && question.kind != Kind::MultipleChoice;
    let asked = CROSSED_WITH.iter().filter_map(|dimension| {
        questions.iter().filter(single).find(|question| question.dimension == *dimension && question.id != LANGUAGE)
    });
    let columns = asked.map(Axis::question).chain([Axis::language()]);
    columns.map(|column| (Axis::question(overall), column)).collect()
}

/// The mechanism of all tables of a questionnaire together: sensitivity 2T for T tables.
fn mechanism(tables: usize, policy: &Policy) -> Option<Mechanism> {
    let sensitivity = TABLE_SENSITIVITY.checked_mul(u32::try_from(tables).ok()?)?;
    Mechanism::discrete_laplace(sensitivity, policy.epsilon())
}

/// Exact cross-tables while they are being counted. They leave this type with noise only.
pub struct Crossing<'a> {
    questionnaire: &'a Questionnaire,
    axes: Vec<(Axis<'a>, Axis<'a>)>,
    tables: Vec<BTreeMap<(String, String), u64>>,
    responses: u64,
}

impl<'a> Crossing<'a> {
    /// Nothing counted yet.
    #[must_use]
    pub fn new(questionnaire: &'a Questionnaire) -> Self {
        let axes = crossings(questionnaire);
        Self { questionnaire, tables: vec![BTreeMap::new(); axes.len()], axes, responses: 0 }
    }

    /// Counts responses that say the same, given in the language of this tag.
    pub fn add(&mut self, answers: &Answers, language: &str, responses: u64) {
        self.responses += responses;
        for ((rows, columns), table) in self.axes.iter().zip(&mut self.tables) {
            let option = |axis: &Axis<'_>| {
                let chosen =
                    if axis.name == LANGUAGE { Some(language) } else { chosen(self.questionnaire, answers, axis.name) };
                chosen.filter(|chosen| axis.options.contains(chosen)).unwrap_or(NONE).to_owned()
            };
            *table.entry((option(rows), option(columns))).or_default() += responses;
        }
    }

    /// The names of the tables: what a budget is spent on.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.axes.iter().map(|(rows, columns)| format!("{} x {}", rows.name, columns.name)).collect()
    }

    /// How many responses were counted.
    #[must_use]
    pub fn responses(&self) -> u64 {
        self.responses
    }

    /// The tables with noise on every cell of the full tables, drawn once: `self` is used up. `None` where the policy's budget
    /// cannot be written as a scale.
    #[must_use]
    pub fn with_noise(self, policy: &Policy, rng: &mut impl Rng) -> Option<(Mechanism, Vec<CrossTable>)> {
        let mechanism = mechanism(self.axes.len(), policy)?;
        let sampler = mechanism.sampler()?;
        let noisy = self.axes.iter().zip(&self.tables).map(|((rows, columns), exact)| {
            let mut counts = SignedCounts::new();
            for row in &rows.options {
                for column in &columns.options {
                    let count = exact.get(&((*row).to_owned(), (*column).to_owned())).copied().unwrap_or_default();
                    let cells = counts.entry((*row).to_owned()).or_default();
                    cells.insert((*column).to_owned(), sampler.noisy(count, rng));
                }
            }
            CrossTable { rows: rows.name.to_owned(), columns: columns.name.to_owned(), counts }
        });
        Some((mechanism, noisy.collect()))
    }
}

fn chosen<'q>(questionnaire: &'q Questionnaire, answers: &Answers, id: &str) -> Option<&'q str> {
    let position = questionnaire.position(id)?;
    let question = questionnaire.questions().get(position)?;
    let mark = answers.marks().iter().find(|mark| usize::from(mark.question) == position)?;
    question.option_keys().get(usize::from(mark.option)).copied()
}

impl RawBreakdowns {
    /// What was asked.
    #[must_use]
    pub fn edition(&self) -> Edition {
        Edition { questionnaire: self.questionnaire.clone(), version: self.version }
    }

    /// Checks size, month, noise and completeness against the questionnaire, the policy under which they were made and the
    /// month of today.
    ///
    /// # Errors
    /// The first rule that does not hold.
    pub fn check(self, questionnaire: &Questionnaire, policy: &Policy, today: Month) -> Result<Breakdowns, UnsoundBreakdowns> {
        if self.responses < u64::from(policy.k()) {
            return Err(UnsoundBreakdowns::TooFew { responses: self.responses, k: policy.k() });
        }
        if questionnaire.edition() != self.edition() {
            return Err(UnsoundBreakdowns::WrongQuestionnaire);
        }
        if self.month >= today {
            return Err(UnsoundBreakdowns::MonthOpen(self.month));
        }
        let axes = crossings(questionnaire);
        if mechanism(axes.len(), policy) != Some(self.mechanism) {
            return Err(UnsoundBreakdowns::Mechanism);
        }
        let complete = axes.len() == self.tables.len() && axes.iter().zip(&self.tables).all(|(axes, table)| table.is_of(axes));
        if complete { Ok(Breakdowns(self)) } else { Err(UnsoundBreakdowns::Tables) }
    }
}

impl CrossTable {
    fn is_of(&self, (rows, columns): &(Axis<'_>, Axis<'_>)) -> bool {
        let same = |options: &[&str], mut keys: Vec<&str>| {
            let mut options = options.to_vec();
            options.sort_unstable();
            keys.sort_unstable();
            options == keys
        };
        self.rows == rows.name
            && self.columns == columns.name
            && same(&rows.options, self.counts.keys().map(String::as_str).collect())
            && self.counts.values().all(|cells| same(&columns.options, cells.keys().map(String::as_str).collect()))
    }
}

impl Breakdowns {
    /// What they say.
    #[must_use]
    pub fn as_raw(&self) -> &RawBreakdowns {
        &self.0
    }
}

#[cfg(test)]
#[path = "breakdown/tests.rs"]
mod tests;
