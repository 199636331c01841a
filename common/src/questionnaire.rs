//! What citizens are asked: a versioned document, the same for every body of a kind, so that results compare.
//!
//! A questionnaire is parsed into a form in which it cannot be wrong: ids are unique, follow-ups look back only, every
//! question names its dimension. Whoever holds one needs no second check.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::ids::{Edition, QuestionnaireId};
use crate::limits::{CELLS_MAX, OPTIONS_MAX, QUESTIONS_MAX, SUGGESTION_CHARS_MAX};

/// The languages in which every text exists. Italian has legal force; German, French and Slovene are protected by
/// statute; English is for everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Italian.
    It,
    /// English.
    En,
    /// German.
    De,
    /// French.
    Fr,
    /// Slovene.
    Sl,
}

impl Language {
    /// All languages, Italian first.
    pub const ALL: [Self; 5] = [Self::It, Self::En, Self::De, Self::Fr, Self::Sl];

    /// The BCP 47 tag.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::It => "it",
            Self::En => "en",
            Self::De => "de",
            Self::Fr => "fr",
            Self::Sl => "sl",
        }
    }

    /// The language of a tag such as `it` or `de-AT`.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(primary))
    }

    /// The first language of an `Accept-Language` header that we speak, by weight (RFC 9110 section 12.5.4); Italian otherwise.
    #[must_use]
    pub fn accepted(header: &str) -> Self {
        let weighed = header.split(',').filter_map(|item| {
            let (tag, parameters) = item.split_once(';').unwrap_or((item, ""));
            let weight = parameters.trim().strip_prefix("q=").map_or(Some(1.0), |q| q.parse::<f32>().ok())?;
            Some((Self::from_tag(tag)?, weight))
        });
        let best = weighed.filter(|(_, weight)| *weight > 0.0).reduce(|best, next| if next.1 > best.1 { next } else { best });
        best.map_or(Self::It, |(language, _)| language)
    }
}

/// One text in every language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    it: String,
    en: String,
    de: String,
    fr: String,
    sl: String,
}

impl Text {
    /// The text in `language`.
    #[must_use]
    pub fn of(&self, language: Language) -> &str {
        match language {
            Language::It => &self.it,
            Language::En => &self.en,
            Language::De => &self.de,
            Language::Fr => &self.fr,
            Language::Sl => &self.sl,
        }
    }

    fn is_complete(&self) -> bool {
        Language::ALL.iter().all(|language| !self.of(*language).trim().is_empty())
    }
}

/// What form an answer takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 1 to 5 stars.
    Stars,
    /// The three faces of "Mettiamoci la faccia" (2009).
    Faces,
    /// 0 to 10.
    Scale,
    /// Yes or no.
    YesNo,
    /// One of the question's options.
    SingleChoice,
    /// Any number of the question's options.
    MultipleChoice,
    /// Words of the citizen's own; they never leave the agency and are never counted.
    FreeText,
}

impl Kind {
    /// The option keys that a question of this kind always has; empty where it brings its own or has none.
    #[must_use]
    pub fn fixed_options(self) -> &'static [&'static str] {
        match self {
            Self::Stars => &["1", "2", "3", "4", "5"],
            Self::Faces => &["dissatisfied", "neutral", "satisfied"],
            Self::Scale => &["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"],
            Self::YesNo => &["yes", "no"],
            Self::SingleChoice | Self::MultipleChoice | Self::FreeText => &[],
        }
    }

    fn brings_options(self) -> bool {
        matches!(self, Self::SingleChoice | Self::MultipleChoice)
    }
}

/// What a question measures, whatever its wording in this version: figures compare by dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dimension {
    /// Overall satisfaction.
    Satisfaction,
    /// Ease of use (facilità di utilizzo).
    EaseOfUse,
    /// Effectiveness (efficacia).
    Effectiveness,
    /// Useful information present (presenza di informazioni utili).
    UsefulInformation,
    /// How clear the information on a page is (chiarezza delle informazioni).
    Clarity,
    /// Whether the citizen managed to do what he came for.
    Outcome,
    /// On whose behalf the service was used.
    UserType,
    /// What was liked.
    ReasonsPositive,
    /// What stood in the way.
    ReasonsNegative,
    /// The citizen's own words.
    Suggestion,
}

/// One option of a choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Stable code, unique within the question.
    pub id: String,
    /// What the citizen reads.
    pub text: Text,
}

/// When a follow-up is due: an earlier question was answered with one of these options.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// The earlier question.
    pub question: String,
    /// Its options that make the follow-up due.
    #[serde(rename = "in")]
    pub any_of: Vec<String>,
}

/// One question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Stable code, unique within the questionnaire.
    pub id: String,
    /// What form the answer takes.
    pub kind: Kind,
    /// What is measured.
    pub dimension: Dimension,
    /// Whether a response without it is refused.
    pub required: bool,
    /// What the citizen reads.
    pub text: Text,
    /// A line of help below the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Text>,
    /// The options of a choice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<Choice>,
    /// Longest free text, in characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u32>,
    /// When the question is asked at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
}

impl Question {
    /// The keys under which answers are counted, in order; none for free text.
    #[must_use]
    pub fn option_keys(&self) -> Vec<&str> {
        let fixed = self.kind.fixed_options();
        if fixed.is_empty() { self.options.iter().map(|choice| choice.id.as_str()).collect() } else { fixed.to_vec() }
    }

    /// Whether answers to it are counted.
    #[must_use]
    pub fn is_counted(&self) -> bool {
        self.kind != Kind::FreeText
    }

    /// Where `key` stands among the option keys.
    #[must_use]
    pub fn option_position(&self, key: &str) -> Option<usize> {
        self.option_keys().iter().position(|option| *option == key)
    }
}

/// A questionnaire that is known to be sound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawQuestionnaire")]
pub struct Questionnaire {
    id: QuestionnaireId,
    version: u32,
    title: Text,
    questions: Vec<Question>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawQuestionnaire {
    id: QuestionnaireId,
    version: u32,
    title: Text,
    questions: Vec<Question>,
}

/// What is wrong with a questionnaire.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum UnsoundQuestionnaire {
    /// The version is not counted from 1.
    #[error("the version must be 1 or more")]
    Version,
    /// Too few or too many questions.
    #[error("a questionnaire has 1 to {QUESTIONS_MAX} questions")]
    Size,
    /// Too many options for one batch to fit in one message.
    #[error("all questions together have at most {CELLS_MAX} options, counting \"no answer\"")]
    Cells,
    /// There must be exactly one overall rating, so that every questionnaire yields the national figure.
    #[error("the question `overall`, of kind stars and required, is missing")]
    NoOverall,
    /// A question is wrong in itself.
    #[error("question `{0}`: {1}")]
    Question(String, &'static str),
}

/// The questionnaires that are shipped: the Designers Italia component and the national core, as JSON documents.
pub const SHIPPED: [&str; 2] =
    [include_str!("../questionnaires/designers-italia-1.json"), include_str!("../questionnaires/national-core-1.json")];

impl Questionnaire {
    /// Which questionnaire this is, in which version.
    #[must_use]
    pub fn edition(&self) -> Edition {
        Edition { questionnaire: self.id.clone(), version: self.version }
    }

    /// What the citizen reads above the questions.
    #[must_use]
    pub fn title(&self) -> &Text {
        &self.title
    }

    /// The questions in the order in which they are asked.
    #[must_use]
    pub fn questions(&self) -> &[Question] {
        &self.questions
    }

    /// Where the question of this id stands.
    #[must_use]
    pub fn position(&self, id: &str) -> Option<usize> {
        self.questions.iter().position(|question| question.id == id)
    }

    /// The question through which suggestions come, where there is one.
    #[must_use]
    pub fn suggestion(&self) -> Option<&Question> {
        self.questions.iter().find(|question| question.kind == Kind::FreeText)
    }

    fn check(&self) -> Result<(), UnsoundQuestionnaire> {
        if self.version == 0 {
            return Err(UnsoundQuestionnaire::Version);
        }
        if !(1..=QUESTIONS_MAX).contains(&self.questions.len()) {
            return Err(UnsoundQuestionnaire::Size);
        }
        if self.questions.iter().map(|question| question.option_keys().len() + 1).sum::<usize>() > CELLS_MAX {
            return Err(UnsoundQuestionnaire::Cells);
        }
        let overall = self.questions.iter().find(|question| question.id == "overall");
        if !overall.is_some_and(|question| question.kind == Kind::Stars && question.required && question.when.is_none()) {
            return Err(UnsoundQuestionnaire::NoOverall);
        }
        for (position, question) in self.questions.iter().enumerate() {
            let earlier = self.questions.get(..position).unwrap_or_default();
            check_question(question, earlier).map_err(|why| UnsoundQuestionnaire::Question(question.id.clone(), why))?;
        }
        Ok(())
    }
}

impl TryFrom<RawQuestionnaire> for Questionnaire {
    type Error = UnsoundQuestionnaire;
    fn try_from(raw: RawQuestionnaire) -> Result<Self, UnsoundQuestionnaire> {
        let sound = Self { id: raw.id, version: raw.version, title: raw.title, questions: raw.questions };
        sound.check().map(|()| sound)
    }
}

fn check_question(question: &Question, earlier: &[Question]) -> Result<(), &'static str> {
    let texts = question.options.iter().map(|choice| &choice.text).chain([&question.text]).chain(&question.hint);
    let rules = [
        (is_code(&question.id), "its id must be 1 to 40 lower-case letters, digits or _"),
        (!earlier.iter().any(|other| other.id == question.id), "its id is used twice"),
        (texts.into_iter().all(Text::is_complete), "a text is empty in some language"),
        (options_fit(question), "its options do not fit its kind"),
        (free_text_fits(question, earlier), "there is at most one free text, `suggestion`, with a sensible max_length"),
        (condition_fits(question.when.as_ref(), earlier), "its condition must name options of an earlier question"),
        (!(question.required && question.when.is_some()), "a follow-up cannot be required"),
    ];
    rules.into_iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, why)| Err(why))
}

fn is_code(text: &str) -> bool {
    let starts_well = text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    starts_well && text.len() <= 40 && text.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_')
}

fn options_fit(question: &Question) -> bool {
    let ids: std::collections::BTreeSet<_> = question.options.iter().map(|choice| choice.id.as_str()).collect();
    let distinct = ids.len() == question.options.len();
    let coded = ids.iter().all(|id| is_code(id) && *id != "none");
    let many_enough = if question.kind.brings_options() { (2..=OPTIONS_MAX).contains(&ids.len()) } else { ids.is_empty() };
    distinct && coded && many_enough
}

fn free_text_fits(question: &Question, earlier: &[Question]) -> bool {
    if question.kind != Kind::FreeText {
        return question.max_length.is_none();
    }
    let sensible = question.max_length.is_some_and(|length| (1..=SUGGESTION_CHARS_MAX).contains(&length));
    sensible && question.id == "suggestion" && !earlier.iter().any(|other| other.kind == Kind::FreeText)
}

fn condition_fits(condition: Option<&Condition>, earlier: &[Question]) -> bool {
    condition.is_none_or(|condition| {
        let source = earlier.iter().find(|other| other.id == condition.question);
        !condition.any_of.is_empty()
            && source.is_some_and(|source| condition.any_of.iter().all(|key| source.option_position(key).is_some()))
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn text() -> Value {
        json!({"it": "t", "en": "t", "de": "t", "fr": "t", "sl": "t"})
    }

    pub(crate) fn sample() -> Value {
        let option = |id: &str| json!({"id": id, "text": text()});
        json!({"id": "sample", "version": 1, "title": text(), "questions": [
            {"id": "overall", "kind": "stars", "dimension": "satisfaction", "required": true, "text": text()},
            {"id": "why", "kind": "single_choice", "dimension": "reasons_negative", "required": false, "text": text(),
             "options": [option("slow"), option("hard")], "when": {"question": "overall", "in": ["1", "2"]}},
            {"id": "ways", "kind": "multiple_choice", "dimension": "user_type", "required": false, "text": text(),
             "options": [option("web"), option("app"), option("desk")]},
            {"id": "face", "kind": "faces", "dimension": "ease_of_use", "required": false, "text": text()},
            {"id": "again", "kind": "yes_no", "dimension": "effectiveness", "required": false, "text": text()},
            {"id": "friends", "kind": "scale", "dimension": "useful_information", "required": false, "text": text()},
            {"id": "suggestion", "kind": "free_text", "dimension": "suggestion", "required": false, "text": text(), "max_length": 20},
        ]})
    }

    fn refusal(change: impl FnOnce(&mut Value)) -> String {
        let mut document = sample();
        change(&mut document);
        serde_json::from_value::<Questionnaire>(document).unwrap_err().to_string()
    }

    #[test]
    fn a_sound_questionnaire_keeps_its_order_and_its_keys() {
        let questionnaire: Questionnaire = serde_json::from_value(sample()).unwrap();
        assert_eq!(questionnaire.position("ways"), Some(2));
        assert_eq!(questionnaire.questions()[1].option_keys(), ["slow", "hard"]);
        assert_eq!(questionnaire.questions()[5].option_keys().len(), 11);
        assert_eq!(questionnaire.suggestion().unwrap().max_length, Some(20));
    }

    #[test]
    fn unsound_questionnaires_are_refused_with_the_reason() {
        let q = |i: usize, field: &'static str, value: Value| move |d: &mut Value| d["questions"][i][field] = value;
        assert!(refusal(|d| d["version"] = json!(0)).contains("version"));
        assert!(refusal(|d| d["questions"] = json!([])).contains("1 to 60"));
        let options: Vec<_> = (0..40).map(|i| json!({"id": format!("o{i}"), "text": text()})).collect();
        let wide = |i| json!({"id": format!("q{i}"), "kind": "single_choice", "dimension": "outcome", "required": false, "text": text(), "options": options});
        assert!(refusal(|d| d["questions"].as_array_mut().unwrap().extend((0..20).map(wide))).contains("at most 800"));
        assert!(refusal(q(0, "id", json!("total"))).contains("`overall`"));
        assert!(refusal(q(1, "id", json!("overall"))).contains("twice"));
        assert!(refusal(q(1, "when", json!({"question": "overall", "in": ["6"]}))).contains("condition"));
        assert!(refusal(q(1, "when", json!({"question": "ways", "in": ["web"]}))).contains("condition"));
        assert!(refusal(q(2, "options", json!([]))).contains("options"));
        assert!(refusal(q(3, "options", json!([{"id": "a", "text": text()}]))).contains("options"));
        assert!(refusal(q(6, "max_length", json!(0))).contains("free text"));
        assert!(refusal(q(1, "required", json!(true))).contains("required"));
        assert!(refusal(|d| d["questions"][0]["text"]["sl"] = json!(" ")).contains("language"));
        assert!(refusal(|d| d["more"] = json!(1)).contains("unknown field"));
    }

    #[test]
    fn the_shipped_questionnaires_are_sound() {
        let editions: Vec<_> = SHIPPED
            .iter()
            .map(|document| serde_json::from_str::<Questionnaire>(document).unwrap().edition().to_string())
            .collect();
        assert_eq!(editions, ["designers-italia 1", "national-core 1"]);
    }

    #[test]
    fn languages_are_chosen_by_weight() {
        assert_eq!(Language::accepted("de-AT, en;q=0.8"), Language::De);
        assert_eq!(Language::accepted("es, en;q=0.3, sl;q=0.9"), Language::Sl);
        assert_eq!(Language::accepted("ja"), Language::It);
        assert_eq!(Language::accepted("en;q=0, fr;q=0.1"), Language::Fr);
    }
}
