//! Bodies of messages. What is accepted says nothing that the aggregator does not read: the body is archived and published as
//! it is, so that an hour beside a day, or a count that is given twice, would stand in the ledger for ever.

#![no_main]

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
    if let Payload::Summary(summary) = message.payload {
        for batch in summary.batches {
            let asked = shipped().iter().map(AsRef::as_ref).find(|one: &&Questionnaire| one.edition() == batch.edition());
            if let Some(questionnaire) = asked {
                assert_sound(&batch, questionnaire, message.policy.k());
            }
        }
    }
});
