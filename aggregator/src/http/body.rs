//! Bodies on their way in: of the right media type, of bounded length, whole; and, where they are signed, with what signs them.

use std::time::Duration;

use actix_web::rt::time::timeout;
use actix_web::{HttpRequest, web};
use gradimento_common::jose::Thumbprint;
use gradimento_common::modi::{CONTENT_TYPE, Presented};
use gradimento_common::problem::{Problem, ProblemType};
use serde::de::DeserializeOwned;

use super::Office;
use super::refusal::HttpProblem;
use crate::readmission;
use crate::registry::Certificate;

/// How long a body may take to arrive: the largest message is 64 kB, and a line that carries less than 3 kB/s carries nothing.
const ARRIVAL_SECONDS: u64 = 25;

/// Reads a JSON body of at most `bytes_max`; `members` says what is expected.
pub(super) async fn json<T: DeserializeOwned>(
    request: &HttpRequest,
    body: web::Payload,
    bytes_max: usize,
    members: &str,
) -> Result<T, HttpProblem> {
    let media_type = single(request, "Content-Type").unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case(CONTENT_TYPE) {
        return Err(unsupported());
    }
    parsed(&whole(body, bytes_max).await?, members)
}

/// Reads JSON that has been let through.
pub(super) fn parsed<T: DeserializeOwned>(body: &[u8], members: &str) -> Result<T, HttpProblem> {
    serde_json::from_slice(body).map_err(|_| Problem::new(ProblemType::BodyMalformed).detail(format!("send {members}")).into())
}

async fn whole(body: web::Payload, bytes_max: usize) -> Result<web::Bytes, HttpProblem> {
    let refused = |kind, detail: String| HttpProblem(Problem::new(kind).detail(detail));
    let late = format!("the body did not arrive within {ARRIVAL_SECONDS} seconds");
    let arrived = timeout(Duration::from_secs(ARRIVAL_SECONDS), body.to_bytes_limited(bytes_max)).await;
    let arrived = arrived.map_err(|_| refused(ProblemType::BodyMalformed, late))?;
    let arrived = arrived.map_err(|_| refused(ProblemType::BodyTooLarge, format!("at most {bytes_max} bytes are accepted")))?;
    arrived.map_err(|_| refused(ProblemType::BodyMalformed, "the body did not arrive whole".to_owned()))
}

fn unsupported() -> HttpProblem {
    Problem::new(ProblemType::MediaTypeUnsupported).detail(format!("send {CONTENT_TYPE}")).into()
}

/// A header's value. One that is sent twice is as good as none: nobody can say which one was meant, or signed.
pub(super) fn single(request: &HttpRequest, name: &str) -> Option<String> {
    let mut values = request.headers().get_all(name);
    let value = values.next()?.to_str().ok()?.to_owned();
    values.next().is_none().then_some(value)
}

/// A signed request, owned, so that it can leave the event loop.
pub(super) struct SignedRequest {
    authorization: Option<String>,
    digest: Option<String>,
    signature: Option<String>,
    content_encoding: Option<String>,
    body: web::Bytes,
}

impl SignedRequest {
    /// Takes what counts of a request. The media type is compared as it stands, because as it stands it was signed.
    pub(super) async fn read(request: &HttpRequest, body: web::Payload, bytes_max: usize) -> Result<Self, HttpProblem> {
        if single(request, "Content-Type").as_deref() != Some(CONTENT_TYPE) {
            return Err(unsupported());
        }
        Ok(Self {
            authorization: single(request, "Authorization"),
            digest: single(request, "Digest"),
            signature: single(request, "Agid-JWT-Signature"),
            content_encoding: single(request, "Content-Encoding"),
            body: whole(body, bytes_max).await?,
        })
    }

    /// What the registry knows of the certificate under which it was signed.
    pub(super) fn seal(&self, office: &Office, thumbprint: Thumbprint) -> Result<Option<Certificate>, HttpProblem> {
        let root = office.authority.root_der();
        Ok(readmission::seal(office.store.as_ref(), office.restored, root, self.signature.as_deref(), thumbprint)?)
    }

    pub(super) fn present(&self) -> Presented<'_> {
        Presented {
            authorization: self.authorization.as_deref(),
            digest: self.digest.as_deref(),
            signature: self.signature.as_deref(),
            content_type: Some(CONTENT_TYPE),
            content_encoding: self.content_encoding.as_deref(),
            body: &self.body,
        }
    }
}
