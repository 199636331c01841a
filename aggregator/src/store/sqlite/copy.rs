//! Whole files: a copy of one that is in use, one that is to take its place, and one that nobody else uses.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{BUSY_TIMEOUT, MIGRATIONS, SqliteStore, quick_check};
use crate::store::StoreError;

/// A database that nobody else has open, for as long as this lives.
#[derive(Debug)]
pub struct Alone(#[expect(dead_code, reason = "held for its lock")] Option<Connection>);

impl SqliteStore {
    /// Copies a file as it stands at one moment, while others read and write it; `to` must not exist.
    ///
    /// # Errors
    /// Where there is no such file, or the copy cannot be written.
    pub fn copy(from: &Path, to: &Path) -> Result<(), StoreError> {
        let connection = read_only(from)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.execute("VACUUM INTO ?1", [to.to_string_lossy()])?;
        quick_check(&read_only(to)?)
    }

    /// Whether a file is the database of an aggregator, not newer than this program. Any other would be filled with empty tables at
    /// the next start.
    ///
    /// # Errors
    /// Where it is not.
    pub fn recognise(path: &Path) -> Result<(), StoreError> {
        let connection = read_only(path)?;
        let version: usize = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        let sql = "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('agency', 'entry', 'tile_root')";
        let tables: u32 = connection.query_row(sql, [], |row| row.get(0))?;
        if tables != 3 || !(1..=MIGRATIONS.len()).contains(&version) {
            return Err(StoreError::Unsafe(format!("{} is no aggregator's database that this program knows", path.display())));
        }
        Ok(())
    }

    /// Takes a file for oneself alone, with its write-ahead log in it. One that cannot be read is in nobody's use.
    ///
    /// # Errors
    /// Where some process has it open.
    pub fn alone(path: &Path) -> Result<Alone, StoreError> {
        let taken = Connection::open(path).and_then(|connection| {
            connection.busy_timeout(Duration::ZERO)?;
            // Leaving WAL needs the file for oneself, and empties the log into it.
            connection.pragma_update(None, "journal_mode", "DELETE")?;
            connection.execute_batch("BEGIN EXCLUSIVE")?;
            Ok(connection)
        });
        match taken {
            Ok(connection) => Ok(Alone(Some(connection))),
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => Err(StoreError::Busy),
            Err(_) => Ok(Alone(None)),
        }
    }
}

fn read_only(path: &Path) -> Result<Connection, StoreError> {
    Ok(Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?)
}
