//! At a seal boundary, what waits in large enough pools becomes batches, and the batches a message: one transaction, so
//! that no response is ever in two batches, or in none and gone.

use std::sync::Arc;
use std::time::Duration;

use gradimento_common::batch::{RawBatch, Tally};
use gradimento_common::calendar::{Day, Month};
use gradimento_common::disclosure::{Policy, SealOrder, hold_back, plan};
use gradimento_common::ids::{ServiceId, StreamId};
use gradimento_common::limits::MESSAGE_PAYLOAD_BYTES_MAX;
use gradimento_common::message::{NoisySummary, Payload, Summary};
use gradimento_common::questionnaire::Questionnaire;
use gradimento_common::response::Answers;
use jiff::Timestamp;
use rand::{Rng, RngExt as _};
use rusqlite::Transaction;
use serde::Serialize;

use crate::sensitive;
use crate::store::outbox::{self, Origin};
use crate::store::pool::{self, Member};
use crate::store::{StoreError, nested, restoring, sealed, tidy};
use crate::survey::Editions;

/// What a boundary came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sealed {
    /// Batches made.
    pub batches: u64,
    /// Responses in them.
    pub responses: u64,
    /// Messages that carry them.
    pub messages: u64,
}

/// Responses that one transaction seals at most. Nobody's answer is stored meanwhile; 10,000 take some tenths of a second, and a
/// pool of a hundred thousand takes several turns, between which citizens have theirs.
const TURN_RESPONSES_MAX: usize = 10_000;

impl Sealed {
    /// Whether so much was sealed that a batch may have found no room any more: then another turn is due at once.
    #[must_use]
    pub fn is_full(&self, policy: &Policy) -> bool {
        self.batches > 0 && self.responses + u64::from(policy.k()) > turn_responses_max(policy) as u64
    }

    /// Adds what another turn came to.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            batches: self.batches + other.batches,
            responses: self.responses + other.responses,
            messages: self.messages + other.messages,
        }
    }
}

/// An agency whose k is larger than a turn's limit seals all the same.
fn turn_responses_max(policy: &Policy) -> usize {
    TURN_RESPONSES_MAX.max(policy.k() as usize)
}

/// How long it is to the next boundary. Boundaries are those of the clock, shifted for each stream by a part of the interval that
/// is its own for ever: agencies do not all send in the same second, and when one sends tells nothing about its answers.
#[must_use]
pub fn until_boundary(now: Timestamp, interval: Duration, stream: StreamId) -> Duration {
    let interval = interval.as_millis().max(1);
    let shift = u128::from_be_bytes(*stream.as_bytes()) % interval;
    let now = u128::try_from(now.as_millisecond()).unwrap_or_default() + interval - shift;
    Duration::from_millis(u64::try_from(interval - now % interval).unwrap_or(u64::MAX))
}

/// One turn at a seal boundary: all that is due, as far as one transaction may take. Between a restore and the new epoch nothing
/// is sealed: what waits may have been sent already.
///
/// # Errors
/// Where SQLite refuses; nothing has changed then.
pub fn step(
    transaction: &Transaction<'_>,
    origin: &Origin,
    editions: &Editions,
    policy: Policy,
    now: Timestamp,
    rng: &mut impl Rng,
) -> Result<Sealed, StoreError> {
    let today = Day::of(now);
    tidy::close_day(transaction, &today.to_string())?;
    if restoring::phase(transaction)?.is_some() {
        return Ok(Sealed::default());
    }
    let orders = plan(&pool::sizes(transaction, today.month())?, today.month(), &policy);
    let batches = fill_all(transaction, &orders, editions, &policy, rng)?;
    let mut sealed = Sealed { batches: batches.len() as u64, ..Sealed::default() };
    sealed.responses = batches.iter().map(|(_, batch)| batch.responses).sum();
    let (batches, noisy) = sensitive::split(transaction, batches, editions, &policy, rng)?;
    batches.iter().try_for_each(|batch| sealed::add(transaction, batch))?;
    for batches in packed(noisy) {
        outbox::append(transaction, origin, Payload::NoisySummary(NoisySummary { batches }), policy, now)?;
        sealed.messages += 1;
    }
    for batches in packed(batches) {
        outbox::append(transaction, origin, Payload::Summary(Summary { batches }), policy, now)?;
        sealed.messages += 1;
    }
    Ok(sealed)
}

/// Carries the orders out, as far as there is room. Where the rows of one contradict themselves, it is undone and told, and the
/// others are carried out all the same.
fn fill_all<'a>(
    transaction: &Transaction<'_>,
    orders: &'a [SealOrder],
    editions: &Editions,
    policy: &Policy,
    rng: &mut impl Rng,
) -> Result<Vec<(&'a SealOrder, RawBatch)>, StoreError> {
    let mut room = turn_responses_max(policy);
    let mut batches = Vec::new();
    for order in orders {
        if room < policy.k() as usize {
            break;
        }
        let filled = nested(transaction, || {
            let members = draw(transaction, order, policy, room, rng)?;
            fill(transaction, order, &members, editions)
        });
        match filled {
            Ok(batch) => {
                room = room.saturating_sub(usize::try_from(batch.responses).unwrap_or(usize::MAX));
                batches.push((order, batch));
            }
            Err(StoreError::Contradiction(what)) => {
                tracing::error!(service.id = %order.service, what, "a pool cannot be sealed; the others are");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(batches)
}

/// Who enters the batch: all but the held back, and where that is more than there is room for, a random part of them. Room is for
/// k at least, so that no batch is smaller.
fn draw(
    transaction: &Transaction<'_>,
    order: &SealOrder,
    policy: &Policy,
    room: usize,
    rng: &mut impl Rng,
) -> Result<Vec<Member>, StoreError> {
    let mut members = Vec::new();
    for pool in &order.pools {
        members.append(&mut pool::members(transaction, pool, order.reach)?);
    }
    hold_back(&mut members, policy, rng);
    // In the order of the table they are found without seeking.
    members.sort_unstable_by_key(|member| member.key);
    if members.len() > room {
        // Keys are random: neighbours share nothing but a page. A stretch of them from anywhere is as good as a draw, and the turn
        // writes its share of the table's pages, not all of them.
        let start = rng.random_range(..members.len());
        members.rotate_left(start);
        members.truncate(room);
    }
    Ok(members)
}

fn fill(
    transaction: &Transaction<'_>,
    order: &SealOrder,
    members: &[Member],
    editions: &Editions,
) -> Result<RawBatch, StoreError> {
    let first = order.pools.first().ok_or(StoreError::Contradiction("an order names no pool"))?;
    let questionnaire = editions.get(&first.edition).ok_or(StoreError::Contradiction("the pool names an unknown edition"))?;
    let (first_day, last_day) = days(members)?;
    let tally = count(transaction, members, questionnaire, &order.service, last_day.month())?;
    Ok(RawBatch {
        service: order.service.clone(),
        questionnaire: first.edition.questionnaire.clone(),
        version: first.edition.version,
        assurance: first.assurance,
        first_day,
        last_day,
        responses: tally.responses(),
        counts: tally.counts(),
    })
}

fn days(members: &[Member]) -> Result<(Day, Day), StoreError> {
    let days = || members.iter().map(|member| member.day);
    days().min().zip(days().max()).ok_or(StoreError::Contradiction("an order has no members"))
}

fn count<'a>(
    transaction: &Transaction<'_>,
    members: &[Member],
    questionnaire: &'a Arc<Questionnaire>,
    service: &ServiceId,
    period: Month,
) -> Result<Tally<'a>, StoreError> {
    let mut tally = Tally::new(questionnaire);
    for stored in pool::seal(transaction, members, service, period)? {
        let answers = Answers::from_stored(questionnaire, &stored);
        tally.add(&answers.ok_or(StoreError::Contradiction("stored answers do not fit their questionnaire"))?);
    }
    Ok(tally)
}

/// Batches in as few messages as fit the ledger's limit.
fn packed<B: Serialize>(batches: Vec<B>) -> Vec<Vec<B>> {
    let mut messages = Vec::<Vec<B>>::new();
    let mut room = 0;
    for batch in batches {
        let size = serde_json::to_vec(&batch).map_or(MESSAGE_PAYLOAD_BYTES_MAX, |bytes| bytes.len() + 1);
        if size > room {
            messages.push(Vec::new());
            room = MESSAGE_PAYLOAD_BYTES_MAX;
        }
        room = room.saturating_sub(size);
        if let Some(message) = messages.last_mut() {
            message.push(batch);
        }
    }
    messages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boundaries_come_once_an_interval_each_stream_at_its_own_moment() {
        let start = Timestamp::from_second(1_795_000_000).unwrap();
        let hour = Duration::from_secs(3_600);
        let first = |n| until_boundary(start, hour, StreamId::from_random([n; 16]));
        assert_ne!(first(1), first(2));
        for n in 1..20 {
            let boundary = start + first(n);
            assert!(first(n) > Duration::ZERO && first(n) <= hour);
            assert_eq!(until_boundary(boundary, hour, StreamId::from_random([n; 16])), hour);
            let before = boundary - Duration::from_millis(1);
            assert_eq!(until_boundary(before, hour, StreamId::from_random([n; 16])), Duration::from_millis(1));
        }
    }
}
