//! `POST /rest/cx/v1/messages` and the head of a stream: what collectors ask, over mutual TLS.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use gradimento_common::ids::StreamId;
use gradimento_common::limits::MESSAGE_BODY_BYTES_MAX;
use gradimento_common::modi::{CONTENT_TYPE, Presented};
use gradimento_common::problem::{Problem, ProblemType};
use gradimento_common::receipt::ReceiptReply;
use jiff::Timestamp;

use super::Office;
use super::refusal::{HttpProblem, blocking};
use crate::peer::PeerCertificate;
use crate::pki::Purpose;
use crate::registry::StreamState;
use crate::store::Accepted;
use crate::verify::{self, Peer};

/// The headers that count, owned so that they can leave the event loop.
struct Headers([Option<String>; 5]);

pub(super) async fn take(
    office: web::Data<Office>,
    certificate: PeerCertificate,
    request: HttpRequest,
    body: Result<web::Bytes, actix_web::Error>,
) -> Result<HttpResponse, HttpProblem> {
    let body = body.map_err(|error| body_problem(&error))?;
    let headers = Headers::of(&request);
    if headers.content_type() != Some(CONTENT_TYPE) {
        return Err(Problem::new(ProblemType::MediaTypeUnsupported).detail(format!("send {CONTENT_TYPE}")).into());
    }
    let accepted = blocking(move || accept(&office, &certificate, &headers, &body)).await?;
    let (status, receipt) = match accepted {
        Accepted::New(receipt) => (StatusCode::CREATED, receipt),
        Accepted::Before(receipt) => (StatusCode::OK, receipt),
    };
    Ok(HttpResponse::build(status).json(ReceiptReply { receipt }))
}

pub(super) async fn head(
    office: web::Data<Office>,
    certificate: PeerCertificate,
    stream: web::Path<String>,
) -> Result<HttpResponse, HttpProblem> {
    let head = blocking(move || {
        let peer = registered(&office, &certificate, office.clock.now())?;
        let own = stream.parse::<StreamId>().is_ok_and(|stream| stream == peer.stream);
        let head = if own { office.store.head(peer.stream)? } else { None };
        head.ok_or_else(|| ProblemType::NotFound.into())
    });
    Ok(HttpResponse::Ok().json(head.await?))
}

fn accept(office: &Office, certificate: &PeerCertificate, headers: &Headers, body: &[u8]) -> Result<Accepted, HttpProblem> {
    let now = office.clock.now();
    let peer = registered(office, certificate, now)?;
    let editions = office.editions.load();
    let seal = |thumbprint| Ok::<_, HttpProblem>(office.store.certificate(thumbprint)?);
    let message = verify::message(
        headers.present(body),
        &peer,
        &office.welcome.audience,
        now,
        &editions,
        office.survey.policy.k(),
        seal,
    )?;
    Ok(office.store.accept(&message, now, &|receipt| receipt.sign(&office.signer).ok())?)
}

/// The collector behind the connection, by what the registry says of it now: a revocation holds for the very next request.
fn registered(office: &Office, certificate: &PeerCertificate, now: Timestamp) -> Result<Peer, HttpProblem> {
    let known = office.store.certificate(certificate.thumbprint)?.filter(|known| known.purpose == Purpose::Tls);
    let known = known.filter(|_| certificate.not_after >= now).ok_or(ProblemType::PeerUnknown)?;
    if known.state == StreamState::Revoked {
        return Err(ProblemType::PeerRevoked.into());
    }
    Ok(Peer { agency: known.agency, stream: known.stream })
}

impl Headers {
    fn of(request: &HttpRequest) -> Self {
        let names = ["Authorization", "Digest", "Agid-JWT-Signature", "Content-Type", "Content-Encoding"];
        // A header that is sent twice is as good as none: nobody can say which one was signed.
        Self(names.map(|name| {
            let mut values = request.headers().get_all(name);
            let value = values.next()?.to_str().ok()?.to_owned();
            values.next().is_none().then_some(value)
        }))
    }

    fn content_type(&self) -> Option<&str> {
        let Self([_, _, _, content_type, _]) = self;
        content_type.as_deref()
    }

    fn present<'a>(&'a self, body: &'a [u8]) -> Presented<'a> {
        let Self([authorization, digest, signature, content_type, content_encoding]) = self;
        Presented {
            authorization: authorization.as_deref(),
            digest: digest.as_deref(),
            signature: signature.as_deref(),
            content_type: content_type.as_deref(),
            content_encoding: content_encoding.as_deref(),
            body,
        }
    }
}

fn body_problem(error: &actix_web::Error) -> HttpProblem {
    if error.as_response_error().status_code() == StatusCode::PAYLOAD_TOO_LARGE {
        Problem::new(ProblemType::BodyTooLarge).detail(format!("at most {MESSAGE_BODY_BYTES_MAX} bytes are accepted")).into()
    } else {
        Problem::new(ProblemType::BodyMalformed).detail("the body did not arrive whole").into()
    }
}
