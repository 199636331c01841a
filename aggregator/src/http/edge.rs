//! What holds for every request of every listener: it is measured, bounded in time and number, and its reply tells browsers to
//! be careful.

use std::time::{Duration, Instant};

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::{DefaultHeaders, Next, from_fn};
use actix_web::{App, Error, web};
use gradimento_common::limits;
use gradimento_common::problem::ProblemType;

use super::{HttpProblem, Office};
use crate::metrics::Answered;
use crate::peer::NoPeer;

/// How long a handshake may take. A slow agency on a bad line needs more than the usual three seconds.
pub(super) const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(15);
/// How long a request's head may take: 8 kB of tokens over a line of 1 kB/s.
pub(super) const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a client may take to close a connection that we have ended; then it is dropped.
pub(super) const DISCONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Threads that wait for the database, of each listener. There is one writer, so that more would only queue elsewhere.
pub(super) const BLOCKING_THREADS_MAX: usize = 16;
/// How long requests may take to finish when the program ends, in seconds. Longer than the wait for the database's lock.
pub(super) const SHUTDOWN_SECONDS: u64 = 10;

/// What one listener may hold.
pub(super) struct Bounds {
    /// Connections at one time; more wait in the kernel's queue.
    pub(super) connections: usize,
    /// How long an idle connection is kept.
    pub(super) keep_alive: Duration,
}

/// 23,735 bodies that each send once an hour are 7 a second; kept for a minute, that is 420 connections.
pub(super) const MESSAGES: Bounds = Bounds { connections: 512, keep_alive: Duration::from_secs(60) };
/// Open files that readers leave to others: the other listeners' connections, two for the database of each thread, and the rest.
const NOT_PUBLIC: usize = MESSAGES.connections + ADMIN.connections + 3 * BLOCKING_THREADS_MAX * 2 + 32;

/// Readers come through a proxy or leave after a page; everybody may open connections and be silent.
pub(super) fn public() -> Bounds {
    let open_files = rlimit::increase_nofile_limit(u64::MAX).unwrap_or(limits::OPEN_FILES_USUAL);
    Bounds { connections: limits::connections(open_files, NOT_PUBLIC), keep_alive: Duration::from_secs(15) }
}
/// A scraper and a few people.
pub(super) const ADMIN: Bounds = Bounds { connections: 32, keep_alive: Duration::from_secs(60) };

/// No script, nothing from elsewhere, no frames around us, and no other site is told where the reader was. Handlers that know
/// better how long something stays true say so themselves.
const HEADERS: [(&str, &str); 4] = [
    ("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-store"),
];

/// Which listener a request came by.
#[derive(Clone, Copy)]
struct Listener(&'static str);

/// An application without addresses.
pub(super) fn app(
    office: web::Data<Office>,
    listener: &'static str,
) -> App<
    impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse<impl MessageBody>, Error = Error, InitError = ()>,
> {
    let headers = HEADERS.into_iter().fold(DefaultHeaders::new(), DefaultHeaders::add);
    // A part of an address that cannot be read names nothing that is there.
    let path = web::PathConfig::default().error_handler(|_, _| HttpProblem::from(ProblemType::NotFound).into());
    App::new().app_data(office).app_data(path).app_data(Listener(listener)).wrap(headers).wrap(from_fn(measure))
}

/// Sets every limit of a server. A macro, because actix-web does not export the types that a function would have to name.
macro_rules! bounded {
    ($server:expr, $bounds:expr) => {
        $server
            .workers(1)
            .max_connections($bounds.connections)
            .keep_alive($bounds.keep_alive)
            .tls_handshake_timeout(edge::HANDSHAKE_TIMEOUT)
            .client_request_timeout(edge::HEAD_TIMEOUT)
            .client_disconnect_timeout(edge::DISCONNECT_TIMEOUT)
            .worker_max_blocking_threads(edge::BLOCKING_THREADS_MAX)
            .shutdown_timeout(edge::SHUTDOWN_SECONDS)
            .disable_signals()
    };
}
pub(super) use bounded;

async fn measure(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    #[expect(clippy::disallowed_methods, reason = "how long something took is no date: it must not jump with the clock")]
    let started = Instant::now();
    let response = next.call(request).await?;
    let (request, listener) = (response.request(), response.request().app_data::<Listener>());
    if let (Some(office), Some(Listener(listener))) = (request.app_data::<web::Data<Office>>(), listener) {
        office.metrics.count(&Answered {
            listener,
            method: method(request.method()),
            route: request.match_pattern().unwrap_or_else(|| "unknown".to_owned()),
            status: response.status().as_u16(),
            problem: response.response().error().and_then(slug),
            duration: started.elapsed(),
        });
    }
    Ok(response)
}

/// Methods are the sender's to invent; their names in the metrics are not.
fn method(method: &Method) -> &'static str {
    ["GET", "HEAD", "POST"].into_iter().find(|known| *known == method.as_str()).unwrap_or("other")
}

fn slug(error: &Error) -> Option<&'static str> {
    let problem = error.as_error::<HttpProblem>().map(|HttpProblem(problem)| problem.kind());
    problem.or_else(|| error.as_error::<NoPeer>().map(|_| NoPeer::PROBLEM)).map(|kind| kind.slug())
}
