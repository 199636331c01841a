//! What the file knows about its own restore: how far the new epoch is, and which responses came out of the backup.

use gradimento_common::disclosure::Policy;
use gradimento_common::disclosure::PoolKey;
use gradimento_common::epoch::EpochOpen;
use jiff::Timestamp;
use rusqlite::{Connection, Transaction};

use super::outbox::{self, Origin};
use super::{StoreError, fact, forget_fact, pool, set_fact};

const RESTORING: &str = "restoring";

/// How far a restored collector is on its way into a new epoch. Nothing is sealed in either phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The new epoch has not been opened.
    Begun,
    /// The message that opens it is in the outbox.
    Opened {
        /// Whether the aggregator is known to hold everything that this file has a receipt for.
        certain: bool,
    },
}

impl Phase {
    fn name(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Opened { certain: true } => "opened",
            Self::Opened { certain: false } => "opened in doubt",
        }
    }
}

/// Where a restored collector stands; `None` where it was not restored, or has settled everything.
///
/// # Errors
/// Where SQLite refuses.
pub fn phase(connection: &Connection) -> Result<Option<Phase>, StoreError> {
    let Some(known) = fact(connection, RESTORING)? else { return Ok(None) };
    let phases = [Phase::Begun, Phase::Opened { certain: true }, Phase::Opened { certain: false }];
    let phase = phases.into_iter().find(|phase| phase.name().as_bytes() == known);
    phase.map(Some).ok_or(StoreError::Contradiction("the phase of a restore cannot be read"))
}

/// Marks a file that has just come out of a backup, and every response that waits in it.
///
/// # Errors
/// Where SQLite refuses.
pub fn begin(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    transaction.execute("INSERT OR IGNORE INTO restored (key) SELECT key FROM pool ORDER BY key", [])?;
    set_fact(transaction, RESTORING, Phase::Begun.name().as_bytes())
}

/// Opens the new epoch: the message and the phase, together.
///
/// # Errors
/// Where SQLite refuses or the message cannot be written.
pub fn open(
    transaction: &Transaction<'_>,
    origin: &Origin,
    (epoch, certain): (u32, bool),
    open: EpochOpen,
    policy: Policy,
    now: Timestamp,
) -> Result<(), StoreError> {
    outbox::open_epoch(transaction, origin, epoch, open, policy, now)?;
    set_fact(transaction, RESTORING, Phase::Opened { certain }.name().as_bytes())
}

/// Goes back to the beginning, because the epoch that was to be opened has been opened by somebody else.
///
/// # Errors
/// Where SQLite refuses.
pub fn begin_again(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    set_fact(transaction, RESTORING, Phase::Begun.name().as_bytes())
}

/// Under which keys responses of the backup wait.
///
/// # Errors
/// Where SQLite refuses.
pub fn pools(connection: &Connection) -> Result<Vec<PoolKey>, StoreError> {
    let sql = "SELECT service, questionnaire, version, assurance FROM pool WHERE key IN (SELECT key FROM restored)
               GROUP BY 1, 2, 3, 4";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], pool::columns)?;
    rows.map(|columns| pool::key(columns?)).collect()
}

/// From now on the backup's responses of these keys count as sent. Yields how many were taken out of the pool.
///
/// # Errors
/// Where SQLite refuses.
pub fn supersede(transaction: &Transaction<'_>, superseded: &[PoolKey]) -> Result<u64, StoreError> {
    let named = "service = ?1 AND questionnaire = ?2 AND version = ?3 AND assurance = ?4
                 AND key IN (SELECT key FROM restored)";
    let moving = format!(
        "INSERT INTO sealed_today (key, service, questionnaire, version, assurance, day, language, answers, period)
         SELECT randomblob(16), service, questionnaire, version, assurance, day, language, answers, substr(day, 1, 7)
         FROM pool WHERE {named} ORDER BY 1"
    );
    let leaving = format!("DELETE FROM pool WHERE {named}");
    let mut moved = 0;
    for key in superseded {
        let edition = &key.edition;
        let named = (key.service.as_str(), edition.questionnaire.as_str(), edition.version, key.assurance.as_str());
        moved += transaction.execute(&moving, named)?;
        transaction.execute(&leaving, named)?;
    }
    Ok(moved as u64)
}

/// Ends the restore: what the backup holds still waits as before, and sealing goes on.
///
/// # Errors
/// Where SQLite refuses.
pub fn settle(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    transaction.execute("DELETE FROM restored", [])?;
    // The aggregator may know a newer list of services than the backup remembers having told.
    forget_fact(transaction, "catalogue")?;
    forget_fact(transaction, RESTORING)
}
