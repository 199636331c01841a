//! Taking a response back while it waits in the pool. What it added to the tallies is taken away in the same transaction.
//! The marks of its submission and its ticket stay, so that a retry of the submission does not bring it back; its suggestion
//! stays too, because nothing leads from a response to its suggestion.

use rusqlite::{OptionalExtension as _, Row, Transaction};

use super::StoreError;
use crate::intake::submission::RowKey;

/// What became of a withdrawal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withdrawal {
    /// The response is gone.
    Done,
    /// No response under this key waits. Whether one ever did is not known any more.
    Impossible,
}

/// The columns of a withdrawn response that say what it had added to.
struct Withdrawn {
    service: String,
    questionnaire: String,
    version: u32,
    assurance: String,
    day: String,
    answers: String,
}

impl Withdrawn {
    fn of(row: &Row<'_>) -> Result<Self, rusqlite::Error> {
        Ok(Self {
            service: row.get(0)?,
            questionnaire: row.get(1)?,
            version: row.get(2)?,
            assurance: row.get(3)?,
            day: row.get(4)?,
            answers: row.get(5)?,
        })
    }
}

/// Withdraws a response.
///
/// # Errors
/// Where SQLite refuses, or the tallies do not hold what the response had added; nothing has changed then.
pub fn withdraw(transaction: &Transaction<'_>, key: &RowKey) -> Result<Withdrawal, StoreError> {
    let sql = "DELETE FROM pool WHERE key = ?1
               RETURNING service, questionnaire, version, assurance, day, answers";
    let row = transaction.prepare_cached(sql)?.query_row([key.as_bytes()], Withdrawn::of).optional()?;
    let Some(withdrawn) = row else { return Ok(Withdrawal::Impossible) };
    take_from_tallies(transaction, &withdrawn)?;
    Ok(Withdrawal::Done)
}

/// The tallies themselves tell which questions were counted: each response added to each of them, `none` where it had no
/// answer. So no questionnaire is needed here, whose version may have been replaced since.
fn take_from_tallies(transaction: &Transaction<'_>, withdrawn: &Withdrawn) -> Result<(), StoreError> {
    let columns = (
        &withdrawn.service,
        &withdrawn.questionnaire,
        withdrawn.version,
        &withdrawn.assurance,
        &withdrawn.day,
        &withdrawn.answers,
    );
    let sql = r#"UPDATE tally SET n = n - 1
        WHERE service = ?1 AND questionnaire = ?2 AND version = ?3 AND assurance = ?4 AND day = ?5
        AND CASE WHEN json_extract(?6, '$."' || question || '"') IS NULL THEN option = 'none'
            ELSE option IN (SELECT value FROM json_each(?6, '$."' || question || '"')) END"#;
    if transaction.prepare_cached(sql)?.execute(columns)? == 0 {
        return Err(StoreError::Contradiction("the tallies do not hold what a response had added"));
    }
    // A cell at nought would tell that something had been there.
    let sql = "DELETE FROM tally WHERE service = ?1 AND questionnaire = ?2 AND version = ?3 AND assurance = ?4 AND day = ?5
               AND n = 0";
    let (service, questionnaire, version, assurance, day, _) = columns;
    transaction.prepare_cached(sql)?.execute((service, questionnaire, version, assurance, day))?;
    Ok(())
}
