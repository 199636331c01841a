//! Sends what stands in the outbox, in order, until the aggregator has given a receipt for it. One step sends one message
//! and says what happened; the loop around it waits as long as that calls for, and never gives up.

use std::sync::Arc;
use std::time::Duration;

use gradimento_common::clock::Clock;
use gradimento_common::jose::{SealPublicKey, Signer, TokenFault};
use gradimento_common::limits::CLOCK_LEEWAY_SECONDS;
use gradimento_common::message::{Head, Position};
use gradimento_common::modi::{BodyDigest, CONTENT_TYPE, sign};
use gradimento_common::problem::ProblemType;
use gradimento_common::receipt::{Receipt, ReceiptReply};
use jiff::{SignedDuration, Timestamp};
use rand::Rng;
use serde::Deserialize;

use crate::store::outbox::{self, Origin, Pending};
use crate::store::{Store, StoreError, resume};
use crate::wire::{Reply, Request, Transport};

/// Shortest wait after a failure.
const RETRY_MIN: Duration = Duration::from_secs(1);
/// Longest wait after a failure: an aggregator that was down for a day is not met by everybody at once.
pub const RETRY_MAX: Duration = Duration::from_secs(15 * 60);
const PATH: &str = "/rest/cx/v1/messages";

/// With what messages are signed and receipts are verified.
pub struct Courier {
    /// Whose messages these are.
    pub origin: Origin,
    /// The `aud` of every token.
    pub audience: String,
    /// Our seal; replaced at each renewal.
    pub signer: Signer,
    /// The key under which receipts are signed.
    pub aggregator: SealPublicKey,
    /// The machine's clock.
    pub clock: Arc<dyn Clock>,
    /// By how many seconds the aggregator's clock is ahead of ours, as its last reply told.
    pub server_ahead: i64,
}

/// What one step came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Nothing waits.
    Idle,
    /// A message has its receipt.
    Delivered,
    /// Our clock was off; the next attempt uses the server's time.
    ClockCorrected,
    /// The aggregator has lost messages that it gave receipts for; they will be sent again, from this number.
    Resumed(u64),
    /// The aggregator has begun a later epoch without this message, and will never take it: unless this collector is being
    /// restored, another installation speaks in its place, and a person must help.
    Superseded,
    /// A restored collector is one step further on its way into a new epoch.
    Restoring,
    /// The aggregator cannot be reached, or not now; after this long if it said so.
    Unreachable(Option<Duration>),
    /// The aggregator refused who we are, or the place in the stream: renewal or a person must help.
    Refused(u16),
    /// The aggregator refused the message itself. It keeps its place, is tried again from time to time, and a person must look.
    Quarantined(u16),
}

impl Step {
    /// The word for metrics.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Delivered => "delivered",
            Self::ClockCorrected => "clock_corrected",
            Self::Resumed(_) => "resumed",
            Self::Superseded => "superseded",
            Self::Restoring => "restoring",
            Self::Unreachable(_) => "unreachable",
            Self::Refused(_) => "refused",
            Self::Quarantined(_) => "quarantined",
        }
    }
}

/// A refusal as far as the courier reads it.
#[derive(Deserialize)]
struct ProblemDocument {
    #[serde(rename = "type")]
    uri: String,
    epoch: Option<u32>,
    expected_sequence: Option<u64>,
    previous: Option<BodyDigest>,
}

impl ProblemDocument {
    fn kind(&self) -> Option<ProblemType> {
        ProblemType::from_uri(&self.uri)
    }

    /// Where a gap ends, as the aggregator knows it.
    fn head(&self) -> Option<Head> {
        Some(Head { epoch: self.epoch?, expected_sequence: self.expected_sequence?, previous: self.previous })
    }
}

impl Courier {
    /// Sends the next message.
    ///
    /// # Errors
    /// Where our own store fails.
    pub async fn step(&mut self, transport: &impl Transport, store: &Store, rng: &mut impl Rng) -> Result<Step, StoreError> {
        let Some(pending) = store.read(outbox::next)? else { return Ok(Step::Idle) };
        self.deliver(transport, store, pending, rng).await
    }

    /// Sends one message, whether or not it has a receipt already: the same bytes get the same receipt again.
    ///
    /// # Errors
    /// Where our own store fails.
    pub async fn deliver(
        &mut self,
        transport: &impl Transport,
        store: &Store,
        pending: Pending,
        rng: &mut impl Rng,
    ) -> Result<Step, StoreError> {
        let request = self.signed(PATH, &pending.body, rng);
        let request = request.map_err(|_| StoreError::Contradiction("a message could not be signed"))?;
        let Ok(reply) = transport.send(request).await else { return Ok(Step::Unreachable(None)) };
        self.learn_time(reply.date);
        match reply.status {
            200 | 201 => self.keep_receipt(store, pending, &reply.body).await,
            429 | 500.. => Ok(Step::Unreachable(reply.retry_after)),
            _ => self.refused(store, pending, &reply).await,
        }
    }

    /// A request that carries `body` under our seal, by the server's time.
    ///
    /// # Errors
    /// Where the system has no randomness for the signature.
    pub fn signed(&self, path: &str, body: &[u8], rng: &mut impl Rng) -> Result<Request, TokenFault> {
        let mut jti = [0; 16];
        rng.fill_bytes(&mut jti);
        let headers = sign(body, &self.audience, self.server_time(), jti, &self.signer)?;
        let headers = vec![
            ("Content-Type", CONTENT_TYPE.to_owned()),
            ("Authorization", headers.authorization),
            ("Digest", headers.digest),
            ("Agid-JWT-Signature", headers.signature),
        ];
        Ok(Request { path: path.to_owned(), headers, body: Some(body.to_vec()) })
    }

    async fn keep_receipt(&self, store: &Store, pending: Pending, body: &[u8]) -> Result<Step, StoreError> {
        let Pending { epoch, sequence, body: sent, .. } = pending;
        let position = Position { stream: self.origin.stream, epoch, sequence };
        let reply: Option<ReceiptReply> = serde_json::from_slice(body).ok();
        let receipt = reply
            .map(|reply| reply.receipt)
            .filter(|receipt| Receipt::verify(receipt, &self.aggregator, position, BodyDigest::of(&sent)).is_ok());
        let Some(receipt) = receipt else {
            tracing::error!(message.sequence = sequence, "the reply carries no valid receipt; the message stays");
            return Ok(Step::Unreachable(None));
        };
        store.write(move |tx| outbox::keep_receipt(tx, epoch, sequence, &receipt)).await?;
        Ok(Step::Delivered)
    }

    async fn refused(&self, store: &Store, pending: Pending, reply: &Reply) -> Result<Step, StoreError> {
        let problem: Option<ProblemDocument> = serde_json::from_slice(&reply.body).ok();
        let kind = problem.as_ref().and_then(ProblemDocument::kind);
        let untimely = matches!(kind, Some(ProblemType::TokenExpired | ProblemType::TokenNotYetValid));
        if untimely && self.server_ahead.abs() > CLOCK_LEEWAY_SECONDS {
            tracing::warn!(
                clock.server_ahead_seconds = self.server_ahead,
                "this machine's clock is off; the server's time is used"
            );
            return Ok(Step::ClockCorrected);
        }
        if kind == Some(ProblemType::SequenceGap)
            && let Some(head) = problem.and_then(|problem| problem.head())
        {
            if head.epoch > pending.epoch {
                let Pending { epoch, sequence, .. } = pending;
                tracing::error!(
                    epoch,
                    message.sequence = sequence,
                    opened = head.epoch,
                    "a later epoch was opened without this"
                );
                return Ok(Step::Superseded);
            }
            if store.write(move |tx| resume::resume(tx, &head)).await? {
                let from = head.expected_sequence;
                tracing::warn!(message.sequence = from, "the aggregator has lost messages from there on; they are sent again");
                return Ok(Step::Resumed(from));
            }
        }
        let (status, slug) = (reply.status, kind.map_or("unknown", ProblemType::slug));
        tracing::error!(message.sequence = pending.sequence, status, problem = slug, "refused");
        if !matches!(status, 413 | 422) {
            return Ok(Step::Refused(status));
        }
        let Pending { epoch, sequence, .. } = pending;
        store.write(move |tx| outbox::quarantine(tx, epoch, sequence, slug)).await?;
        Ok(Step::Quarantined(status))
    }

    /// The aggregator's time, as far as its last reply told it.
    #[must_use]
    pub fn server_time(&self) -> Timestamp {
        self.clock.now().saturating_add(SignedDuration::from_secs(self.server_ahead)).unwrap_or(Timestamp::MAX)
    }

    pub(crate) fn learn_time(&mut self, server: Option<Timestamp>) {
        if let Some(server) = server {
            self.server_ahead = server.as_second() - self.clock.now().as_second();
        }
    }
}

/// How long to wait after the `failures`th failure in a row: anything up to twice as long each time ("full jitter"), and never
/// less than the server asked for.
pub fn backoff(failures: u32, asked: Option<Duration>, rng: &mut impl Rng) -> Duration {
    let ceiling = RETRY_MIN.saturating_mul(2u32.saturating_pow(failures.min(16))).min(RETRY_MAX);
    let millis = rng.next_u64() % u64::try_from(ceiling.as_millis()).unwrap_or(u64::MAX).max(1);
    Duration::from_millis(millis).max(RETRY_MIN).max(asked.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    #[test]
    fn waiting_grows_to_a_quarter_of_an_hour_and_honours_the_server() {
        let mut rng = StdRng::seed_from_u64(1);
        let longest = |failures, rng: &mut StdRng| (0..500).map(|_| backoff(failures, None, rng)).max().unwrap();
        assert!(longest(1, &mut rng) <= Duration::from_secs(2));
        let late = longest(40, &mut rng);
        assert!(late <= RETRY_MAX && late > RETRY_MAX / 2);
        assert_eq!(backoff(0, Some(Duration::from_secs(90)), &mut rng), Duration::from_secs(90));
    }
}
