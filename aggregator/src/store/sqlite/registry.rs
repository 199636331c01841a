//! Agencies, streams and certificates.

use gradimento_common::ids::{AgencyCode, StreamId};
use gradimento_common::jose::{SealPublicKey, Thumbprint};
use rusqlite::{Connection, OptionalExtension as _, Transaction};

use crate::pki::Purpose;
use crate::registry::{Agency, Certificate, StreamState};
use crate::store::StoreError;

pub(super) fn put_agency(transaction: &Transaction<'_>, agency: &Agency) -> Result<(), StoreError> {
    let sql = "INSERT INTO agency (key, code, name, category, territory, fiscal_code) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
               ON CONFLICT (key) DO UPDATE SET code = excluded.code, name = excluded.name, category = excluded.category,
               territory = excluded.territory, fiscal_code = excluded.fiscal_code";
    let Agency { code, name, category, territory, fiscal_code } = agency;
    transaction.execute(sql, (code.key(), code.to_string(), name, category, territory, fiscal_code))?;
    Ok(())
}

pub(super) fn agency(connection: &Connection, code: &AgencyCode) -> Result<Option<Agency>, StoreError> {
    let sql = "SELECT code, name, category, territory, fiscal_code FROM agency WHERE key = ?1";
    let row = connection
        .prepare_cached(sql)?
        .query_row([code.key()], |row| Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)))
        .optional()?;
    let Some((code, name, category, territory, fiscal_code)) = row else { return Ok(None) };
    Ok(Some(Agency { code: parse_code(&code)?, name, category, territory, fiscal_code }))
}

pub(super) fn parse_code(code: &str) -> Result<AgencyCode, StoreError> {
    code.parse().map_err(|_| StoreError::Contradiction("a codice IPA cannot be read"))
}

pub(super) fn open_stream(transaction: &Transaction<'_>, agency: &AgencyCode, stream: StreamId) -> Result<(), StoreError> {
    let sql = "INSERT INTO stream (id, agency, epoch, sequence, digest, state) VALUES (?1, ?2, 1, 0, NULL, 'open')";
    transaction.execute(sql, (stream.to_string(), agency.key()))?;
    Ok(())
}

pub(super) fn set_stream_state(transaction: &Transaction<'_>, stream: StreamId, state: StreamState) -> Result<(), StoreError> {
    transaction.execute("UPDATE stream SET state = ?2 WHERE id = ?1", (stream.to_string(), state_name(state)))?;
    Ok(())
}

fn state_name(state: StreamState) -> &'static str {
    match state {
        StreamState::Open => "open",
        StreamState::Quarantined => "quarantined",
        StreamState::Revoked => "revoked",
    }
}

fn parse_state(name: &str) -> Result<StreamState, StoreError> {
    let states = [StreamState::Open, StreamState::Quarantined, StreamState::Revoked];
    let state = states.into_iter().find(|state| state_name(*state) == name);
    state.ok_or(StoreError::Contradiction("a stream's state cannot be read"))
}

pub(super) fn put_certificate(transaction: &Transaction<'_>, certificate: &Certificate) -> Result<(), StoreError> {
    let sql = "INSERT INTO certificate (thumbprint, agency, stream, purpose, point, not_before, not_after)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let purpose = match certificate.purpose {
        Purpose::Tls => "tls",
        Purpose::Seal => "seal",
    };
    transaction.execute(
        sql,
        (
            certificate.thumbprint.as_bytes(),
            certificate.agency.key(),
            certificate.stream.to_string(),
            purpose,
            certificate.key.as_bytes(),
            certificate.not_before,
            certificate.not_after,
        ),
    )?;
    Ok(())
}

pub(super) fn certificate(connection: &Connection, thumbprint: Thumbprint) -> Result<Option<Certificate>, StoreError> {
    let sql = "SELECT agency.code, stream.id, purpose, point, not_before, not_after, stream.state FROM certificate
               JOIN agency ON agency.key = certificate.agency JOIN stream ON stream.id = certificate.stream
               WHERE thumbprint = ?1";
    let row = connection
        .prepare_cached(sql)?
        .query_row([thumbprint.as_bytes()], |row| {
            let names: (String, String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(6)?);
            Ok((names, row.get::<_, Vec<u8>>(3)?, row.get(4)?, row.get(5)?))
        })
        .optional()?;
    let Some(((agency, stream, purpose, state), point, not_before, not_after)) = row else { return Ok(None) };
    Ok(Some(Certificate {
        thumbprint,
        agency: parse_code(&agency)?,
        stream: stream.parse().map_err(|_| StoreError::Contradiction("a stream cannot be read"))?,
        purpose: if purpose == "tls" { Purpose::Tls } else { Purpose::Seal },
        key: SealPublicKey::from_point(&point),
        not_before,
        not_after,
        state: parse_state(&state)?,
    }))
}
