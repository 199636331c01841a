//! Messages, written once. A message is appended in the transaction that makes what it says true, and sent later.

use gradimento_common::disclosure::Policy;
use gradimento_common::ids::{AgencyCode, StreamId};
use gradimento_common::message::{Head, Message, Payload, Position};
use gradimento_common::modi::BodyDigest;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Transaction};

use super::StoreError;

/// Whose messages these are.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// How the outbox stands, for whoever watches over it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Backlog {
    /// Messages without a receipt.
    pub waiting: u64,
    /// When the oldest of them was made.
    pub oldest: Option<Timestamp>,
    /// Why the aggregator refused the first of them, where it did: the problem's name.
    pub quarantine: Option<String>,
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

/// The next message to be sent: the first without a receipt. One that was refused keeps its place, for those behind it
/// continue its chain.
///
/// # Errors
/// Where SQLite refuses.
pub fn next(connection: &Connection, epoch: u32) -> Result<Option<Pending>, StoreError> {
    let sql = "SELECT epoch, sequence, body FROM outbox WHERE epoch = ?1 AND receipt IS NULL ORDER BY sequence LIMIT 1";
    let mut statement = connection.prepare_cached(sql)?;
    let pending = |row: &rusqlite::Row<'_>| Ok(Pending { epoch: row.get(0)?, sequence: row.get(1)?, body: row.get(2)? });
    Ok(statement.query_row([epoch], pending).optional()?)
}

/// When the newest message was made.
///
/// # Errors
/// Where SQLite refuses.
pub fn last_made_at(connection: &Connection, epoch: u32) -> Result<Option<Timestamp>, StoreError> {
    Ok(last(connection, epoch)?.and_then(|(_, body)| made_at(&body)))
}

/// What waits, since when, and whether the aggregator refuses it.
///
/// # Errors
/// Where SQLite refuses.
pub fn backlog(connection: &Connection, epoch: u32) -> Result<Backlog, StoreError> {
    let sql = "SELECT COUNT(*) FROM outbox WHERE epoch = ?1 AND receipt IS NULL";
    let waiting = connection.prepare_cached(sql)?.query_row([epoch], |row| row.get(0))?;
    let sql = "SELECT body, quarantine FROM outbox WHERE epoch = ?1 AND receipt IS NULL ORDER BY sequence LIMIT 1";
    let first =
        connection.prepare_cached(sql)?.query_row([epoch], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get(1)?))).optional()?;
    let (oldest, quarantine) = first.map_or((None, None), |(body, quarantine)| (made_at(&body), quarantine));
    Ok(Backlog { waiting, oldest, quarantine })
}

fn made_at(body: &[u8]) -> Option<Timestamp> {
    Message::parse(body).ok().map(|message| message.made_at)
}

/// Goes back to where the aggregator says its end of the stream is: it has lost messages that it gave receipts for, and asks
/// for them again. The receipts are set aside, for they prove the loss. `false` where its end is none of ours.
///
/// # Errors
/// Where SQLite refuses.
pub fn resume(transaction: &Transaction<'_>, head: &Head) -> Result<bool, StoreError> {
    let Head { epoch, expected_sequence: expected, previous } = head;
    if body(transaction, *epoch, *expected)?.is_none() || digest_before(transaction, *epoch, *expected)? != *previous {
        return Ok(false);
    }
    let sql = "INSERT OR IGNORE INTO receipt_superseded (epoch, sequence, receipt)
               SELECT epoch, sequence, receipt FROM outbox WHERE epoch = ?1 AND sequence >= ?2 AND receipt IS NOT NULL";
    let moved = transaction.prepare_cached(sql)?.execute((epoch, expected))?;
    let sql = "UPDATE outbox SET receipt = NULL WHERE epoch = ?1 AND sequence >= ?2 AND receipt IS NOT NULL";
    transaction.prepare_cached(sql)?.execute((epoch, expected))?;
    Ok(moved > 0)
}

fn body(connection: &Connection, epoch: u32, sequence: u64) -> Result<Option<Vec<u8>>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT body FROM outbox WHERE epoch = ?1 AND sequence = ?2")?;
    Ok(statement.query_row((epoch, sequence), |row| row.get(0)).optional()?)
}

fn digest_before(connection: &Connection, epoch: u32, sequence: u64) -> Result<Option<BodyDigest>, StoreError> {
    Ok(body(connection, epoch, sequence.saturating_sub(1))?.map(|body| BodyDigest::of(&body)))
}

/// Keeps a receipt that has been verified.
///
/// # Errors
/// Where there is no such message.
pub fn keep_receipt(transaction: &Transaction<'_>, epoch: u32, sequence: u64, receipt: &str) -> Result<(), StoreError> {
    let sql = "UPDATE outbox SET receipt = ?3, quarantine = NULL WHERE epoch = ?1 AND sequence = ?2";
    let changed = transaction.prepare_cached(sql)?.execute((epoch, sequence, receipt))?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Contradiction("a receipt is for a message that was never made")) }
}

/// Notes that the aggregator will not take a message, and why; it keeps its place, and a person must look.
///
/// # Errors
/// Where there is no such message.
pub fn quarantine(transaction: &Transaction<'_>, epoch: u32, sequence: u64, why: &str) -> Result<(), StoreError> {
    let sql = "UPDATE outbox SET quarantine = ?3 WHERE epoch = ?1 AND sequence = ?2";
    let changed = transaction.prepare_cached(sql)?.execute((epoch, sequence, why))?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Contradiction("a message that was never made is set aside")) }
}
