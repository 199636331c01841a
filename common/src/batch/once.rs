//! Counts in which no question and no option stands twice. Of a member given twice some readers keep the first and some the
//! last, so that one published body would yield two totals.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};

/// Counts by two names, of whatever kind of number.
type Named<T> = BTreeMap<String, BTreeMap<String, T>>;

/// Reads counts; a question or an option that is given twice is an error.
pub(crate) fn counts<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Named<T>, D::Error> {
    let questions = Once::<Once<T>>::deserialize(deserializer)?.0;
    Ok(questions.into_iter().map(|(question, options)| (question, options.0)).collect())
}

struct Once<T>(BTreeMap<String, T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Once<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members(PhantomData))
    }
}

struct Members<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
    type Value = Once<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("counts by question and option")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Once<T>, A::Error> {
        let mut members = BTreeMap::new();
        while let Some((name, value)) = map.next_entry::<String, T>()? {
            if members.insert(name, value).is_some() {
                return Err(A::Error::custom("a question or an option is counted twice in `counts`"));
            }
        }
        Ok(Once(members))
    }
}

#[cfg(test)]
mod tests {
    use crate::batch::RawBatch;

    fn read(counts: &str) -> Result<RawBatch, serde_json::Error> {
        serde_json::from_str(&format!(
            r#"{{"service": "s", "questionnaire": "q", "version": 1, "assurance": "open", "first_day": "2026-11-24",
                "last_day": "2026-11-24", "responses": 10, "counts": {counts}}}"#
        ))
    }

    #[test]
    fn a_question_or_an_option_counted_twice_is_an_error() {
        assert_eq!(read(r#"{"a": {"1": 4, "2": 6}, "b": {}}"#).unwrap().counts["a"]["2"], 6);
        for twice in [r#"{"a": {"1": 4, "1": 6}}"#, r#"{"a": {}, "a": {}}"#, r#"{"a": {"1": 4, "\u0031": 6}}"#] {
            assert!(read(twice).unwrap_err().to_string().contains("counted twice"), "{twice}");
        }
    }
}
