//! The collector's memory: one SQLite file, one thread that writes, as many readers as there are requests.
//!
//! A reply leaves only after what it speaks of is durable: WAL with `synchronous=FULL`, read back at the start, because some
//! builds default to less. Responses that arrive while a commit is under way share the next one.

pub mod answers;
pub mod breakdown;
pub mod copy;
pub mod documents;
pub mod imported;
pub mod outbox;
pub mod pool;
pub mod restoring;
pub mod resume;
mod schema;
pub mod sealed;
pub mod sent;
pub mod suspected;
pub mod tidy;
pub mod withdrawal;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use prometheus_client::metrics::histogram::Histogram;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension as _, Transaction};
use thiserror::Error;

pub use answers::Outcome;
use writer::Writer;

use crate::intake::Response;

/// Why the store did not do what was asked. Always ours or the operator's to mend.
#[derive(Debug, Error)]
pub enum StoreError {
    /// SQLite refused.
    #[error("the database: {0}")]
    Sqlite(rusqlite::Error),
    /// A pragma did not take; answers would not be safe.
    #[error("the database runs with {pragma} = {found}, not {wanted}: answers would not be safe")]
    Pragma {
        /// Which.
        pragma: &'static str,
        /// What it is.
        found: String,
        /// What it must be.
        wanted: &'static str,
    },
    /// The file fails SQLite's own check.
    #[error("the database is damaged ({0}): keep a copy of the files as they are, and restore the last backup")]
    Damaged(String),
    /// The file was written by a newer version.
    #[error("the database has schema {found}; this version knows {known}")]
    TooNew {
        /// In the file.
        found: u32,
        /// In this program.
        known: u32,
    },
    /// Something in the file contradicts itself.
    #[error("the database contradicts itself: {0}")]
    Contradiction(&'static str),
    /// Too many answers wait to be stored, or somebody else held the database for as long as we wait.
    #[error("the database is busy")]
    Busy,
    /// The transaction that this was part of failed; why was logged there, once.
    #[error("not stored, as the rest of its group")]
    NotStored,
    /// The writer has ended.
    #[error("the writer has ended")]
    Ended,
}

/// `SQLITE_IOERR_SHORT_READ`: a file ends before what it is known to hold.
const SHORT_READ: i32 = 522;

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged(error.to_string()),
            _ if error.sqlite_error().is_some_and(|error| error.extended_code == SHORT_READ) => {
                Self::Damaged(error.to_string())
            }
            _ => Self::Sqlite(error),
        }
    }
}

/// Responses in one commit: powers of four up to the largest group.
const COMMIT_SIZE_BUCKETS: [f64; 5] = [1.0, 4.0, 16.0, 64.0, 256.0];

/// The store, shared by all requests.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    writer: Writer,
    readers: Mutex<Vec<Connection>>,
    commit_sizes: Histogram,
}

impl Store {
    /// Opens the file, checks it, migrates it forward and starts the writer.
    ///
    /// # Errors
    /// Where the file cannot be opened, is damaged, is newer than this program, or SQLite does not keep it safe.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let mut connection = Connection::open(path)?;
        schema::prepare(&mut connection)?;
        let commit_sizes = Histogram::new(COMMIT_SIZE_BUCKETS);
        let writer = Writer::start(connection, commit_sizes.clone());
        Ok(Self { path: path.to_owned(), writer, readers: Mutex::default(), commit_sizes })
    }

    /// How many responses shared each commit.
    #[must_use]
    pub fn commit_sizes(&self) -> Histogram {
        self.commit_sizes.clone()
    }

    /// Stores a response; returns once it is durable.
    ///
    /// # Errors
    /// Where it could not be stored, or too many wait already. Nothing was stored then, and the same may be sent again.
    pub async fn store(&self, response: Response) -> Result<Outcome, StoreError> {
        self.writer.store(response).await
    }

    /// Does something in a transaction of its own, in turn with everything else that writes.
    ///
    /// # Errors
    /// What `work` returns, or where the commit fails.
    pub async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        self.writer.write(work).await
    }

    /// Leaves no order of arrival behind, now: before the process ends.
    ///
    /// # Errors
    /// Where SQLite refuses.
    pub async fn tidy(&self) -> Result<(), StoreError> {
        self.writer.tidy().await
    }

    /// Reads. A reader never waits for the writer.
    ///
    /// # Errors
    /// Where SQLite refuses.
    pub fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let pooled = self.readers.lock().ok().and_then(|mut readers| readers.pop());
        let connection = pooled.map_or_else(|| open_reader(&self.path), Ok)?;
        let outcome = work(&connection);
        if let Ok(mut readers) = self.readers.lock() {
            readers.push(connection);
        }
        outcome
    }
}

/// Does something within a transaction that is undone by itself where it fails; the transaction goes on.
///
/// # Errors
/// What `work` returns, or where SQLite refuses.
pub fn nested<T>(transaction: &Transaction<'_>, work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    transaction.execute_batch("SAVEPOINT nested")?;
    let outcome = work();
    transaction.execute_batch(if outcome.is_ok() { "RELEASE nested" } else { "ROLLBACK TO nested; RELEASE nested" })?;
    outcome
}

/// Opens a file for reading only, as a report or a test does.
///
/// # Errors
/// Where there is no such file.
pub fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.busy_timeout(schema::BUSY_TIMEOUT)?;
    Ok(connection)
}

/// Looks a file over without changing it: that it is there, of a schema that is known, and sound.
///
/// # Errors
/// What is wrong with it.
pub fn inspect(path: &Path) -> Result<(), StoreError> {
    schema::inspect(&open_reader(path)?)
}

/// A fact about this installation.
///
/// # Errors
/// Where SQLite refuses.
pub fn fact(connection: &Connection, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT value FROM installation WHERE name = ?1")?;
    Ok(statement.query_row([name], |row| row.get(0)).optional()?)
}

fn forget_fact(transaction: &Transaction<'_>, name: &str) -> Result<(), StoreError> {
    transaction.execute("DELETE FROM installation WHERE name = ?1", [name])?;
    Ok(())
}

/// Sets a fact about this installation.
///
/// # Errors
/// Where SQLite refuses.
pub fn set_fact(transaction: &Transaction<'_>, name: &str, value: &[u8]) -> Result<(), StoreError> {
    let sql = "INSERT INTO installation (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    transaction.prepare_cached(sql)?.execute((name, value))?;
    Ok(())
}
