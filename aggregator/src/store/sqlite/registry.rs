//! Agencies, streams and certificates.

use gradimento_common::disclosure::Policy;
use gradimento_common::ids::{AgencyCode, Edition, StreamId};
use gradimento_common::jose::{SealPublicKey, Thumbprint};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Transaction};

use crate::pki::Purpose;
use crate::registry::{Agency, Certificate, StreamState};
use crate::store::{StoreError, StreamStanding};

pub(super) fn put_agency(transaction: &Transaction<'_>, agency: &Agency) -> Result<(), StoreError> {
    let sql = "INSERT INTO agency (key, code, name, category, territory, fiscal_code) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
               ON CONFLICT (key) DO UPDATE SET code = excluded.code, name = excluded.name, category = excluded.category,
               territory = excluded.territory, fiscal_code = excluded.fiscal_code";
    let Agency { code, name, category, territory, fiscal_code } = agency;
    transaction.execute(sql, (code.key(), code.to_string(), name, category, territory, fiscal_code))?;
    Ok(())
}

pub(super) fn agency(connection: &Connection, code: &AgencyCode) -> Result<Option<Agency>, StoreError> {
    Ok(select_agencies(connection, Some(code.key()))?.pop())
}

pub(super) fn agencies(connection: &Connection) -> Result<Vec<Agency>, StoreError> {
    select_agencies(connection, None)
}

fn select_agencies(connection: &Connection, key: Option<String>) -> Result<Vec<Agency>, StoreError> {
    let sql = "SELECT code, name, category, territory, fiscal_code FROM agency WHERE ?1 IS NULL OR key = ?1 ORDER BY key";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([key], |row| {
        let code: String = row.get(0)?;
        Ok((code, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
    })?;
    rows.map(|row| {
        let (code, name, category, territory, fiscal_code) = row?;
        Ok(Agency { code: parse_code(&code)?, name, category, territory, fiscal_code })
    })
    .collect()
}

pub(super) fn parse_code(code: &str) -> Result<AgencyCode, StoreError> {
    code.parse().map_err(|_| StoreError::Contradiction("a codice IPA cannot be read"))
}

pub(super) fn open_stream(transaction: &Transaction<'_>, agency: &AgencyCode, stream: StreamId) -> Result<(), StoreError> {
    let sql = "INSERT INTO stream (id, agency, epoch, sequence, digest, state, changed) VALUES (?1, ?2, 1, 0, NULL, 'open', 0)";
    transaction.execute(sql, (stream.to_string(), agency.key()))?;
    Ok(())
}

pub(super) fn streams(connection: &Connection, agency: &AgencyCode) -> Result<Vec<(StreamId, StreamState)>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT id, state FROM stream WHERE agency = ?1 ORDER BY id")?;
    let rows = statement.query_map([agency.key()], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    rows.map(|row| {
        let (id, state) = row?;
        Ok((parse_stream(&id)?, parse_state(&state)?))
    })
    .collect()
}

/// The last entry of a stream is found by the ledger's own index, so that this costs the same however long the ledger is.
pub(super) fn fleet(connection: &Connection) -> Result<Vec<StreamStanding>, StoreError> {
    let sql = "SELECT agency.code, stream.id, stream.state,
                      (SELECT received_at FROM entry WHERE entry.stream = stream.id ORDER BY epoch DESC, sequence DESC LIMIT 1)
               FROM stream JOIN agency ON agency.key = stream.agency ORDER BY agency.key, stream.id";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| {
        let names: (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok((names, row.get(3)?))
    })?;
    rows.map(|row| {
        let ((agency, stream, state), last_received) = row?;
        let (agency, stream, state) = (parse_code(&agency)?, parse_stream(&stream)?, parse_state(&state)?);
        Ok(StreamStanding { agency, stream, state, last_received })
    })
    .collect()
}

pub(super) fn set_stream_state(
    transaction: &Transaction<'_>,
    stream: StreamId,
    state: StreamState,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "UPDATE stream SET state = ?2, changed = ?3 WHERE id = ?1";
    transaction.execute(sql, (stream.to_string(), state_name(state), now.as_second()))?;
    Ok(())
}

/// Sets what may be taken from the streams of an agency that are in one of these states, and yields them.
pub(super) fn change_streams(
    transaction: &Transaction<'_>,
    agency: &AgencyCode,
    from: &[StreamState],
    to: StreamState,
    now: Timestamp,
) -> Result<Vec<StreamId>, StoreError> {
    let streams = streams(transaction, agency)?.into_iter().filter(|(_, state)| from.contains(state));
    streams.map(|(stream, _)| set_stream_state(transaction, stream, to, now).map(|()| stream)).collect()
}

pub(super) fn revoked(connection: &Connection) -> Result<Vec<([u8; 16], Timestamp)>, StoreError> {
    let sql = "SELECT serial, changed FROM certificate JOIN stream ON stream.id = certificate.stream
               WHERE state = 'revoked' ORDER BY serial";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.map(|row| {
        let (serial, changed) = row?;
        let at = Timestamp::from_second(changed).map_err(|_| StoreError::Contradiction("an instant cannot be read"))?;
        Ok((serial, at))
    })
    .collect()
}

pub(super) fn put_questionnaire(transaction: &Transaction<'_>, edition: &Edition, token: &str) -> Result<(), StoreError> {
    let sql = "INSERT INTO questionnaire (id, version, token) VALUES (?1, ?2, ?3)";
    transaction.execute(sql, (edition.questionnaire.as_str(), edition.version, token))?;
    Ok(())
}

pub(super) fn questionnaires(connection: &Connection) -> Result<Vec<(Edition, String)>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT id, version, token FROM questionnaire ORDER BY id, version")?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?)))?;
    rows.map(|row| {
        let (id, version, token) = row?;
        let questionnaire = id.parse().map_err(|_| StoreError::Contradiction("a questionnaire's id cannot be read"))?;
        Ok((Edition { questionnaire, version }, token))
    })
    .collect()
}

pub(super) fn remember_policy(transaction: &Transaction<'_>, policy: Policy) -> Result<Policy, StoreError> {
    let document = serde_json::to_string(&policy).map_err(|_| StoreError::Contradiction("a policy cannot be written"))?;
    let sql = "INSERT INTO policy (version, document) VALUES (?1, ?2) ON CONFLICT (version) DO NOTHING";
    transaction.execute(sql, (policy.version(), document))?;
    let sql = "SELECT document FROM policy WHERE version = ?1";
    read_policy(&transaction.query_row(sql, [policy.version()], |row| row.get::<_, String>(0))?)
}

pub(super) fn policies(connection: &Connection) -> Result<Vec<Policy>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT document FROM policy ORDER BY version")?;
    let documents = statement.query_map([], |row| row.get::<_, String>(0))?;
    documents.map(|document| read_policy(&document?)).collect()
}

fn read_policy(document: &str) -> Result<Policy, StoreError> {
    serde_json::from_str(document).map_err(|_| StoreError::Contradiction("a policy cannot be read"))
}

fn parse_stream(id: &str) -> Result<StreamId, StoreError> {
    id.parse().map_err(|_| StoreError::Contradiction("a stream cannot be read"))
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

/// Whether one of these keys was certified before, for whomever.
pub(super) fn any_key_used(connection: &Connection, certificates: &[Certificate]) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM collector_key WHERE point = ?1")?;
    for certificate in certificates {
        if statement.exists([certificate.key.as_bytes()])? {
            return Ok(true);
        }
    }
    Ok(false)
}

pub(super) fn put_certificate(transaction: &Transaction<'_>, certificate: &Certificate) -> Result<(), StoreError> {
    let sql = "INSERT INTO certificate (thumbprint, agency, stream, purpose, point, serial, not_before, not_after, number)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8,
                       (SELECT COALESCE(MAX(number) + 1, 0) FROM certificate WHERE stream = ?3 AND purpose = ?4))";
    transaction.execute(
        sql,
        (
            certificate.thumbprint.as_bytes(),
            certificate.agency.key(),
            certificate.stream.to_string(),
            purpose_name(certificate.purpose),
            certificate.key.as_bytes(),
            certificate.serial,
            certificate.not_before,
            certificate.not_after,
        ),
    )?;
    // A key of another stream fails here, whatever was looked up before.
    let sql = "INSERT INTO collector_key (point, stream) VALUES (?1, ?2)
               ON CONFLICT (point) DO UPDATE SET stream = CASE stream WHEN excluded.stream THEN stream END";
    transaction.execute(sql, (certificate.key.as_bytes(), certificate.stream.to_string()))?;
    Ok(())
}

pub(super) fn purpose_name(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Tls => "tls",
        Purpose::Seal => "seal",
    }
}

pub(super) fn certificate(connection: &Connection, thumbprint: Thumbprint) -> Result<Option<Certificate>, StoreError> {
    let sql = "SELECT agency.code, stream.id, purpose, point, serial, not_before, not_after, stream.state FROM certificate
               JOIN agency ON agency.key = certificate.agency JOIN stream ON stream.id = certificate.stream
               WHERE thumbprint = ?1";
    let row = connection
        .prepare_cached(sql)?
        .query_row([thumbprint.as_bytes()], |row| {
            let names: (String, String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(7)?);
            Ok((names, row.get::<_, Vec<u8>>(3)?, row.get(4)?, row.get(5)?, row.get(6)?))
        })
        .optional()?;
    let Some(((agency, stream, purpose, state), point, serial, not_before, not_after)) = row else { return Ok(None) };
    Ok(Some(Certificate {
        thumbprint,
        agency: parse_code(&agency)?,
        stream: parse_stream(&stream)?,
        purpose: if purpose == purpose_name(Purpose::Tls) { Purpose::Tls } else { Purpose::Seal },
        serial,
        key: SealPublicKey::from_point(&point),
        not_before,
        not_after,
        state: parse_state(&state)?,
    }))
}
