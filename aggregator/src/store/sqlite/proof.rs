//! What proves the ledger's entries: who signed each, and what was answered.

use gradimento_common::modi::BodyDigest;
use rusqlite::Connection;

use crate::store::{StoreError, StoredProof};

pub(super) fn select(connection: &Connection, first: u64, count: u64) -> Result<Vec<StoredProof>, StoreError> {
    let sql = "SELECT leaf_index, body, signature, receipt, received_at FROM entry
               WHERE leaf_index >= ?1 AND leaf_index < ?2 ORDER BY leaf_index";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map((first, first.saturating_add(count)), |row| {
        let body: Vec<u8> = row.get(1)?;
        Ok(StoredProof {
            index: row.get(0)?,
            digest: BodyDigest::of(&body),
            signature: row.get(2)?,
            receipt: row.get(3)?,
            received_at: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
