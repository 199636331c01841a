//! The listeners: one page of routes each. Collectors speak mutual TLS on their own listener; everybody else reads.

mod enrolments;
mod indicators;
mod messages;
mod refusal;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::{App, HttpResponse, HttpServer, web};
use arc_swap::ArcSwap;
use gradimento_common::clock::Clock;
use gradimento_common::jose::Signer;
use gradimento_common::limits::{ENROLMENT_BODY_BYTES_MAX, MESSAGE_BODY_BYTES_MAX};

use crate::enrolment::Welcome;
use crate::peer::remember_certificate;
use crate::pki::Authority;
use crate::store::Store;
use crate::tls::MessagesTls;
use crate::verify::Editions;
pub use refusal::HttpProblem;

/// How long a handshake may take. A slow agency on a bad line needs more than the usual three seconds.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(15);

/// What the handlers share.
pub struct Office {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// What may be answered.
    pub editions: ArcSwap<Editions>,
    /// The policy's k.
    pub k: u32,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Signs receipts.
    pub signer: Signer,
    /// Issues certificates.
    pub authority: Authority,
    /// What every new member is told.
    pub welcome: Welcome,
}

/// Starts the message listener: mutual TLS and nothing else.
///
/// # Errors
/// Where the address cannot be bound.
pub fn serve_messages(office: web::Data<Office>, tls: &MessagesTls, listener: TcpListener) -> std::io::Result<Server> {
    let server = HttpServer::new(move || {
        App::new()
            .app_data(office.clone())
            .app_data(web::PayloadConfig::new(MESSAGE_BODY_BYTES_MAX))
            .route("/rest/cx/v1/messages", web::post().to(messages::take))
            .route("/rest/cx/v1/streams/{stream}/head", web::get().to(messages::head))
            .default_service(web::to(refusal::not_found))
    });
    // Before the listener is given: set afterwards it has no effect.
    let server = server.on_connect(remember_certificate);
    let server = server.workers(1).tls_handshake_timeout(HANDSHAKE_TIMEOUT).disable_signals();
    Ok(server.listen_rustls_0_23(listener, tls.server_config())?.run())
}

/// Starts the public listener. Returns the server, which is awaited, and the addresses on which it listens.
///
/// # Errors
/// Where the address cannot be bound.
pub fn serve_public(office: web::Data<Office>, address: SocketAddr) -> std::io::Result<(Server, Vec<SocketAddr>)> {
    let server = HttpServer::new(move || {
        App::new()
            .app_data(office.clone())
            .app_data(web::JsonConfig::default().limit(ENROLMENT_BODY_BYTES_MAX))
            .route("/rest/cx/v1/enrolments", web::post().to(enrolments::redeem))
            .route("/rest/cx/v1/indicators", web::get().to(indicators::list))
            .route("/status", web::get().to(status))
            .default_service(web::to(refusal::not_found))
    });
    let server = server.workers(1).disable_signals().bind(address)?;
    let addresses = server.addrs();
    Ok((server.run(), addresses))
}

async fn status(office: web::Data<Office>) -> Result<HttpResponse, HttpProblem> {
    let size = refusal::blocking(move || Ok(office.store.ledger_size()?)).await?;
    Ok(HttpResponse::Ok().json(serde_json::json!({"status": "ok", "ledger_size": size})))
}
