//! The admin listener: for the agency's staff and its monitoring, on an address of its own that citizens never reach.

use std::net::SocketAddr;

use actix_web::dev::Server;
use actix_web::{App, HttpResponse, HttpServer, web};

use super::refusal::{self, HttpProblem};
use super::{Desk, REQUEST_HEAD_TIMEOUT};

/// The text format of Prometheus that prometheus-client writes.
const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Starts the admin listener. Returns the server, which is awaited, and the addresses on which it listens.
///
/// # Errors
/// Where the address cannot be bound.
pub fn serve(desk: web::Data<Desk>, address: SocketAddr) -> std::io::Result<(Server, Vec<SocketAddr>)> {
    let server = HttpServer::new(move || {
        App::new().app_data(desk.clone()).route("/metrics", web::get().to(metrics)).default_service(web::to(refusal::not_found))
    });
    let server = server.workers(1).client_request_timeout(REQUEST_HEAD_TIMEOUT).disable_signals().bind(address)?;
    let addresses = server.addrs();
    Ok((server.run(), addresses))
}

async fn metrics(desk: web::Data<Desk>) -> Result<HttpResponse, HttpProblem> {
    let text = desk.metrics.text(&desk.store, desk.clock.now())?;
    Ok(HttpResponse::Ok().content_type(MEDIA_TYPE).body(text))
}
