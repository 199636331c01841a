//! One citizen's answers, once: from what arrived to what may be stored. Accepted whole or refused with every reason.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize as DeriveDeserialize, Serialize};

use crate::questionnaire::{Kind, Language, Question, Questionnaire};

/// A response as a citizen's device sent it: only its shape is known.
#[derive(DeriveDeserialize)]
#[serde(deny_unknown_fields)]
pub struct RawResponse {
    /// Id of the questionnaire that was answered.
    pub questionnaire: String,
    /// Its version.
    pub version: u32,
    /// Answers by question id.
    #[serde(default)]
    pub answers: RawAnswers,
    /// The citizen's own words.
    #[serde(default)]
    pub suggestion: Option<String>,
    /// The language in which the citizen read the questions.
    #[serde(default)]
    pub language: Option<String>,
    /// The one-time token that came with the questions.
    #[serde(default)]
    pub form_token: Option<String>,
    /// The ticket of a transaction.
    #[serde(default)]
    pub ticket: Option<String>,
}

/// Answers by question id. Of a question that appears twice neither answer is taken.
#[derive(Default)]
pub struct RawAnswers(BTreeMap<String, RawAnswer>);

/// The JSON values that an answer may have.
pub enum RawAnswer {
    /// Stars and scales.
    Integer(i64),
    /// Yes or no.
    Boolean(bool),
    /// The option's id.
    Text(String),
    /// Several options' ids.
    List(Vec<String>),
    /// Something that is an answer to no question: null, a fraction, an object, a list of other things.
    Foreign,
    /// More than one answer to the same question: which was meant is not ours to guess.
    Twice,
}

/// What is wrong with one part of a response, in words that its sender can use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// JSON pointer (RFC 6901) into the request body.
    pub pointer: String,
    /// What is wrong; never what was answered.
    pub detail: String,
}

/// One option that the citizen chose: positions in the questionnaire and among the question's option keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark {
    /// Position of the question in the questionnaire.
    pub question: u16,
    /// Position of the option among the question's keys.
    pub option: u16,
}

/// Answers that satisfy the questionnaire that they name, follow-ups included. Made by [`Answers::check`] only.
#[derive(Debug, Clone)]
pub struct Answers {
    questionnaire: Arc<Questionnaire>,
    marks: Vec<Mark>,
}

impl RawAnswers {
    /// Answers of a plain HTML form, where everything is text: each value is read as its question's kind wants it. Answers to
    /// follow-ups that are not due are dropped, for without JavaScript a browser sends the ones that the citizen no longer sees.
    #[must_use]
    pub fn from_form(questionnaire: &Questionnaire, fields: &BTreeMap<String, Vec<String>>) -> Self {
        let mut answers = BTreeMap::new();
        for (id, values) in fields {
            let question = questionnaire.position(id).and_then(|position| questionnaire.questions().get(position));
            let due = question.is_none_or(|question| is_due_in_form(question, fields));
            if due && !values.is_empty() {
                answers.insert(id.clone(), form_answer(question, values));
            }
        }
        Self(answers)
    }
}

fn is_due_in_form(question: &Question, fields: &BTreeMap<String, Vec<String>>) -> bool {
    question.when.as_ref().is_none_or(|condition| {
        fields.get(&condition.question).is_some_and(|values| values.iter().any(|value| condition.any_of.contains(value)))
    })
}

fn form_answer(question: Option<&Question>, values: &[String]) -> RawAnswer {
    let Some(first) = values.first() else { return RawAnswer::Foreign };
    match question.map(|question| question.kind) {
        Some(Kind::MultipleChoice) => RawAnswer::List(values.to_vec()),
        _ if values.len() > 1 => RawAnswer::Foreign,
        Some(Kind::Stars | Kind::Scale) => first.parse().map_or(RawAnswer::Foreign, RawAnswer::Integer),
        Some(Kind::YesNo) if first == "yes" || first == "no" => RawAnswer::Boolean(first == "yes"),
        _ => RawAnswer::Text(first.clone()),
    }
}

impl Answers {
    /// Checks answers against the questionnaire that they name.
    ///
    /// # Errors
    /// Every fault that was found, each with the place where it is.
    pub fn check(questionnaire: &Arc<Questionnaire>, raw: &RawAnswers) -> Result<Self, Vec<Fault>> {
        let mut faults = unknown_questions(questionnaire, raw);
        let mut marks = Vec::new();
        for (position, question) in questionnaire.questions().iter().enumerate() {
            let due = is_due(questionnaire, question, &marks);
            match check_answer(question, raw.0.get(&question.id), due) {
                Ok(options) => marks.extend(options.into_iter().filter_map(|option| mark(position, option))),
                Err(detail) => faults.push(Fault { pointer: pointer(&question.id), detail }),
            }
        }
        if faults.is_empty() { Ok(Self { questionnaire: Arc::clone(questionnaire), marks }) } else { Err(faults) }
    }

    /// The questionnaire that was answered.
    #[must_use]
    pub fn questionnaire(&self) -> &Arc<Questionnaire> {
        &self.questionnaire
    }

    /// The options that were chosen, in the order of the questions.
    #[must_use]
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// The overall rating, 1 to 5 stars: every questionnaire requires it.
    #[must_use]
    pub fn overall(&self) -> u8 {
        let position = self.questionnaire.position("overall");
        let mark = self.marks.iter().find(|mark| Some(usize::from(mark.question)) == position);
        mark.map_or(0, |mark| u8::try_from(mark.option + 1).unwrap_or(u8::MAX))
    }

    /// The form in which answers are stored: each question's id with the keys chosen, `{"overall":["5"],"why":["slow"]}`.
    #[must_use]
    pub fn to_stored(&self) -> String {
        let mut stored = BTreeMap::<&str, Vec<&str>>::new();
        for mark in &self.marks {
            if let Some(question) = self.questionnaire.questions().get(usize::from(mark.question)) {
                let key = question.option_keys().get(usize::from(mark.option)).copied();
                stored.entry(&question.id).or_default().extend(key);
            }
        }
        serde_json::to_string(&stored).unwrap_or_default()
    }

    /// Reads answers back from the stored form; `None` where they do not fit the questionnaire.
    #[must_use]
    pub fn from_stored(questionnaire: &Arc<Questionnaire>, stored: &str) -> Option<Self> {
        let stored: BTreeMap<String, Vec<String>> = serde_json::from_str(stored).ok()?;
        let mut marks = Vec::new();
        for (id, keys) in stored {
            let position = questionnaire.position(&id)?;
            let question = questionnaire.questions().get(position)?;
            for key in keys {
                marks.push(mark(position, question.option_position(&key)?)?);
            }
        }
        marks.sort_unstable();
        Some(Self { questionnaire: Arc::clone(questionnaire), marks })
    }
}

fn mark(question: usize, option: usize) -> Option<Mark> {
    Some(Mark { question: u16::try_from(question).ok()?, option: u16::try_from(option).ok()? })
}

fn unknown_questions(questionnaire: &Questionnaire, raw: &RawAnswers) -> Vec<Fault> {
    let unknown = raw.0.keys().filter(|id| questionnaire.position(id).is_none());
    let detail = "this questionnaire has no such question";
    unknown.map(|id| Fault { pointer: pointer(id), detail: detail.to_owned() }).collect()
}

fn pointer(question: &str) -> String {
    // What is shaped like no id is the sender's own text, and is not repeated.
    let is_id = question.len() <= 40 && question.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if is_id { format!("/answers/{question}") } else { "/answers".to_owned() }
}

fn is_due(questionnaire: &Questionnaire, question: &Question, marks: &[Mark]) -> bool {
    question.when.as_ref().is_none_or(|condition| {
        let position = questionnaire.position(&condition.question);
        let source = position.and_then(|position| questionnaire.questions().get(position));
        let mut chosen = marks.iter().filter(|mark| Some(usize::from(mark.question)) == position);
        source.is_some_and(|source| {
            let keys = source.option_keys();
            chosen.any(|mark| keys.get(usize::from(mark.option)).is_some_and(|key| condition.any_of.iter().any(|k| k == key)))
        })
    })
}

fn check_answer(question: &Question, answer: Option<&RawAnswer>, due: bool) -> Result<Vec<usize>, String> {
    let Some(answer) = answer else {
        let missing = question.required && due;
        return if missing { Err("an answer is required".to_owned()) } else { Ok(Vec::new()) };
    };
    if matches!(answer, RawAnswer::Twice) {
        return Err("is answered twice".to_owned());
    }
    if question.kind == Kind::FreeText {
        return Err("free text goes into the member `suggestion`".to_owned());
    }
    if !due {
        return Err("this follow-up was not due after the earlier answers".to_owned());
    }
    chosen_options(question, answer).ok_or_else(|| expectation(question))
}

fn chosen_options(question: &Question, answer: &RawAnswer) -> Option<Vec<usize>> {
    let one = |key: &str| question.option_position(key).map(|option| vec![option]);
    match (question.kind, answer) {
        (Kind::Stars | Kind::Scale, RawAnswer::Integer(value)) => one(&value.to_string()),
        (Kind::YesNo, RawAnswer::Boolean(value)) => one(if *value { "yes" } else { "no" }),
        (Kind::Faces | Kind::SingleChoice, RawAnswer::Text(key)) => one(key),
        (Kind::MultipleChoice, RawAnswer::List(keys)) => {
            let mut options = keys.iter().map(|key| question.option_position(key)).collect::<Option<Vec<_>>>()?;
            options.sort_unstable();
            let distinct = options.windows(2).all(|pair| pair.first() != pair.last());
            distinct.then_some(options)
        }
        _ => None,
    }
}

fn expectation(question: &Question) -> String {
    match question.kind {
        Kind::Stars => "must be a whole number from 1 to 5".to_owned(),
        Kind::Scale => "must be a whole number from 0 to 10".to_owned(),
        Kind::YesNo => "must be true or false".to_owned(),
        Kind::Faces | Kind::SingleChoice => format!("must be one of: {}", question.option_keys().join(", ")),
        Kind::MultipleChoice => format!("must be a list of different ones of: {}", question.option_keys().join(", ")),
        Kind::FreeText => "free text goes into the member `suggestion`".to_owned(),
    }
}

/// Checks a suggestion: trimmed, absent where empty, no longer than the questionnaire allows, no NUL (which text columns
/// cannot hold). Every script and every emoji is kept as it is.
///
/// # Errors
/// The fault, with its place.
pub fn check_suggestion(questionnaire: &Questionnaire, raw: Option<&str>) -> Result<Option<String>, Fault> {
    let fault = |detail: String| Fault { pointer: "/suggestion".to_owned(), detail };
    let Some(text) = raw.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    let Some(length_max) = questionnaire.suggestion().and_then(|question| question.max_length) else {
        return Err(fault("this questionnaire does not ask for a suggestion".to_owned()));
    };
    if text.chars().count() > length_max as usize {
        return Err(fault(format!("must have at most {length_max} characters")));
    }
    if text.contains('\0') {
        return Err(fault("must not contain the character U+0000".to_owned()));
    }
    Ok(Some(text.to_owned()))
}

/// Checks the language that a response names; Italian where it names none.
///
/// # Errors
/// The fault, with its place.
pub fn check_language(raw: Option<&str>) -> Result<Language, Fault> {
    let known = raw.map_or(Some(Language::It), |tag| Language::ALL.into_iter().find(|language| language.tag() == tag));
    known.ok_or_else(|| Fault { pointer: "/language".to_owned(), detail: "must be one of: it, en, de, fr, sl".to_owned() })
}

impl<'de> Deserialize<'de> for RawAnswers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Answers;
        impl<'de> Visitor<'de> for Answers {
            type Value = RawAnswers;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of answers by question id")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawAnswers, A::Error> {
                let mut answers = BTreeMap::new();
                while let Some((id, answer)) = map.next_entry::<String, RawAnswer>()? {
                    answers.entry(id).and_modify(|earlier| *earlier = RawAnswer::Twice).or_insert(answer);
                }
                Ok(RawAnswers(answers))
            }
        }
        deserializer.deserialize_map(Answers)
    }
}

impl<'de> Deserialize<'de> for RawAnswer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Answer;
        impl<'de> Visitor<'de> for Answer {
            type Value = RawAnswer;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an answer")
            }
            fn visit_i64<E>(self, value: i64) -> Result<RawAnswer, E> {
                Ok(RawAnswer::Integer(value))
            }
            fn visit_u64<E>(self, value: u64) -> Result<RawAnswer, E> {
                Ok(i64::try_from(value).map_or(RawAnswer::Foreign, RawAnswer::Integer))
            }
            fn visit_f64<E>(self, _: f64) -> Result<RawAnswer, E> {
                Ok(RawAnswer::Foreign)
            }
            fn visit_bool<E>(self, value: bool) -> Result<RawAnswer, E> {
                Ok(RawAnswer::Boolean(value))
            }
            fn visit_str<E>(self, value: &str) -> Result<RawAnswer, E> {
                Ok(RawAnswer::Text(value.to_owned()))
            }
            fn visit_unit<E>(self) -> Result<RawAnswer, E> {
                Ok(RawAnswer::Foreign)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<RawAnswer, A::Error> {
                let mut keys = Some(Vec::new());
                while let Some(item) = items.next_element::<RawAnswer>()? {
                    match (item, &mut keys) {
                        (RawAnswer::Text(key), Some(keys)) => keys.push(key),
                        _ => keys = None,
                    }
                }
                Ok(keys.map_or(RawAnswer::Foreign, RawAnswer::List))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawAnswer, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(RawAnswer::Foreign)
            }
        }
        deserializer.deserialize_any(Answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::questionnaire::tests::sample;
    use serde_json::{Value, json};

    fn questionnaire() -> Arc<Questionnaire> {
        Arc::new(serde_json::from_value(sample()).unwrap())
    }

    fn check(answers: Value) -> Result<Answers, Vec<Fault>> {
        Answers::check(&questionnaire(), &serde_json::from_value(answers).unwrap())
    }

    #[test]
    fn every_kind_of_answer_is_kept_and_comes_back_from_storage() {
        let answers =
            json!({"overall": 2, "why": "slow", "ways": ["desk", "web"], "face": "neutral", "again": false, "friends": 10});
        let answers = check(answers).unwrap();
        assert_eq!(answers.overall(), 2);
        let stored = answers.to_stored();
        assert_eq!(
            stored,
            r#"{"again":["no"],"face":["neutral"],"friends":["10"],"overall":["2"],"ways":["web","desk"],"why":["slow"]}"#
        );
        assert_eq!(Answers::from_stored(&questionnaire(), &stored).unwrap().marks(), answers.marks());
    }

    #[test]
    fn each_fault_names_its_place() {
        for (answers, pointer, detail) in [
            (json!({}), "/answers/overall", "required"),
            (json!({"overall": 6}), "/answers/overall", "1 to 5"),
            (json!({"overall": 2.0}), "/answers/overall", "1 to 5"),
            (json!({"overall": "5"}), "/answers/overall", "1 to 5"),
            (json!({"overall": null}), "/answers/overall", "1 to 5"),
            (json!({"overall": {"a": [1]}}), "/answers/overall", "1 to 5"),
            (json!({"overall": 5, "why": "slow"}), "/answers/why", "not due"),
            (json!({"overall": 1, "why": "dull"}), "/answers/why", "one of: slow, hard"),
            (json!({"overall": 1, "ways": ["web", "web"]}), "/answers/ways", "different"),
            (json!({"overall": 1, "ways": ["web", 1]}), "/answers/ways", "different"),
            (json!({"overall": 1, "again": "yes"}), "/answers/again", "true or false"),
            (json!({"overall": 1, "friends": 11}), "/answers/friends", "0 to 10"),
            (json!({"overall": 1, "suggestion": "x"}), "/answers/suggestion", "member `suggestion`"),
            (json!({"overall": 1, "colour": 1}), "/answers/colour", "no such question"),
            (json!({"overall": 1, "my own words": 1}), "/answers", "no such question"),
        ] {
            let faults = check(answers.clone()).unwrap_err();
            assert_eq!(faults.len(), 1, "{answers}");
            assert_eq!(faults[0].pointer, pointer);
            assert!(faults[0].detail.contains(detail), "{answers}: {}", faults[0].detail);
        }
    }

    #[test]
    fn all_faults_are_told_at_once() {
        assert_eq!(check(json!({"face": "sad", "friends": -1})).unwrap_err().len(), 3);
    }

    #[test]
    fn a_question_answered_twice_is_named() {
        let raw = serde_json::from_str::<RawAnswers>(r#"{"overall":5,"friends":1,"overall":5}"#).unwrap();
        let faults = Answers::check(&questionnaire(), &raw).unwrap_err();
        assert_eq!(faults, [Fault { pointer: "/answers/overall".into(), detail: "is answered twice".into() }]);
    }

    #[test]
    fn a_form_drops_follow_ups_that_are_not_due() {
        let field = |id: &str, value: &str| (id.to_owned(), vec![value.to_owned()]);
        let fields = BTreeMap::from([field("overall", "5"), field("why", "slow"), field("again", "yes")]);
        let answers = Answers::check(&questionnaire(), &RawAnswers::from_form(&questionnaire(), &fields)).unwrap();
        assert_eq!(answers.to_stored(), r#"{"again":["yes"],"overall":["5"]}"#);
    }

    #[test]
    fn suggestions_keep_every_script_and_have_a_limit_in_characters() {
        let keep = |text: &str| check_suggestion(&questionnaire(), Some(text));
        assert_eq!(keep("  👩🏽‍🚀 ʻāina  ").unwrap().unwrap(), "👩🏽‍🚀 ʻāina");
        assert_eq!(keep(" \n ").unwrap(), None);
        assert!(keep(&"é".repeat(20)).unwrap().is_some());
        assert!(keep(&"é".repeat(21)).is_err());
        assert!(keep("a\0b").is_err());
    }
}
