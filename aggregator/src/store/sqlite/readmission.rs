//! Certificates that come back into a registry that was restored from an older copy.

use rusqlite::{OptionalExtension as _, Transaction};

use super::registry;
use crate::registry::Certificate;
use crate::store::StoreError;

/// A stream that is lost too begins anew: its collector has every message and sends them again. Its agency must be approved, for a
/// certificate says neither category nor territory.
pub(super) fn readmit(transaction: &Transaction<'_>, lost: &Certificate) -> Result<Option<Certificate>, StoreError> {
    let known = registry::certificate(transaction, lost.thumbprint)?;
    if known.is_some() || !find_stream(transaction, lost)? {
        return Ok(known);
    }
    let place = make_room(transaction, lost)?;
    registry::put_certificate(transaction, lost)?;
    if let Some(place) = place {
        let sql = "UPDATE certificate SET number = ?2 WHERE thumbprint = ?1";
        transaction.execute(sql, (lost.thumbprint.as_bytes(), place))?;
    }
    registry::certificate(transaction, lost.thumbprint)
}

fn find_stream(transaction: &Transaction<'_>, lost: &Certificate) -> Result<bool, StoreError> {
    let sql = "SELECT agency FROM stream WHERE id = ?1";
    let owner: Option<String> = transaction.query_row(sql, [lost.stream.to_string()], |row| row.get(0)).optional()?;
    if let Some(owner) = owner {
        return Ok(owner == lost.agency.key());
    }
    let approved = registry::agency(transaction, &lost.agency)?.is_some();
    if approved {
        registry::open_stream(transaction, &lost.agency, lost.stream)?;
    }
    Ok(approved)
}

/// Certificates come back in the order in which they are shown, and the last seal is one that may recover: an old one must not
/// become it by coming late. Hence its place is before every one that begins later, by their dates, which are all that is left.
fn make_room(transaction: &Transaction<'_>, lost: &Certificate) -> Result<Option<i64>, StoreError> {
    let (stream, purpose) = (lost.stream.to_string(), registry::purpose_name(lost.purpose));
    let sql = "SELECT MIN(number) FROM certificate WHERE stream = ?1 AND purpose = ?2 AND not_before > ?3";
    let place: Option<i64> = transaction.query_row(sql, (&stream, purpose, lost.not_before), |row| row.get(0))?;
    if let Some(place) = place {
        let sql = "UPDATE certificate SET number = number + 1 WHERE stream = ?1 AND purpose = ?2 AND number >= ?3";
        transaction.execute(sql, (&stream, purpose, place))?;
    }
    Ok(place)
}
