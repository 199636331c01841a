//! Counts over at least k people. Every response enters exactly one batch, sealed once; totals exist only as sums of batches.

pub mod noisy;
pub(crate) mod once;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::calendar::{Day, Month};
use crate::disclosure::K_FLOOR;
use crate::ids::{Assurance, Edition, QuestionnaireId, ServiceId};
use crate::questionnaire::{Kind, Questionnaire};
use crate::response::Answers;

/// The key under which "no answer" is counted beside a question's options.
pub const NONE: &str = "none";

/// Counts by question and option key, `none` included: `{"overall": {"1": 0, ..., "5": 9, "none": 0}}`.
pub type Counts = BTreeMap<String, BTreeMap<String, u64>>;

/// Counts with noise, by question and option key, or by the options of two questions.
pub type SignedCounts = BTreeMap<String, BTreeMap<String, i64>>;

/// Counts of one questionnaire while they are being made: every option of every counted question stands at zero.
#[derive(Debug, Clone)]
pub struct Tally<'a> {
    questionnaire: &'a Questionnaire,
    options: Vec<Vec<u64>>,
    none: Vec<u64>,
    responses: u64,
}

impl<'a> Tally<'a> {
    /// Nothing counted yet.
    #[must_use]
    pub fn new(questionnaire: &'a Questionnaire) -> Self {
        let options: Vec<_> = questionnaire.questions().iter().map(|question| vec![0; question.option_keys().len()]).collect();
        Self { questionnaire, none: vec![0; options.len()], options, responses: 0 }
    }

    /// Counts one response.
    pub fn add(&mut self, answers: &Answers) {
        self.responses += 1;
        let mut answered = vec![false; self.none.len()];
        for mark in answers.marks() {
            let question = usize::from(mark.question);
            if let Some(count) = self.options.get_mut(question).and_then(|options| options.get_mut(usize::from(mark.option))) {
                *count += 1;
            }
            answered.get_mut(question).into_iter().for_each(|seen| *seen = true);
        }
        for (none, _) in self.none.iter_mut().zip(answered).filter(|(_, answered)| !answered) {
            *none += 1;
        }
    }

    /// How many responses were counted.
    #[must_use]
    pub fn responses(&self) -> u64 {
        self.responses
    }

    /// The counts by name.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let questions = self.questionnaire.questions().iter().zip(&self.options).zip(&self.none);
        let counted = questions.filter(|((question, _), _)| question.is_counted());
        counted
            .map(|((question, options), none)| {
                let keys = question.option_keys().into_iter().map(str::to_owned);
                let named = keys.zip(options.iter().copied()).chain([(NONE.to_owned(), *none)]);
                (question.id.clone(), named.collect())
            })
            .collect()
    }
}

/// A batch as it stands in a message: only its shape is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawBatch {
    /// The service, or `other` for the parent of small pools.
    pub service: ServiceId,
    /// What was asked.
    pub questionnaire: QuestionnaireId,
    /// In which version.
    pub version: u32,
    /// How the answers came.
    pub assurance: Assurance,
    /// Day of the earliest response.
    pub first_day: Day,
    /// Day of the latest response; its month is the batch's reference month.
    pub last_day: Day,
    /// How many people.
    pub responses: u64,
    /// Their answers.
    #[serde(deserialize_with = "once::counts")]
    pub counts: Counts,
}

/// A batch that is large enough and adds up. Made by [`RawBatch::check`] only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch(RawBatch);

/// Why a batch cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum UnsoundBatch {
    /// Too little company around each person.
    #[error("a batch of {responses} is under the floor of {floor}")]
    BelowFloor {
        /// Its size.
        responses: u64,
        /// The floor.
        floor: u32,
    },
    /// The questionnaire given for checking is another one.
    #[error("the batch is of another questionnaire")]
    WrongQuestionnaire,
    /// Days in the wrong order.
    #[error("the first day is after the last")]
    Days,
    /// A question's options are not those of the questionnaire, or a question is missing or too many.
    #[error("the options of `{0}` are not those of the questionnaire")]
    Options(String),
    /// Another mechanism than the policy's, or another scale.
    #[error("the noise is not that of the policy")]
    Noise,
    /// Counts that cannot come from that many people.
    #[error("the counts of `{0}` do not add up to the batch's size")]
    Sum(String),
}

impl RawBatch {
    /// What was asked.
    #[must_use]
    pub fn edition(&self) -> Edition {
        Edition { questionnaire: self.questionnaire.clone(), version: self.version }
    }

    /// Checks size, completeness and sums against the questionnaire.
    ///
    /// # Errors
    /// The first rule that does not hold.
    pub fn check(self, questionnaire: &Questionnaire, k: u32) -> Result<Batch, UnsoundBatch> {
        let floor = k.max(K_FLOOR);
        if self.responses < u64::from(floor) {
            return Err(UnsoundBatch::BelowFloor { responses: self.responses, floor });
        }
        if questionnaire.edition() != self.edition() {
            return Err(UnsoundBatch::WrongQuestionnaire);
        }
        if self.first_day > self.last_day {
            return Err(UnsoundBatch::Days);
        }
        check_counts(&self.counts, self.responses, questionnaire)?;
        Ok(Batch(self))
    }
}

fn check_counts(counts: &Counts, responses: u64, questionnaire: &Questionnaire) -> Result<(), UnsoundBatch> {
    check_options(counts, questionnaire)?;
    for question in questionnaire.questions() {
        if counts.get(&question.id).is_some_and(|options| !adds_up(options, responses, question.kind)) {
            return Err(UnsoundBatch::Sum(question.id.clone()));
        }
    }
    Ok(())
}

/// Every counted question, and of each every option, and nothing else.
fn check_options<T>(counts: &BTreeMap<String, BTreeMap<String, T>>, questionnaire: &Questionnaire) -> Result<(), UnsoundBatch> {
    let counted: Vec<_> = questionnaire.questions().iter().filter(|question| question.is_counted()).collect();
    if let Some(foreign) = counts.keys().find(|id| !counted.iter().any(|question| question.id == **id)) {
        return Err(UnsoundBatch::Options(foreign.clone()));
    }
    for question in counted {
        let options = counts.get(&question.id).ok_or_else(|| UnsoundBatch::Options(question.id.clone()))?;
        let keys = question.option_keys();
        let complete = options.len() == keys.len() + 1 && keys.iter().chain([&NONE]).all(|key| options.contains_key(*key));
        if !complete {
            return Err(UnsoundBatch::Options(question.id.clone()));
        }
    }
    Ok(())
}

fn adds_up(options: &BTreeMap<String, u64>, responses: u64, kind: Kind) -> bool {
    let none = options.get(NONE).copied().unwrap_or_default();
    let Some(answered) = responses.checked_sub(none) else { return false };
    let chosen = options.iter().filter(|(key, _)| *key != NONE).map(|(_, n)| *n);
    let Some(sum) = chosen.clone().try_fold(0u64, u64::checked_add) else { return false };
    match kind {
        // Each of those who answered chose one option or more, and no option twice.
        Kind::MultipleChoice => sum >= answered && chosen.max().unwrap_or_default() <= answered,
        _ => sum == answered,
    }
}

impl Batch {
    /// The service, or `other`.
    #[must_use]
    pub fn service(&self) -> &ServiceId {
        &self.0.service
    }

    /// What was asked.
    #[must_use]
    pub fn edition(&self) -> Edition {
        self.0.edition()
    }

    /// How the answers came.
    #[must_use]
    pub fn assurance(&self) -> Assurance {
        self.0.assurance
    }

    /// The reference month: that of the latest response. Carried-over responses are counted where they could be published.
    #[must_use]
    pub fn period(&self) -> Month {
        self.0.last_day.month()
    }

    /// How many people.
    #[must_use]
    pub fn responses(&self) -> u64 {
        self.0.responses
    }

    /// Their answers.
    #[must_use]
    pub fn counts(&self) -> &Counts {
        &self.0.counts
    }

    /// The form for the wire.
    #[must_use]
    pub fn as_raw(&self) -> &RawBatch {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::questionnaire::tests::sample;
    use serde_json::json;
    use std::sync::Arc;

    fn questionnaire() -> Arc<Questionnaire> {
        Arc::new(serde_json::from_value(sample()).unwrap())
    }

    fn batch(responses: u64) -> RawBatch {
        let questionnaire = questionnaire();
        let mut tally = Tally::new(&questionnaire);
        for i in 0..responses {
            let overall = i % 5 + 1;
            let mut answers = json!({"overall": overall, "ways": ["web", "app"], "again": true});
            if overall <= 2 {
                answers["why"] = json!("hard");
            }
            tally.add(&Answers::check(&questionnaire, &serde_json::from_value(answers).unwrap()).unwrap());
        }
        let day = "2026-11-24".parse().unwrap();
        RawBatch {
            service: "s".parse().unwrap(),
            questionnaire: "sample".parse().unwrap(),
            version: 1,
            assurance: Assurance::Open,
            first_day: day,
            last_day: day,
            responses: tally.responses(),
            counts: tally.counts(),
        }
    }

    fn refusal(change: impl FnOnce(&mut RawBatch)) -> String {
        let mut raw = batch(10);
        change(&mut raw);
        raw.check(&questionnaire(), 10).unwrap_err().to_string()
    }

    #[test]
    fn what_is_counted_adds_up_and_lists_every_option() {
        let raw = batch(10);
        assert_eq!(raw.counts["overall"]["3"], 2);
        assert_eq!(raw.counts["why"], BTreeMap::from([("slow".into(), 0), ("hard".into(), 4), ("none".into(), 6)]));
        assert_eq!(raw.counts["friends"]["none"], 10);
        assert!(!raw.counts.contains_key("suggestion"));
        assert!(raw.check(&questionnaire(), 10).is_ok());
    }

    #[test]
    fn batches_that_are_too_small_or_do_not_add_up_are_refused() {
        assert!(batch(9).check(&questionnaire(), 10).is_err());
        assert!(batch(4).check(&questionnaire(), 1).unwrap_err().to_string().contains("floor of 5"));
        assert!(refusal(|b| *b.counts.get_mut("overall").unwrap().get_mut("1").unwrap() += 1).contains("add up"));
        assert!(refusal(|b| *b.counts.get_mut("overall").unwrap().get_mut("1").unwrap() = u64::MAX).contains("add up"));
        assert!(refusal(|b| *b.counts.get_mut("ways").unwrap().get_mut("web").unwrap() = 11).contains("add up"));
        assert!(refusal(|b| assert!(b.counts.get_mut("face").unwrap().remove("none").is_some())).contains("options of `face`"));
        assert!(refusal(|b| assert!(b.counts.remove("face").is_some())).contains("options of `face`"));
        assert!(
            refusal(|b| assert!(b.counts.insert("extra".into(), BTreeMap::new()).is_none())).contains("options of `extra`")
        );
        assert!(refusal(|b| b.first_day = "2026-11-25".parse().unwrap()).contains("first day"));
        assert!(refusal(|b| b.version = 2).contains("another questionnaire"));
    }
}
