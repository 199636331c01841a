//! Counts of ratings that another component collected before. They stand apart from the tallies of answers that came here.

use gradimento_common::calendar::Day;
use gradimento_common::ids::ServiceId;
use rusqlite::{Connection, Transaction};

use super::StoreError;

/// One count: on this day, of this question, this option was chosen by so many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedCount {
    /// The day.
    pub day: Day,
    /// The question's id.
    pub question: String,
    /// The option's key, or `none`.
    pub option: String,
    /// How many.
    pub n: u64,
}

/// Puts these counts in the place of all that came from the same source for this service before, so that a later export,
/// which holds the earlier ratings too, may be imported after an earlier one.
///
/// # Errors
/// Where SQLite refuses.
pub fn replace(
    transaction: &Transaction<'_>,
    service: &ServiceId,
    source: &str,
    counts: &[ImportedCount],
) -> Result<(), StoreError> {
    let sql = "DELETE FROM imported_tally WHERE service = ?1 AND source = ?2";
    transaction.prepare_cached(sql)?.execute((service.as_str(), source))?;
    let sql = "INSERT INTO imported_tally (service, source, day, question, option, n) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let mut statement = transaction.prepare_cached(sql)?;
    for count in counts {
        let day = count.day.to_string();
        statement.execute((service.as_str(), source, day, &count.question, &count.option, count.n))?;
    }
    Ok(())
}

/// What was imported for a service, over all days: question, option, how many.
///
/// # Errors
/// Where SQLite refuses.
pub fn totals(connection: &Connection, service: &ServiceId) -> Result<Vec<(String, String, u64)>, StoreError> {
    let sql = "SELECT question, option, SUM(n) FROM imported_tally WHERE service = ?1 GROUP BY 1, 2 ORDER BY 1, 2";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([service.as_str()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
