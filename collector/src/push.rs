//! Sends what stands in the outbox, in order, until the aggregator has given a receipt for it. One step sends one message
//! and says what happened; the loop around it waits as long as that calls for, and never gives up.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use awc::http::StatusCode;
use gradimento_common::clock::Clock;
use gradimento_common::ids::StreamId;
use gradimento_common::jose::{SealPublicKey, Signer};
use gradimento_common::limits::{CLOCK_LEEWAY_SECONDS, REPLY_BYTES_MAX};
use gradimento_common::message::Position;
use gradimento_common::modi::{BodyDigest, CONTENT_TYPE, sign};
use gradimento_common::problem::ProblemType;
use gradimento_common::receipt::{Receipt, ReceiptReply};
use jiff::{SignedDuration, Timestamp};
use rand::Rng;
use serde::Deserialize;
use std::sync::Arc;

use crate::store::outbox::{self, Pending};
use crate::store::{Store, StoreError};

/// Shortest wait after a failure.
const RETRY_MIN: Duration = Duration::from_secs(1);
/// Longest wait after a failure: an aggregator that was down for a day is not met by everybody at once.
const RETRY_MAX: Duration = Duration::from_secs(15 * 60);

/// Where messages go, and with what they are signed and receipts are verified.
pub struct Courier {
    /// `https://host:port/rest/cx/v1/messages`.
    pub url: String,
    /// The `aud` of every token.
    pub audience: String,
    /// Our stream.
    pub stream: StreamId,
    /// Its present epoch.
    pub epoch: u32,
    /// Our seal.
    pub signer: Signer,
    /// The key under which receipts are signed.
    pub aggregator: SealPublicKey,
    /// The machine's clock.
    pub clock: Arc<dyn Clock>,
    /// By how many seconds the aggregator's clock is ahead of ours, as its last reply told.
    pub server_ahead: AtomicI64,
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
    /// The aggregator cannot be reached, or not now; after this long if it said so.
    Unreachable(Option<Duration>),
    /// The aggregator refused who we are, or the place in the stream: renewal or a person must help.
    Refused(u16),
    /// The aggregator refused the message itself; it is set aside, and a person must look.
    Quarantined(u16),
}

#[derive(Deserialize)]
struct ProblemDocument {
    #[serde(rename = "type")]
    uri: String,
}

impl Courier {
    /// Sends the next message.
    ///
    /// # Errors
    /// Where our own store fails.
    pub async fn step(&self, client: &awc::Client, store: &Store, rng: &mut impl Rng) -> Result<Step, StoreError> {
        let Some(pending) = store.read(|connection| outbox::next(connection, self.epoch, 1))? else { return Ok(Step::Idle) };
        let mut jti = [0; 16];
        rng.fill_bytes(&mut jti);
        let headers = sign(&pending.body, &self.audience, self.server_time(), jti, &self.signer);
        let headers = headers.map_err(|_| StoreError::Contradiction("a message could not be signed"))?;
        let request = client
            .post(&self.url)
            .insert_header(("Content-Type", CONTENT_TYPE))
            .insert_header(("Authorization", headers.authorization))
            .insert_header(("Digest", headers.digest))
            .insert_header(("Agid-JWT-Signature", headers.signature));
        let Ok(mut reply) = request.send_body(pending.body.clone()).await else { return Ok(Step::Unreachable(None)) };
        let skew = self.learn_time(header(&reply, "Date"));
        let retry_after = header(&reply, "Retry-After").and_then(|seconds| seconds.parse().ok()).map(Duration::from_secs);
        let Ok(body) = reply.body().limit(REPLY_BYTES_MAX).await else { return Ok(Step::Unreachable(None)) };
        match reply.status() {
            StatusCode::OK | StatusCode::CREATED => self.keep_receipt(store, pending, &body).await,
            status if status.is_server_error() => Ok(Step::Unreachable(retry_after)),
            status => self.refused(store, pending, status.as_u16(), &body, skew).await,
        }
    }

    async fn keep_receipt(&self, store: &Store, pending: Pending, body: &[u8]) -> Result<Step, StoreError> {
        let position = Position { stream: self.stream, epoch: pending.epoch, sequence: pending.sequence };
        let reply: Option<ReceiptReply> = serde_json::from_slice(body).ok();
        let receipt = reply
            .map(|reply| reply.receipt)
            .filter(|receipt| Receipt::verify(receipt, &self.aggregator, position, BodyDigest::of(&pending.body)).is_ok());
        let Some(receipt) = receipt else {
            tracing::error!(message.sequence = pending.sequence, "the reply carries no valid receipt; the message stays");
            return Ok(Step::Unreachable(None));
        };
        store.write(move |tx| outbox::keep_receipt(tx, pending.epoch, pending.sequence, &receipt)).await?;
        Ok(Step::Delivered)
    }

    async fn refused(&self, store: &Store, pending: Pending, status: u16, body: &[u8], skew: i64) -> Result<Step, StoreError> {
        let problem: Option<ProblemDocument> = serde_json::from_slice(body).ok();
        let kind = problem.and_then(|problem| ProblemType::from_uri(&problem.uri));
        let untimely = matches!(kind, Some(ProblemType::TokenExpired | ProblemType::TokenNotYetValid));
        if untimely && skew.abs() > CLOCK_LEEWAY_SECONDS {
            tracing::warn!(clock.server_ahead_seconds = skew, "this machine's clock is off; the server's time is used");
            return Ok(Step::ClockCorrected);
        }
        tracing::error!(message.sequence = pending.sequence, status, kind = kind.map(ProblemType::slug), "refused");
        if !matches!(status, 413 | 422) {
            return Ok(Step::Refused(status));
        }
        let why = kind.map_or("unknown", ProblemType::slug);
        store.write(move |tx| outbox::quarantine(tx, pending.epoch, pending.sequence, why)).await?;
        Ok(Step::Quarantined(status))
    }

    fn server_time(&self) -> Timestamp {
        let ahead = SignedDuration::from_secs(self.server_ahead.load(Ordering::Relaxed));
        self.clock.now().saturating_add(ahead).unwrap_or(Timestamp::MAX)
    }

    /// Keeps how far the server's clock is ahead, in seconds, where the reply tells it; yields what is known now.
    fn learn_time(&self, date: Option<&str>) -> i64 {
        let server = date.and_then(|date| jiff::fmt::rfc2822::parse(date).ok());
        if let Some(server) = server {
            let ahead = server.timestamp().as_second() - self.clock.now().as_second();
            self.server_ahead.store(ahead, Ordering::Relaxed);
        }
        self.server_ahead.load(Ordering::Relaxed)
    }
}

fn header<'a, S>(reply: &'a awc::ClientResponse<S>, name: &str) -> Option<&'a str> {
    reply.headers().get(name).and_then(|value| value.to_str().ok())
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
