//! The citizen's pages: the questionnaire of a service as one accessible form, the thanks, the notices. They need no
//! JavaScript, set no cookie and ask nothing of any other origin; `page.js` only shows the same form step by step.

pub(super) mod assets;
pub(super) mod frame;
pub(super) mod kiosk;
mod notice;
mod posted;
mod score;
mod thanks;
mod view;
mod words;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use gradimento_common::problem::{Problem, ProblemType};

use super::Desk;
use super::passage::{Manner, of_age};
use super::refusal::HttpProblem;
use super::responses::{body_problem, take};
use super::unlinkable::recognise;
use crate::store::answers::is_marked;
use crate::survey::Surveyed;
use frame::{Asked, html};
pub(super) use notice::{accessibility, privacy, refusal};
use posted::Posted;
use serde_json::Value;
use view::Notice;

/// `GET /s/{service}`.
pub(super) async fn show(desk: web::Data<Desk>, service: web::Path<String>, request: HttpRequest) -> HttpResponse {
    let asked = Asked::of(&request);
    opened(&desk, &service, &asked).unwrap_or_else(|problem| refusal(&desk, &asked, &problem))
}

/// `POST /s/{service}`.
pub(super) async fn submit(
    desk: web::Data<Desk>,
    service: web::Path<String>,
    request: HttpRequest,
    body: Result<web::Form<Vec<(String, String)>>, actix_web::Error>,
) -> HttpResponse {
    let mut asked = Asked::of(&request);
    let reply = match body {
        Ok(fields) => {
            let posted = Posted::read(fields.into_inner(), &asked);
            asked.language = posted.language;
            answered(&desk, &service, &posted).await
        }
        Err(error) => Err(body_problem(&error)),
    };
    reply.unwrap_or_else(|problem| refusal(&desk, &asked, &problem))
}

/// The form as a link leads to it.
fn opened(desk: &Desk, service: &str, asked: &Asked) -> Result<HttpResponse, HttpProblem> {
    let surveyed = desk.service(service)?;
    let unfit = asked.ticket.as_deref().map(|ticket| fitness(desk, &surveyed, ticket)).transpose();
    let notice = unfit.err().map(|HttpProblem(problem)| Notice::of(problem)).transpose()?;
    form(desk, &surveyed, &Posted::fresh(asked), None, notice.as_ref())
}

/// Says before anybody answers that a ticket will not count. Whether it does is decided where it is stored.
fn fitness(desk: &Desk, surveyed: &Surveyed, ticket: &str) -> Result<(), HttpProblem> {
    let ticket = recognise(desk, &surveyed.service.id, ticket)?;
    let spent = desk.store.read(|connection| is_marked(connection, ticket.nullifier()))?;
    if spent { Err(ProblemType::TicketSpent.into()) } else { Ok(()) }
}

/// The thanks where the answer counts; the same form with everything that was entered where it does not, or not yet.
async fn answered(desk: &Desk, service: &str, posted: &Posted) -> Result<HttpResponse, HttpProblem> {
    let surveyed = desk.service(service)?;
    let questionnaire = surveyed.questionnaire.as_ref().ok_or(ProblemType::QuestionnaireUnavailable)?;
    let token = posted.token.as_deref().ok_or(ProblemType::SubmissionKeyMissing)?;
    if posted.only_switches {
        return form(desk, &surveyed, posted, Some(token), None);
    }
    let Ok(rendered) = desk.tokens.form(&surveyed.service.id, token, desk.clock.now()) else {
        return form(desk, &surveyed, posted, None, Some(&Notice::Expired));
    };
    let manner = Manner::of_form(token, posted.proof.as_deref(), posted.trapped);
    let taken = match of_age(desk, rendered).await {
        Ok(key) => take(desk, &surveyed, &posted.response(questionnaire), &key, &manner).await,
        Err(problem) => Err(problem),
    };
    match taken {
        Ok(code) => thanks::show(desk, &surveyed, posted, &code),
        Err(HttpProblem(problem)) => match Notice::of(problem) {
            Ok(notice) => form(desk, &surveyed, posted, Some(token), Some(&notice)),
            Err(problem) => Err(problem),
        },
    }
}

/// The form, with the token that it came with or a fresh one.
fn form(
    desk: &Desk,
    surveyed: &Surveyed,
    posted: &Posted,
    token: Option<&str>,
    notice: Option<&Notice>,
) -> Result<HttpResponse, HttpProblem> {
    let questionnaire = surveyed.questionnaire.as_ref().ok_or(ProblemType::QuestionnaireUnavailable)?;
    let token = token.map_or_else(|| desk.form_token(&surveyed.service.id), |token| Ok(token.to_owned()))?;
    let page = view::FormPage::new(desk, surveyed, questionnaire, posted, token, notice)?;
    let status = notice.map_or(StatusCode::OK, Notice::status);
    let mut reply = html(status, &page)?;
    if let Some(Notice::Throttled(seconds)) = notice {
        reply.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(*seconds));
    }
    Ok(reply)
}

impl Notice {
    /// What the form itself can say; any other problem is handed back.
    fn of(problem: Problem) -> Result<Self, HttpProblem> {
        match problem.kind() {
            ProblemType::AnswersInvalid => Ok(Self::Faults(problem.faults().to_vec())),
            ProblemType::QuestionnaireMismatch => Ok(Self::Changed),
            ProblemType::Busy => Ok(Self::Busy),
            kind @ (ProblemType::TicketInvalid | ProblemType::TicketExpired | ProblemType::TicketSpent) => {
                Ok(Self::Ticket(kind))
            }
            ProblemType::BudgetExhausted | ProblemType::FormTokenEarly => {
                Ok(Self::Throttled(problem.member("retry_after_seconds").and_then(Value::as_u64).unwrap_or(1)))
            }
            _ => Err(problem.into()),
        }
    }
}
