//! What the fuzz targets share: keys that are no secrets, questionnaires, and what must hold of whatever was accepted.
//!
//! A target panics where an invariant fails; libFuzzer then keeps the input.

pub mod collector;
pub mod json;
pub mod keys;

use std::sync::{Arc, LazyLock};

use gradimento_common::batch::{NONE, RawBatch};
use gradimento_common::disclosure::K_FLOOR;
use gradimento_common::questionnaire::{Kind, Questionnaire, SHIPPED};

/// The time at which everything happens, in seconds since the Unix epoch: 2026-11-24T10:00:00Z.
pub const NOW: i64 = 1_795_514_400;

/// The questionnaires that are shipped.
pub fn shipped() -> &'static [Arc<Questionnaire>; 2] {
    static QUESTIONNAIRES: LazyLock<[Arc<Questionnaire>; 2]> = LazyLock::new(|| SHIPPED.map(|document| read(document)));
    &QUESTIONNAIRES
}

/// A questionnaire with a question of every kind, and a follow-up.
pub fn every_kind() -> &'static Arc<Questionnaire> {
    static QUESTIONNAIRE: LazyLock<Arc<Questionnaire>> = LazyLock::new(|| read(include_str!("every_kind.json")));
    &QUESTIONNAIRE
}

fn read(document: &str) -> Arc<Questionnaire> {
    Arc::new(serde_json::from_str(document).expect("a sound questionnaire"))
}

/// Where the batch passes its check: it is large enough, and every question's counts come from that many people. Added up
/// here in wide numbers, without the code under test.
pub fn assert_sound(batch: &RawBatch, questionnaire: &Questionnaire, k: u32) {
    let Ok(sound) = batch.clone().check(questionnaire, k) else { return };
    assert_eq!(sound.counts(), &batch.counts, "checking changes nothing");
    let people = u128::from(sound.responses());
    assert!(people >= u128::from(k) && people >= u128::from(K_FLOOR), "a batch of {people}");
    assert!(batch.first_day <= batch.last_day);
    let counted: Vec<_> = questionnaire.questions().iter().filter(|question| question.kind != Kind::FreeText).collect();
    assert_eq!(batch.counts.len(), counted.len(), "every counted question, and no other");
    for question in counted {
        let options = &batch.counts[&question.id];
        let none = u128::from(options[NONE]);
        let chosen: Vec<u128> = question.option_keys().iter().map(|key| u128::from(options[*key])).collect();
        assert_eq!(options.len(), chosen.len() + 1);
        let sum: u128 = chosen.iter().sum();
        if question.kind == Kind::MultipleChoice {
            assert!(none <= people && chosen.iter().all(|count| count + none <= people) && sum + none >= people);
        } else {
            assert_eq!(sum + none, people, "{}", question.id);
        }
    }
}
