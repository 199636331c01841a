//! Responses of citizens' devices, as JSON. What is accepted comes back from storage as it was and can be counted; what is
//! refused is refused by the name of a place in the body.

#![no_main]

use std::collections::BTreeMap;
use std::sync::Arc;

use gradimento_common::batch::{RawBatch, Tally};
use gradimento_common::disclosure::K_FLOOR;
use gradimento_common::ids::Assurance;
use gradimento_common::questionnaire::Questionnaire;
use gradimento_common::response::{Answers, RawResponse, check_language, check_suggestion};
use gradimento_fuzz::{assert_sound, every_kind, shipped};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let Ok(response) = serde_json::from_slice::<RawResponse>(body) else { return };
    for questionnaire in shipped().iter().chain([every_kind()]) {
        match Answers::check(questionnaire, &response.answers) {
            Ok(answers) => check_accepted(questionnaire, &answers),
            Err(faults) => {
                assert!(!faults.is_empty() && faults.iter().all(|fault| fault.pointer.starts_with("/answers")));
                assert!(faults.iter().all(|fault| fault.pointer.len() <= 400 && !fault.detail.is_empty()));
            }
        }
        if let Ok(Some(text)) = check_suggestion(questionnaire, response.suggestion.as_deref()) {
            let asked = questionnaire.suggestion().and_then(|question| question.max_length).expect("it was asked for");
            assert!(!text.is_empty() && text.trim() == text && !text.contains('\0') && text.chars().count() <= asked as usize);
            assert!(response.suggestion.as_ref().is_some_and(|sent| sent.contains(&text)), "no word is changed");
        }
    }
    if let Ok(language) = check_language(response.language.as_deref()) {
        assert_eq!(response.language.as_deref().unwrap_or("it"), language.tag());
    }
});

fn check_accepted(questionnaire: &Arc<Questionnaire>, answers: &Answers) {
    assert!((1..=5).contains(&answers.overall()));
    let stored = Answers::from_stored(questionnaire, &answers.to_stored()).expect("what is stored can be read");
    assert_eq!(stored.marks(), answers.marks());

    let mut tally = Tally::new(questionnaire);
    (0..K_FLOOR).for_each(|_| tally.add(answers));
    let mut none = Vec::new();
    for (question, options) in tally.counts() {
        let mut marked = BTreeMap::from_iter(options);
        none.push((question, marked.remove("none")));
    }
    assert!(none.iter().all(|(_, count)| matches!(count, Some(0 | 5))), "everybody answered alike");
    let (edition, day) = (questionnaire.edition(), "2026-11-24".parse().expect("a day"));
    let batch = RawBatch {
        service: "prova".parse().expect("a service"),
        questionnaire: edition.questionnaire,
        version: edition.version,
        assurance: Assurance::Open,
        first_day: day,
        last_day: day,
        responses: tally.responses(),
        counts: tally.counts(),
    };
    assert!(batch.clone().check(questionnaire, K_FLOOR).is_ok(), "what was counted adds up");
    assert_sound(&batch, questionnaire, K_FLOOR);
}
