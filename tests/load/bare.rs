//! The measure of SQLite alone: the rows that the collector would write, straight into its schema, many in a transaction.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use gradimento_collector::store::Store;
use rusqlite::{Connection, Transaction};
use tokio::time::Instant;

use crate::Failure;
use crate::answers::{SERVICE, Sample};

const DAY: &str = "2026-11-24";

/// A database of the collector's schema, without the collector.
pub struct Bare(Connection);

impl Bare {
    /// Makes the file.
    pub fn create(path: &Path) -> Result<Self, Failure> {
        drop(Store::open(path)?);
        let connection = Connection::open(path)?;
        connection.set_prepared_statement_cache_capacity(64);
        // As the collector has them.
        connection.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;",
        )?;
        Ok(Self(connection))
    }

    /// Inserts for so long, so many in each transaction; yields rows per second.
    pub fn fill(&mut self, samples: &[Sample], rows_each: usize, span: Duration) -> Result<f64, Failure> {
        let (start, mut rows) = (Instant::now(), 0);
        while start.elapsed() < span {
            rows += self.insert(samples, rows_each)?;
        }
        Ok(rows as f64 / start.elapsed().as_secs_f64())
    }

    /// Inserts so many in one transaction.
    pub fn insert(&mut self, samples: &[Sample], rows: usize) -> Result<usize, Failure> {
        let transaction = self.0.transaction()?;
        insert(&transaction, samples.iter().cycle().take(rows))?;
        transaction.commit()?;
        Ok(rows)
    }
}

fn insert<'a>(transaction: &Transaction<'_>, samples: impl Iterator<Item = &'a Sample>) -> Result<(), Failure> {
    let mut mark = transaction.prepare_cached("INSERT INTO nullifier (hash, day) VALUES (?1, ?2)")?;
    let mut pool = transaction.prepare_cached(
        "INSERT INTO pool (key, service, questionnaire, version, assurance, day, language, answers)
         VALUES (?1, ?2, 'national-core', 1, 'open', ?3, 'it', ?4)",
    )?;
    let mut suggestion = transaction.prepare_cached(
        "INSERT INTO suggestion_today (key, service, questionnaire, version, day, language, overall, text)
         VALUES (randomblob(16), ?1, 'national-core', 1, ?2, 'it', ?3, ?4)",
    )?;
    let mut tallies = HashMap::<&(String, String), u64>::new();
    for sample in samples {
        mark.execute((rand::random::<[u8; 32]>(), DAY))?;
        pool.execute((rand::random::<[u8; 16]>(), SERVICE, DAY, &sample.stored))?;
        if let Some(text) = &sample.suggestion {
            suggestion.execute((SERVICE, DAY, sample.answers.overall(), text))?;
        }
        sample.cells.iter().for_each(|cell| *tallies.entry(cell).or_default() += 1);
    }
    let mut tally = transaction.prepare_cached(
        "INSERT INTO tally (service, questionnaire, version, assurance, day, question, option, n)
         VALUES (?1, 'national-core', 1, 'open', ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET n = n + excluded.n",
    )?;
    for ((question, option), n) in tallies {
        tally.execute((SERVICE, DAY, question, option, n))?;
    }
    Ok(())
}
