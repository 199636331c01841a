//! What the rating components already in the field send, in our words: their texts become the questionnaire's codes. Pure; the
//! page, its title and its path have no place here, for together with a day they may say who answered.

use std::collections::BTreeMap;

use gradimento_common::questionnaire::{Choice, Language, Questionnaire};
use gradimento_common::response::{Fault, RawAnswers, RawResponse};

/// From this many stars on the component asks what was liked, below it what was difficult.
const STARS_POSITIVE: u8 = 4;

/// Older releases of the components had other words for some answers; by code.
const FORMER_TEXTS: [(&str, &str); 2] = [
    ("unclear_instructions", "alcune indicazioni non erano chiare"),
    ("incomplete_instructions", "alcune indicazioni non erano complete"),
];

/// A rating as a foreign component sent it: texts, nothing checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ForeignRating<'a> {
    /// Stars, 1 to 5.
    pub stars: Option<&'a str>,
    /// The answer chosen, by its text or its code.
    pub reason: Option<&'a str>,
    /// The citizen's own words.
    pub text: Option<&'a str>,
}

/// What a foreign component calls its fields, so that faults name what its sender knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldNames {
    /// The stars.
    pub stars: &'static str,
    /// The answer chosen.
    pub reason: &'static str,
    /// The citizen's own words.
    pub text: &'static str,
}

/// The names of the WordPress theme's form fields.
pub const WORDPRESS: FieldNames = FieldNames { stars: "star", reason: "radioResponse", text: "freeText" };
/// The names of the Plone add-on's members.
pub const PLONE: FieldNames = FieldNames { stars: "vote", reason: "answer", text: "comment" };

/// The question and the option that a foreign component's answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reason<'q> {
    /// `positive` or `negative`.
    pub question: &'q str,
    /// The option's id.
    pub option: &'q str,
}

/// Turns a foreign rating into a response to `questionnaire`, to be accepted or refused like any other.
///
/// # Errors
/// Where stars are missing or none, or the answer is none of those that belong to them; each fault names the sender's field.
pub fn translate(
    questionnaire: &Questionnaire,
    rating: ForeignRating<'_>,
    names: FieldNames,
) -> Result<RawResponse, Vec<Fault>> {
    let stars = stars(rating.stars).ok_or_else(|| fault(names.stars, "must be a whole number from 1 to 5"));
    let reason = match (&stars, present(rating.reason)) {
        (Ok(stars), Some(text)) => reason(questionnaire, *stars, text).map(Some).ok_or_else(|| fault(names.reason, EXPECTED)),
        _ => Ok(None),
    };
    let (stars, reason) = match (stars, reason) {
        (Ok(stars), Ok(reason)) => (stars, reason),
        (stars, reason) => return Err(stars.err().into_iter().chain(reason.err()).collect()),
    };
    let mut fields = BTreeMap::from([("overall".to_owned(), vec![stars.to_string()])]);
    fields.extend(reason.map(|reason| (reason.question.to_owned(), vec![reason.option.to_owned()])));
    let edition = questionnaire.edition();
    Ok(RawResponse {
        questionnaire: edition.questionnaire.to_string(),
        version: edition.version,
        answers: RawAnswers::from_form(questionnaire, &fields),
        suggestion: present(rating.text).map(unescaped),
        language: Some(Language::It.tag().to_owned()),
        form_token: None,
        ticket: None,
    })
}

const EXPECTED: &str = "must be one of the answers that the questionnaire offers after this many stars";

/// The faults that intake found, under the names that the sender knows.
#[must_use]
pub fn renamed(faults: Vec<Fault>, names: FieldNames) -> Vec<Fault> {
    let name = |pointer: &str| match pointer {
        "/answers/overall" => Some(names.stars),
        "/answers/positive" | "/answers/negative" => Some(names.reason),
        "/suggestion" => Some(names.text),
        _ => None,
    };
    let renamed = faults.into_iter().map(|fault| match name(&fault.pointer) {
        Some(name) => Fault { pointer: format!("/{name}"), ..fault },
        None => fault,
    });
    renamed.collect()
}

/// Stars as a foreign component or export writes them: a number from 1 to 5.
#[must_use]
pub fn stars(text: Option<&str>) -> Option<u8> {
    let text = present(text)?;
    let digits = text.strip_suffix(".0").unwrap_or(text);
    digits.parse().ok().filter(|stars| (1..=5).contains(stars))
}

/// What an answer means after this many stars: by its code, or by its text in any language.
#[must_use]
pub fn reason<'q>(questionnaire: &'q Questionnaire, stars: u8, text: &str) -> Option<Reason<'q>> {
    let question = if stars >= STARS_POSITIVE { "positive" } else { "negative" };
    let question = questionnaire.questions().iter().find(|candidate| candidate.id == question)?;
    let wanted = plain(text);
    let option = question.options.iter().find(|choice| means(choice, &wanted))?;
    Some(Reason { question: &question.id, option: &option.id })
}

/// The value, unless it is what components send for nothing: an empty text, or the word `null`.
#[must_use]
pub fn present(value: Option<&str>) -> Option<&str> {
    value.map(str::trim).filter(|text| !text.is_empty() && *text != "null")
}

fn means(choice: &Choice, wanted: &str) -> bool {
    let former = || FORMER_TEXTS.iter().any(|(code, text)| *code == choice.id && *text == wanted);
    choice.id == wanted || Language::ALL.iter().any(|language| plain(choice.text.of(*language)) == wanted) || former()
}

/// A text as far as it matters which answer it is: without markup's escapes, case, and the shape of spaces and apostrophes.
fn plain(text: &str) -> String {
    let unescaped = unescaped(text).to_lowercase();
    let apostrophes = unescaped.replace(['’', '‘', 'ʼ', '`'], "'");
    apostrophes.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Undoes the escapes that the components put in: the named ones and the numbers.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        let escape = after.split_once(';').and_then(|(name, after)| Some((escaped(name)?, after)));
        let (character, after) = escape.unwrap_or(('&', after));
        plain.push(character);
        rest = after;
    }
    plain.push_str(rest);
    plain
}

fn escaped(name: &str) -> Option<char> {
    let number = |digits: &str, radix| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some(' '),
        "agrave" => Some('à'),
        "egrave" => Some('è'),
        "eacute" => Some('é'),
        "igrave" => Some('ì'),
        "ograve" => Some('ò'),
        "ugrave" => Some('ù'),
        "rsquo" => Some('’'),
        _ => {
            let digits = name.strip_prefix('#')?;
            digits.strip_prefix(['x', 'X']).map_or_else(|| number(digits, 10), |hexadecimal| number(hexadecimal, 16))
        }
    }
}

fn fault(field: &str, detail: &str) -> Fault {
    Fault { pointer: format!("/{field}"), detail: detail.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gradimento_common::questionnaire::SHIPPED;

    fn questionnaire() -> Questionnaire {
        serde_json::from_str(SHIPPED[0]).unwrap()
    }

    #[test]
    fn every_text_in_every_language_means_its_code_and_altro_means_the_one_that_was_shown() {
        let asked = questionnaire();
        for (name, stars) in [("positive", 5), ("negative", 2)] {
            let question = &asked.questions()[asked.position(name).unwrap()];
            for choice in &question.options {
                let texts = Language::ALL.map(|language| format!("  {} ", choice.text.of(language).to_uppercase()));
                for text in texts.iter().chain([&choice.id]) {
                    assert_eq!(reason(&asked, stars, text).map(|reason| reason.option), Some(&*choice.id), "{text}");
                }
            }
        }
        assert_eq!(reason(&asked, 3, "Altro").unwrap().option, "other_negative");
        assert_eq!(reason(&asked, 4, "Altro").unwrap().option, "other_positive");
        assert_eq!(reason(&asked, 5, "Ho avuto problemi tecnici"), None);
    }

    #[test]
    fn escapes_apostrophes_and_former_texts_are_understood() {
        let asked = questionnaire();
        let option = |stars, text| reason(&asked, stars, text).map(|reason| reason.option);
        assert_eq!(option(1, "Alcune indicazioni non erano chiare"), Some("unclear_instructions"));
        assert_eq!(option(5, "Je n&#39;ai pas eu de probl&#xE8;mes techniques"), Some("no_technical_problems"));
        assert_eq!(
            unescaped("a &lt;b&gt; &amp;amp; &#34;c&#34; & d &nonsense; &#xFFFFFFFF;"),
            "a <b> &amp; \"c\" & d &nonsense; &#xFFFFFFFF;"
        );
    }

    #[test]
    fn what_components_send_for_nothing_is_nothing() {
        assert_eq!((present(Some("null")), present(Some("  ")), present(None)), (None, None, None));
        assert_eq!(present(Some(" nulla ")), Some("nulla"));
    }

    #[test]
    fn every_fault_names_the_senders_field() {
        let rating = ForeignRating { stars: Some("6"), reason: Some("x"), text: None };
        let faults = translate(&questionnaire(), rating, PLONE).err().unwrap();
        assert_eq!(faults.iter().map(|fault| &*fault.pointer).collect::<Vec<_>>(), ["/vote"]);
        let rating = ForeignRating { stars: Some("5"), reason: Some("x"), text: None };
        assert_eq!(translate(&questionnaire(), rating, WORDPRESS).err().unwrap()[0].pointer, "/radioResponse");
        let found = vec![Fault { pointer: "/suggestion".into(), detail: String::new() }];
        assert_eq!(renamed(found, PLONE)[0].pointer, "/comment");
    }
}
