//! Join tokens: redeemed once, by one pair of keys, in the transaction that makes the stream.

use gradimento_common::ids::AgencyCode;
use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Transaction};

use super::registry;
use crate::store::{Enrol, NotRedeemed, StoreError};

/// A token as it is kept.
struct Invitation {
    agency: String,
    expires: i64,
    redeemed: Option<([u8; 32], String)>,
}

pub(super) fn put(
    transaction: &Transaction<'_>,
    secret_hash: [u8; 32],
    agency: &AgencyCode,
    expires: i64,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO invitation (secret_hash, agency, expires) VALUES (?1, ?2, ?3)";
    transaction.execute(sql, (secret_hash, agency.key(), expires))?;
    Ok(())
}

/// Lets an agency's tokens expire that nobody has redeemed: whoever was revoked must not join again with one in its drawer.
pub(super) fn end(transaction: &Transaction<'_>, agency: &AgencyCode, now: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE invitation SET expires = MIN(expires, ?2 - 1) WHERE agency = ?1 AND keys IS NULL";
    transaction.execute(sql, (agency.key(), now.as_second()))?;
    Ok(())
}

/// The outer error rolls back; a refusal is a result like any other, and its count is committed.
pub(super) fn redeem(
    transaction: &Transaction<'_>,
    secret_hash: [u8; 32],
    keys: [u8; 32],
    now: Timestamp,
    enrol: Enrol<'_>,
) -> Result<Result<String, NotRedeemed>, StoreError> {
    let Some(invitation) = find(transaction, secret_hash)? else { return Ok(Err(NotRedeemed::Unknown)) };
    match invitation.redeemed {
        Some((bound, reply)) if bound == keys => return Ok(Ok(reply)),
        Some(_) => {
            let sql = "UPDATE invitation SET refusals = refusals + 1 WHERE secret_hash = ?1 RETURNING refusals";
            let times = transaction.query_row(sql, [secret_hash], |row| row.get(0))?;
            return Ok(Err(NotRedeemed::Used { agency: registry::parse_code(&invitation.agency)?, times }));
        }
        None if invitation.expires < now.as_second() => return Ok(Err(NotRedeemed::Expired)),
        None => (),
    }
    let code = registry::parse_code(&invitation.agency)?;
    let agency = registry::agency(transaction, &code)?.ok_or(StoreError::Contradiction("an invited agency is missing"))?;
    let Some(enrolled) = enrol(&agency) else { return Ok(Err(NotRedeemed::Issuing)) };
    if registry::any_key_used(transaction, &enrolled.certificates)? {
        return Ok(Err(NotRedeemed::KeyUsed));
    }
    registry::open_stream(transaction, &code, enrolled.stream)?;
    for certificate in &enrolled.certificates {
        registry::put_certificate(transaction, certificate)?;
    }
    let sql = "UPDATE invitation SET keys = ?2, reply = ?3 WHERE secret_hash = ?1";
    transaction.execute(sql, (secret_hash, keys, &enrolled.reply))?;
    Ok(Ok(enrolled.reply))
}

fn find(transaction: &Transaction<'_>, secret_hash: [u8; 32]) -> Result<Option<Invitation>, StoreError> {
    let sql = "SELECT agency, expires, keys, reply FROM invitation WHERE secret_hash = ?1";
    let row = transaction.query_row(sql, [secret_hash], |row| {
        let (keys, reply): (Option<[u8; 32]>, Option<String>) = (row.get(2)?, row.get(3)?);
        Ok(Invitation { agency: row.get(0)?, expires: row.get(1)?, redeemed: keys.zip(reply) })
    });
    Ok(row.optional()?)
}
