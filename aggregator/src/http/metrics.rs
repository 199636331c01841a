//! `GET /metrics` on the admin listener.

use actix_web::{HttpResponse, web};

use super::Office;
use super::refusal::{HttpProblem, blocking};
use crate::metrics::Standing;
use crate::pki::not_after;

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

pub(super) async fn show(office: web::Data<Office>) -> Result<HttpResponse, HttpProblem> {
    let text = blocking(move || {
        // Nothing renews these: whoever operates has to know in time.
        let seal = not_after(&office.welcome.aggregator_seal).map(|at| ("seal_certificate", at));
        let certificates = office.authority.expiries().into_iter().chain(seal);
        let standing = Standing {
            ledger_size: office.store.ledger_size()?,
            streams: office.store.fleet()?,
            expiries: office.expiries.named().into_iter().chain(certificates).collect(),
        };
        office.metrics.render(&standing, office.clock.now()).map_err(|error| HttpProblem::internal(&error))
    });
    Ok(HttpResponse::Ok().content_type(OPEN_METRICS).body(text.await?))
}
