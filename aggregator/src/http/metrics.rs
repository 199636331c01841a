//! `GET /metrics` on the admin listener.

use actix_web::{HttpResponse, web};

use super::Office;
use super::refusal::{HttpProblem, blocking};
use crate::metrics::Standing;

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

pub(super) async fn show(office: web::Data<Office>) -> Result<HttpResponse, HttpProblem> {
    let text = blocking(move || {
        let standing = Standing {
            ledger_size: office.store.ledger_size()?,
            streams: office.store.fleet()?,
            expiries: office.expiries.named().into_iter().chain(office.certificates()).collect(),
        };
        office.metrics.render(&standing, office.clock.now()).map_err(|error| HttpProblem::internal(&error))
    });
    Ok(HttpResponse::Ok().content_type(OPEN_METRICS).body(text.await?))
}
