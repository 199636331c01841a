//! What whoever checks the ledger needs beside it: who sent each entry, what was answered, under which key checkpoints are
//! signed, and which agency belongs to which category and territory. All of it is about public bodies, nothing about persons.

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpResponse, web};
use gradimento_common::calendar::Day;
use gradimento_common::ids::Edition;
use gradimento_common::jose::TokenKind;
use gradimento_common::merkle::tiles::TILE_WIDTH;
use gradimento_common::problem::ProblemType;
use jiff::Timestamp;

use super::Office;
use super::refusal::{HttpProblem, blocking};
use crate::audit::published::{Items, LedgerKey, Proof, PublishedAgency};
use crate::store::{StoreError, StoredProof};

const BRIEFLY: &str = "public, max-age=60";

pub(super) async fn agencies(office: web::Data<Office>) -> Result<HttpResponse, HttpProblem> {
    let agencies = blocking(move || Ok(office.store.agencies()?)).await?;
    let published = |agency: crate::registry::Agency| PublishedAgency {
        code: agency.code,
        name: agency.name,
        category: agency.category,
        territory: agency.territory,
    };
    let items = agencies.into_iter().map(published).collect();
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, BRIEFLY)).json(Items { items }))
}

/// Which editions were ever published; each is served by itself.
pub(super) async fn questionnaires(office: web::Data<Office>) -> Result<HttpResponse, HttpProblem> {
    let all = blocking(move || Ok(office.store.questionnaires()?)).await?;
    let items: Vec<Edition> = all.into_iter().map(|(edition, _)| edition).collect();
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, BRIEFLY)).json(Items { items }))
}

pub(super) async fn ledger_key(office: web::Data<Office>) -> Result<HttpResponse, HttpProblem> {
    let claims = LedgerKey { origin: office.survey.ledger.clone(), key: office.welcome.ledger_key.clone() };
    let token = office.signer.sign(TokenKind::LedgerKey, &claims).map_err(|error| HttpProblem::internal(&error))?;
    Ok(HttpResponse::Ok().content_type("application/jose").insert_header((CACHE_CONTROL, BRIEFLY)).body(token))
}

/// The proofs of the entries of one bundle.
pub(super) async fn page(office: web::Data<Office>, page: web::Path<String>) -> Result<HttpResponse, HttpProblem> {
    let first =
        page.parse::<u64>().ok().and_then(|page| page.checked_mul(TILE_WIDTH)).filter(|first| i64::try_from(*first).is_ok());
    let first = first.ok_or(ProblemType::NotFound)?;
    let stored = blocking(move || Ok(office.store.proofs(first, TILE_WIDTH)?)).await?;
    if stored.is_empty() {
        return Err(ProblemType::NotFound.into());
    }
    let items = stored.into_iter().map(published).collect::<Result<_, _>>()?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, BRIEFLY)).json(Items { items }))
}

fn published(proof: StoredProof) -> Result<Proof, StoreError> {
    let at = Timestamp::from_second(proof.received_at);
    let at = at.map_err(|_| StoreError::Contradiction("an instant cannot be read"))?;
    let StoredProof { index, digest, signature, receipt, .. } = proof;
    Ok(Proof { index, digest, signature, receipt, received: Day::of(at) })
}
