//! One list of addresses per listener, from which the router is made, 405 replies are told what is allowed, and the interface
//! description is checked.

use std::collections::BTreeMap;

use actix_web::guard::{self, Guard as _};
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::{FromRequest, Handler, Responder, ResponseError as _, Route, web};
use gradimento_common::problem::ProblemType;

use super::refusal::{HttpProblem, not_found};

/// One method of one address, and what answers.
pub struct Endpoint {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// As actix-web writes it, `/problems/{slug}`.
    pub path: &'static str,
    route: Route,
}

/// Read; `HEAD` gets the same without the body.
pub(super) fn get<F, Args>(path: &'static str, handler: F) -> Endpoint
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    let read = guard::fn_guard(|context| guard::Get().check(context) || guard::Head().check(context));
    Endpoint { method: "GET", path, route: web::route().guard(read).to(handler) }
}

/// Ask for something to be done.
pub(super) fn post<F, Args>(path: &'static str, handler: F) -> Endpoint
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    Endpoint { method: "POST", path, route: web::post().to(handler) }
}

/// Makes the router. What stands nowhere in the list is 404, and another method of what does is 405.
pub(super) fn register(config: &mut web::ServiceConfig, endpoints: Vec<Endpoint>) {
    let mut addresses = BTreeMap::<&str, Vec<Endpoint>>::new();
    for endpoint in endpoints {
        addresses.entry(endpoint.path).or_default().push(endpoint);
    }
    for (path, endpoints) in addresses {
        let allow = allowed(&endpoints);
        let refuse = web::to(move || {
            let allow = allow.clone();
            async move {
                let mut reply = HttpProblem::from(ProblemType::MethodNotAllowed).error_response();
                reply.headers_mut().insert(ALLOW, allow);
                reply
            }
        });
        let resource = endpoints.into_iter().fold(web::resource(path), |resource, endpoint| resource.route(endpoint.route));
        config.service(resource.default_service(refuse));
    }
    config.default_service(web::to(not_found));
}

fn allowed(endpoints: &[Endpoint]) -> HeaderValue {
    let methods = endpoints.iter().map(|endpoint| if endpoint.method == "GET" { "GET, HEAD" } else { endpoint.method });
    let methods = methods.collect::<Vec<_>>().join(", ");
    HeaderValue::try_from(methods).unwrap_or(HeaderValue::from_static("GET, HEAD"))
}
