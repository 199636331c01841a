//! How a database file is made safe: pragmas set and read back, its own check, migrations that only go forward.

use std::time::Duration;

use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use super::StoreError;

/// How long to wait for somebody else's lock, for example a backup's. Citizens wait meanwhile.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// In order; once released, a migration is never edited.
const MIGRATIONS: [&str; 6] = [
    include_str!("../../migrations/0001-first.sql"),
    include_str!("../../migrations/0002-sealed-tally.sql"),
    include_str!("../../migrations/0003-imported-tally.sql"),
    include_str!("../../migrations/0004-epochs.sql"),
    include_str!("../../migrations/0005-suspected-tally.sql"),
    include_str!("../../migrations/0006-breakdowns.sql"),
];

pub(super) fn prepare(connection: &mut Connection) -> Result<(), StoreError> {
    // Pragmas wait by themselves.
    connection.busy_timeout(Duration::ZERO)?;
    set_pragmas(connection)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    quick_check(connection)?;
    migrate(connection)
}

/// That the file is sound and of a schema that is known, whatever its journal.
pub(super) fn check(connection: &Connection) -> Result<(), StoreError> {
    quick_check(connection)?;
    let found: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let known = u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX);
    if found > known { Err(StoreError::TooNew { found, known }) } else { Ok(()) }
}

pub(super) fn inspect(connection: &Connection) -> Result<(), StoreError> {
    check(connection)?;
    let journal = read_pragma(connection, "journal_mode")?;
    if journal == "wal" { Ok(()) } else { Err(StoreError::Pragma { pragma: "journal_mode", found: journal, wanted: "wal" }) }
}

fn set_pragmas(connection: &Connection) -> Result<(), StoreError> {
    // Name, value to set, value to read back.
    const PRAGMAS: [(&str, &str, &str); 4] = [
        // Readers never wait for the writer, and one fsync makes a commit durable.
        ("journal_mode", "WAL", "wal"),
        // 2 is FULL: the WAL is synced at each commit. NORMAL would lose acknowledged answers at a power failure.
        ("synchronous", "FULL", "2"),
        ("foreign_keys", "ON", "1"),
        // What was deleted is overwritten: a moved or withdrawn answer does not live on in free pages.
        ("secure_delete", "ON", "1"),
    ];
    for (pragma, value, wanted) in PRAGMAS {
        set_pragma(connection, pragma, value)?;
        let found = read_pragma(connection, pragma)?;
        if found != wanted {
            return Err(StoreError::Pragma { pragma, found, wanted });
        }
    }
    Ok(())
}

/// SQLite refuses at once, whatever its busy timeout, to change the journal of a file that somebody else has just opened: where
/// two programs meet on a new file, the later one waits here.
fn set_pragma(connection: &Connection, pragma: &str, value: &str) -> Result<(), rusqlite::Error> {
    const PAUSE: Duration = Duration::from_millis(5);
    let mut left = BUSY_TIMEOUT;
    loop {
        match connection.pragma_update(None, pragma, value) {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && !left.is_zero() => {
                std::thread::sleep(PAUSE);
                left = left.saturating_sub(PAUSE);
            }
            done => return done,
        }
    }
}

fn read_pragma(connection: &Connection, pragma: &str) -> Result<String, StoreError> {
    let value = connection.pragma_query_value(None, pragma, |row| row.get::<_, rusqlite::types::Value>(0))?;
    Ok(match value {
        rusqlite::types::Value::Integer(number) => number.to_string(),
        rusqlite::types::Value::Text(text) => text,
        other => format!("{other:?}"),
    })
}

fn quick_check(connection: &Connection) -> Result<(), StoreError> {
    let verdict = read_pragma(connection, "quick_check")?;
    if verdict == "ok" { Ok(()) } else { Err(StoreError::Damaged(verdict)) }
}

fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: u32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let known = u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX);
    if found > known {
        return Err(StoreError::TooNew { found, known });
    }
    for migration in MIGRATIONS.iter().skip(found as usize) {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "user_version", known)?;
    transaction.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Barrier};

    use super::*;

    #[test]
    fn a_new_file_is_made_safe_and_opens_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.sqlite");
        for _ in 0..2 {
            let mut connection = Connection::open(&path).unwrap();
            prepare(&mut connection).unwrap();
            assert_eq!(read_pragma(&connection, "synchronous").unwrap(), "2");
            assert_eq!(read_pragma(&connection, "journal_mode").unwrap(), "wal");
            assert_eq!(read_pragma(&connection, "secure_delete").unwrap(), "1");
        }
    }

    #[test]
    fn programs_that_meet_on_a_new_file_wait_for_each_other() {
        for _ in 0..20 {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("c.sqlite");
            let together = Arc::new(Barrier::new(8));
            let openers: Vec<_> = (0..8)
                .map(|_| {
                    let (path, together) = (path.clone(), Arc::clone(&together));
                    std::thread::spawn(move || {
                        together.wait();
                        prepare(&mut Connection::open(path).unwrap()).unwrap();
                    })
                })
                .collect();
            for opener in openers {
                opener.join().unwrap();
            }
        }
    }

    #[test]
    fn a_store_that_cannot_be_durable_is_refused() {
        let connection = Connection::open_in_memory().unwrap();
        let refused = set_pragmas(&connection).unwrap_err().to_string();
        assert!(refused.contains("journal_mode = memory"), "{refused}");
    }

    #[test]
    fn a_newer_file_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = Connection::open(folder.path().join("c.sqlite")).unwrap();
        prepare(&mut connection).unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
        assert!(matches!(prepare(&mut connection), Err(StoreError::TooNew { found: 99, .. })));
    }

    #[test]
    fn a_damaged_file_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.sqlite");
        let mut connection = Connection::open(&path).unwrap();
        prepare(&mut connection).unwrap();
        connection.close().unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[4096..].fill(0x5a);
        std::fs::write(&path, bytes).unwrap();
        let mut connection = Connection::open(&path).unwrap();
        assert!(prepare(&mut connection).is_err());
    }

    #[test]
    fn no_table_that_holds_answers_has_a_rowid() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = Connection::open(folder.path().join("c.sqlite")).unwrap();
        prepare(&mut connection).unwrap();
        let mut statement =
            connection.prepare("SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table'").unwrap();
        let tables: Vec<(String, bool)> =
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();
        let with_rowid: Vec<_> = tables.iter().filter(|(name, without)| !without && !name.starts_with("sqlite_")).collect();
        assert!(tables.len() > 8 && with_rowid.is_empty(), "{with_rowid:?}");
    }
}
