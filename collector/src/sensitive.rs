//! Sensitive services: to have answered about one says something about a person. Their batches leave with noise, and no page of
//! the collector shows their sums.

use std::collections::BTreeSet;

use gradimento_common::batch::RawBatch;
use gradimento_common::batch::noisy::RawNoisyBatch;
use gradimento_common::disclosure::{Policy, SealOrder};
use gradimento_common::ids::ServiceId;
use gradimento_common::message::Service;
use rand::Rng;
use rusqlite::Transaction;

use crate::store::{StoreError, fact, set_fact};
use crate::survey::Editions;

const SENSITIVE: &str = "sensitive_services";

/// Notes which services are sensitive from now on. One that ever was stays so until what waits for it is sealed: nobody may have the
/// flag taken away to see exactly what was answered under it. That is kept simple: once sensitive, always sensitive.
///
/// # Errors
/// Where SQLite refuses.
pub fn mark(transaction: &Transaction<'_>, services: &[Service]) -> Result<(), StoreError> {
    let known = marked(transaction)?;
    let mut marked = known.clone();
    marked.extend(services.iter().filter(|service| service.sensitive).map(|service| service.id.clone()));
    if marked == known {
        return Ok(());
    }
    let written = serde_json::to_vec(&marked).map_err(|_| StoreError::Contradiction("a list of services cannot be written"))?;
    set_fact(transaction, SENSITIVE, &written)
}

fn marked(transaction: &Transaction<'_>) -> Result<BTreeSet<ServiceId>, StoreError> {
    let Some(written) = fact(transaction, SENSITIVE)? else { return Ok(BTreeSet::new()) };
    serde_json::from_slice(&written).map_err(|_| StoreError::Contradiction("the list of sensitive services cannot be read"))
}

/// Sets apart the batches in which there is somebody who answered about a sensitive service, and puts noise on them.
///
/// # Errors
/// Where SQLite refuses, or noise of the policy's scale cannot be made; nothing may leave then.
pub fn split(
    transaction: &Transaction<'_>,
    batches: Vec<(&SealOrder, RawBatch)>,
    editions: &Editions,
    policy: &Policy,
    rng: &mut impl Rng,
) -> Result<(Vec<RawBatch>, Vec<RawNoisyBatch>), StoreError> {
    let marked = marked(transaction)?;
    let (mut exact, mut noisy) = (Vec::new(), Vec::new());
    for (order, batch) in batches {
        if !order.pools.iter().any(|pool| marked.contains(&pool.service)) {
            exact.push(batch);
            continue;
        }
        let questionnaire = editions.get(&batch.edition());
        let questionnaire = questionnaire.ok_or(StoreError::Contradiction("a batch is of an unknown edition"))?;
        let drawn = batch.with_noise(questionnaire, policy, rng);
        noisy.push(drawn.ok_or(StoreError::Contradiction("the policy's budget gives no scale"))?);
    }
    Ok((exact, noisy))
}
