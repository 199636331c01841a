//! From each stage's refusals to problem documents: the one place where the aggregator's errors meet HTTP.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError, web};
use gradimento_common::message::MessageFault;
use gradimento_common::problem::{MEDIA_TYPE, Problem, ProblemType};

use crate::peer::NotRegistered;
use crate::store::{Refused, StoreError};
use crate::verify::NotSound;

/// Seconds after which a busy aggregator is worth another try. Whoever was told so has waited three seconds for the database's
/// lock already: something long, such as a backup, holds it.
const RETRY_AFTER: &str = "30";

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
        if self.status_code() == StatusCode::SERVICE_UNAVAILABLE {
            reply.insert_header((header::RETRY_AFTER, RETRY_AFTER));
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

impl From<StoreError> for HttpProblem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => ProblemType::Busy.into(),
            error => Self::internal(&error),
        }
    }
}

impl From<NotRegistered> for HttpProblem {
    fn from(error: NotRegistered) -> Self {
        match error {
            NotRegistered::Unknown => ProblemType::PeerUnknown.into(),
            NotRegistered::Revoked => ProblemType::PeerRevoked.into(),
            NotRegistered::Store(error) => error.into(),
        }
    }
}

impl From<NotSound> for HttpProblem {
    fn from(error: NotSound) -> Self {
        let kind = match &error {
            NotSound::Request(refusal) => refusal.problem_type(),
            NotSound::CertificateUnknown => ProblemType::CertificateUnknown,
            NotSound::CertificateExpired => ProblemType::CertificateExpired,
            NotSound::Revoked => ProblemType::PeerRevoked,
            NotSound::Message(MessageFault::Shape(_) | MessageFault::Unknown(_) | MessageFault::Contradiction(_)) => {
                ProblemType::MessageMalformed
            }
            NotSound::Foreign => ProblemType::MessageForeign,
            NotSound::QuestionnaireUnknown(_) => ProblemType::QuestionnaireUnknown,
            NotSound::PolicyWeaker { .. } => ProblemType::PolicyWeaker,
            NotSound::Batch(_) | NotSound::Breakdowns(_) => ProblemType::BatchUnsound,
        };
        Problem::new(kind).detail(error.to_string()).into()
    }
}

impl From<Refused> for HttpProblem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Replayed => ProblemType::TokenReplayed.into(),
            Refused::Equivocation => ProblemType::Equivocation.into(),
            Refused::ReleasedBefore => Problem::new(ProblemType::BatchUnsound).detail(refused.to_string()).into(),
            Refused::Quarantined => ProblemType::StreamQuarantined.into(),
            Refused::Gap(head) => Problem::new(ProblemType::SequenceGap)
                .with("epoch", head.epoch)
                .with("expected_sequence", head.expected_sequence)
                .with("previous", head.previous.map(String::from))
                .into(),
            Refused::Store(error) => error.into(),
        }
    }
}

/// Runs what blocks off the event loop.
pub(super) async fn blocking<T, F>(work: F) -> Result<T, HttpProblem>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, HttpProblem> + Send + 'static,
{
    web::block(work).await.map_err(|error| HttpProblem::internal(&error))?
}

pub(super) async fn not_found() -> Result<HttpResponse, HttpProblem> {
    Err(ProblemType::NotFound.into())
}

/// The documentation of one type of problem, where its `type` member points.
pub(super) async fn document(slug: web::Path<String>) -> Result<HttpResponse, HttpProblem> {
    let kind = ProblemType::ALL.iter().find(|kind| kind.slug() == slug.as_str()).ok_or(ProblemType::NotFound)?;
    let text = format!("{} ({})\n\n{}\n", kind.title(), kind.status(), kind.advice());
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(text))
}
