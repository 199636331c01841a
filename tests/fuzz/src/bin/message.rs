//! Bodies of messages. What is accepted says nothing that the aggregator does not read: the body is archived and published as
//! it is, so that an hour beside a day, or a count that is given twice, would stand in the ledger for ever.

#![no_main]

use gradimento_common::calendar::Day;
use gradimento_common::ids::Edition;
use gradimento_common::message::{Message, Payload};
use gradimento_common::questionnaire::Questionnaire;
use gradimento_fuzz::{assert_sound, json, shipped};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let Ok(message) = Message::parse(body) else { return };
    let again = message.to_bytes().expect("what was read can be written");
    let reread = Message::parse(&again).expect("what was written can be read");
    assert_eq!(again, reread.to_bytes().expect("twice"), "written once, a message is stable");
    json::assert_says_the_same(body, &again, &["made_at"]);
    let asked = |edition: Edition| shipped().iter().map(AsRef::as_ref).find(|one: &&Questionnaire| one.edition() == edition);
    let policy = &message.policy;
    match message.payload {
        Payload::Summary(summary) => {
            for batch in summary.batches {
                if let Some(questionnaire) = asked(batch.edition()) {
                    assert_sound(&batch, questionnaire, policy.k());
                }
            }
        }
        Payload::NoisySummary(summary) => {
            for batch in summary.batches {
                let sound = asked(batch.edition()).map(|questionnaire| batch.check(questionnaire, policy.k(), policy));
                if let Some(Ok(batch)) = sound {
                    assert!(batch.as_raw().responses >= policy.k().into(), "a batch below k was let through");
                }
            }
        }
        Payload::Breakdowns(raw) => {
            let today = Day::of(message.made_at).month();
            let sound = asked(raw.edition()).map(|questionnaire| raw.check(questionnaire, policy, today));
            if let Some(Ok(breakdowns)) = sound {
                let raw = breakdowns.as_raw();
                assert!(
                    raw.responses >= policy.k().into() && raw.month < today,
                    "breakdowns too small or too early were let through"
                );
            }
        }
        _ => (),
    }
});
