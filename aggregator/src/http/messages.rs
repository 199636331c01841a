//! `POST /rest/cx/v1/messages` and the head of a stream: what collectors ask, over mutual TLS.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use gradimento_common::ids::StreamId;
use gradimento_common::limits::MESSAGE_BODY_BYTES_MAX;
use gradimento_common::problem::ProblemType;
use gradimento_common::receipt::ReceiptReply;

use super::Office;
use super::body::SignedRequest;
use super::refusal::{HttpProblem, blocking};
use crate::peer::{PeerCertificate, registered};
use crate::store::Accepted;
use crate::verify;

pub(super) async fn take(
    office: web::Data<Office>,
    certificate: PeerCertificate,
    request: HttpRequest,
    body: web::Payload,
) -> Result<HttpResponse, HttpProblem> {
    let signed = SignedRequest::read(&request, body, MESSAGE_BODY_BYTES_MAX).await?;
    let accepted = blocking(move || accept(&office, &certificate, &signed)).await?;
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
        let peer = registered(office.store.as_ref(), office.restored, &certificate, office.clock.now())?;
        let own = stream.parse::<StreamId>().is_ok_and(|stream| stream == peer.stream);
        let head = if own { office.store.head(peer.stream)? } else { None };
        head.ok_or_else(|| ProblemType::NotFound.into())
    });
    Ok(HttpResponse::Ok().json(head.await?))
}

pub(super) async fn totals(
    office: web::Data<Office>,
    certificate: PeerCertificate,
    stream: web::Path<String>,
) -> Result<HttpResponse, HttpProblem> {
    let totals = blocking(move || {
        let peer = registered(office.store.as_ref(), office.restored, &certificate, office.clock.now())?;
        let own = stream.parse::<StreamId>().is_ok_and(|stream| stream == peer.stream);
        if own { Ok(office.store.stream_totals(peer.stream)?) } else { Err(ProblemType::NotFound.into()) }
    });
    Ok(HttpResponse::Ok().json(totals.await?))
}

fn accept(office: &Office, certificate: &PeerCertificate, signed: &SignedRequest) -> Result<Accepted, HttpProblem> {
    let now = office.clock.now();
    let peer = registered(office.store.as_ref(), office.restored, certificate, now)?;
    let editions = office.editions.load();
    let seal = |thumbprint| signed.seal(office, thumbprint);
    let policy = |version| Ok::<_, HttpProblem>(office.survey.policy_of(version, &office.store.policies()?));
    let message = verify::message(signed.present(), &peer, &office.welcome.audience, now, &editions, policy, seal)?;
    Ok(office.store.accept(&message, now, &|receipt| receipt.sign(&office.signer).ok())?)
}
