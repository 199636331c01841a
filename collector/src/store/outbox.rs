//! Messages, written once. A message is appended in the transaction that makes what it says true, and sent later.

use gradimento_common::disclosure::Policy;
use gradimento_common::epoch::EpochOpen;
use gradimento_common::ids::{AgencyCode, StreamId};
use gradimento_common::message::{Message, Payload, Position};
use gradimento_common::modi::BodyDigest;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Transaction};

use super::{StoreError, fact, restoring, sent, set_fact};

/// Whose messages these are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The agency.
    pub agency: AgencyCode,
    /// Its stream.
    pub stream: StreamId,
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

const EPOCH: &str = "epoch";

/// The stream's present epoch; 1 until another was opened.
///
/// # Errors
/// Where SQLite refuses.
pub fn epoch(connection: &Connection) -> Result<u32, StoreError> {
    let Some(known) = fact(connection, EPOCH)? else { return Ok(1) };
    let epoch = std::str::from_utf8(&known).ok().and_then(|text| text.parse().ok());
    epoch.ok_or(StoreError::Contradiction("the epoch cannot be read"))
}

/// Begins an epoch with the message that opens it.
///
/// # Errors
/// Where SQLite refuses or the message cannot be written.
pub fn open_epoch(
    transaction: &Transaction<'_>,
    origin: &Origin,
    epoch: u32,
    open: EpochOpen,
    policy: Policy,
    now: Timestamp,
) -> Result<(), StoreError> {
    set_fact(transaction, EPOCH, epoch.to_string().as_bytes())?;
    write(transaction, origin, Payload::EpochOpen(open), policy, now).map(|_| ())
}

/// Appends a message to the present epoch and yields its number. What a summary says is added to the totals of what has left.
///
/// # Errors
/// Where SQLite refuses, the message cannot be written, or the collector has been restored and no new epoch is open yet: what is
/// said then could be said twice.
pub fn append(
    transaction: &Transaction<'_>,
    origin: &Origin,
    payload: Payload,
    policy: Policy,
    now: Timestamp,
) -> Result<u64, StoreError> {
    if restoring::phase(transaction)?.is_some() {
        return Err(StoreError::Contradiction("nothing is said between a restore and the new epoch"));
    }
    sent::add(transaction, &payload.sealed())?;
    write(transaction, origin, payload, policy, now)
}

fn write(
    transaction: &Transaction<'_>,
    origin: &Origin,
    payload: Payload,
    policy: Policy,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let epoch = epoch(transaction)?;
    let last = last(transaction, epoch)?;
    let sequence = last.as_ref().map_or(1, |(sequence, _)| sequence + 1);
    let message = Message {
        agency: origin.agency.clone(),
        position: Position { stream: origin.stream, epoch, sequence },
        previous: last.map(|(_, body)| BodyDigest::of(&body)),
        made_at: now,
        policy,
        payload,
    };
    let body = message.to_bytes().map_err(|_| StoreError::Contradiction("a message cannot be written"))?;
    let sql = "INSERT INTO outbox (epoch, sequence, body) VALUES (?1, ?2, ?3)";
    transaction.prepare_cached(sql)?.execute((epoch, sequence, body))?;
    Ok(sequence)
}

fn last(connection: &Connection, epoch: u32) -> Result<Option<(u64, Vec<u8>)>, StoreError> {
    let sql = "SELECT sequence, body FROM outbox WHERE epoch = ?1 ORDER BY sequence DESC LIMIT 1";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row([epoch], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

/// The next message to be sent: the first without a receipt. One that was refused keeps its place, for those behind it
/// continue its chain; one that is stranded is passed over.
///
/// # Errors
/// Where SQLite refuses.
pub fn next(connection: &Connection) -> Result<Option<Pending>, StoreError> {
    let sql = "SELECT epoch, sequence, body FROM outbox WHERE receipt IS NULL AND stranded = 0
               ORDER BY epoch, sequence LIMIT 1";
    Ok(connection.prepare_cached(sql)?.query_row([], pending).optional()?)
}

/// The newest message that has a receipt, with it.
///
/// # Errors
/// Where SQLite refuses.
pub fn newest_delivered(connection: &Connection) -> Result<Option<(Pending, String)>, StoreError> {
    let sql = "SELECT epoch, sequence, body, receipt FROM outbox WHERE receipt IS NOT NULL
               ORDER BY epoch DESC, sequence DESC LIMIT 1";
    Ok(connection.prepare_cached(sql)?.query_row([], |row| Ok((pending(row)?, row.get(3)?))).optional()?)
}

fn pending(row: &rusqlite::Row<'_>) -> Result<Pending, rusqlite::Error> {
    Ok(Pending { epoch: row.get(0)?, sequence: row.get(1)?, body: row.get(2)? })
}

/// When the newest message was made.
///
/// # Errors
/// Where SQLite refuses.
pub fn last_made_at(connection: &Connection) -> Result<Option<Timestamp>, StoreError> {
    Ok(last(connection, epoch(connection)?)?.and_then(|(_, body)| made_at(&body)))
}

/// What waits, since when, and whether the aggregator refuses it.
///
/// # Errors
/// Where SQLite refuses.
pub fn backlog(connection: &Connection) -> Result<Backlog, StoreError> {
    let sql = "SELECT COUNT(*) FROM outbox WHERE receipt IS NULL AND stranded = 0";
    let waiting = connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
    let sql = "SELECT body, quarantine FROM outbox WHERE receipt IS NULL AND stranded = 0 ORDER BY epoch, sequence LIMIT 1";
    let first = connection.prepare_cached(sql)?.query_row([], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get(1)?))).optional()?;
    let (oldest, quarantine) = first.map_or((None, None), |(body, quarantine)| (made_at(&body), quarantine));
    Ok(Backlog { waiting, oldest, quarantine })
}

fn made_at(body: &[u8]) -> Option<Timestamp> {
    Message::parse(body).ok().map(|message| message.made_at)
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
