//! How many responses have left under each key. Written in the transaction that seals them; read after a restore.

use std::collections::BTreeMap;

use gradimento_common::disclosure::PoolKey;
use rusqlite::{Connection, Transaction};

use super::{StoreError, pool};

/// How many responses are in all batches of each key.
pub type Totals = BTreeMap<PoolKey, u64>;

pub(super) fn add(transaction: &Transaction<'_>, sealed: &[(PoolKey, u64)]) -> Result<(), StoreError> {
    let sql = "INSERT INTO sent_total (service, questionnaire, version, assurance, responses) VALUES (?1, ?2, ?3, ?4, ?5)
               ON CONFLICT DO UPDATE SET responses = responses + excluded.responses";
    each(transaction, sql, sealed)
}

pub(super) fn take_back(transaction: &Transaction<'_>, sealed: &[(PoolKey, u64)]) -> Result<(), StoreError> {
    let sql = "UPDATE sent_total SET responses = responses - ?5
               WHERE service = ?1 AND questionnaire = ?2 AND version = ?3 AND assurance = ?4";
    each(transaction, sql, sealed)
}

fn each(transaction: &Transaction<'_>, sql: &'static str, sealed: &[(PoolKey, u64)]) -> Result<(), StoreError> {
    let mut statement = transaction.prepare_cached(sql)?;
    for (key, responses) in sealed {
        let edition = &key.edition;
        let place = (key.service.as_str(), edition.questionnaire.as_str(), edition.version, key.assurance.as_str());
        statement.execute((place.0, place.1, place.2, place.3, responses))?;
    }
    Ok(())
}

/// What has left under each key.
///
/// # Errors
/// Where SQLite refuses.
pub fn totals(connection: &Connection) -> Result<Totals, StoreError> {
    let sql = "SELECT service, questionnaire, version, assurance, responses FROM sent_total WHERE responses > 0";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| Ok((pool::columns(row)?, row.get(4)?)))?;
    rows.map(|row| row.map_err(StoreError::from).and_then(|(columns, responses)| Ok((pool::key(columns)?, responses))))
        .collect()
}
