//! Cross-origin requests: answered on the pages that the agency lists for the service, refused on all others. Without
//! credentials and without `*`. The `Origin` header decides, and is then forgotten: it is neither stored nor logged.

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpResponse, ResponseError as _, web};
use gradimento_common::problem::{Problem, ProblemType};

use super::Desk;
use super::refusal::HttpProblem;
use crate::origins::WebOrigin;

/// What the component and the bridges send; `Cache-Control` because the WordPress theme sets it on its request.
const HEADERS_ALLOWED: &str = "Accept, Cache-Control, Content-Type, Idempotency-Key, Proof-Of-Work";
const METHODS_ALLOWED: &str = "GET, POST";
/// What a page's script may read besides the body: how long to wait before trying again.
const HEADERS_EXPOSED: &str = "Retry-After";
/// Seconds for which a browser remembers a preflight. Two hours is the most that Chromium honours.
const PREFLIGHT_SECONDS: &str = "7200";

/// Where a request comes from.
enum Standing {
    /// From no page, or from the collector's own.
    Own,
    /// From a page on which the service may stand.
    Listed(HeaderValue),
    /// From any other page.
    Foreign,
}

/// Lets through what comes from a page on which the service may stand; wraps every route that names a `{service}` and that
/// pages call.
pub(super) async fn guard(request: ServiceRequest, next: Next<BoxBody>) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let mut response = match standing(&request) {
        Standing::Own => next.call(request).await?,
        Standing::Foreign => {
            let problem = Problem::new(ProblemType::OriginNotAllowed);
            request.into_response(HttpProblem(problem).error_response())
        }
        Standing::Listed(origin) => {
            let mut response =
                if is_preflight(&request) { request.into_response(preflight()) } else { next.call(request).await? };
            let headers = response.headers_mut();
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(HEADERS_EXPOSED));
            response
        }
    };
    response.headers_mut().append(header::VARY, HeaderValue::from_static("Origin"));
    Ok(response)
}

fn standing(request: &ServiceRequest) -> Standing {
    let Some(origin) = request.headers().get(header::ORIGIN) else { return Standing::Own };
    let service = request.match_info().get("service").unwrap_or_default();
    let surveyed = request.app_data::<web::Data<Desk>>().and_then(|desk| desk.service(service).ok());
    // A service that does not exist is the handler's to refuse, in its own words.
    let Some(surveyed) = surveyed else { return Standing::Own };
    // `Origin: null` and whatever else is no origin is no page that anybody could have listed.
    let Some(page) = origin.to_str().ok().and_then(|text| text.parse::<WebOrigin>().ok()) else { return Standing::Foreign };
    if page.is_at(request.connection_info().host()) {
        Standing::Own
    } else if surveyed.origins.contains(&page) {
        Standing::Listed(origin.clone())
    } else {
        Standing::Foreign
    }
}

fn is_preflight(request: &ServiceRequest) -> bool {
    let asks = |headers: &HeaderMap| headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    request.method() == Method::OPTIONS && asks(request.headers())
}

fn preflight() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, METHODS_ALLOWED))
        .insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS_ALLOWED))
        .insert_header((header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_SECONDS))
        .finish()
}
