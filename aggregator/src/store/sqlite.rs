//! The embedded adapter: one SQLite file, written through one connection.

mod breakdown;
mod copy;
mod invitation;
mod ledger;
mod noisy;
mod proof;
mod readmission;
mod registry;
mod renewal;
mod rollup;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gradimento_common::disclosure::Policy;
use gradimento_common::epoch::StreamTotals;
use gradimento_common::ids::{AgencyCode, Edition, StreamId};
use gradimento_common::jose::Thumbprint;
use gradimento_common::merkle::Hash;
use gradimento_common::message::Head;
use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use super::{
    Accepted, Enrol, NewKeys, NotRedeemed, NotRenewed, Refused, Renew, RollupFilter, SignReceipt, Store, StoreError,
    StoredProof, StreamStanding,
};
use crate::publish::Rollup;
use crate::publish::breakdowns::Published;
use crate::publish::noisy::NoisyRollup;
use crate::registry::{Agency, Certificate, StreamState};
use crate::renewal::Recovery;
use crate::verify::SoundMessage;

const MIGRATIONS: [&str; 6] = [
    include_str!("../../migrations/0001-first.sql"),
    include_str!("../../migrations/0002-renewals.sql"),
    include_str!("../../migrations/0003-stream-totals.sql"),
    include_str!("../../migrations/0004-breakdowns.sql"),
    include_str!("../../migrations/0005-order-of-certificates.sql"),
    include_str!("../../migrations/0006-policies.sql"),
];

/// How long another process may hold the database before whoever waits is told to come back: less than the five seconds after
/// which many HTTP clients give up without an answer.
const BUSY_TIMEOUT: Duration = Duration::from_secs(3);

/// The aggregator's memory in one SQLite file.
#[derive(Debug)]
pub struct SqliteStore {
    path: PathBuf,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
}

impl SqliteStore {
    /// Opens the file, checks it and migrates it forward.
    ///
    /// # Errors
    /// Where the file cannot be opened, is damaged or newer than this program, or SQLite does not keep it safe.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let mut connection = Connection::open(path)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        set_pragmas(&connection)?;
        migrate(&mut connection)?;
        Ok(Self { path: path.to_owned(), writer: Mutex::new(connection), readers: Mutex::default() })
    }

    fn writer(&self) -> MutexGuard<'_, Connection> {
        // A panic while it was held has rolled its transaction back: the connection itself is whole.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut writer = self.writer();
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let outcome = work(&transaction)?;
        Ok(confirmed(transaction.commit()).map(|()| outcome)?)
    }

    fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let pooled = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match pooled {
            Some(connection) => connection,
            None => {
                let connection = Connection::open_with_flags(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
                connection.busy_timeout(BUSY_TIMEOUT)?;
                connection
            }
        };
        let outcome = work(&connection);
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        outcome
    }
}

fn set_pragmas(connection: &Connection) -> Result<(), StoreError> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    let journal: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    let synchronous: u32 = connection.pragma_query_value(None, "synchronous", |row| row.get(0))?;
    if journal != "wal" || synchronous != 2 {
        return Err(StoreError::Unsafe(format!("journal {journal}, synchronous {synchronous}")));
    }
    quick_check(connection)
}

fn quick_check(connection: &Connection) -> Result<(), StoreError> {
    let check: String = connection.pragma_query_value(None, "quick_check", |row| row.get(0))?;
    if check == "ok" { Ok(()) } else { Err(StoreError::Damaged(check)) }
}

/// Lets through what the disk has confirmed or SQLite has undone. After a failed sync the page cache no longer tells what the
/// disk holds, and trying again would lose messages whose receipts are out (ATC '20, "Can Applications Recover from fsync
/// Failures?"): the process ends, and a fresh start reads what is really there.
fn confirmed(committed: Result<(), rusqlite::Error>) -> Result<(), rusqlite::Error> {
    // SQLITE_IOERR_FSYNC and SQLITE_IOERR_DIR_FSYNC.
    const FAILED_SYNCS: [i32; 2] = [1034, 1290];
    committed.inspect_err(|error| {
        if error.sqlite_error().is_some_and(|error| FAILED_SYNCS.contains(&error.extended_code)) {
            tracing::error!(%error, "the disk did not confirm a write; ending, so that the start reads what it really holds");
            std::process::abort();
        }
    })
}

fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: usize = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > MIGRATIONS.len() {
        return Err(StoreError::Unsafe(format!("schema {found} is newer than this program")));
    }
    for migration in MIGRATIONS.iter().skip(found) {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "user_version", MIGRATIONS.len())?;
    transaction.commit()?;
    Ok(())
}

impl Store for SqliteStore {
    fn put_agency(&self, agency: &Agency) -> Result<(), StoreError> {
        self.write(|transaction| registry::put_agency(transaction, agency))
    }

    fn agency(&self, code: &AgencyCode) -> Result<Option<Agency>, StoreError> {
        self.read(|connection| registry::agency(connection, code))
    }

    fn open_stream(&self, agency: &AgencyCode, stream: StreamId) -> Result<(), StoreError> {
        self.write(|transaction| registry::open_stream(transaction, agency, stream))
    }

    fn agencies(&self) -> Result<Vec<Agency>, StoreError> {
        self.read(registry::agencies)
    }

    fn streams(&self, agency: &AgencyCode) -> Result<Vec<(StreamId, StreamState)>, StoreError> {
        self.read(|connection| registry::streams(connection, agency))
    }

    fn set_stream_state(&self, stream: StreamId, state: StreamState, now: Timestamp) -> Result<(), StoreError> {
        self.write(|transaction| registry::set_stream_state(transaction, stream, state, now))
    }

    fn revoke(&self, agency: &AgencyCode, now: Timestamp) -> Result<Vec<StreamId>, StoreError> {
        self.write(|transaction| {
            invitation::end(transaction, agency, now)?;
            let alive = [StreamState::Open, StreamState::Quarantined];
            registry::change_streams(transaction, agency, &alive, StreamState::Revoked, now)
        })
    }

    fn release(&self, agency: &AgencyCode, now: Timestamp) -> Result<Vec<StreamId>, StoreError> {
        let (from, to) = ([StreamState::Quarantined], StreamState::Open);
        self.write(|transaction| registry::change_streams(transaction, agency, &from, to, now))
    }

    fn fleet(&self) -> Result<Vec<StreamStanding>, StoreError> {
        self.read(registry::fleet)
    }

    fn revoked(&self) -> Result<Vec<([u8; 16], Timestamp)>, StoreError> {
        self.read(registry::revoked)
    }

    fn put_questionnaire(&self, edition: &Edition, token: &str) -> Result<(), StoreError> {
        self.write(|transaction| registry::put_questionnaire(transaction, edition, token))
    }

    fn questionnaires(&self) -> Result<Vec<(Edition, String)>, StoreError> {
        self.read(registry::questionnaires)
    }

    fn remember_policy(&self, policy: Policy) -> Result<Policy, StoreError> {
        self.write(|transaction| registry::remember_policy(transaction, policy))
    }

    fn policies(&self) -> Result<Vec<Policy>, StoreError> {
        self.read(registry::policies)
    }

    fn put_certificate(&self, certificate: &Certificate) -> Result<(), StoreError> {
        self.write(|transaction| registry::put_certificate(transaction, certificate))
    }

    fn certificate(&self, thumbprint: Thumbprint) -> Result<Option<Certificate>, StoreError> {
        self.read(|connection| registry::certificate(connection, thumbprint))
    }

    fn readmit(&self, certificate: &Certificate) -> Result<Option<Certificate>, StoreError> {
        self.write(|transaction| readmission::readmit(transaction, certificate))
    }

    fn put_invitation(&self, secret_hash: [u8; 32], agency: &AgencyCode, expires: i64) -> Result<(), StoreError> {
        self.write(|transaction| invitation::put(transaction, secret_hash, agency, expires))
    }

    fn redeem(&self, secret_hash: [u8; 32], keys: [u8; 32], now: Timestamp, enrol: Enrol<'_>) -> Result<String, NotRedeemed> {
        self.write(|transaction| invitation::redeem(transaction, secret_hash, keys, now, enrol))?
    }

    fn renew(&self, stream: StreamId, keys: NewKeys<'_>, now: Timestamp, issue: Renew<'_>) -> Result<String, NotRenewed> {
        self.write(|transaction| renewal::renew(transaction, stream, keys, now, issue))?
    }

    fn recover(&self, request: &Recovery, keys: NewKeys<'_>, now: Timestamp, issue: Renew<'_>) -> Result<String, NotRenewed> {
        self.write(|transaction| renewal::recover(transaction, request, keys, now, issue))?
    }

    fn approve_recoveries(&self, agency: &AgencyCode) -> Result<usize, StoreError> {
        self.write(|transaction| renewal::approve(transaction, agency))
    }

    fn head(&self, stream: StreamId) -> Result<Option<Head>, StoreError> {
        self.read(|connection| ledger::head(connection, stream))
    }

    fn stream_totals(&self, stream: StreamId) -> Result<StreamTotals, StoreError> {
        self.read(|connection| {
            let broken_down_until = breakdown::newest(connection, stream)?;
            Ok(StreamTotals { items: rollup::of_stream(connection, stream)?, broken_down_until })
        })
    }

    fn accept(&self, message: &SoundMessage, now: Timestamp, sign: SignReceipt<'_>) -> Result<Accepted, Refused> {
        self.write(|transaction| ledger::accept(transaction, message, now, sign))?
    }

    fn ledger_size(&self) -> Result<u64, StoreError> {
        self.read(ledger::size)
    }

    fn row_hashes(&self, level: u8, first: u64, count: u64) -> Result<Vec<Hash>, StoreError> {
        self.read(|connection| ledger::row_hashes(connection, level, first, count))
    }

    fn bodies(&self, first: u64, count: u64) -> Result<Vec<Vec<u8>>, StoreError> {
        self.read(|connection| ledger::bodies(connection, first, count))
    }

    fn proofs(&self, first: u64, count: u64) -> Result<Vec<StoredProof>, StoreError> {
        self.read(|connection| proof::select(connection, first, count))
    }

    fn rollups(&self, filter: &RollupFilter) -> Result<Vec<Rollup>, StoreError> {
        self.read(|connection| rollup::select(connection, filter))
    }

    fn noisy_rollups(&self, filter: &RollupFilter) -> Result<Vec<NoisyRollup>, StoreError> {
        self.read(|connection| noisy::select(connection, filter))
    }

    fn breakdowns(&self, filter: &RollupFilter) -> Result<Vec<Published>, StoreError> {
        self.read(|connection| breakdown::select(connection, filter))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_that_cannot_be_durable_is_refused() {
        // Whatever it is told, a database in memory keeps its journal in memory.
        let refused = set_pragmas(&Connection::open_in_memory().unwrap()).unwrap_err();
        assert!(matches!(&refused, StoreError::Unsafe(why) if why.contains("journal memory")), "{refused}");
    }
}
