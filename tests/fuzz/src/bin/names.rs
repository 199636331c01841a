//! Everything that is written as a short text: names, days, digests, codes, languages. One value has one spelling.

#![no_main]

use std::fmt::Display;
use std::str::FromStr;

use gradimento_common::calendar::{Day, Month};
use gradimento_common::encoding::{base64, base64url, from_base64, from_base64url, from_hex, hex, readable};
use gradimento_common::ids::{AgencyCode, Assurance, QuestionnaireId, ServiceId, StreamId};
use gradimento_common::message::ServiceKind;
use gradimento_common::modi::BodyDigest;
use gradimento_common::problem::ProblemType;
use gradimento_common::questionnaire::Language;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    one_spelling::<AgencyCode>(text);
    one_spelling::<ServiceId>(text);
    one_spelling::<QuestionnaireId>(text);
    one_spelling::<StreamId>(text);
    one_spelling::<Day>(text);
    one_spelling::<Month>(text);
    one_spelling::<BodyDigest>(text);
    assert!(text.parse().is_ok_and(|assurance: Assurance| assurance.as_str() == text) || text.parse::<Assurance>().is_err());
    assert!(ServiceKind::from_name(text).is_none_or(|kind| kind.as_str() == text));
    assert!(ProblemType::from_uri(text).is_none_or(|kind| kind.uri() == text));
    assert!(from_hex(text).is_none_or(|bytes| hex(&bytes) == text));
    assert!(from_base64(text).is_none_or(|bytes| base64(&bytes) == text));
    assert!(from_base64url(text).is_none_or(|bytes| base64url(&bytes) == text));
    assert!(readable(text.as_bytes()).bytes().all(|c| c == b'-' || c.is_ascii_digit() || c.is_ascii_uppercase()));
    let language = Language::accepted(text);
    assert!(language == Language::It || text.to_ascii_lowercase().contains(language.tag()), "nobody asked for {language:?}");
});

fn one_spelling<T: FromStr + Display>(text: &str) {
    if let Ok(value) = text.parse::<T>() {
        assert_eq!(value.to_string(), text);
    }
}
