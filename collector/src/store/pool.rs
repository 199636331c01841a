//! What waits to be sealed: how many, and, for an order that has been given, which.

use std::collections::BTreeMap;

use gradimento_common::calendar::{Day, Month};
use gradimento_common::disclosure::{PoolKey, PoolSize, Reach};
use gradimento_common::ids::{Edition, ServiceId};
use rusqlite::{Connection, Row, Transaction};

use super::StoreError;

/// One response that waits, as far as sealing needs it before anything is decided: no answer is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub(crate) key: [u8; 16],
    pub(crate) day: Day,
}

/// How many wait under each key.
///
/// # Errors
/// Where SQLite refuses.
pub fn sizes(connection: &Connection, month: Month) -> Result<Vec<PoolSize>, StoreError> {
    let sql = "SELECT service, questionnaire, version, assurance, COUNT(*), COUNT(*) FILTER (WHERE day < ?1)
               FROM pool GROUP BY 1, 2, 3, 4";
    let mut statement = connection.prepare_cached(sql)?;
    let rows =
        statement.query_map([month.to_string()], |row| Ok((columns(row)?, row.get::<_, u64>(4)?, row.get::<_, u64>(5)?)))?;
    rows.map(|row| {
        let (columns, waiting, of_closed_months) = row?;
        Ok(PoolSize { key: key(columns)?, waiting, of_closed_months })
    })
    .collect()
}

/// How often each option waits in the pool, by service: what a closing report adds to the ledger's counts.
///
/// # Errors
/// Where SQLite refuses.
pub fn waiting_overall(connection: &Connection) -> Result<BTreeMap<(String, String), u64>, StoreError> {
    let sql = "SELECT service, json_extract(answers, '$.overall[0]'), COUNT(*) FROM pool GROUP BY 1, 2";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The responses that an order draws from one pool.
///
/// # Errors
/// Where SQLite refuses or a day cannot be read.
pub fn members(transaction: &Transaction<'_>, pool: &PoolKey, reach: Reach) -> Result<Vec<Member>, StoreError> {
    let sql = "SELECT key, day FROM pool
               WHERE service = ?1 AND questionnaire = ?2 AND version = ?3 AND assurance = ?4 AND day < ?5";
    // Every day is before `9`.
    let before = match reach {
        Reach::All => "9".to_owned(),
        Reach::Before(month) => month.to_string(),
    };
    let mut statement = transaction.prepare_cached(sql)?;
    let edition = &pool.edition;
    let parameters = (pool.service.as_str(), edition.questionnaire.as_str(), edition.version, pool.assurance.as_str(), before);
    let rows = statement.query_map(parameters, |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
    rows.map(|row| {
        let (key, day) = row?;
        let day = day.parse().map_err(|_| StoreError::Contradiction("a day in the pool cannot be read"))?;
        Ok(Member { key, day })
    })
    .collect()
}

/// Takes responses out of the pool, into those that are sealed under this service and month, and yields their answers as they
/// are stored. Their keys are drawn anew: no withdrawal code leads to a sealed response, nor to the others of its batch. Whole sets are moved, not row after row, because citizens wait meanwhile.
///
/// # Errors
/// Where one of them is not there, or SQLite refuses.
pub fn seal(
    transaction: &Transaction<'_>,
    members: &[Member],
    service: &ServiceId,
    period: Month,
) -> Result<Vec<String>, StoreError> {
    transaction.execute_batch("CREATE TEMP TABLE IF NOT EXISTS leaving (key BLOB PRIMARY KEY) STRICT, WITHOUT ROWID")?;
    let mut statement = transaction.prepare_cached("INSERT INTO leaving (key) VALUES (?1)")?;
    for member in members {
        statement.execute([&member.key])?;
    }
    // CROSS: the few that leave are looked up among the many, not the other way round.
    let sql = "SELECT answers FROM leaving CROSS JOIN pool ON pool.key = leaving.key";
    let answers =
        transaction.prepare_cached(sql)?.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, rusqlite::Error>>()?;
    let sql = "INSERT INTO sealed_today (key, service, questionnaire, version, assurance, day, language, answers, period)
               SELECT randomblob(16), ?1, questionnaire, version, assurance, day, language, answers, ?2
               FROM leaving CROSS JOIN pool ON pool.key = leaving.key ORDER BY 1";
    transaction.prepare_cached(sql)?.execute((service.as_str(), period.to_string()))?;
    for sql in ["DELETE FROM pool WHERE key IN (SELECT key FROM leaving)", "DELETE FROM leaving"] {
        transaction.prepare_cached(sql)?.execute([])?;
    }
    let all = answers.len() == members.len();
    if all { Ok(answers) } else { Err(StoreError::Contradiction("a response that was to be sealed is not in the pool")) }
}

pub(super) type Columns = (String, String, u32, String);

pub(super) fn columns(row: &Row<'_>) -> Result<Columns, rusqlite::Error> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
}

pub(super) fn key((service, questionnaire, version, assurance): Columns) -> Result<PoolKey, StoreError> {
    let wrong = |_| StoreError::Contradiction("a name in the pool cannot be read");
    let edition = Edition { questionnaire: questionnaire.parse().map_err(wrong)?, version };
    Ok(PoolKey { service: service.parse().map_err(wrong)?, edition, assurance: assurance.parse().map_err(wrong)? })
}
