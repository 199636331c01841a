//! A token bucket in whole numbers: room for a minute's answers, refilled evenly. It may be overdrawn where a debt is what is
//! measured.

use jiff::Timestamp;

/// What one answer costs. A bucket gains its rate per minute, in these units, each millisecond.
const COST: i64 = 60_000;

/// Room for answers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bucket {
    per_minute: i64,
    /// In units of [`COST`]; below nought, a debt.
    level: i64,
    at_ms: i64,
}

impl Bucket {
    /// A full one.
    pub(super) fn new(per_minute: u32, now: Timestamp) -> Self {
        let per_minute = i64::from(per_minute.max(1));
        Self { per_minute, level: per_minute * COST, at_ms: now.as_millisecond() }
    }

    /// Takes room for one answer, where there is some.
    pub(super) fn take(&mut self, now: Timestamp) -> bool {
        self.refill(now);
        let enough = self.level >= COST;
        if enough {
            self.level -= COST;
        }
        enough
    }

    /// Takes room for one answer, on credit where there is none.
    pub(super) fn overdraw(&mut self, now: Timestamp) {
        self.refill(now);
        self.level = self.level.saturating_sub(COST);
    }

    pub(super) fn is_half_full(&mut self, now: Timestamp) -> bool {
        self.refill(now);
        self.level >= self.capacity() / 2
    }

    /// Whole minutes' worth of answers that are missing from a full bucket.
    pub(super) fn minutes_owed(&mut self, now: Timestamp) -> u32 {
        self.refill(now);
        u32::try_from((self.capacity() - self.level) / self.capacity()).unwrap_or(u32::MAX - 1)
    }

    /// Seconds until there is room for one more, rounded up; at least one.
    pub(super) fn seconds_until_room(&mut self, now: Timestamp) -> u64 {
        self.refill(now);
        let missing_ms = (COST - self.level).max(0) / self.per_minute;
        missing_ms.unsigned_abs() / 1_000 + 1
    }

    fn capacity(&self) -> i64 {
        self.per_minute * COST
    }

    /// A clock that went back gives nothing and takes nothing.
    fn refill(&mut self, now: Timestamp) {
        let now_ms = now.as_millisecond();
        let gained = now_ms.saturating_sub(self.at_ms).max(0).saturating_mul(self.per_minute);
        self.level = self.level.saturating_add(gained).min(self.capacity());
        self.at_ms = now_ms;
    }
}
