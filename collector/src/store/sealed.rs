//! Sums of sealed batches, by reference month: the only counts that anybody may see. They change by whole batches, so that
//! what is read before and after an answer differs by nobody or by at least k people.

use std::collections::BTreeMap;

use gradimento_common::batch::RawBatch;
use gradimento_common::calendar::Month;
use gradimento_common::ids::{Assurance, Edition, ServiceId};
use rusqlite::{Connection, Transaction};

use super::StoreError;

/// How often each option of one question was chosen, by how the answers came.
pub type OptionSums = BTreeMap<Assurance, BTreeMap<String, u64>>;

/// Adds a batch to the sums of its service. Belongs into the transaction that seals it.
///
/// # Errors
/// Where SQLite refuses.
pub fn add(transaction: &Transaction<'_>, batch: &RawBatch) -> Result<(), StoreError> {
    let sql = "INSERT INTO sealed_tally (service, questionnaire, version, assurance, period, question, option, n)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
               ON CONFLICT DO UPDATE SET n = n + excluded.n";
    let mut statement = transaction.prepare_cached(sql)?;
    let period = batch.last_day.month().to_string();
    let (service, questionnaire) = (batch.service.as_str(), batch.questionnaire.as_str());
    for (question, options) in &batch.counts {
        for (option, n) in options {
            let place = (service, questionnaire, batch.version, batch.assurance.as_str());
            statement.execute((place.0, place.1, place.2, place.3, &period, question, option, n))?;
        }
    }
    Ok(())
}

/// The sums of one question since a month, that month included.
///
/// # Errors
/// Where SQLite refuses, or a name in the table cannot be read.
pub fn sums(
    connection: &Connection,
    service: &ServiceId,
    edition: &Edition,
    question: &str,
    since: Month,
) -> Result<OptionSums, StoreError> {
    let sql = "SELECT assurance, option, SUM(n) FROM sealed_tally
               WHERE service = ?1 AND questionnaire = ?2 AND version = ?3 AND period >= ?4 AND question = ?5
               GROUP BY 1, 2";
    let mut statement = connection.prepare_cached(sql)?;
    let parameters = (service.as_str(), edition.questionnaire.as_str(), edition.version, since.to_string(), question);
    let rows = statement.query_map(parameters, |row| Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?)))?;
    let mut sums = OptionSums::new();
    for row in rows {
        let (assurance, option, n) = row?;
        let assurance = assurance.parse().map_err(|_| StoreError::Contradiction("an assurance cannot be read"))?;
        sums.entry(assurance).or_default().insert(option, n);
    }
    Ok(sums)
}
