//! The public listener: one page of routes, grouped by who calls.

pub mod admin;
mod assets;
mod bridges;
mod description;
mod page;
mod passage;
mod placement;
mod questionnaire;
mod refusal;
mod responses;
mod status;
mod tickets;
mod withdrawal;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::{Compress, DefaultHeaders, from_fn};
use actix_web::{App, HttpServer, web};
use gradimento_common::calendar::Day;
use gradimento_common::clock::Clock;
use gradimento_common::ids::ServiceId;
use gradimento_common::limits::RESPONSE_BODY_BYTES_MAX;
use gradimento_common::problem::ProblemType;
use rand::rngs::StdRng;

use crate::gate::Gate;
use crate::intake::tokens::TokenKey;
use crate::metrics::Metrics;
use crate::store::Store;
use crate::survey::{Survey, Surveyed};
pub use refusal::HttpProblem;

/// Everything comes from here, nothing is inline, and no page tells another site where the citizen was.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
    img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// How long a client may take to send its request's head. A phone on a bad line needs seconds, not minutes.
const REQUEST_HEAD_TIMEOUT: Duration = Duration::from_secs(15);

/// What the handlers share.
pub struct Desk {
    /// Where answers go.
    pub store: Store,
    /// What is asked.
    pub survey: Survey,
    /// How tokens are made and recognised.
    pub tokens: TokenKey,
    /// What keeps floods away.
    pub gate: Gate,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where form tokens get their random part from.
    pub rng: Mutex<StdRng>,
    /// What the agency calls itself on its pages.
    pub agency_name: String,
    /// Where citizens reach the agency: an e-mail address or the address of a page.
    pub contact: Option<String>,
    /// What monitoring reads.
    pub metrics: Metrics,
}

impl Desk {
    fn today(&self) -> Day {
        Day::of(self.clock.now())
    }

    fn service(&self, id: &str) -> Result<Surveyed, HttpProblem> {
        let id: Option<ServiceId> = id.parse().ok();
        id.and_then(|id| self.survey.service(&id)).ok_or_else(|| ProblemType::ServiceUnknown.into())
    }

    fn form_token(&self, service: &ServiceId) -> Result<String, HttpProblem> {
        let mut rng = self.rng.lock().map_err(|_| HttpProblem::internal(&"the random generator is poisoned"))?;
        Ok(self.tokens.issue_form_token(service, self.clock.now(), &mut *rng))
    }
}

/// The routes of the public listener.
pub fn routes(config: &mut web::ServiceConfig) {
    config.configure(citizens).configure(other_sites).configure(programs).configure(operators);
    config.default_service(web::to(refusal::not_found));
}

/// Citizens, in a browser.
fn citizens(config: &mut web::ServiceConfig) {
    config.service(
        web::resource("/s/{service}")
            .wrap(Compress::default())
            .route(web::get().to(page::show))
            .route(web::post().to(page::submit))
            .default_service(web::to(refusal::method_not_allowed)),
    );
    config.service(web::resource("/privacy").wrap(Compress::default()).route(web::get().to(page::privacy)));
    config.service(web::resource("/accessibility").wrap(Compress::default()).route(web::get().to(page::accessibility)));
    config.service(web::resource("/style.css").wrap(Compress::default()).route(web::get().to(page::assets::style)));
    config.service(web::resource("/page.js").wrap(Compress::default()).route(web::get().to(page::assets::script)));
    config.service(web::resource("/icon.svg").wrap(Compress::default()).route(web::get().to(page::assets::icon)));
    config.service(
        web::resource("/withdraw")
            .wrap(Compress::default())
            .route(web::get().to(withdrawal::show))
            .route(web::post().to(withdrawal::submit_form))
            .default_service(web::to(refusal::method_not_allowed)),
    );
}

/// Other sites' pages: the component, and what other components send.
fn other_sites(config: &mut web::ServiceConfig) {
    config.service(web::resource("/widget.js").wrap(Compress::default()).route(web::get().to(assets::widget)));
    config.service(web::resource("/widget.css").wrap(Compress::default()).route(web::get().to(assets::widget_style)));
    config.service(web::resource("/bridge.js").wrap(Compress::default()).route(web::get().to(assets::bridge)));
    config.service(
        web::resource("/bridges/wordpress/{service}")
            .route(web::post().to(bridges::wordpress))
            .default_service(web::to(refusal::method_not_allowed))
            .wrap(from_fn(placement::guard)),
    );
    config.service(
        web::resource("/bridges/plone/{service}/@feedback-add")
            .route(web::post().to(bridges::plone))
            .default_service(web::to(refusal::method_not_allowed))
            .wrap(from_fn(placement::guard)),
    );
}

/// Programs that speak for citizens.
fn programs(config: &mut web::ServiceConfig) {
    config.service(
        web::resource("/rest/cx/v1/services/{service}/questionnaire")
            .route(web::get().to(questionnaire::show))
            .default_service(web::to(refusal::method_not_allowed))
            .wrap(from_fn(placement::guard)),
    );
    config.service(
        web::resource("/rest/cx/v1/services/{service}/responses")
            .route(web::post().to(responses::submit))
            .default_service(web::to(refusal::method_not_allowed))
            .wrap(from_fn(placement::guard)),
    );
    config.service(
        web::resource("/rest/cx/v1/withdrawals")
            .route(web::post().to(withdrawal::submit))
            .default_service(web::to(refusal::method_not_allowed)),
    );
}

/// Whoever operates or integrates.
fn operators(config: &mut web::ServiceConfig) {
    config.route("/status", web::get().to(status::show));
    config.route("/openapi.json", web::get().to(description::show));
    config.route("/problems/{slug}", web::get().to(refusal::document));
}

/// Starts the public listener. Returns the server, which is awaited, and the addresses on which it listens.
///
/// # Errors
/// Where the address cannot be bound.
pub fn serve(desk: web::Data<Desk>, address: SocketAddr, workers: usize) -> std::io::Result<(Server, Vec<SocketAddr>)> {
    let server = HttpServer::new(move || {
        App::new()
            .app_data(desk.clone())
            .app_data(web::PayloadConfig::new(RESPONSE_BODY_BYTES_MAX))
            .app_data(web::FormConfig::default().limit(RESPONSE_BODY_BYTES_MAX))
            .wrap(
                DefaultHeaders::new()
                    .add(("Content-Security-Policy", CONTENT_SECURITY_POLICY))
                    .add(("X-Content-Type-Options", "nosniff"))
                    .add(("Referrer-Policy", "no-referrer"))
                    .add(("Cache-Control", "no-store")),
            )
            .configure(routes)
    })
    .workers(workers)
    .client_request_timeout(REQUEST_HEAD_TIMEOUT)
    .disable_signals()
    .bind(address)?;
    let addresses = server.addrs();
    Ok((server.run(), addresses))
}
