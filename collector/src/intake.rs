//! From what arrived to what may be stored. Nothing here touches disk or wire, and nothing of the sender but the answers
//! passes: there is no parameter through which an address could come in.

pub mod bridge;
pub mod proof;
pub mod redaction;
pub mod submission;
pub mod tickets;
pub mod tokens;
pub mod unlinkable;

use std::sync::Arc;

use gradimento_common::calendar::Day;
use gradimento_common::ids::{Assurance, Edition, ServiceId};
use gradimento_common::questionnaire::{Language, Questionnaire};
use gradimento_common::response::{Answers, Fault, RawResponse, check_language, check_suggestion};
use thiserror::Error;

use redaction::Redacted;
use submission::{Nullifier, RowKey, SubmissionKey};
use tickets::SpentTicket;

/// A response that has been accepted and waits to be stored. Made by [`accept`] only.
#[derive(Debug, Clone)]
pub struct Response {
    pub(crate) key: RowKey,
    pub(crate) submission: Nullifier,
    pub(crate) ticket: Option<Nullifier>,
    pub(crate) service: ServiceId,
    pub(crate) day: Day,
    pub(crate) language: Language,
    pub(crate) answers: Answers,
    pub(crate) suggestion: Option<Redacted>,
    pub(crate) suspicion: Option<Suspicion>,
}

/// Why an answer may be a machine's. It counts all the same, and is counted apart besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suspicion {
    /// It came during a suspected flood, without a proof of work.
    Flood,
    /// It filled in a field that no person meets.
    Trap,
}

impl Suspicion {
    /// The word for tallies and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Flood => "flood",
            Self::Trap => "trap",
        }
    }
}

impl Response {
    /// How the response came.
    #[must_use]
    pub fn assurance(&self) -> Assurance {
        if self.ticket.is_some() { Assurance::Ticketed } else { Assurance::Open }
    }

    /// What was answered.
    #[must_use]
    pub fn edition(&self) -> Edition {
        self.answers.questionnaire().edition()
    }
}

/// Why a response is refused; the sender's to mend.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// Another questionnaire or version is asked here.
    #[error("this service asks {asked}")]
    Mismatch {
        /// What is asked.
        asked: Edition,
        /// The member that names something else.
        member: &'static str,
    },
    /// Some answers do not fit.
    #[error("some answers do not fit the questionnaire")]
    Faults(Vec<Fault>),
}

/// Accepts a response whole, or refuses it with every reason.
///
/// # Errors
/// Where it names another edition, or any of its parts does not fit.
pub fn accept(
    raw: &RawResponse,
    service: &ServiceId,
    asked: &Arc<Questionnaire>,
    key: &SubmissionKey,
    ticket: Option<SpentTicket>,
    day: Day,
) -> Result<Response, Refusal> {
    let edition = asked.edition();
    let same_questionnaire = raw.questionnaire == edition.questionnaire.as_str();
    if !same_questionnaire || raw.version != edition.version {
        let member = if same_questionnaire { "version" } else { "questionnaire" };
        return Err(Refusal::Mismatch { asked: edition, member });
    }
    let answers = Answers::check(asked, &raw.answers);
    let suggestion = check_suggestion(asked, raw.suggestion.as_deref());
    let language = check_language(raw.language.as_deref());
    match (answers, suggestion, language) {
        (Ok(answers), Ok(suggestion), Ok(language)) => Ok(Response {
            key: key.withdrawal_code(service).row_key(),
            submission: key.nullifier(service),
            ticket: ticket.map(SpentTicket::into_nullifier),
            service: service.clone(),
            day,
            language,
            answers,
            suggestion: suggestion.as_deref().map(Redacted::of),
            suspicion: None,
        }),
        (answers, suggestion, language) => {
            let faults = answers.err().unwrap_or_default().into_iter().chain(suggestion.err()).chain(language.err());
            Err(Refusal::Faults(faults.collect()))
        }
    }
}
