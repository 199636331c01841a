//! The public listener: one page of routes, grouped by who calls.

pub mod admin;
mod assets;
mod bridges;
mod description;
mod headers;
mod misfit;
mod page;
mod passage;
mod patience;
mod placement;
mod poster;
mod questionnaire;
mod readable;
mod refusal;
mod responses;
mod status;
mod tickets;
mod unlinkable;
mod withdrawal;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, HttpServer, Route, web};
use gradimento_common::calendar::Day;
use gradimento_common::clock::Clock;
use gradimento_common::ids::ServiceId;
use gradimento_common::limits::{self, RESPONSE_BODY_BYTES_MAX};
use gradimento_common::problem::ProblemType;
use rand::rngs::StdRng;

use crate::config::Notices;
use crate::gate::Gate;
use crate::intake::tokens::TokenKey;
use crate::metrics::Metrics;
use crate::mint::Mint;
use crate::store::Store;
use crate::survey::{Survey, Surveyed};
pub use refusal::HttpProblem;

/// How long a client may take to send its request's head. A phone on a bad line needs seconds, not minutes.
const REQUEST_HEAD_TIMEOUT: Duration = Duration::from_secs(15);
/// Connections of the admin listener: a scraper, and an agency's back ends.
const ADMIN_CONNECTIONS: usize = 64;
/// Open files that citizens leave to others: the admin listener, two for the database of each of at most 64 workers, and the rest.
const NOT_PUBLIC: usize = ADMIN_CONNECTIONS + 64 * 2 + 64;

/// What the handlers share.
pub struct Desk {
    /// Where answers go.
    pub store: Store,
    /// What is asked.
    pub survey: Survey,
    /// How tokens are made and recognised.
    pub tokens: TokenKey,
    /// Where unlinkable tickets are signed, if the agency wants them.
    pub mint: Option<Mint>,
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
    /// What the agency declares on the privacy notice and the accessibility statement.
    pub notices: Notices,
    /// Under which address, without a path, citizens know the collector; as they called it where the configuration is silent.
    pub public_url: Option<String>,
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
            .default_service(refusal::only("GET, POST")),
    );
    config.service(
        web::resource("/withdraw")
            .wrap(Compress::default())
            .route(web::get().to(withdrawal::show))
            .route(web::post().to(withdrawal::submit_form))
            .default_service(refusal::only("GET, POST")),
    );
    fixed(config, "/privacy", web::get().to(page::privacy));
    fixed(config, "/accessibility", web::get().to(page::accessibility));
    fixed(config, "/style.css", web::get().to(page::assets::style));
    fixed(config, "/page.js", web::get().to(page::assets::script));
    fixed(config, "/icon.svg", web::get().to(page::assets::icon));
    fixed(config, "/kiosk.js", web::get().to(page::assets::kiosk));
    fixed(config, "/poster/{service}.svg", web::get().to(poster::svg));
    fixed(config, "/poster/{service}.pdf", web::get().to(poster::pdf));
}

/// Other sites' pages: the component, and what other components send.
fn other_sites(config: &mut web::ServiceConfig) {
    fixed(config, "/widget.js", web::get().to(assets::widget));
    fixed(config, "/widget.css", web::get().to(assets::widget_style));
    fixed(config, "/bridge.js", web::get().to(assets::bridge));
    fixed(config, "/ticket.js", web::get().to(assets::ticket));
    placed(config, "/bridges/wordpress/{service}", "POST", web::post().to(bridges::wordpress));
    placed(config, "/bridges/plone/{service}/@feedback-add", "POST", web::post().to(bridges::plone));
}

/// Programs that speak for citizens.
fn programs(config: &mut web::ServiceConfig) {
    placed(config, "/rest/cx/v1/services/{service}/questionnaire", "GET", web::get().to(questionnaire::show));
    placed(config, "/rest/cx/v1/services/{service}/responses", "POST", web::post().to(responses::submit));
    placed(config, "/rest/cx/v1/services/{service}/unlinkable-key", "GET", web::get().to(unlinkable::key));
    plain(config, "/rest/cx/v1/withdrawals", "POST", web::post().to(withdrawal::submit));
}

/// Whoever operates or integrates.
fn operators(config: &mut web::ServiceConfig) {
    plain(config, "/status", "GET", web::get().to(status::show));
    plain(config, "/openapi.json", "GET", web::get().to(description::show));
    plain(config, "/problems/{slug}", "GET", web::get().to(refusal::document));
}

/// Something that is only read, the same for everybody, and smaller on the way.
fn fixed(config: &mut web::ServiceConfig, path: &str, route: Route) {
    config.service(web::resource(path).wrap(Compress::default()).route(route).default_service(refusal::only("GET")));
}

/// Something that pages of other sites may use where the agency says so.
fn placed(config: &mut web::ServiceConfig, path: &str, methods: &'static str, route: Route) {
    let resource = web::resource(path).route(route).default_service(refusal::only(methods));
    config.service(resource.wrap(from_fn(placement::guard)));
}

fn plain(config: &mut web::ServiceConfig, path: &str, methods: &'static str, route: Route) {
    config.service(web::resource(path).route(route).default_service(refusal::only(methods)));
}

/// Starts the public listener with at least one worker. Returns the server, which is awaited, and the addresses on which it
/// listens.
///
/// # Errors
/// Where the address cannot be bound.
pub fn serve(desk: web::Data<Desk>, address: SocketAddr, workers: usize) -> std::io::Result<(Server, Vec<SocketAddr>)> {
    let open_files = rlimit::increase_nofile_limit(u64::MAX).unwrap_or(limits::OPEN_FILES_USUAL);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(desk.clone())
            .app_data(web::PayloadConfig::new(RESPONSE_BODY_BYTES_MAX))
            .app_data(web::FormConfig::default().limit(RESPONSE_BODY_BYTES_MAX))
            .wrap(from_fn(readable::readable))
            .wrap(from_fn(patience::bounded))
            .wrap(headers::strict())
            .configure(routes)
    })
    .workers(workers)
    .max_connections(limits::connections(open_files, NOT_PUBLIC) / workers)
    .client_request_timeout(REQUEST_HEAD_TIMEOUT)
    .disable_signals()
    .bind(address)?;
    let addresses = server.addrs();
    Ok((server.run(), addresses))
}
