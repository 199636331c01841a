//! No request may take for ever. The head has its own time limit; this one is for all that follows, of which only the sender can
//! make the body slow.

use std::time::Duration;

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::rt::time::timeout;
use gradimento_common::problem::{Problem, ProblemType};

use super::HttpProblem;

/// The largest body is 32 kB: a line that carries less than 1.1 kB/s carries nothing. What happens after the body has arrived waits
/// for the database for five seconds at most.
const REQUEST_SECONDS: u64 = 30;

/// Refuses what has not been answered in time.
pub(super) async fn bounded(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let answered = timeout(Duration::from_secs(REQUEST_SECONDS), next.call(request)).await;
    answered.unwrap_or_else(|_| {
        let late = format!("the request did not arrive within {REQUEST_SECONDS} seconds");
        Err(HttpProblem(Problem::new(ProblemType::BodyMalformed).detail(late)).into())
    })
}
