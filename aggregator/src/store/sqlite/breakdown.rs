//! Breakdowns as they came, once each.

use gradimento_common::breakdown::Breakdowns;
use gradimento_common::calendar::Month;
use gradimento_common::ids::{AgencyCode, StreamId};
use rusqlite::types::Type;
use rusqlite::{Connection, Error, OptionalExtension as _, Row, Transaction};
use serde::de::DeserializeOwned;

use crate::publish::breakdowns::Published;
use crate::store::{RollupFilter, StoreError};

/// Whether the stream has released breakdowns of these cells before.
pub(super) fn is_released(connection: &Connection, stream: StreamId, breakdowns: &Breakdowns) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM breakdown WHERE stream = ?1 AND service = ?2 AND questionnaire = ?3 AND version = ?4
               AND assurance = ?5 AND period = ?6";
    let raw = breakdowns.as_raw();
    let parameters = (
        stream.to_string(),
        raw.service.as_str(),
        raw.questionnaire.as_str(),
        raw.version,
        raw.assurance.as_str(),
        raw.month.to_string(),
    );
    Ok(connection.prepare_cached(sql)?.query_row(parameters, |_| Ok(())).optional()?.is_some())
}

/// The last month of which the stream has released breakdowns of anything.
pub(super) fn newest(connection: &Connection, stream: StreamId) -> Result<Option<Month>, StoreError> {
    // Months sort as their texts do.
    let sql = "SELECT MAX(period) FROM breakdown WHERE stream = ?1";
    let newest: Option<String> = connection.prepare_cached(sql)?.query_row([stream.to_string()], |row| row.get(0))?;
    let read = |month: String| month.parse().map_err(|_| StoreError::Contradiction("breakdowns are of no month"));
    newest.map(read).transpose()
}

pub(super) fn add(
    transaction: &Transaction<'_>,
    agency: &AgencyCode,
    stream: StreamId,
    breakdowns: &Breakdowns,
) -> Result<(), StoreError> {
    let raw = breakdowns.as_raw();
    let written =
        |json: Result<String, serde_json::Error>| json.map_err(|_| StoreError::Contradiction("breakdowns are no JSON"));
    let sql = "INSERT INTO breakdown (stream, agency, service, questionnaire, version, assurance, period, responses, mechanism, tables)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    transaction.prepare_cached(sql)?.execute((
        stream.to_string(),
        agency.key(),
        raw.service.as_str(),
        raw.questionnaire.as_str(),
        raw.version,
        raw.assurance.as_str(),
        raw.month.to_string(),
        raw.responses,
        written(serde_json::to_string(&raw.mechanism))?,
        written(serde_json::to_string(&raw.tables))?,
    ))?;
    Ok(())
}

pub(super) fn select(connection: &Connection, filter: &RollupFilter) -> Result<Vec<Published>, StoreError> {
    let sql = "SELECT code, service, questionnaire, version, assurance, period, responses, mechanism, tables
               FROM breakdown JOIN agency ON agency.key = breakdown.agency
               WHERE (?1 IS NULL OR agency = ?1) AND (?2 IS NULL OR service = ?2) AND (?3 IS NULL OR period = ?3)
                 AND (?4 IS NULL OR questionnaire = ?4) AND (?5 IS NULL OR assurance = ?5)
               ORDER BY breakdown.id";
    let mut statement = connection.prepare_cached(sql)?;
    let RollupFilter { agency, service, questionnaire, assurance, period, .. } = filter;
    let parameters = (agency.as_ref().map(AgencyCode::key), service, period, questionnaire, assurance);
    let rows = statement.query_map(parameters, |row| {
        Ok(Published::new(
            (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?),
            row.get(6)?,
            json(row, 7)?,
            json(row, 8)?,
        ))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> Result<T, Error> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|error| Error::FromSqlConversionFailure(column, Type::Text, Box::new(error)))
}
