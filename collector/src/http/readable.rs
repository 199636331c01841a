//! Whoever comes with a browser reads on a page, in a language of his own, what a program is told in a problem document.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::{Error, web};

use super::page::frame::Asked;
use super::page::refusal;
use super::{Desk, HttpProblem};

/// Addresses of programs: what they get never depends on who asks.
const PROGRAMS: [&str; 2] = ["/rest/", "/bridges/"];

/// Puts a page in the place of a refusal that a browser would show as it is.
pub(super) async fn readable(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let asked = wants_a_page(&request).then(|| Asked::of(request.request()));
    let response = next.call(request).await?;
    let problem = response.response().error().and_then(|error| error.as_error::<HttpProblem>());
    let desk = response.request().app_data::<web::Data<Desk>>();
    let page = asked.zip(problem).zip(desk).map(|((asked, problem), desk)| refusal(desk, &asked, problem));
    Ok(match page {
        Some(page) => response.into_response(page.map_into_right_body()),
        None => response.map_into_left_body(),
    })
}

fn wants_a_page(request: &ServiceRequest) -> bool {
    let accepted = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.contains("text/html") && !PROGRAMS.iter().any(|start| request.path().starts_with(start))
}
