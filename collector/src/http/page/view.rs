//! From questions and what was entered to what the form's template shows.

use actix_web::http::StatusCode;
use askama::Template;
use gradimento_common::problem::ProblemType;
use gradimento_common::questionnaire::{Kind, Question, Questionnaire};
use gradimento_common::response::Fault;

use super::frame::Frame;
use super::posted::Posted;
use super::words::{OptionWords, Words, fill};
use crate::http::Desk;
use crate::http::refusal::HttpProblem;
use crate::survey::Surveyed;

/// Why a form comes back.
pub(super) enum Notice {
    /// It was open for too long; it has a fresh token now.
    Expired,
    /// The questionnaire changed meanwhile.
    Changed,
    /// Too many answers wait.
    Busy,
    /// More arrive than are taken; the answer may be sent again after so many seconds.
    Throttled(u64),
    /// The invitation does not count; an answer without it would.
    Ticket(ProblemType),
    /// Some answers do not fit.
    Faults(Vec<Fault>),
}

impl Notice {
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Throttled(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Ticket(kind) => StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::CONFLICT),
            Self::Expired | Self::Changed | Self::Faults(_) => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }

    fn faults(&self) -> &[Fault] {
        if let Self::Faults(faults) = self { faults } else { &[] }
    }

    /// Title and text.
    fn texts(&self, words: &'static Words) -> [&'static str; 2] {
        let form = &words.form;
        match self {
            Self::Expired => [form.errors_title, form.expired],
            Self::Changed => [form.errors_title, form.changed],
            Self::Busy | Self::Throttled(_) => [form.errors_title, form.busy],
            Self::Ticket(_) => words.refused.ticket,
            Self::Faults(_) => [form.errors_title, form.nothing_recorded],
        }
    }
}

/// The page with the form.
#[derive(Template)]
#[template(path = "page/form.html")]
pub(super) struct FormPage<'a> {
    frame: Frame<'a>,
    service_id: &'a str,
    service: &'a str,
    title: &'a str,
    notice: Option<[&'static str; 2]>,
    token: String,
    ticket: Option<&'a str>,
    /// What the script found before.
    proof: &'a str,
    /// Zero bits of the proof of work that should come along; 0 while nothing is suspected.
    difficulty: u32,
    questionnaire: String,
    version: u32,
    step: &'a str,
    /// The texts of `page.js`, as JSON.
    script_words: String,
    asks: Vec<Ask<'a>>,
}

/// One question.
struct Ask<'a> {
    id: &'a str,
    control: Control,
    /// Whether several options may be chosen.
    several: bool,
    text: &'a str,
    hint: Option<&'a str>,
    required: bool,
    follow_up: Option<FollowUp<'a>>,
    options: Vec<Choice<'a>>,
    /// Of a text: what was entered.
    entered: String,
    /// Of a text: its longest, in characters.
    length_max: u32,
    fault: Option<String>,
}

/// How a question is drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Control {
    Stars,
    Faces,
    Scale,
    List,
    Text,
}

struct Choice<'a> {
    key: &'a str,
    text: String,
    chosen: bool,
}

/// When a follow-up is due, for the script, and in words.
struct FollowUp<'a> {
    question: &'a str,
    /// Option keys, with a space between them.
    any_of: String,
    text: String,
}

impl<'a> FormPage<'a> {
    /// The form with what was entered, and why it comes back, if it does.
    pub(super) fn new(
        desk: &'a Desk,
        surveyed: &'a Surveyed,
        questionnaire: &'a Questionnaire,
        posted: &'a Posted,
        token: String,
        notice: Option<&'a Notice>,
    ) -> Result<Self, HttpProblem> {
        let frame = Frame::new(desk, posted.language).on(posted.screen);
        let edition = questionnaire.edition();
        let maker = AskMaker { questionnaire, posted, words: frame.words, faults: notice.map_or(&[], Notice::faults) };
        let script_words = serde_json::to_string(&frame.words.script).map_err(|error| HttpProblem::internal(&error))?;
        Ok(Self {
            service_id: surveyed.service.id.as_str(),
            service: &surveyed.service.name,
            title: questionnaire.title().of(posted.language),
            notice: notice.map(|notice| notice.texts(frame.words)),
            token,
            // One that does not count is not sent again.
            ticket: posted.ticket.as_deref().filter(|_| !matches!(notice, Some(Notice::Ticket(_)))),
            proof: posted.proof.as_deref().unwrap_or_default(),
            difficulty: desk.gate.difficulty(&surveyed.service.id, desk.clock.now()),
            questionnaire: edition.questionnaire.to_string(),
            version: edition.version,
            step: &posted.step,
            script_words,
            asks: questionnaire.questions().iter().map(|question| maker.ask(question)).collect(),
            frame,
        })
    }
}

impl Ask<'_> {
    fn class(&self) -> &'static str {
        match self.control {
            Control::Stars => "tiles stars",
            Control::Faces => "tiles faces",
            Control::Scale => "tiles scale",
            Control::List | Control::Text => "list",
        }
    }

    fn is(&self, control: Control) -> bool {
        self.control == control
    }

    fn input(&self) -> &'static str {
        if self.several { "checkbox" } else { "radio" }
    }

    /// The control to which a fault's link leads.
    fn target(&self) -> String {
        self.options.first().map_or_else(|| format!("a-{}", self.id), |choice| format!("a-{}-{}", self.id, choice.key))
    }

    /// The elements that describe the question, for `aria-describedby`.
    fn described_by(&self) -> String {
        let hinted = self.hint.is_some() || self.is(Control::Text);
        let parts = [("f", self.fault.is_some()), ("w", self.follow_up.is_some()), ("h", hinted)];
        let ids: Vec<_> = parts.iter().filter(|(_, there)| *there).map(|(part, _)| format!("{part}-{}", self.id)).collect();
        ids.join(" ")
    }
}

struct AskMaker<'a> {
    questionnaire: &'a Questionnaire,
    posted: &'a Posted,
    words: &'static Words,
    faults: &'a [Fault],
}

impl<'a> AskMaker<'a> {
    fn ask(&self, question: &'a Question) -> Ask<'a> {
        let language = self.posted.language;
        let given = self.posted.given(&question.id);
        let options = question.option_keys().into_iter().map(|key| Choice {
            key,
            text: self.option_text(question, key),
            chosen: given.iter().any(|value| value == key),
        });
        Ask {
            id: &question.id,
            control: match question.kind {
                Kind::Stars => Control::Stars,
                Kind::Faces => Control::Faces,
                Kind::Scale => Control::Scale,
                Kind::YesNo | Kind::SingleChoice | Kind::MultipleChoice => Control::List,
                Kind::FreeText => Control::Text,
            },
            several: question.kind == Kind::MultipleChoice,
            text: question.text.of(language),
            hint: question.hint.as_ref().map(|hint| hint.of(language)),
            required: question.required,
            follow_up: self.follow_up(question),
            options: options.collect(),
            entered: self.posted.suggestion().filter(|_| question.kind == Kind::FreeText).unwrap_or_default(),
            length_max: question.max_length.unwrap_or_default(),
            fault: self.fault(question),
        }
    }

    fn follow_up(&self, question: &'a Question) -> Option<FollowUp<'a>> {
        let condition = question.when.as_ref()?;
        let source = self.questionnaire.questions().get(self.questionnaire.position(&condition.question)?)?;
        let options: Vec<_> = condition.any_of.iter().map(|key| self.option_text(source, key)).collect();
        let text = source.text.of(self.posted.language);
        let values = [("question", text), ("options", &options.join(self.words.form.or))];
        let text = fill(self.words.form.follow_up, &values);
        Some(FollowUp { question: &condition.question, any_of: condition.any_of.join(" "), text })
    }

    fn fault(&self, question: &Question) -> Option<String> {
        let pointers = [format!("/answers/{}", question.id), format!("/{}", question.id)];
        self.faults.iter().find(|fault| pointers.contains(&fault.pointer))?;
        let length_max = question.max_length.unwrap_or_default();
        let text = self.posted.suggestion().unwrap_or_default();
        Some(match question.kind {
            Kind::FreeText if text.trim().chars().count() > length_max as usize => {
                fill(self.words.form.fault_length, &[("n", &length_max.to_string())])
            }
            Kind::FreeText => self.words.form.fault_text.to_owned(),
            _ => self.words.form.fault_choice.to_owned(),
        })
    }

    fn option_text(&self, question: &Question, key: &str) -> String {
        let own = question.options.iter().find(|choice| choice.id == key);
        own.map_or_else(
            || fixed_text(question.kind, key, &self.words.options),
            |choice| choice.text.of(self.posted.language).to_owned(),
        )
    }
}

/// The text of an option that comes with its kind.
fn fixed_text(kind: Kind, key: &str, words: &'static OptionWords) -> String {
    match (kind, key) {
        (Kind::Stars, "1") => words.star.to_owned(),
        (Kind::Stars, n) => fill(words.stars, &[("n", n)]),
        (_, "yes") => words.yes.to_owned(),
        (_, "no") => words.no.to_owned(),
        (_, "satisfied") => words.satisfied.to_owned(),
        (_, "neutral") => words.neutral.to_owned(),
        (_, "dissatisfied") => words.dissatisfied.to_owned(),
        (_, key) => key.to_owned(),
    }
}
