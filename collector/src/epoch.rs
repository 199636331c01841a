//! From a backup into a new epoch, so that nobody is counted twice.
//!
//! What a restored file does not know is which of its responses its former self has sent since. So, one step at a time, each
//! safe to repeat after a crash: everything that the file has in its outbox is delivered in the old epoch, being the former
//! self's own bytes; the last of it is sent once more, whose receipt proves that the aggregator holds the whole chain before it;
//! the aggregator is asked what it has counted; a new epoch is opened, after which nobody can add to the old one; and the aggregator
//! is asked again. The first reply is kept should the aggregator lose it all meanwhile, the second has what arrived meanwhile.
//! Under a key whose total is the file's own, nothing was sent since the backup, and its responses wait as before. Under any
//! other, those that came out of the backup count as sent. Breakdowns are given up until this month, by whichever clock is ahead,
//! ours or the aggregator's, and until the last one of which the aggregator has any: no clock and no lost ledger makes a second draw.

use gradimento_common::calendar::{Day, Month};
use gradimento_common::disclosure::{Policy, PoolKey};
use gradimento_common::epoch::{EpochOpen, LastReceipt, StreamTotals};
use gradimento_common::ids::ServiceId;
use gradimento_common::message::{Head, Position};
use gradimento_common::modi::BodyDigest;
use gradimento_common::receipt::Receipt;
use rand::Rng;
use rusqlite::Transaction;
use serde::de::DeserializeOwned;

use crate::push::{Courier, Step};
use crate::store::outbox::{self, Pending};
use crate::store::restoring::{self, Phase};
use crate::store::sent::{self, Totals};
use crate::store::{Store, StoreError, breakdown, resume};
use crate::wire::{Request, Transport};

/// What one step came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// A message was sent, or something else must happen first.
    Sent(Step),
    /// Messages of the old epoch were given up, with so many responses in them: the aggregator has closed it without them.
    Stranded(u64),
    /// The message that opens this epoch is in the outbox.
    Opened(u32),
    /// The restore is over; so many responses of the backup count as sent that did not when the epoch was opened.
    Settled(u64),
}

impl Progress {
    /// The step as the courier's loop understands it.
    #[must_use]
    pub fn as_step(self) -> Step {
        match self {
            Self::Sent(step) => step,
            Self::Stranded(_) | Self::Opened(_) | Self::Settled(_) => Step::Restoring,
        }
    }
}

/// Goes one step further; `None` where there is nothing to settle, and the courier sends as always.
///
/// # Errors
/// Where our own store fails; nothing has changed then.
pub async fn step(
    courier: &mut Courier,
    transport: &impl Transport,
    store: &Store,
    policy: Policy,
    rng: &mut impl Rng,
) -> Result<Option<Progress>, StoreError> {
    let Some(phase) = store.read(restoring::phase)? else { return Ok(None) };
    if let Some(pending) = store.read(outbox::next)? {
        return catch_up(courier, transport, store, pending, rng).await.map(Some);
    }
    match phase {
        Phase::Begun => open(courier, transport, store, policy, rng).await.map(Some),
        Phase::Opened { certain } => settle(courier, transport, store, certain).await.map(Some),
    }
}

/// What waits for a receipt comes first. Where a later epoch is open, it was closed to us by another restore: then a later one
/// still must be opened.
async fn catch_up(
    courier: &mut Courier,
    transport: &impl Transport,
    store: &Store,
    pending: Pending,
    rng: &mut impl Rng,
) -> Result<Progress, StoreError> {
    let epoch = pending.epoch;
    let step = courier.deliver(transport, store, pending, rng).await?;
    if step != Step::Superseded {
        return Ok(Progress::Sent(step));
    }
    let uncounted = store
        .write(move |transaction| {
            restoring::begin_again(transaction)?;
            resume::strand(transaction, epoch)
        })
        .await?;
    tracing::warn!(epoch, responses = uncounted, "messages can never be delivered; what they counted is counted nowhere");
    Ok(Progress::Stranded(uncounted))
}

async fn open(
    courier: &mut Courier,
    transport: &impl Transport,
    store: &Store,
    policy: Policy,
    rng: &mut impl Rng,
) -> Result<Progress, StoreError> {
    let newest = store.read(outbox::newest_delivered)?.map(|(newest, _)| newest);
    let certain = match newest {
        // A file that has sent nothing has nothing that could be missing there.
        None => true,
        Some(newest) => match courier.deliver(transport, store, newest, rng).await? {
            Step::Delivered => true,
            Step::Superseded => false,
            step => return Ok(Progress::Sent(step)),
        },
    };
    let head: Head = match ask(courier, transport, "head").await {
        Ok(head) => head,
        Err(step) => return Ok(Progress::Sent(step)),
    };
    let since = match sent_since(courier, transport, store, certain).await? {
        Ok(since) => since,
        Err(step) => return Ok(Progress::Sent(step)),
    };
    let last = if certain { store.read(outbox::newest_delivered)?.and_then(|newest| quoted(courier, newest)) } else { None };
    let (origin, now, epoch) = (courier.origin.clone(), courier.clock.now(), head.epoch.saturating_add(1));
    let forfeited = Day::of(now.max(courier.server_time())).month();
    let opening = move |tx: &Transaction<'_>| {
        breakdown::forfeit(tx, forfeited)?;
        let responses = since.keep(tx)?;
        restoring::open(tx, &origin, (epoch, certain), EpochOpen { last }, policy, now)?;
        Ok(responses)
    };
    let responses = store.write(opening).await?;
    tracing::info!(epoch, responses, "a new epoch begins after the restore; so many responses count as sent since the backup");
    Ok(Progress::Opened(epoch))
}

fn quoted(courier: &Courier, (newest, receipt): (Pending, String)) -> Option<LastReceipt> {
    let Pending { epoch, sequence, body } = newest;
    let position = Position { stream: courier.origin.stream, epoch, sequence };
    let receipt = Receipt::verify(&receipt, &courier.aggregator, position, BodyDigest::of(&body)).ok()?;
    Some(LastReceipt::from(&receipt))
}

async fn settle(
    courier: &mut Courier,
    transport: &impl Transport,
    store: &Store,
    certain: bool,
) -> Result<Progress, StoreError> {
    let since = match sent_since(courier, transport, store, certain).await? {
        Ok(since) => since,
        Err(step) => return Ok(Progress::Sent(step)),
    };
    let settling = move |tx: &Transaction<'_>| {
        let responses = since.keep(tx)?;
        restoring::settle(tx)?;
        Ok(responses)
    };
    let responses = store.write(settling).await?;
    tracing::info!(responses, "restored; so many responses more count as sent since the backup");
    Ok(Progress::Settled(responses))
}

/// What has left since the backup, as far as the aggregator tells.
struct SentSince {
    pools: Vec<PoolKey>,
    broken_down_until: Option<Month>,
}

async fn sent_since(
    courier: &mut Courier,
    transport: &impl Transport,
    store: &Store,
    certain: bool,
) -> Result<Result<SentSince, Step>, StoreError> {
    let StreamTotals { items, broken_down_until } = match ask(courier, transport, "totals").await {
        Ok(counted) => counted,
        Err(step) => return Ok(Err(step)),
    };
    let counted: Totals = items.iter().map(|total| (total.key(), total.responses)).collect();
    let (pools, sent) = store.read(|connection| Ok((restoring::pools(connection)?, sent::totals(connection)?)))?;
    let pools = if certain { superseded(pools, &sent, &counted) } else { pools };
    Ok(Ok(SentSince { pools, broken_down_until }))
}

impl SentSince {
    /// Yields how many responses count as sent by this.
    fn keep(&self, transaction: &Transaction<'_>) -> Result<u64, StoreError> {
        self.broken_down_until.map_or(Ok(()), |until| breakdown::forfeit(transaction, until))?;
        restoring::supersede(transaction, &self.pools)
    }
}

/// The pools whose responses may have been sent since the backup: those whose own total is another than ours, and those whose
/// parent's is, into which small pools merge at the close of a month.
#[must_use]
pub fn superseded(pools: Vec<PoolKey>, sent: &Totals, counted: &Totals) -> Vec<PoolKey> {
    let changed = |key: &PoolKey| sent.get(key) != counted.get(key);
    let parent = |key: &PoolKey| PoolKey { service: ServiceId::other(), ..key.clone() };
    pools.into_iter().filter(|key| changed(key) || changed(&parent(key))).collect()
}

async fn ask<T: DeserializeOwned>(courier: &mut Courier, transport: &impl Transport, what: &str) -> Result<T, Step> {
    let path = format!("/rest/cx/v1/streams/{}/{what}", courier.origin.stream);
    let reply = transport.send(Request { path, headers: Vec::new(), body: None }).await;
    let reply = reply.map_err(|_| Step::Unreachable(None))?;
    courier.learn_time(reply.date);
    match reply.status {
        200 => serde_json::from_slice(&reply.body).map_err(|_| Step::Unreachable(None)),
        429 | 500.. => Err(Step::Unreachable(reply.retry_after)),
        status => Err(Step::Refused(status)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(service: &str, version: u32) -> PoolKey {
        let edition = gradimento_common::ids::Edition { questionnaire: "core".parse().unwrap(), version };
        PoolKey { service: service.parse().unwrap(), edition, assurance: gradimento_common::ids::Assurance::Open }
    }

    #[test]
    fn a_pool_is_kept_only_where_its_own_total_and_its_parents_are_what_was_sent() {
        let pools = || vec![key("a", 1), key("b", 1), key("c", 1), key("d", 2)];
        let sent = Totals::from([(key("a", 1), 10), (key("b", 1), 10)]);
        assert_eq!(superseded(pools(), &sent, &sent), []);
        let grown = Totals::from([(key("a", 1), 10), (key("b", 1), 20), (key("c", 1), 10)]);
        assert_eq!(superseded(pools(), &sent, &grown), [key("b", 1), key("c", 1)]);
        let merged = Totals::from([(key("a", 1), 10), (key("b", 1), 10), (key("other", 1), 10)]);
        assert_eq!(superseded(pools(), &sent, &merged), [key("a", 1), key("b", 1), key("c", 1)]);
        assert_eq!(
            superseded(pools(), &sent, &Totals::new()),
            [key("a", 1), key("b", 1)],
            "less there than sent: no risk is taken"
        );
    }
}
