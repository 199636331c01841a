//! Signed documents pulled from the aggregator, kept as they came: they are believed under their signature each time they are
//! read, not because they stand here.

use rusqlite::{Connection, OptionalExtension as _, Transaction};

use super::StoreError;

/// A document as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Under which it is asked for again.
    pub etag: Option<String>,
    /// The signed token.
    pub token: String,
}

/// The document of this name.
///
/// # Errors
/// Where SQLite refuses.
pub fn document(connection: &Connection, name: &str) -> Result<Option<Document>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT etag, token FROM document WHERE name = ?1")?;
    Ok(statement.query_row([name], |row| Ok(Document { etag: row.get(0)?, token: row.get(1)? })).optional()?)
}

/// Every document whose name begins with `prefix`.
///
/// # Errors
/// Where SQLite refuses.
pub fn tokens(connection: &Connection, prefix: &str) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT token FROM document WHERE substr(name, 1, length(?1)) = ?1 ORDER BY name";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([prefix], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Keeps a document in the place of the last one of its name.
///
/// # Errors
/// Where SQLite refuses.
pub fn put(transaction: &Transaction<'_>, name: &str, document: &Document) -> Result<(), StoreError> {
    let sql = "INSERT INTO document (name, etag, token) VALUES (?1, ?2, ?3)
               ON CONFLICT (name) DO UPDATE SET etag = excluded.etag, token = excluded.token";
    transaction.prepare_cached(sql)?.execute((name, &document.etag, &document.token))?;
    Ok(())
}
