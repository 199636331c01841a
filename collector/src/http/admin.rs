//! The admin listener: for the agency's staff and its monitoring, on an address of its own that citizens never reach.

use std::net::SocketAddr;

use actix_web::dev::Server;
use actix_web::{App, HttpResponse, HttpServer, web};

use gradimento_common::limits::RESPONSE_BODY_BYTES_MAX;

use super::refusal::{self, HttpProblem};
use super::{ADMIN_CONNECTIONS, Desk, REQUEST_HEAD_TIMEOUT, headers, tickets, unlinkable};
use crate::bearer::Bearer;

/// The text format of Prometheus that prometheus-client writes.
const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Starts the admin listener; `bearer` is what back ends show. Returns the server, which is awaited, and the addresses on which it listens.
///
/// # Errors
/// Where the address cannot be bound.
pub fn serve(desk: web::Data<Desk>, bearer: Bearer, address: SocketAddr) -> std::io::Result<(Server, Vec<SocketAddr>)> {
    let bearer = web::Data::new(bearer);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(desk.clone())
            .app_data(bearer.clone())
            .app_data(web::PayloadConfig::new(RESPONSE_BODY_BYTES_MAX))
            .wrap(headers::strict())
            .route("/metrics", web::get().to(metrics))
            .configure(back_ends)
            .default_service(web::to(refusal::not_found))
    });
    let server = server
        .workers(1)
        .max_connections(ADMIN_CONNECTIONS)
        .client_request_timeout(REQUEST_HEAD_TIMEOUT)
        .disable_signals()
        .bind(address)?;
    let addresses = server.addrs();
    Ok((server.run(), addresses))
}

/// The agency's own programs, which show the secret of `admin.token`.
fn back_ends(config: &mut web::ServiceConfig) {
    config.service(
        web::resource("/rest/cx/v1/services/{service}/tickets")
            .route(web::post().to(tickets::issue))
            .default_service(refusal::only("POST")),
    );
    config.service(
        web::resource("/rest/cx/v1/services/{service}/unlinkable-tickets")
            .route(web::post().to(unlinkable::sign))
            .default_service(refusal::only("POST")),
    );
}

async fn metrics(desk: web::Data<Desk>) -> Result<HttpResponse, HttpProblem> {
    let now = desk.clock.now();
    for surveyed in desk.survey.services() {
        let service = &surveyed.service.id;
        desk.metrics.set_flood(service, desk.gate.is_flooded(service, now));
    }
    let text = desk.metrics.text(&desk.store, now)?;
    Ok(HttpResponse::Ok().content_type(MEDIA_TYPE).body(text))
}
