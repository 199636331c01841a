//! Who is at the other end of a connection. The certificate is taken from the TLS stream once, when the connection is made,
//! and read for every request that asks; a handler that takes [`PeerCertificate`] cannot run without one.

use std::any::Any;
use std::fmt;
use std::future::{Ready, ready};

use actix_tls::accept::rustls_0_23::TlsStream;
use actix_web::dev::{Extensions, Payload};
use actix_web::http::StatusCode;
use actix_web::rt::net::TcpStream;
use actix_web::{FromRequest, HttpRequest, HttpResponse, ResponseError};
use gradimento_common::problem::{MEDIA_TYPE, Problem, ProblemType};
use jiff::Timestamp;
use thiserror::Error;

use crate::pki::{CollectorCertificate, Purpose};
use crate::readmission;
use crate::registry::StreamState;
use crate::store::{Store, StoreError};
use crate::verify::Peer;

/// The client's certificate as the handshake verified it, DER.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionCertificate(Vec<u8>);

/// Keeps the client's certificate with its connection. For `HttpServer::on_connect`, before `bind`: set afterwards it is
/// ignored.
pub fn remember_certificate(connection: &dyn Any, extensions: &mut Extensions) {
    let Some(stream) = connection.downcast_ref::<TlsStream<TcpStream>>() else {
        tracing::error!("a connection of the message listener is not TLS; its requests will be refused");
        return;
    };
    let leaf = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
    if let Some(leaf) = leaf {
        extensions.insert(ConnectionCertificate(leaf.to_vec()));
    }
}

/// The collector at the other end, by a certificate that the handshake verified. Whether it is registered is not known yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerCertificate(pub CollectorCertificate);

/// Nobody known is at the other end: there is no certificate, or not one of a collector for connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoPeer;

impl NoPeer {
    /// Under which it is refused.
    pub const PROBLEM: ProblemType = ProblemType::ClientCertificateMissing;
}

impl FromRequest for PeerCertificate {
    type Error = NoPeer;
    type Future = Ready<Result<Self, NoPeer>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(request.conn_data::<ConnectionCertificate>().and_then(peer).ok_or(NoPeer))
    }
}

fn peer(ConnectionCertificate(der): &ConnectionCertificate) -> Option<PeerCertificate> {
    CollectorCertificate::parse(der).ok().filter(|certificate| certificate.purpose == Purpose::Tls).map(PeerCertificate)
}

/// Why a certificate that the handshake accepted speaks for nobody.
#[derive(Debug, Error)]
pub enum NotRegistered {
    /// The registry does not know its agency, or it has expired since.
    #[error("the client certificate is not registered")]
    Unknown,
    /// Its stream was revoked.
    #[error("the collector was revoked")]
    Revoked,
    /// Ours.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The collector behind a connection, by what the registry says of it now: a revocation holds for the very next request. `restored`
/// is when the registry was restored last.
///
/// # Errors
/// See [`NotRegistered`].
pub fn registered(
    store: &dyn Store,
    restored: Option<Timestamp>,
    certificate: &PeerCertificate,
    now: Timestamp,
) -> Result<Peer, NotRegistered> {
    // The handshake checked this end; a connection may live longer.
    if certificate.0.not_after < now {
        return Err(NotRegistered::Unknown);
    }
    let known = readmission::tls(store, restored, certificate)?.filter(|known| known.purpose == Purpose::Tls);
    let known = known.ok_or(NotRegistered::Unknown)?;
    if known.state == StreamState::Revoked {
        return Err(NotRegistered::Revoked);
    }
    Ok(Peer { agency: known.agency, stream: known.stream })
}

impl fmt::Display for NoPeer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::PROBLEM.title())
    }
}

impl ResponseError for NoPeer {
    fn status_code(&self) -> StatusCode {
        StatusCode::UNAUTHORIZED
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.status_code()).content_type(MEDIA_TYPE).json(Problem::new(Self::PROBLEM))
    }
}

#[cfg(test)]
mod tests;
