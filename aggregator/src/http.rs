//! The listeners: one page of routes each. Collectors speak mutual TLS on their own listener; everybody else reads.

mod body;
mod documents;
mod enrolments;
mod home;
mod indicators;
pub mod ledger;
mod messages;
mod refusal;
mod renewals;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::{App, HttpResponse, HttpServer, web};
use arc_swap::ArcSwap;
use gradimento_common::checkpoint::NoteSigner;
use gradimento_common::clock::Clock;
use gradimento_common::jose::Signer;
use gradimento_common::limits::{ENROLMENT_BODY_BYTES_MAX, MESSAGE_BODY_BYTES_MAX};

use crate::config::Survey;
use crate::enrolment::Welcome;
use crate::peer::remember_certificate;
use crate::pki::Authority;
use crate::store::Store;
use crate::tls::{MessagesTls, PublicTls};
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
    /// What agencies are told to do.
    pub survey: Survey,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Signs receipts.
    pub signer: Signer,
    /// Issues certificates.
    pub authority: Authority,
    /// What every new member is told.
    pub welcome: Welcome,
    /// Signs checkpoints.
    pub ledger: NoteSigner,
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
            .route("/rest/cx/v1/renewals", web::post().to(renewals::renew))
            .route("/rest/cx/v1/agencies/{agency}/assignment", web::get().to(documents::assignment))
            .route("/rest/cx/v1/questionnaires/{id}/{version}", web::get().to(documents::questionnaire))
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
pub fn serve_public(
    office: web::Data<Office>,
    address: SocketAddr,
    tls: Option<&PublicTls>,
) -> std::io::Result<(Server, Vec<SocketAddr>)> {
    let server = HttpServer::new(move || {
        App::new().app_data(office.clone()).app_data(web::PayloadConfig::new(ENROLMENT_BODY_BYTES_MAX)).configure(public_routes)
    });
    let server = server.workers(1).tls_handshake_timeout(HANDSHAKE_TIMEOUT).disable_signals();
    let server = match tls {
        Some(tls) => server.bind_rustls_0_23(address, tls.server_config())?,
        None => server.bind(address)?,
    };
    let addresses = server.addrs();
    Ok((server.run(), addresses))
}

fn public_routes(config: &mut web::ServiceConfig) {
    // People.
    config.route("/", web::get().to(home::show));
    config.route("/style.css", web::get().to(home::style));
    config.route("/problems/{slug}", web::get().to(refusal::document));
    // Whoever uses the figures, or checks them.
    config.route("/rest/cx/v1/indicators", web::get().to(indicators::list));
    config.route("/checkpoint", web::get().to(ledger::checkpoint));
    config.route("/tile/{path:.*}", web::get().to(ledger::tile));
    // Collectors, before and after they have joined.
    config.route("/rest/cx/v1/enrolments", web::post().to(enrolments::redeem));
    config.route("/rest/cx/v1/recoveries", web::post().to(renewals::recover));
    config.route("/rest/cx/v1/agencies/{agency}/assignment", web::get().to(documents::assignment));
    config.route("/rest/cx/v1/questionnaires/{id}/{version}", web::get().to(documents::questionnaire));
    // Whoever operates.
    config.route("/status", web::get().to(status));
    config.default_service(web::to(refusal::not_found));
}

async fn status(office: web::Data<Office>) -> Result<HttpResponse, HttpProblem> {
    let size = refusal::blocking(move || Ok(office.store.ledger_size()?)).await?;
    Ok(HttpResponse::Ok().json(serde_json::json!({"status": "ok", "ledger_size": size})))
}
