//! Batches of sensitive services: the counts carry noise, so that not even somebody who knows all answers but one learns the last.
//!
//! How many people it is about stays exact: the decision to seal showed it already, and one person who answers differently does not
//! change it. A response is in one batch only, so that each batch may use up the whole budget.

use rand::Rng;
use serde::{Deserialize, Serialize};

use super::{RawBatch, SignedCounts, UnsoundBatch, check_options, once};
use crate::calendar::{Day, Month};
use crate::disclosure::noise::Mechanism;
use crate::disclosure::{K_FLOOR, Policy};
use crate::ids::{Assurance, Edition, QuestionnaireId, ServiceId};
use crate::questionnaire::{Kind, Question, Questionnaire};

/// A batch with noise as it stands in a message: only its shape is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawNoisyBatch {
    /// The service, or `other` for the parent of small pools, one of which was a sensitive service's.
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
    /// How many people: exact.
    pub responses: u64,
    /// How the noise was made.
    pub mechanism: Mechanism,
    /// Their answers with noise, negative counts included.
    #[serde(deserialize_with = "once::counts")]
    pub counts: SignedCounts,
}

/// A noisy batch that is large enough, complete, and carries the policy's noise. Made by [`RawNoisyBatch::check`] only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoisyBatch(RawNoisyBatch);

/// By how much one person's answers can change the counts of a question: one option less and another more; where several may be
/// chosen, all of them more and `none` less.
fn sensitivity(question: &Question) -> Option<u32> {
    match question.kind {
        Kind::MultipleChoice => u32::try_from(question.options.len()).ok()?.checked_add(1),
        _ => Some(2),
    }
}

fn mechanism(questionnaire: &Questionnaire, policy: &Policy) -> Option<Mechanism> {
    let mut counted = questionnaire.questions().iter().filter(|question| question.is_counted());
    let total = counted.try_fold(0u32, |sum, question| sum.checked_add(sensitivity(question)?))?;
    Mechanism::discrete_laplace(total, policy.epsilon())
}

impl RawBatch {
    /// The batch with noise on every count, drawn once: the exact counts are used up. `None` where the policy's budget cannot be
    /// written as a scale.
    #[must_use]
    pub fn with_noise(self, questionnaire: &Questionnaire, policy: &Policy, rng: &mut impl Rng) -> Option<RawNoisyBatch> {
        let mechanism = mechanism(questionnaire, policy)?;
        let sampler = mechanism.sampler()?;
        let mut counts = SignedCounts::new();
        for (question, options) in self.counts {
            let noisy = options.into_iter().map(|(option, n)| (option, sampler.noisy(n, rng)));
            counts.insert(question, noisy.collect());
        }
        Some(RawNoisyBatch {
            service: self.service,
            questionnaire: self.questionnaire,
            version: self.version,
            assurance: self.assurance,
            first_day: self.first_day,
            last_day: self.last_day,
            responses: self.responses,
            mechanism,
            counts,
        })
    }
}

impl RawNoisyBatch {
    /// What was asked.
    #[must_use]
    pub fn edition(&self) -> Edition {
        Edition { questionnaire: self.questionnaire.clone(), version: self.version }
    }

    /// Checks size, noise and completeness against the questionnaire and the policy under which it was made. Sums cannot be
    /// checked: noise does not add up.
    ///
    /// # Errors
    /// The first rule that does not hold.
    pub fn check(self, questionnaire: &Questionnaire, k: u32, policy: &Policy) -> Result<NoisyBatch, UnsoundBatch> {
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
        if mechanism(questionnaire, policy) != Some(self.mechanism) {
            return Err(UnsoundBatch::Noise);
        }
        check_options(&self.counts, questionnaire)?;
        Ok(NoisyBatch(self))
    }
}

impl NoisyBatch {
    /// What it says.
    #[must_use]
    pub fn as_raw(&self) -> &RawNoisyBatch {
        &self.0
    }

    /// The reference month: that of the latest response.
    #[must_use]
    pub fn period(&self) -> Month {
        self.0.last_day.month()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::{NONE, Tally};
    use crate::questionnaire::SHIPPED;
    use crate::response::Answers;
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;
    use std::sync::Arc;

    fn national_core() -> Arc<Questionnaire> {
        Arc::new(serde_json::from_str(SHIPPED[1]).unwrap())
    }

    fn policy() -> Policy {
        Policy::new(1, 10, 2).unwrap()
    }

    fn batch() -> RawNoisyBatch {
        let questionnaire = national_core();
        let mut tally = Tally::new(&questionnaire);
        let answers = serde_json::from_str(r#"{"overall": 5}"#).unwrap();
        (0..12).for_each(|_| tally.add(&Answers::check(&questionnaire, &answers).unwrap()));
        let day = "2026-11-24".parse().unwrap();
        let exact = RawBatch {
            service: "s".parse().unwrap(),
            questionnaire: "national-core".parse().unwrap(),
            version: 1,
            assurance: Assurance::Open,
            first_day: day,
            last_day: day,
            responses: tally.responses(),
            counts: tally.counts(),
        };
        exact.with_noise(&questionnaire, &policy(), &mut StdRng::seed_from_u64(4)).unwrap()
    }

    #[test]
    fn the_scale_takes_in_that_several_options_may_be_chosen() {
        // Six questions with one answer each, and one with up to six.
        assert_eq!(batch().mechanism.sensitivity, 6 * 2 + 7);
    }

    #[test]
    fn a_noisy_batch_is_complete_keeps_its_size_and_goes_below_zero() {
        let raw = batch();
        assert_eq!(raw.responses, 12);
        assert!(raw.counts.values().flat_map(|options| options.values()).any(|n| *n < 0));
        assert!(raw.counts["overall"].contains_key(NONE));
        let text = serde_json::to_string(&raw).unwrap();
        assert_eq!(serde_json::from_str::<RawNoisyBatch>(&text).unwrap(), raw);
        assert!(raw.check(&national_core(), 10, &policy()).is_ok());
    }

    #[test]
    fn a_noisy_batch_too_small_incomplete_or_with_too_little_noise_is_refused() {
        let refused = |change: fn(&mut RawNoisyBatch)| {
            let mut raw = batch();
            change(&mut raw);
            raw.check(&national_core(), 10, &policy()).unwrap_err()
        };
        assert!(matches!(refused(|raw| raw.responses = 9), UnsoundBatch::BelowFloor { .. }));
        assert_eq!(refused(|raw| raw.mechanism.scale = "1".parse().unwrap()), UnsoundBatch::Noise);
        assert_eq!(refused(|raw| raw.mechanism.sensitivity = 2), UnsoundBatch::Noise);
        assert!(matches!(refused(|raw| drop(raw.counts.remove("outcome"))), UnsoundBatch::Options(_)));
        assert_eq!(refused(|raw| raw.first_day = "2026-11-25".parse().unwrap()), UnsoundBatch::Days);
    }
}
