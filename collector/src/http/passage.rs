//! How an answer passes the gate: its proof of work, its form's age, its trap. Nothing of it is kept but a suspicion.

use actix_web::HttpRequest;
use gradimento_common::ids::ServiceId;
use gradimento_common::problem::{Problem, ProblemType};

use super::Desk;
use super::refusal::HttpProblem;
use crate::gate::{Exhausted, FORM_AGE_SECONDS_MIN, Passage};
use crate::intake::proof::solves;
use crate::intake::submission::SubmissionKey;
use crate::intake::tokens::RenderedForm;
use crate::intake::{Response, Suspicion};

/// What came with an answer besides the answer.
#[derive(Default)]
pub(super) struct Manner {
    /// The submission's key as it was sent, which is what a proof of work is about.
    challenge: String,
    number: Option<u64>,
    /// Whether the field that no person meets was filled in.
    trapped: bool,
}

impl Manner {
    /// Of a page's form.
    pub(super) fn of_form(token: &str, number: Option<&str>, trapped: bool) -> Self {
        Self { challenge: token.to_owned(), number: number.and_then(|number| number.parse().ok()), trapped }
    }

    /// Of a program's request.
    pub(super) fn of_request(request: &HttpRequest, form_token: Option<&str>) -> Self {
        let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
        let challenge = form_token.or_else(|| header("Idempotency-Key")).unwrap_or_default().to_owned();
        Self { challenge, number: header("Proof-Of-Work").and_then(|number| number.parse().ok()), trapped: false }
    }

    /// Has an open answer pass the gate.
    pub(super) fn pass(&self, desk: &Desk, service: &ServiceId) -> Result<Option<Suspicion>, HttpProblem> {
        let solved = |zero_bits| self.number.is_some_and(|number| solves(&self.challenge, number, zero_bits));
        let flood = match desk.gate.pass(service, desk.clock.now(), solved)? {
            Passage::Clear => None,
            Passage::Suspected => Some(Suspicion::Flood),
        };
        Ok(if self.trapped { Some(Suspicion::Trap) } else { flood })
    }
}

/// The submission of a form that is old enough, after a short wait where it is not. Nobody loses anything by being quick.
pub(super) async fn of_age(desk: &Desk, form: RenderedForm) -> Result<SubmissionKey, HttpProblem> {
    let grown = desk.gate.come_of_age(form.age_seconds).await;
    grown.map(|()| form.key).ok_or_else(|| {
        let early = Problem::new(ProblemType::FormTokenEarly).with("retry_after_seconds", FORM_AGE_SECONDS_MIN);
        early.detail(format!("forms are at least {FORM_AGE_SECONDS_MIN} seconds old")).into()
    })
}

impl From<Exhausted> for HttpProblem {
    fn from(exhausted: Exhausted) -> Self {
        let problem = Problem::new(ProblemType::BudgetExhausted)
            .detail(format!("this service takes {} open answers in a minute", exhausted.budget_per_minute))
            .with("budget_per_minute", exhausted.budget_per_minute)
            .with("retry_after_seconds", exhausted.retry_after_seconds)
            .with("difficulty", exhausted.difficulty);
        Self(problem)
    }
}

/// A response with what is suspected of it.
pub(super) fn marked(response: Response, suspicion: Option<Suspicion>) -> Response {
    Response { suspicion, ..response }
}
