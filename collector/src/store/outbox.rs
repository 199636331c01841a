//! Messages, written once. A message is appended in the transaction that makes what it says true, and sent later.

use gradimento_common::disclosure::Policy;
use gradimento_common::ids::{AgencyCode, StreamId};
use gradimento_common::message::{Message, Payload, Position};
use gradimento_common::modi::BodyDigest;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Transaction};

use super::StoreError;

/// Whose messages these are.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The agency.
    pub agency: AgencyCode,
    /// Its stream.
    pub stream: StreamId,
    /// The stream's present epoch.
    pub epoch: u32,
}

/// A message that waits for its receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// The stream's epoch.
    pub epoch: u32,
    /// Its number.
    pub sequence: u64,
    /// Its bytes.
    pub body: Vec<u8>,
}

/// Appends a message and yields its number.
///
/// # Errors
/// Where SQLite refuses or the message cannot be written.
pub fn append(
    transaction: &Transaction<'_>,
    origin: &Origin,
    payload: Payload,
    policy: Policy,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let last = last(transaction, origin.epoch)?;
    let sequence = last.as_ref().map_or(1, |(sequence, _)| sequence + 1);
    let message = Message {
        agency: origin.agency.clone(),
        position: Position { stream: origin.stream, epoch: origin.epoch, sequence },
        previous: last.map(|(_, body)| BodyDigest::of(&body)),
        made_at: now,
        policy,
        payload,
    };
    let body = message.to_bytes().map_err(|_| StoreError::Contradiction("a message cannot be written"))?;
    let sql = "INSERT INTO outbox (epoch, sequence, body) VALUES (?1, ?2, ?3)";
    transaction.prepare_cached(sql)?.execute((origin.epoch, sequence, body))?;
    Ok(sequence)
}

fn last(connection: &Connection, epoch: u32) -> Result<Option<(u64, Vec<u8>)>, StoreError> {
    let sql = "SELECT sequence, body FROM outbox WHERE epoch = ?1 ORDER BY sequence DESC LIMIT 1";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row([epoch], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

/// The next message to be sent, at or after `from`.
///
/// # Errors
/// Where SQLite refuses.
pub fn next(connection: &Connection, epoch: u32, from: u64) -> Result<Option<Pending>, StoreError> {
    let sql = "SELECT epoch, sequence, body FROM outbox
               WHERE epoch = ?1 AND sequence >= ?2 AND receipt IS NULL AND quarantine IS NULL ORDER BY sequence LIMIT 1";
    let mut statement = connection.prepare_cached(sql)?;
    let pending = |row: &rusqlite::Row<'_>| Ok(Pending { epoch: row.get(0)?, sequence: row.get(1)?, body: row.get(2)? });
    Ok(statement.query_row((epoch, from), pending).optional()?)
}

/// Keeps a receipt that has been verified.
///
/// # Errors
/// Where there is no such message.
pub fn keep_receipt(transaction: &Transaction<'_>, epoch: u32, sequence: u64, receipt: &str) -> Result<(), StoreError> {
    let sql = "UPDATE outbox SET receipt = ?3 WHERE epoch = ?1 AND sequence = ?2";
    let changed = transaction.prepare_cached(sql)?.execute((epoch, sequence, receipt))?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Contradiction("a receipt is for a message that was never made")) }
}

/// Sets a message aside that the aggregator will not take; it is kept, and a person must look.
///
/// # Errors
/// Where there is no such message.
pub fn quarantine(transaction: &Transaction<'_>, epoch: u32, sequence: u64, why: &str) -> Result<(), StoreError> {
    let sql = "UPDATE outbox SET quarantine = ?3 WHERE epoch = ?1 AND sequence = ?2";
    let changed = transaction.prepare_cached(sql)?.execute((epoch, sequence, why))?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Contradiction("a message that was never made is set aside")) }
}
