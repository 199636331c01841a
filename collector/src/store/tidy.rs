//! Leaves no order of arrival behind. Within a page SQLite keeps cells in the order in which they were written, and the
//! write-ahead log keeps every commit; both would tell who came first to somebody who copies the file and has a proxy's log.

use gradimento_common::calendar::Day;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::writer::confirmed;
use super::{StoreError, fact, set_fact};

/// Rows up to which a table is written anew. A larger pool belongs to a busy hour and leaves at the next seal boundary.
const REWRITE_ROWS_MAX: u32 = 2_000;

/// How long a mark is kept, in days. A form token is good for one, a ticket for 90, an unlinkable one for its key's month and
/// the three that follow: 123 at most. An `Idempotency-Key` is remembered as long.
const MARK_DAYS: u16 = 125;

const POOL: &str = "key, service, questionnaire, version, assurance, day, language, answers";
const SEALED: &str = "key, service, questionnaire, version, assurance, day, language, answers, period";
const SUGGESTION: &str = "key, service, questionnaire, version, day, language, overall, text";

/// Writes the small tables anew in the order of their random keys, then empties the write-ahead log.
pub(super) fn tidy(connection: &mut Connection) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    rewrite(&transaction, "pool", POOL)?;
    rewrite(&transaction, "sealed_today", SEALED)?;
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
    // One row alone has no order.
    if !(2..=REWRITE_ROWS_MAX).contains(&rows) {
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
    for (from, into, columns) in [("sealed_today", "sealed", SEALED), ("suggestion_today", "suggestion", SUGGESTION)] {
        transaction.execute_batch(&format!(
            "INSERT INTO {into} ({columns}) SELECT {columns} FROM {from} ORDER BY key;
             DELETE FROM {from};"
        ))?;
    }
    drop_old_marks(transaction, today)?;
    set_fact(transaction, "day", today.as_bytes())
}

/// Marks of what can no longer be sent protect nothing.
fn drop_old_marks(transaction: &Transaction<'_>, today: &str) -> Result<(), StoreError> {
    let today: Day = today.parse().map_err(|_| StoreError::Contradiction("a day is not a day"))?;
    transaction.execute("DELETE FROM nullifier WHERE day < ?1", [today.earlier_by(MARK_DAYS).to_string()])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::schema;

    #[test]
    fn a_mark_is_kept_for_as_long_as_anything_that_bears_it_is_good() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = Connection::open(folder.path().join("c.sqlite")).unwrap();
        schema::prepare(&mut connection).unwrap();
        let transaction = connection.transaction().unwrap();
        for (n, day) in ["2026-07-21", "2026-07-22", "2026-11-24"].into_iter().enumerate() {
            transaction.execute("INSERT INTO nullifier (hash, day) VALUES (?1, ?2)", (vec![n as u8; 32], day)).unwrap();
        }
        close_day(&transaction, "2026-11-24").unwrap();
        let kept: Vec<String> = transaction
            .prepare("SELECT day FROM nullifier ORDER BY day")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert_eq!(kept, ["2026-07-22", "2026-11-24"]);
    }
}
