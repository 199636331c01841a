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
use crate::survey::Surveyed;
use frame::{Asked, html};
pub(super) use notice::{accessibility, privacy};
use posted::Posted;
use serde_json::Value;
use view::Notice;

/// `GET /s/{service}`.
pub(super) async fn show(desk: web::Data<Desk>, service: web::Path<String>, request: HttpRequest) -> HttpResponse {
    let asked = Asked::of(&request);
    let page = desk.service(&service).and_then(|surveyed| form(&desk, &surveyed, &Posted::fresh(&asked), None, None));
    page.unwrap_or_else(|problem| notice::refusal(&desk, &asked, &problem))
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
    reply.unwrap_or_else(|problem| notice::refusal(&desk, &asked, &problem))
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
            Err(problem) => Err(problem.into()),
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
    fn of(problem: Problem) -> Result<Self, Problem> {
        match problem.kind() {
            ProblemType::AnswersInvalid => Ok(Self::Faults(problem.faults().to_vec())),
            ProblemType::QuestionnaireMismatch => Ok(Self::Changed),
            ProblemType::Busy => Ok(Self::Busy),
            ProblemType::BudgetExhausted | ProblemType::FormTokenEarly => {
                Ok(Self::Throttled(problem.member("retry_after_seconds").and_then(Value::as_u64).unwrap_or(1)))
            }
            _ => Err(problem),
        }
    }
}
