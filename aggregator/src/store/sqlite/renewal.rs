//! New certificates for streams that have some, in the transaction that decides whether they may have them.

use gradimento_common::ids::{AgencyCode, StreamId};
use gradimento_common::limits::{CERTIFICATE_PAIRS_MAX, RECOVERIES_MAX};
use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Transaction};

use super::{ledger, registry};
use crate::renewal::Recovery;
use crate::store::{NewKeys, NotRenewed, Renew, StoreError};

type Outcome = Result<Result<String, NotRenewed>, StoreError>;

/// The outer error rolls back; a refusal is a result like any other.
pub(super) fn renew(
    transaction: &Transaction<'_>,
    stream: StreamId,
    keys: NewKeys<'_>,
    now: Timestamp,
    issue: Renew<'_>,
) -> Outcome {
    let Some(code) = agency_of(transaction, stream)? else { return Ok(Err(NotRenewed::Revoked)) };
    match pair(transaction, keys)? {
        Some(pair) if pair.stream != stream.to_string() => Ok(Err(NotRenewed::KeyUsed)),
        Some(pair) if pair.expires >= now.as_second() => Ok(Ok(pair.reply)),
        // A request from long ago that arrives once more: the keys that followed would no longer be the last.
        Some(_) if last_seal(transaction, stream)?.point != keys.seal_point => Ok(Err(NotRenewed::KeyUsed)),
        known => issue_once(transaction, (stream, code), keys, known.is_some(), now, issue),
    }
}

/// A stolen seal key must not become a connection while the collector lives: hence only the last seal certificate speaks, and
/// only once it has expired. A collector that lost the reply to its last renewal has no newer certificate than the one before;
/// it proves that it has the newer keys by asking for them.
pub(super) fn recover(
    transaction: &Transaction<'_>,
    request: &Recovery,
    keys: NewKeys<'_>,
    now: Timestamp,
    issue: Renew<'_>,
) -> Outcome {
    if !ledger::remember_token(transaction, request.proof(), now)? {
        return Ok(Err(NotRenewed::Replayed));
    }
    let last = last_seal(transaction, request.stream())?;
    if last.point != request.signer().key.as_bytes() && last.point != keys.seal_point {
        return Ok(Err(NotRenewed::Superseded));
    }
    let known = pair(transaction, keys)?;
    if let Some(pair) = known.filter(|pair| pair.stream == request.stream().to_string() && pair.expires >= now.as_second()) {
        return Ok(Ok(pair.reply));
    }
    if last.not_after >= now.as_second() {
        return Ok(Err(NotRenewed::Early));
    }
    let stream = request.stream().to_string();
    let used: u32 = transaction.query_row("SELECT recoveries FROM stream WHERE id = ?1", [&stream], |row| row.get(0))?;
    if used >= RECOVERIES_MAX {
        return Ok(Err(NotRenewed::Exhausted));
    }
    let outcome = renew(transaction, request.stream(), keys, now, issue)?;
    if outcome.is_ok() {
        transaction.execute("UPDATE stream SET recoveries = recoveries + 1 WHERE id = ?1", [&stream])?;
    }
    Ok(outcome)
}

pub(super) fn approve(transaction: &Transaction<'_>, agency: &AgencyCode) -> Result<usize, StoreError> {
    let sql = "UPDATE stream SET recoveries = 0 WHERE agency = ?1 AND state <> 'revoked'";
    Ok(transaction.execute(sql, [agency.key()])?)
}

fn issue_once(
    transaction: &Transaction<'_>,
    (stream, code): (StreamId, AgencyCode),
    keys: NewKeys<'_>,
    known: bool,
    now: Timestamp,
    issue: Renew<'_>,
) -> Outcome {
    let id = stream.to_string();
    if let Some(until) = crowded_until(transaction, &id, now)? {
        return Ok(Err(NotRenewed::TooMany { until }));
    }
    let agency = registry::agency(transaction, &code)?.ok_or(StoreError::Contradiction("a stream's agency is missing"))?;
    let Some(renewed) = issue(&agency) else { return Ok(Err(NotRenewed::Issuing)) };
    if !known && registry::any_key_used(transaction, &renewed.certificates)? {
        return Ok(Err(NotRenewed::KeyUsed));
    }
    for certificate in &renewed.certificates {
        registry::put_certificate(transaction, certificate)?;
    }
    let expires = renewed.certificates.iter().map(|certificate| certificate.not_after).min().unwrap_or_default();
    transaction.execute("DELETE FROM renewal WHERE stream = ?1 AND expires < ?2", (&id, now.as_second()))?;
    let sql = "INSERT INTO renewal (keys, stream, expires, reply) VALUES (?1, ?2, ?3, ?4)";
    transaction.execute(sql, (keys.binding, &id, expires, &renewed.reply))?;
    Ok(Ok(renewed.reply))
}

/// Whose stream it is, unless it was revoked. A quarantined one keeps its connection: it has to hear that it is quarantined.
fn agency_of(transaction: &Transaction<'_>, stream: StreamId) -> Result<Option<AgencyCode>, StoreError> {
    let sql = "SELECT agency FROM stream WHERE id = ?1 AND state <> 'revoked'";
    let agency: Option<String> = transaction.query_row(sql, [stream.to_string()], |row| row.get(0)).optional()?;
    agency.map(|code| registry::parse_code(&code)).transpose()
}

/// When the first certificate of a stream that has all it may have expires.
fn crowded_until(transaction: &Transaction<'_>, stream: &str, now: Timestamp) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT COUNT(*), COALESCE(MIN(not_after), 0) FROM certificate
               WHERE stream = ?1 AND purpose = 'tls' AND not_after >= ?2";
    let (valid, first): (u32, i64) =
        transaction.query_row(sql, (stream, now.as_second()), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok((valid >= CERTIFICATE_PAIRS_MAX).then_some(first))
}

/// A pair that was renewed before.
struct Pair {
    stream: String,
    expires: i64,
    reply: String,
}

fn pair(transaction: &Transaction<'_>, keys: NewKeys<'_>) -> Result<Option<Pair>, StoreError> {
    let sql = "SELECT stream, expires, reply FROM renewal WHERE keys = ?1";
    let row = transaction
        .query_row(sql, [keys.binding], |row| Ok(Pair { stream: row.get(0)?, expires: row.get(1)?, reply: row.get(2)? }));
    Ok(row.optional()?)
}

struct LastSeal {
    point: Vec<u8>,
    not_after: i64,
}

/// By its number: a start may come before that of an earlier one, where the clock was set back, and ends may coincide, where the
/// issuing authority's own comes first.
fn last_seal(transaction: &Transaction<'_>, stream: StreamId) -> Result<LastSeal, StoreError> {
    let sql = "SELECT point, not_after FROM certificate WHERE stream = ?1 AND purpose = 'seal'
               ORDER BY number DESC LIMIT 1";
    Ok(transaction.query_row(sql, [stream.to_string()], |row| Ok(LastSeal { point: row.get(0)?, not_after: row.get(1)? }))?)
}
