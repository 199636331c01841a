//! Some days after a month is over, its sealed responses become breakdowns, once, and go. The decision looks at counts and the
//! clock, never at answers.

use gradimento_common::breakdown::{Crossing, RawBreakdowns};
use gradimento_common::calendar::{Day, Month};
use gradimento_common::disclosure::Policy;
use gradimento_common::response::Answers;
use jiff::Timestamp;
use rand::Rng;
use rusqlite::{Connection, Transaction};

use gradimento_common::message::Payload;

use crate::store::breakdown::{self, Due};
use crate::store::outbox::{self, Origin};
use crate::store::{Store, StoreError, fact, restoring, set_fact};
use crate::survey::Editions;

/// Days between the end of a month and its breakdowns: time for what waited at its end to be sealed, by collectors that were
/// switched off over a long weekend too. What is sealed later enters no breakdown.
const SETTLING_DAYS: u16 = 5;
/// Sealed responses that are deleted in one transaction. Citizens wait meanwhile: ten thousand take some tenths of a second.
const CLEARED_AT_ONCE: u32 = 10_000;
/// The day on which this was last looked after: once a day is enough, for it reads all sealed responses.
const LOOKED_AFTER: &str = "breakdowns_day";

/// What leaves of what is due; nothing where too few answered or a restore has forfeited the month. Either way its budget is spent.
#[derive(Debug)]
pub struct Prepared {
    due: Due,
    crossings: Vec<String>,
    breakdowns: Option<RawBreakdowns>,
}

/// Looks after breakdowns at a boundary, and yields how many left. Only whoever seals may call it, between two boundaries: what is
/// counted must not grow before it has left.
///
/// # Errors
/// Where the store fails; what has left by then has left once.
pub async fn step(
    store: &Store,
    origin: &Origin,
    editions: &Editions,
    policy: Policy,
    now: Timestamp,
    rng: &mut impl Rng,
) -> Result<u64, StoreError> {
    let today = Day::of(now);
    if store.read(|connection| fact(connection, LOOKED_AFTER))?.as_deref() == Some(today.to_string().as_bytes()) {
        return Ok(0);
    }
    // A restored file does not know what its former self has released.
    if store.read(restoring::phase)?.is_some() {
        return Ok(0);
    }
    let before = today.earlier_by(SETTLING_DAYS).month();
    let mut released = 0;
    for due in store.read(|connection| breakdown::due(connection, before))? {
        let prepared = store.read(|connection| prepare(connection, due, editions, &policy, rng))?;
        released += u64::from(prepared.breakdowns.is_some());
        let origin = origin.clone();
        store.write(move |transaction| release(transaction, &origin, prepared, policy, now)).await?;
    }
    clear(store, before).await?;
    store.write(move |transaction| set_fact(transaction, LOOKED_AFTER, today.to_string().as_bytes())).await?;
    Ok(released)
}

async fn clear(store: &Store, before: Month) -> Result<(), StoreError> {
    while store.write(move |transaction| breakdown::clear(transaction, before, CLEARED_AT_ONCE)).await? > 0 {}
    Ok(())
}

/// Counts what is due and draws its noise. What is drawn here and does not leave was seen by nobody.
///
/// # Errors
/// Where SQLite refuses, or a sealed response fits no known questionnaire.
pub fn prepare(
    connection: &Connection,
    due: Due,
    editions: &Editions,
    policy: &Policy,
    rng: &mut impl Rng,
) -> Result<Prepared, StoreError> {
    let edition = &due.key.edition;
    let questionnaire = editions.get(edition).ok_or(StoreError::Contradiction("a sealed response names an unknown edition"))?;
    let mut crossing = Crossing::new(questionnaire);
    for alike in breakdown::responses(connection, &due)? {
        let answers = Answers::from_stored(questionnaire, &alike.answers);
        let answers = answers.ok_or(StoreError::Contradiction("stored answers do not fit their questionnaire"))?;
        crossing.add(&answers, &alike.language, alike.responses);
    }
    let (crossings, responses) = (crossing.names(), crossing.responses());
    let leaves = policy.permits(responses) && !breakdown::is_forfeited(connection, due.month)?;
    let drawn = if leaves { crossing.with_noise(policy, rng) } else { None };
    let breakdowns = drawn.map(|(mechanism, tables)| RawBreakdowns {
        service: due.key.service.clone(),
        questionnaire: edition.questionnaire.clone(),
        version: edition.version,
        assurance: due.key.assurance,
        month: due.month,
        responses,
        mechanism,
        tables,
    });
    Ok(Prepared { due, crossings, breakdowns })
}

/// Spends the budget and puts the message into the outbox.
///
/// # Errors
/// Where the budget was spent before or SQLite refuses; nothing has left then.
pub fn release(
    transaction: &Transaction<'_>,
    origin: &Origin,
    prepared: Prepared,
    policy: Policy,
    now: Timestamp,
) -> Result<(), StoreError> {
    breakdown::spend(transaction, &prepared.due, &prepared.crossings)?;
    if let Some(breakdowns) = prepared.breakdowns {
        outbox::append(transaction, origin, Payload::Breakdowns(breakdowns), policy, now)?;
    }
    Ok(())
}
