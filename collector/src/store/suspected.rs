//! How many answers of a service and day were stored under suspicion. They count like all others; the agency sees beside its
//! figures how many of them may be a machine's. Nothing leads from here to a response.

use std::collections::HashMap;

use rusqlite::{Connection, Transaction};

use super::StoreError;
use super::answers::Outcome;
use crate::intake::Response;

/// Suspicions of one transaction.
#[derive(Default)]
pub(super) struct SuspectedSheet(HashMap<(String, String, &'static str), i64>);

/// A day's suspicions about a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspected {
    /// The service.
    pub service: String,
    /// Why.
    pub reason: String,
    /// How many answers.
    pub n: i64,
}

impl SuspectedSheet {
    /// Notes what became of a response.
    pub(super) fn note(&mut self, response: &Response, outcome: Outcome) {
        if let Some(suspicion) = response.suspicion.filter(|_| outcome == Outcome::Stored) {
            let key = (response.service.to_string(), response.day.to_string(), suspicion.as_str());
            *self.0.entry(key).or_default() += 1;
        }
    }

    pub(super) fn write(self, transaction: &Transaction<'_>) -> Result<(), StoreError> {
        let sql = "INSERT INTO suspected_tally (service, day, reason, n) VALUES (?1, ?2, ?3, ?4)
                   ON CONFLICT DO UPDATE SET n = n + excluded.n";
        for ((service, day, reason), n) in self.0 {
            transaction.prepare_cached(sql)?.execute((service, day, reason, n))?;
        }
        Ok(())
    }
}

/// The suspicions of a day.
///
/// # Errors
/// Where SQLite refuses.
pub fn on(connection: &Connection, day: &str) -> Result<Vec<Suspected>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT service, reason, n FROM suspected_tally WHERE day = ?1")?;
    let rows = statement.query_map([day], |row| Ok(Suspected { service: row.get(0)?, reason: row.get(1)?, n: row.get(2)? }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
