//! From each stage's refusals to problem documents: the one place where the collector's errors meet HTTP.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError, Route, web};
use gradimento_common::problem::{MEDIA_TYPE, Problem, ProblemType};
use gradimento_common::response::Fault;

use super::headers::STRICT;
use crate::intake::Refusal;
use crate::intake::tickets::TicketRefusal;
use crate::intake::tokens::TokenRefusal;
use crate::store::StoreError;

/// Seconds after which a busy collector is worth another try: a few groups of answers later.
pub(super) const RETRY_AFTER: &str = "2";

/// Headers that repeat a problem's members. They stand on refusals only: on every reply, what remains of a budget would tell
/// whoever asks again and again when others answer.
const THROTTLED: [(&str, &str); 3] = [
    ("Retry-After", "retry_after_seconds"),
    ("X-RateLimit-Reset", "retry_after_seconds"),
    ("X-RateLimit-Limit", "budget_per_minute"),
];

/// A problem on its way out.
#[derive(Debug)]
pub struct HttpProblem(pub Problem);

impl HttpProblem {
    /// Something on our side: logged here, once, and not told.
    pub fn internal(error: &dyn fmt::Display) -> Self {
        tracing::error!(%error, "a request failed on our side");
        Self(ProblemType::Internal.into())
    }
}

impl fmt::Display for HttpProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.kind().title())
    }
}

impl ResponseError for HttpProblem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.0.kind().status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut reply = HttpResponse::build(self.status_code());
        for header in STRICT {
            reply.insert_header(header);
        }
        if self.status_code() == StatusCode::SERVICE_UNAVAILABLE {
            reply.insert_header((header::RETRY_AFTER, RETRY_AFTER));
        }
        for (header, member) in THROTTLED {
            if let Some(value) = self.0.member(member) {
                reply.insert_header((header, value.to_string()));
            }
        }
        if self.0.kind() == ProblemType::BudgetExhausted {
            reply.insert_header(("X-RateLimit-Remaining", "0"));
        }
        if self.0.kind() == ProblemType::AdminTokenInvalid {
            reply.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        let mut reply = reply.json(&self.0);
        reply.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        reply
    }
}

impl From<Problem> for HttpProblem {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl From<ProblemType> for HttpProblem {
    fn from(kind: ProblemType) -> Self {
        Self(kind.into())
    }
}

impl From<Refusal> for HttpProblem {
    fn from(refusal: Refusal) -> Self {
        Self(match refusal {
            Refusal::Mismatch { asked, member } => Problem::new(ProblemType::QuestionnaireMismatch)
                .detail(format!("this service asks {asked}"))
                .errors(vec![Fault { pointer: format!("/{member}"), detail: format!("this service asks {asked}") }])
                .with("questionnaire", asked.questionnaire.as_str())
                .with("version", asked.version),
            Refusal::Faults(faults) => Problem::new(ProblemType::AnswersInvalid).errors(faults),
        })
    }
}

impl From<TokenRefusal> for HttpProblem {
    fn from(refusal: TokenRefusal) -> Self {
        let kind = match refusal {
            TokenRefusal::Foreign => ProblemType::FormTokenInvalid,
            TokenRefusal::Expired => ProblemType::FormTokenExpired,
        };
        Self(Problem::new(kind).detail(refusal.to_string()))
    }
}

impl From<TicketRefusal> for HttpProblem {
    fn from(refusal: TicketRefusal) -> Self {
        Self(match refusal {
            TicketRefusal::Foreign => ProblemType::TicketInvalid.into(),
            TicketRefusal::Expired => ProblemType::TicketExpired.into(),
        })
    }
}

impl From<StoreError> for HttpProblem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => ProblemType::Busy.into(),
            error => Self::internal(&error),
        }
    }
}

pub(super) async fn not_found() -> Result<HttpResponse, HttpProblem> {
    Err(ProblemType::NotFound.into())
}

/// Refuses every method but those of an address, and says which they are (RFC 9110 section 15.5.6).
pub(super) fn only(methods: &'static str) -> Route {
    web::to(move || async move {
        let mut reply = HttpProblem::from(ProblemType::MethodNotAllowed).error_response();
        reply.headers_mut().insert(header::ALLOW, HeaderValue::from_static(methods));
        reply
    })
}

/// The documentation of one type of problem, where its `type` member points.
pub(super) async fn document(slug: web::Path<String>) -> Result<HttpResponse, HttpProblem> {
    let kind = ProblemType::ALL.iter().find(|kind| kind.slug() == slug.as_str()).ok_or(ProblemType::NotFound)?;
    let text = format!("{} ({})\n\n{}\n", kind.title(), kind.status(), kind.advice());
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(text))
}
