//! The listeners: one page of routes each. Collectors speak mutual TLS on their own listener; everybody else reads.

mod body;
mod breakdowns;
mod conditional;
mod description;
mod documents;
mod edge;
mod enrolments;
mod home;
mod indicators;
pub mod ledger;
mod messages;
mod metrics;
mod proofs;
mod refusal;
mod renewals;
mod routing;

use std::net::TcpListener;
use std::sync::Arc;

use actix_web::dev::Server;
use actix_web::{HttpResponse, HttpServer, web};
use arc_swap::ArcSwap;
use gradimento_common::checkpoint::NoteSigner;
use gradimento_common::clock::Clock;
use gradimento_common::jose::Signer;
use jiff::Timestamp;

use crate::config::Survey;
use crate::enrolment::Welcome;
use crate::metrics::{Expiries, Metrics};
use crate::peer::remember_certificate;
use crate::pki::{Authority, not_after};
use crate::store::Store;
use crate::tls::{MessagesTls, PublicTls};
use crate::verify::Editions;
pub use refusal::HttpProblem;
pub use routing::Endpoint;
use routing::{get, post, register};

/// What the handlers share.
pub struct Office {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// When the registry was restored last.
    pub restored: Option<Timestamp>,
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
    /// Counts what happens.
    pub metrics: Metrics,
    /// When what is renewed while the program runs will end.
    pub expiries: Expiries,
    /// Under which the world knows the public listener, without a path.
    pub public_url: String,
}

impl Office {
    /// The ends of the certificates that no program renews, by name: whoever operates has to know in time.
    #[must_use]
    pub fn certificates(&self) -> Vec<(&'static str, Timestamp)> {
        let seal = not_after(&self.welcome.aggregator_seal).map(|at| ("seal_certificate", at));
        self.authority.expiries().into_iter().chain(seal).collect()
    }
}

/// What collectors ask, over mutual TLS and nothing else. One outbound connection is enough for them.
#[must_use]
pub fn message_endpoints() -> Vec<Endpoint> {
    vec![
        post("/rest/cx/v1/messages", messages::take),
        get("/rest/cx/v1/streams/{stream}/head", messages::head),
        get("/rest/cx/v1/streams/{stream}/totals", messages::totals),
        post("/rest/cx/v1/renewals", renewals::renew),
        get("/rest/cx/v1/agencies/{agency}/assignment", documents::assignment),
        get("/rest/cx/v1/questionnaires/{id}/{version}", documents::questionnaire),
    ]
}

/// What everybody may ask.
#[must_use]
pub fn public_endpoints() -> Vec<Endpoint> {
    vec![
        // People.
        get("/", home::show),
        get("/style.css", home::style),
        get("/problems/{slug}", refusal::document),
        // Whoever uses the figures, or checks them.
        get("/rest/cx/v1/indicators", indicators::list),
        get("/rest/cx/v1/breakdowns", breakdowns::list),
        get("/rest/cx/v1/agencies", proofs::agencies),
        get("/rest/cx/v1/questionnaires", proofs::questionnaires),
        get("/rest/cx/v1/ledger", proofs::ledger_key),
        get("/rest/cx/v1/ledger/{page}", proofs::page),
        get("/checkpoint", ledger::checkpoint),
        get("/tile/{path:.*}", ledger::tile),
        // Collectors, before they have joined or when their certificates have expired.
        post("/rest/cx/v1/enrolments", enrolments::redeem),
        post("/rest/cx/v1/recoveries", renewals::recover),
        get("/rest/cx/v1/agencies/{agency}/assignment", documents::assignment),
        get("/rest/cx/v1/questionnaires/{id}/{version}", documents::questionnaire),
        // Whoever operates or integrates.
        get("/status", status),
        get("/openapi.json", description::show),
    ]
}

/// What the operator asks.
#[must_use]
pub fn admin_endpoints() -> Vec<Endpoint> {
    vec![get("/metrics", metrics::show), get("/status", status)]
}

/// Starts the message listener. Of all connections the client's certificate is kept.
///
/// # Errors
/// Where the listener cannot be used.
pub fn serve_messages(office: web::Data<Office>, tls: &MessagesTls, listener: TcpListener) -> std::io::Result<Server> {
    let server = HttpServer::new(move || {
        edge::app(office.clone(), "messages").configure(|config| register(config, message_endpoints()))
    });
    // Before the listener is given: set afterwards it has no effect.
    let server = server.on_connect(remember_certificate);
    Ok(edge::bounded!(server, edge::MESSAGES).listen_rustls_0_23(listener, tls.server_config())?.run())
}

/// Starts the public listener.
///
/// # Errors
/// Where the listener cannot be used.
pub fn serve_public(office: web::Data<Office>, tls: Option<&PublicTls>, listener: TcpListener) -> std::io::Result<Server> {
    let server =
        HttpServer::new(move || edge::app(office.clone(), "public").configure(|config| register(config, public_endpoints())));
    let server = edge::bounded!(server, edge::public());
    let server = match tls {
        Some(tls) => server.listen_rustls_0_23(listener, tls.server_config())?,
        None => server.listen(listener)?,
    };
    Ok(server.run())
}

/// Starts the admin listener.
///
/// # Errors
/// Where the listener cannot be used.
pub fn serve_admin(office: web::Data<Office>, listener: TcpListener) -> std::io::Result<Server> {
    let server =
        HttpServer::new(move || edge::app(office.clone(), "admin").configure(|config| register(config, admin_endpoints())));
    Ok(edge::bounded!(server, edge::ADMIN).listen(listener)?.run())
}

async fn status(office: web::Data<Office>) -> Result<HttpResponse, HttpProblem> {
    let size = refusal::blocking(move || Ok(office.store.ledger_size()?)).await?;
    Ok(HttpResponse::Ok().json(serde_json::json!({"status": "ok", "ledger_size": size})))
}
