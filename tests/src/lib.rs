//! The harness: an aggregator and collectors as real servers on loopback, with real certificates, real TLS between them and
//! real database files. Sealing and sending happen when a test says so.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use gradimento_collector::clock::SystemClock;
use gradimento_common::clock::Clock;
use jiff::{SignedDuration, Timestamp};

mod aggregator;
mod collector;
mod port;

pub use aggregator::Aggregator;
pub use collector::{Collector, number};
pub use port::free_address;

/// The machine's clock, off by as much as a test says. `Clone` gives another hand on the same clock.
#[derive(Debug, Clone, Default)]
pub struct SkewedClock(Arc<AtomicI64>);

impl SkewedClock {
    /// Off by `skew`, in whole seconds.
    #[must_use]
    pub fn off_by(skew: SignedDuration) -> Self {
        Self(Arc::new(AtomicI64::new(skew.as_secs())))
    }

    /// From now on off by `skew`.
    pub fn set(&self, skew: SignedDuration) {
        self.0.store(skew.as_secs(), Ordering::SeqCst);
    }
}

impl Clock for SkewedClock {
    fn now(&self) -> Timestamp {
        SystemClock.now() + SignedDuration::from_secs(self.0.load(Ordering::SeqCst))
    }
}
