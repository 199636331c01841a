//! Questionnaires: one that is read is written the same, keeps its promises, and its largest batch fits in a message.

#![no_main]

use std::collections::BTreeSet;

use gradimento_common::batch::{Counts, NONE, RawBatch};
use gradimento_common::ids::{Assurance, ServiceId};
use gradimento_common::limits::MESSAGE_PAYLOAD_BYTES_MAX;
use gradimento_common::questionnaire::{Kind, Questionnaire};
use gradimento_fuzz::json;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|document: &[u8]| {
    let Ok(questionnaire) = serde_json::from_slice::<Questionnaire>(document) else { return };
    let again = serde_json::to_vec(&questionnaire).expect("what was read can be written");
    assert_eq!(serde_json::from_slice::<Questionnaire>(&again).ok().as_ref(), Some(&questionnaire));
    json::assert_says_the_same(document, &again, &["questions"]);

    let questions = questionnaire.questions();
    let ids: BTreeSet<_> = questions.iter().map(|question| &question.id).collect();
    assert_eq!(ids.len(), questions.len(), "ids are unique");
    let overall = questionnaire.position("overall").and_then(|position| questions.get(position)).expect("an overall rating");
    assert!(overall.kind == Kind::Stars && overall.required && overall.when.is_none());
    for question in questions.iter().filter(|question| question.kind != Kind::FreeText) {
        assert!(question.option_keys().len() >= 2 && !question.option_keys().contains(&NONE));
    }
    let size = serde_json::to_vec(&largest_batch(&questionnaire)).expect("a batch can be written").len();
    assert!(size <= MESSAGE_PAYLOAD_BYTES_MAX, "a batch of {size} bytes");
});

/// A batch with the longest name and the longest numbers.
fn largest_batch(questionnaire: &Questionnaire) -> RawBatch {
    let longest = |key: &str| (key.to_owned(), u64::MAX);
    let counted = questionnaire.questions().iter().filter(|question| question.is_counted());
    let counts: Counts = counted
        .map(|question| (question.id.clone(), question.option_keys().into_iter().chain([NONE]).map(longest).collect()))
        .collect();
    let (service, day): (ServiceId, _) = ("s".repeat(64).parse().expect("a service"), "2026-11-24".parse().expect("a day"));
    let edition = questionnaire.edition();
    RawBatch {
        service,
        questionnaire: edition.questionnaire,
        version: edition.version,
        assurance: Assurance::Ticketed,
        first_day: day,
        last_day: day,
        responses: u64::MAX,
        counts,
    }
}
