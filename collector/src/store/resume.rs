//! When the aggregator's end of the stream is not where we left it: it has lost messages, or has begun a later epoch without
//! some of ours.

use gradimento_common::message::{Head, Message};
use gradimento_common::modi::BodyDigest;
use rusqlite::{Connection, OptionalExtension as _, Transaction};

use super::{StoreError, sent};

/// Goes back to where the aggregator says its end of the stream is: it has lost messages that it gave receipts for, and asks
/// for them again. The receipts are set aside, for they prove the loss. `false` where its end is none of ours.
///
/// # Errors
/// Where SQLite refuses.
pub fn resume(transaction: &Transaction<'_>, head: &Head) -> Result<bool, StoreError> {
    let Some(from) = continuation(transaction, head)? else { return Ok(false) };
    let sql = "INSERT OR IGNORE INTO receipt_superseded (epoch, sequence, receipt)
               SELECT epoch, sequence, receipt FROM outbox WHERE (epoch, sequence) >= (?1, ?2) AND receipt IS NOT NULL";
    let moved = transaction.prepare_cached(sql)?.execute(from)?;
    let sql = "UPDATE outbox SET receipt = NULL WHERE (epoch, sequence) >= (?1, ?2) AND receipt IS NOT NULL";
    transaction.prepare_cached(sql)?.execute(from)?;
    Ok(moved > 0)
}

/// Which of our messages the aggregator can take next: the one that it expects, or the one that opens our next epoch, where what
/// it expects was never ours.
fn continuation(connection: &Connection, head: &Head) -> Result<Option<(u32, u64)>, StoreError> {
    let Head { epoch, expected_sequence: expected, previous } = *head;
    if body(connection, epoch, expected)?.is_some() {
        let before = body(connection, epoch, expected.saturating_sub(1))?.map(|body| BodyDigest::of(&body));
        return Ok((before == previous).then_some((epoch, expected)));
    }
    let sql = "SELECT MIN(epoch) FROM outbox WHERE epoch > ?1 AND sequence = 1 AND stranded = 0";
    let opened: Option<u32> = connection.prepare_cached(sql)?.query_row([epoch], |row| row.get(0))?;
    Ok(opened.map(|epoch| (epoch, 1)))
}

fn body(connection: &Connection, epoch: u32, sequence: u64) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "SELECT body FROM outbox WHERE epoch = ?1 AND sequence = ?2 AND stranded = 0";
    Ok(connection.prepare_cached(sql)?.query_row((epoch, sequence), |row| row.get(0)).optional()?)
}

/// Gives up the messages of this epoch that have no receipt: a later epoch is open, and they can never be taken. What they
/// counted is counted nowhere, and is not counted as sent. Yields how many responses that are.
///
/// # Errors
/// Where SQLite refuses.
pub fn strand(transaction: &Transaction<'_>, epoch: u32) -> Result<u64, StoreError> {
    let sql = "UPDATE outbox SET stranded = 1 WHERE epoch = ?1 AND receipt IS NULL AND stranded = 0 RETURNING body";
    let mut statement = transaction.prepare_cached(sql)?;
    let bodies = statement.query_map([epoch], |row| row.get::<_, Vec<u8>>(0))?.collect::<Result<Vec<_>, _>>()?;
    let mut uncounted = 0;
    for body in bodies {
        let message = Message::parse(&body).map_err(|_| StoreError::Contradiction("a message of ours cannot be read"))?;
        let sealed = message.payload.sealed();
        sent::take_back(transaction, &sealed)?;
        uncounted += sealed.iter().map(|(_, responses)| responses).sum::<u64>();
    }
    Ok(uncounted)
}
