//! `POST /rest/cx/v1/renewals` over mutual TLS, and `POST /rest/cx/v1/recoveries` for collectors that came too late for it.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use gradimento_common::enrolment::CertificateRequests;
use gradimento_common::ids::StreamId;
use gradimento_common::limits::ENROLMENT_BODY_BYTES_MAX;
use gradimento_common::problem::{Problem, ProblemType};
use jiff::Timestamp;

use super::Office;
use super::body::{SignedRequest, json, parsed};
use super::refusal::{HttpProblem, blocking};
use crate::enrolment::KeyPairRequest;
use crate::peer::{PeerCertificate, registered};
use crate::registry::Agency;
use crate::renewal::{recovery, renewed};
use crate::store::{NewKeys, NotRenewed, Renewed};

const MEMBERS: &str = "`tls` and `seal`";

pub(super) async fn renew(
    office: web::Data<Office>,
    certificate: PeerCertificate,
    request: HttpRequest,
    body: web::Payload,
) -> Result<HttpResponse, HttpProblem> {
    let requests: CertificateRequests = json(&request, body, ENROLMENT_BODY_BYTES_MAX, MEMBERS).await?;
    let reply = blocking(move || {
        let now = office.clock.now();
        let peer = registered(office.store.as_ref(), office.restored, &certificate, now)?;
        let keys = key_pair(&requests)?;
        let issue = |agency: &_| issue(&office, agency, peer.stream, &keys, now);
        Ok(office.store.renew(peer.stream, new_keys(&keys), now, &issue)?)
    });
    Ok(created(reply.await?))
}

pub(super) async fn recover(
    office: web::Data<Office>,
    request: HttpRequest,
    body: web::Payload,
) -> Result<HttpResponse, HttpProblem> {
    let signed = SignedRequest::read(&request, body, ENROLMENT_BODY_BYTES_MAX).await?;
    let reply = blocking(move || {
        let now = office.clock.now();
        let seal = |thumbprint| signed.seal(&office, thumbprint);
        let recovery = recovery(signed.present(), &office.welcome.audience, now, seal)?;
        let keys = key_pair(&parsed(recovery.proof().body(), MEMBERS)?)?;
        let issue = |agency: &_| issue(&office, agency, recovery.stream(), &keys, now);
        Ok(office.store.recover(&recovery, new_keys(&keys), now, &issue)?)
    });
    Ok(created(reply.await?))
}

fn created(reply: String) -> HttpResponse {
    HttpResponse::build(StatusCode::CREATED).content_type("application/json").body(reply)
}

fn key_pair(requests: &CertificateRequests) -> Result<KeyPairRequest, HttpProblem> {
    let pair = KeyPairRequest::parse(requests);
    pair.map_err(|error| Problem::new(ProblemType::CertificateRequestInvalid).detail(error.to_string()).into())
}

fn new_keys(keys: &KeyPairRequest) -> NewKeys<'_> {
    NewKeys { binding: keys.binding(), seal_point: keys.seal_point() }
}

fn issue(office: &Office, agency: &Agency, stream: StreamId, keys: &KeyPairRequest, now: Timestamp) -> Option<Renewed> {
    let renewed = renewed(&office.authority, agency, stream, keys, now, &mut rand::rng());
    renewed.inspect_err(|error| tracing::error!(%error, "certificates could not be issued")).ok()
}

impl From<NotRenewed> for HttpProblem {
    fn from(error: NotRenewed) -> Self {
        let kind = match error {
            NotRenewed::Revoked => ProblemType::PeerRevoked,
            NotRenewed::KeyUsed => ProblemType::CertificateKeyUsed,
            NotRenewed::TooMany { until } => {
                let until = Timestamp::from_second(until).map(|until| until.to_string()).unwrap_or_default();
                return Problem::new(ProblemType::CertificatesExhausted).with("until", until).into();
            }
            NotRenewed::Replayed => ProblemType::TokenReplayed,
            NotRenewed::Superseded => ProblemType::CertificateUnknown,
            NotRenewed::Early => ProblemType::RecoveryEarly,
            NotRenewed::Exhausted => ProblemType::RecoveryExhausted,
            NotRenewed::Issuing => ProblemType::Internal,
            NotRenewed::Store(error) => return error.into(),
        };
        Problem::new(kind).detail(error.to_string()).into()
    }
}
