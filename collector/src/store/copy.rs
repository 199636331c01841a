//! Whole files: a copy of one that is in use, and one that has just come out of a backup.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use super::{StoreError, open_reader, restoring, schema};

/// Copies a file as it stands at one moment, while others read and write it. `VACUUM INTO` reads in one transaction, and writes
/// every table in the order of its random keys without anything that was deleted: the copy tells no order of arrival.
///
/// # Errors
/// Where the file is damaged, or the copy cannot be written.
pub fn copy(from: &Path, to: &Path) -> Result<(), StoreError> {
    let connection = open_reader(from)?;
    connection.execute("VACUUM INTO ?1", [to.to_string_lossy()])?;
    connection.close().map_err(|(_, error)| error)?;
    schema::check(&open_reader(to)?)
}

/// Migrates a file that came out of a backup, and marks it: nothing is sealed from it until a new epoch is open.
///
/// # Errors
/// Where it is damaged or newer than this program.
pub fn mark_restored(path: &Path) -> Result<(), StoreError> {
    let mut connection = Connection::open(path)?;
    schema::prepare(&mut connection)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    restoring::begin(&transaction)?;
    transaction.commit()?;
    // The last one out writes the log back into the file, which alone is moved.
    Ok(connection.close().map_err(|(_, error)| error)?)
}

/// Whether some process has the file open. A file that cannot be read at all is in nobody's use.
#[must_use]
pub fn is_in_use(path: &Path) -> bool {
    // Leaving WAL needs the file for oneself alone.
    let left = Connection::open(path).and_then(|connection| {
        connection.busy_timeout(std::time::Duration::ZERO)?;
        connection.pragma_update(None, "journal_mode", "DELETE")
    });
    matches!(left, Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy))
}
