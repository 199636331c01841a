//! `POST /rest/cx/v1/enrolments`: a join token and two keys become a member.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use gradimento_common::encoding::{from_hex, sha256};
use gradimento_common::enrolment::EnrolmentRequest;
use gradimento_common::limits::ENROLMENT_BODY_BYTES_MAX;
use gradimento_common::problem::{Problem, ProblemType};

use super::Office;
use super::body::json;
use super::refusal::{HttpProblem, blocking};
use crate::enrolment::{KeyPairRequest, enrol};
use crate::store::NotRedeemed;

pub(super) async fn redeem(
    office: web::Data<Office>,
    request: HttpRequest,
    body: web::Payload,
) -> Result<HttpResponse, HttpProblem> {
    let members = "`secret` and `requests` with `tls` and `seal`";
    let request: EnrolmentRequest = json(&request, body, ENROLMENT_BODY_BYTES_MAX, members).await?;
    let reply = blocking(move || redeem_now(&office, &request)).await?;
    Ok(HttpResponse::build(StatusCode::CREATED).content_type("application/json").body(reply))
}

fn redeem_now(office: &Office, request: &EnrolmentRequest) -> Result<String, HttpProblem> {
    let secret = from_hex(&request.secret).ok_or(ProblemType::JoinTokenInvalid)?;
    let keys = KeyPairRequest::parse(&request.requests)
        .map_err(|error| Problem::new(ProblemType::CertificateRequestInvalid).detail(error.to_string()))?;
    let now = office.clock.now();
    let issue = |agency: &_| {
        let issued = enrol(&office.authority, &office.welcome, agency, &keys, now, &mut rand::rng());
        issued.inspect_err(|error| tracing::error!(%error, "certificates could not be issued")).ok()
    };
    Ok(office.store.redeem(sha256(&secret), keys.binding(), now, &issue)?)
}

impl From<NotRedeemed> for HttpProblem {
    fn from(error: NotRedeemed) -> Self {
        match error {
            NotRedeemed::Unknown => ProblemType::JoinTokenInvalid.into(),
            NotRedeemed::Expired => ProblemType::JoinTokenExpired.into(),
            NotRedeemed::Used { agency, times } => {
                tracing::warn!(agency.id = %agency, times, "a join token was presented again with other keys: is it in other hands?");
                ProblemType::JoinTokenUsed.into()
            }
            NotRedeemed::KeyUsed => ProblemType::CertificateKeyUsed.into(),
            NotRedeemed::Issuing => ProblemType::Internal.into(),
            NotRedeemed::Store(error) => error.into(),
        }
    }
}
