//! Unlinkable tickets over HTTP: the month's key for everybody, signatures for the agency's back ends. Off unless the
//! configuration turns it on.

use actix_web::{HttpRequest, HttpResponse, web};
use gradimento_common::calendar::Month;
use gradimento_common::encoding::{base64url, from_base64url};
use gradimento_common::ids::ServiceId;
use gradimento_common::problem::{Problem, ProblemType};
use serde::{Deserialize, Serialize};

use super::Desk;
use super::refusal::HttpProblem;
use super::responses::read;
use super::tickets::authorise;
use crate::bearer::Bearer;
use crate::intake::tickets::{SpentTicket, TicketRefusal};
use crate::intake::unlinkable::{UnlinkableTicket, may_sign};
use crate::mint::{Mint, MintError};

/// Signatures in one request: at some 7 ms of processor time each (measured, two busy cores), half a second. A body of 80 is 28
/// kB, which the listener still reads.
const SIGNATURES_MAX: usize = 80;

#[derive(Serialize)]
struct Shown {
    month: Month,
    n: String,
    e: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    month: Month,
    blinded: Vec<String>,
}

#[derive(Serialize)]
struct Signed {
    items: Vec<String>,
}

/// `GET /rest/cx/v1/services/{service}/unlinkable-key`: the same for everybody in a month.
pub(super) async fn key(desk: web::Data<Desk>, service: web::Path<String>) -> Result<HttpResponse, HttpProblem> {
    let service = desk.service(&service)?.service.id;
    let today = desk.today();
    let key = minting(&desk, move |mint| mint.present(&service, today)).await?;
    let shown = Shown { month: today.month(), n: base64url(&key.public().n), e: base64url(&key.public().e) };
    Ok(HttpResponse::Ok().json(shown))
}

/// `POST /rest/cx/v1/services/{service}/unlinkable-tickets` on the admin listener: signs what browsers have blinded.
pub(super) async fn sign(
    desk: web::Data<Desk>,
    bearer: web::Data<Bearer>,
    service: web::Path<String>,
    request: HttpRequest,
    body: Result<web::Bytes, actix_web::Error>,
) -> Result<HttpResponse, HttpProblem> {
    authorise(&bearer, &request)?;
    let service = desk.service(&service)?.service.id;
    let Wanted { month, blinded } = read(&request, body)?;
    if !(1..=SIGNATURES_MAX).contains(&blinded.len()) || !may_sign(month, desk.today()) {
        let detail = format!("`blinded` must hold 1 to {SIGNATURES_MAX}, under the key of the present month");
        return Err(Problem::new(ProblemType::BodyMalformed).detail(detail).into());
    }
    let blinded: Option<Vec<_>> = blinded.iter().map(|text| from_base64url(text)).collect();
    let blinded = blinded.ok_or(ProblemType::BodyMalformed)?;
    let items = minting(&desk, move |mint| {
        let key = mint.known(&service, month)?.ok_or(MintError::NotBlinded)?;
        blinded.iter().map(|blinded| Ok(base64url(&key.sign(blinded)?))).collect()
    });
    Ok(HttpResponse::Created().json(Signed { items: items.await? }))
}

/// Recognises the ticket that came with an answer.
pub(super) fn recognise(desk: &Desk, service: &ServiceId, ticket: &str) -> Result<SpentTicket, HttpProblem> {
    let today = desk.today();
    let (Some(mint), true) = (&desk.mint, ticket.starts_with("u.")) else {
        return Ok(desk.tokens.ticket(service, ticket, today)?);
    };
    let ticket = UnlinkableTicket::parse(ticket).ok_or(TicketRefusal::Foreign)?;
    let key = mint.known(service, ticket.month())?.ok_or(TicketRefusal::Foreign)?;
    Ok(ticket.recognise(service, key.public(), today)?)
}

/// Works at the mint, where requests do not wait for it.
async fn minting<T: Send + 'static>(
    desk: &web::Data<Desk>,
    work: impl FnOnce(&Mint) -> Result<T, MintError> + Send + 'static,
) -> Result<T, HttpProblem> {
    let desk = desk.clone();
    let worked = web::block(move || desk.mint.as_ref().map(work)).await.map_err(|error| HttpProblem::internal(&error))?;
    let off = || HttpProblem(Problem::new(ProblemType::NotFound).detail("this collector issues no unlinkable tickets"));
    Ok(worked.ok_or_else(off)??)
}

impl From<MintError> for HttpProblem {
    fn from(error: MintError) -> Self {
        match error {
            MintError::NotBlinded => Self(Problem::new(ProblemType::BodyMalformed).detail(error.to_string())),
            MintError::File(_) | MintError::Key => Self::internal(&error),
        }
    }
}
