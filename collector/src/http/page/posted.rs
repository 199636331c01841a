//! What a browser sends back: the form's fields, each where it belongs.

use std::collections::BTreeMap;

use gradimento_common::questionnaire::{Language, Questionnaire};
use gradimento_common::response::{RawAnswers, RawResponse};

use super::frame::Asked;
use super::kiosk::Screen;

/// Values by the name of their control.
type Values = BTreeMap<String, Vec<String>>;

/// One posted form, not yet checked. Its texts are the citizen's: they go back to him, into the store, and nowhere else.
pub(super) struct Posted {
    /// The language of the page that comes next.
    pub(super) language: Language,
    /// Whether only the language was changed: nothing is to be counted yet.
    pub(super) only_switches: bool,
    /// The form token.
    pub(super) token: Option<String>,
    /// The ticket that came with the link.
    pub(super) ticket: Option<String>,
    /// The number that proves some work.
    pub(super) proof: Option<String>,
    /// Whether the field that no person meets was filled in.
    pub(super) trapped: bool,
    /// Whose screen the page that comes next is shown on.
    pub(super) screen: Screen,
    /// The step that was on screen.
    pub(super) step: String,
    edition: Option<(String, u32)>,
    values: Values,
}

/// Controls that are not questions. A hyphen keeps new ones apart from every question's id, which has none.
const NOT_QUESTIONS: [&str; 10] = [
    "form_token",
    "language",
    "questionnaire",
    "version",
    "suggestion",
    "go-language",
    "at-step",
    "with-ticket",
    "proof-of-work",
    "web-site",
];

impl Posted {
    /// A form that nobody has touched.
    pub(super) fn fresh(asked: &Asked) -> Self {
        let (language, ticket) = (asked.language, asked.ticket.clone());
        let (token, edition, step) = (None, None, String::new());
        let (proof, trapped, screen, values) = (None, false, asked.screen, Values::new());
        Self { language, only_switches: false, token, ticket, proof, trapped, screen, step, edition, values }
    }

    /// Sorts what came in.
    pub(super) fn read(fields: Vec<(String, String)>, asked: &Asked) -> Self {
        let mut values = Values::new();
        for (name, value) in fields.into_iter().filter(|(_, value)| !value.is_empty()) {
            values.entry(name).or_default().push(value);
        }
        let first = |name: &str| values.get(name).and_then(|all| all.first()).cloned();
        let chosen = first("go-language");
        let language = chosen.as_deref().or(values.get("language").and_then(|all| all.first()).map(String::as_str));
        let version = first("version").map(|version| version.parse().unwrap_or_default());
        Self {
            language: language.and_then(Language::from_tag).unwrap_or(asked.language),
            only_switches: chosen.is_some(),
            token: first("form_token"),
            ticket: first("with-ticket"),
            proof: first("proof-of-work"),
            trapped: values.contains_key("web-site"),
            screen: asked.screen,
            step: first("at-step").unwrap_or_default(),
            edition: first("questionnaire").zip(version),
            values,
        }
    }

    /// What was given to a question.
    pub(super) fn given(&self, question: &str) -> &[String] {
        self.values.get(question).map_or(&[], Vec::as_slice)
    }

    /// The suggestion, with line ends as they were typed: browsers send two characters for each, and the limit is one on
    /// characters.
    pub(super) fn suggestion(&self) -> Option<String> {
        self.given("suggestion").first().map(|text| text.replace("\r\n", "\n"))
    }

    /// The response that the form stands for. A form that names no edition answers the present one.
    pub(super) fn response(&self, asked: &Questionnaire) -> RawResponse {
        let present = asked.edition();
        let (questionnaire, version) =
            self.edition.clone().unwrap_or_else(|| (present.questionnaire.to_string(), present.version));
        let answers = self.values.iter().filter(|(name, _)| !NOT_QUESTIONS.contains(&name.as_str()));
        let answers: Values = answers.map(|(name, values)| (name.clone(), values.clone())).collect();
        RawResponse {
            questionnaire,
            version,
            answers: RawAnswers::from_form(asked, &answers),
            suggestion: self.suggestion(),
            language: Some(self.language.tag().to_owned()),
            form_token: None,
            ticket: self.ticket.clone(),
        }
    }
}
