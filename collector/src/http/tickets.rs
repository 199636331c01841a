//! `POST /rest/cx/v1/services/{service}/tickets` on the admin listener: an agency's back end asks for tickets, to hand one out
//! at the end of each transaction. What it does with them it knows itself; nothing is kept here.

use actix_web::{HttpRequest, HttpResponse, web};
use gradimento_common::ids::ServiceId;
use gradimento_common::problem::{Problem, ProblemType};
use serde::{Deserialize, Serialize};

use super::Desk;
use super::refusal::HttpProblem;
use super::responses::read;
use crate::bearer::{Authorised, Bearer};
use crate::intake::tickets::TICKET_DAYS_MAX;

/// Tickets in one reply: a batch of letters or an hour of a busy counter, and under 90 kB.
const TICKETS_MAX: usize = 1_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    count: usize,
}

#[derive(Serialize)]
struct Issued {
    items: Vec<String>,
}

pub(super) async fn issue(
    desk: web::Data<Desk>,
    bearer: web::Data<Bearer>,
    service: web::Path<String>,
    request: HttpRequest,
    body: Result<web::Bytes, actix_web::Error>,
) -> Result<HttpResponse, HttpProblem> {
    let who = authorise(&bearer, &request)?;
    let surveyed = desk.service(&service)?;
    let Wanted { count } = read(&request, body)?;
    if !(1..=TICKETS_MAX).contains(&count) {
        let detail = format!("`count` must be 1 to {TICKETS_MAX}");
        return Err(Problem::new(ProblemType::BodyMalformed).detail(detail).into());
    }
    let items = desk.tickets(who, &surveyed.service.id, count)?;
    Ok(HttpResponse::Created().json(Issued { items }))
}

/// Who shows the secret may have tickets.
pub(super) fn authorise(bearer: &Bearer, request: &HttpRequest) -> Result<Authorised, HttpProblem> {
    let shown = request.headers().get("Authorization").and_then(|value| value.to_str().ok());
    shown.and_then(|shown| bearer.check(shown)).ok_or_else(|| ProblemType::AdminTokenInvalid.into())
}

impl Desk {
    /// Fresh tickets of a service, each good for the longest time there is.
    fn tickets(&self, _: Authorised, service: &ServiceId, count: usize) -> Result<Vec<String>, HttpProblem> {
        let until = self.today().later_by(TICKET_DAYS_MAX);
        let key = self.tokens.ticket_key(service);
        let mut rng = self.rng.lock().map_err(|_| HttpProblem::internal(&"the random generator is poisoned"))?;
        Ok((0..count).map(|_| key.issue(until, &mut *rng)).collect())
    }
}
