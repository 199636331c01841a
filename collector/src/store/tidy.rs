//! Leaves no order of arrival behind. Within a page SQLite keeps cells in the order in which they were written, and the
//! write-ahead log keeps every commit; both would tell who came first to somebody who copies the file and has a proxy's log.

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::writer::confirmed;
use super::{StoreError, fact, set_fact};

/// Rows up to which a table is written anew. A larger pool belongs to a busy hour and leaves at the next seal boundary.
const REWRITE_ROWS_MAX: u32 = 2_000;

const POOL: &str = "key, service, questionnaire, version, assurance, day, language, answers";
const SUGGESTION: &str = "key, service, questionnaire, version, day, language, overall, text";

/// Writes the small tables anew in the order of their random keys, then empties the write-ahead log.
pub(super) fn tidy(connection: &mut Connection) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    rewrite(&transaction, "pool", POOL)?;
    rewrite(&transaction, "sealed_today", POOL)?;
    rewrite(&transaction, "suggestion_today", SUGGESTION)?;
    rewrite(&transaction, "nullifier", "hash, day")?;
    confirmed(transaction.commit())?;
    // Somebody may be reading; what cannot be emptied now is emptied the next time.
    confirmed(connection.pragma(None, "wal_checkpoint", "TRUNCATE", |_| Ok(())))?;
    Ok(())
}

fn rewrite(transaction: &Transaction<'_>, table: &'static str, columns: &'static str) -> Result<(), StoreError> {
    let rows: u32 = transaction.query_row(
        &format!("SELECT COUNT(*) FROM (SELECT 1 FROM {table} LIMIT {})", REWRITE_ROWS_MAX + 1),
        [],
        |row| row.get(0),
    )?;
    if rows > REWRITE_ROWS_MAX {
        return Ok(());
    }
    transaction.execute_batch(&format!(
        "CREATE TEMP TABLE tidy AS SELECT {columns} FROM {table};
         DELETE FROM {table};
         INSERT INTO {table} ({columns}) SELECT {columns} FROM tidy ORDER BY 1;
         DROP TABLE tidy;"
    ))?;
    Ok(())
}

/// At the first boundary of a day, moves what yesterday's tables hold to where it stays, in the order of random keys.
///
/// # Errors
/// Where SQLite refuses.
pub fn close_day(transaction: &Transaction<'_>, today: &str) -> Result<(), StoreError> {
    if fact(transaction, "day")?.as_deref() == Some(today.as_bytes()) {
        return Ok(());
    }
    for (from, into, columns) in [("sealed_today", "sealed", POOL), ("suggestion_today", "suggestion", SUGGESTION)] {
        transaction.execute_batch(&format!(
            "INSERT INTO {into} ({columns}) SELECT {columns} FROM {from} ORDER BY key;
             DELETE FROM {from};"
        ))?;
    }
    set_fact(transaction, "day", today.as_bytes())
}
