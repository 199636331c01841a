//! Sealed responses on their way into breakdowns, the budget that lets every table leave once, and their end.

use gradimento_common::calendar::Month;
use gradimento_common::disclosure::PoolKey;
use rusqlite::{Connection, Transaction};

use super::{StoreError, fact, pool, set_fact};

/// Until which month no breakdowns leave, whatever stands in the file.
const FORFEITED: &str = "breakdowns_forfeited";

/// Sealed responses of one service, edition, assurance and reference month, whose breakdowns have not been made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Whose.
    pub key: PoolKey,
    /// Of which month.
    pub month: Month,
}

/// Responses that say the same in the same language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alike {
    /// Their answers, as they are stored.
    pub answers: String,
    /// Their language.
    pub language: String,
    /// How many.
    pub responses: u64,
}

/// What is due of months before `before`.
///
/// # Errors
/// Where SQLite refuses.
pub fn due(connection: &Connection, before: Month) -> Result<Vec<Due>, StoreError> {
    let sql = "SELECT DISTINCT service, questionnaire, version, assurance, period
               FROM (SELECT * FROM sealed UNION ALL SELECT * FROM sealed_today) waiting
               WHERE period < ?1 AND NOT EXISTS (
                   SELECT 1 FROM breakdown_budget spent
                   WHERE (spent.service, spent.questionnaire, spent.version, spent.assurance, spent.period)
                       = (waiting.service, waiting.questionnaire, waiting.version, waiting.assurance, waiting.period))";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([before.to_string()], |row| Ok((pool::columns(row)?, row.get::<_, String>(4)?)))?;
    rows.map(|row| {
        let (columns, period) = row?;
        let month = period.parse().map_err(|_| StoreError::Contradiction("a sealed response is of no month"))?;
        Ok(Due { key: pool::key(columns)?, month })
    })
    .collect()
}

/// The responses that are due, by what they say.
///
/// # Errors
/// Where SQLite refuses.
pub fn responses(connection: &Connection, due: &Due) -> Result<Vec<Alike>, StoreError> {
    let sql = "SELECT answers, language, COUNT(*)
               FROM (SELECT * FROM sealed UNION ALL SELECT * FROM sealed_today)
               WHERE service = ?1 AND questionnaire = ?2 AND version = ?3 AND assurance = ?4 AND period = ?5
               GROUP BY answers, language";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement
        .query_map(parameters(due), |row| Ok(Alike { answers: row.get(0)?, language: row.get(1)?, responses: row.get(2)? }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Spends the budget of these tables.
///
/// # Errors
/// Where it was spent before: the constraint says so, and the transaction must fail.
pub fn spend(transaction: &Transaction<'_>, due: &Due, crossings: &[String]) -> Result<(), StoreError> {
    let sql = "INSERT INTO breakdown_budget (service, questionnaire, version, assurance, period, crossing)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let mut statement = transaction.prepare_cached(sql)?;
    let (service, questionnaire, version, assurance, period) = parameters(due);
    for crossing in crossings {
        statement.execute((service, questionnaire, version, assurance, &period, crossing))?;
    }
    Ok(())
}

/// Deletes up to `rows_max` sealed responses of months before `before` whose budget is spent, and yields how many. They have
/// served; those that came late can serve no more.
///
/// # Errors
/// Where SQLite refuses.
pub fn clear(transaction: &Transaction<'_>, before: Month, rows_max: u32) -> Result<usize, StoreError> {
    let mut cleared = 0;
    for sql in [
        "DELETE FROM sealed WHERE key IN (
             SELECT key FROM sealed JOIN (SELECT DISTINCT service, questionnaire, version, assurance, period FROM breakdown_budget)
             USING (service, questionnaire, version, assurance, period) WHERE period < ?1 LIMIT ?2)",
        "DELETE FROM sealed_today WHERE key IN (
             SELECT key FROM sealed_today
             JOIN (SELECT DISTINCT service, questionnaire, version, assurance, period FROM breakdown_budget)
             USING (service, questionnaire, version, assurance, period) WHERE period < ?1 LIMIT ?2)",
    ] {
        cleared += transaction.prepare_cached(sql)?.execute((before.to_string(), rows_max))?;
    }
    Ok(cleared)
}

/// Gives up the breakdowns of all months up to this one, and never takes back what was given up before. A restored collector must:
/// its former self may have released them, and the backup does not know, nor about whom.
///
/// # Errors
/// Where SQLite refuses.
pub fn forfeit(transaction: &Transaction<'_>, until: Month) -> Result<(), StoreError> {
    if is_forfeited(transaction, until)? { Ok(()) } else { set_fact(transaction, FORFEITED, until.to_string().as_bytes()) }
}

/// Whether the breakdowns of this month were given up.
///
/// # Errors
/// Where SQLite refuses.
pub fn is_forfeited(connection: &Connection, month: Month) -> Result<bool, StoreError> {
    let until = fact(connection, FORFEITED)?;
    // Months sort as their texts do.
    Ok(until.is_some_and(|until| month.to_string().as_bytes() <= until.as_slice()))
}

fn parameters(due: &Due) -> (&str, &str, u32, &'static str, String) {
    let PoolKey { service, edition, assurance } = &due.key;
    (service.as_str(), edition.questionnaire.as_str(), edition.version, assurance.as_str(), due.month.to_string())
}
