//! What a collector says about itself: which services it has, and that it is alive. Silence differs from loss.

use gradimento_common::message::{Catalogue, Heartbeat, Payload, Service};
use jiff::Timestamp;
use rusqlite::{Connection, Transaction};

use crate::store::outbox::{self, Origin};
use crate::store::{StoreError, fact, restoring, set_fact};
use crate::survey::Terms;

const CATALOGUE: &str = "catalogue";

/// What is to be said now, if anything: the catalogue where it differs from the last that was said, a heartbeat after a long
/// silence. Nothing between a restore and the new epoch.
///
/// # Errors
/// Where SQLite refuses.
pub fn due(
    connection: &Connection,
    services: &[Service],
    terms: &Terms,
    now: Timestamp,
) -> Result<Option<Payload>, StoreError> {
    if restoring::phase(connection)?.is_some() {
        return Ok(None);
    }
    if fact(connection, CATALOGUE)?.as_deref() != Some(&written(services)) {
        return Ok(Some(Payload::Catalogue(Catalogue { services: services.to_vec() })));
    }
    let last = outbox::last_made_at(connection)?;
    let silent = last.is_none_or(|last| now.duration_since(last).unsigned_abs() >= terms.heartbeat_interval);
    Ok(silent.then(|| Payload::Heartbeat(Heartbeat { software: env!("CARGO_PKG_VERSION").to_owned() })))
}

/// Says it: into the outbox, and for a catalogue the note that it was said, in one transaction.
///
/// # Errors
/// Where SQLite refuses.
pub fn say(
    transaction: &Transaction<'_>,
    origin: &Origin,
    payload: Payload,
    terms: &Terms,
    now: Timestamp,
) -> Result<(), StoreError> {
    if let Payload::Catalogue(catalogue) = &payload {
        set_fact(transaction, CATALOGUE, &written(&catalogue.services))?;
    }
    outbox::append(transaction, origin, payload, terms.policy, now)?;
    Ok(())
}

fn written(services: &[Service]) -> Vec<u8> {
    serde_json::to_vec(services).unwrap_or_default()
}
