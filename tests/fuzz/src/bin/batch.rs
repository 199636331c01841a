//! Single batches, under the floor and under a higher k: what passes its check adds up.

#![no_main]

use gradimento_common::batch::RawBatch;
use gradimento_fuzz::{assert_sound, every_kind, json, shipped};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    let Ok(batch) = serde_json::from_slice::<RawBatch>(text) else { return };
    json::assert_says_the_same(text, &serde_json::to_vec(&batch).expect("what was read can be written"), &[]);
    for questionnaire in shipped().iter().chain([every_kind()]) {
        for k in [0, 10] {
            assert_sound(&batch, questionnaire, k);
        }
    }
});
