//! What keeps a flood from drowning everybody else, without knowing who anybody is: for each service, how many answers are
//! usual, how many are taken at all, and what a proof of work must show meanwhile. Never a limit per address. Everything is in
//! memory, a few numbers for each service, and is forgotten at a restart.

mod bucket;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gradimento_common::ids::ServiceId;
use jiff::Timestamp;
use tokio::sync::{Semaphore, SemaphorePermit};

use bucket::Bucket;

/// How old a form is at least when its answer counts, in seconds: nobody reads a question and answers it faster.
pub const FORM_AGE_SECONDS_MIN: i64 = 1;
/// Early forms that wait for their age at once. Each holds a connection and a body of at most 32 kB: 8 MB together.
const EARLY_MAX: usize = 256;

/// Zero bits that a proof shows when a flood is first suspected: 16,384 hashes on average, under half a second on an old phone.
const DIFFICULTY_MIN: u32 = 14;
/// And at most: a million hashes, some seconds on a laptop. Harder, and old phones would be shut out, not floods.
const DIFFICULTY_MAX: u32 = 20;
/// How much harder it gets each time the proofs of a minute double: faster than they do, so that whoever buys twice as many
/// answers pays eight times as much.
const DIFFICULTY_STEP: u32 = 2;

/// How many open answers a service takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// In a busy minute. Above, a flood is suspected.
    pub usual_per_minute: u32,
    /// At all. Above, only those with a proof of work are taken at once.
    pub budget_per_minute: u32,
}

/// What the gate found at an open answer that it lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passage {
    /// Nothing out of the way, or a proof of work.
    Clear,
    /// It came during a suspected flood, without a proof of work.
    Suspected,
}

/// The budget is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exhausted {
    /// Answers that the service takes in a minute.
    pub budget_per_minute: u32,
    /// When there is room again, in seconds.
    pub retry_after_seconds: u64,
    /// Zero bits of a proof with which there is room now.
    pub difficulty: u32,
}

/// The gate of all services.
#[derive(Debug)]
pub struct Gate {
    rates: BTreeMap<ServiceId, Rates>,
    lanes: Mutex<BTreeMap<ServiceId, Lane>>,
    early: Semaphore,
}

/// What is known of a service's last minute.
#[derive(Debug)]
struct Lane {
    rates: Rates,
    usual: Bucket,
    budget: Bucket,
    /// Room for proofs at the present difficulty.
    proofs: Bucket,
    flooded: bool,
}

impl Default for Rates {
    /// 600: ten a second, ten times what the busiest service of the pilot gets. 600,000: what one thread of the listener reads,
    /// so that nobody is refused before the machine is at its end; an agency sets less.
    fn default() -> Self {
        Self { usual_per_minute: 600, budget_per_minute: 600_000 }
    }
}

impl Gate {
    /// A gate for these services; any other gets the defaults.
    #[must_use]
    pub fn new(rates: impl IntoIterator<Item = (ServiceId, Rates)>) -> Self {
        Self { rates: rates.into_iter().collect(), lanes: Mutex::default(), early: Semaphore::new(EARLY_MAX) }
    }

    /// Decides about an open answer. `solved` tells whether its proof of work has this many zero bits.
    ///
    /// # Errors
    /// Where the budget is used up and the proof does not make up for it.
    pub fn pass(&self, service: &ServiceId, now: Timestamp, solved: impl Fn(u32) -> bool) -> Result<Passage, Exhausted> {
        self.lane(service, now, |lane| lane.pass(now, solved))
    }

    /// Zero bits that a proof of work should show at present: 0 while nothing is suspected.
    pub fn difficulty(&self, service: &ServiceId, now: Timestamp) -> u32 {
        self.lane(service, now, |lane| if lane.look(now) { lane.difficulty(now) } else { 0 })
    }

    /// Whether a flood of this service is suspected.
    pub fn is_flooded(&self, service: &ServiceId, now: Timestamp) -> bool {
        self.lane(service, now, |lane| lane.look(now))
    }

    /// Waits until a form is old enough. `None` where too many wait already.
    pub async fn come_of_age(&self, age_seconds: i64) -> Option<()> {
        let missing = FORM_AGE_SECONDS_MIN.saturating_sub(age_seconds).clamp(0, FORM_AGE_SECONDS_MIN);
        if missing > 0 {
            let _place: SemaphorePermit<'_> = self.early.try_acquire().ok()?;
            tokio::time::sleep(Duration::from_secs(missing.unsigned_abs())).await;
        }
        Some(())
    }

    fn lane<T>(&self, service: &ServiceId, now: Timestamp, work: impl FnOnce(&mut Lane) -> T) -> T {
        // Numbers that a panic left behind are as good as any others.
        let mut lanes: MutexGuard<'_, _> = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lane) = lanes.get_mut(service) {
            return work(lane);
        }
        let rates = self.rates.get(service).copied().unwrap_or_default();
        work(lanes.entry(service.clone()).or_insert_with(|| Lane::new(rates, now)))
    }
}

impl Lane {
    fn new(rates: Rates, now: Timestamp) -> Self {
        let usual = Bucket::new(rates.usual_per_minute, now);
        Self { rates, usual, budget: Bucket::new(rates.budget_per_minute, now), proofs: usual, flooded: false }
    }

    fn pass(&mut self, now: Timestamp, solved: impl Fn(u32) -> bool) -> Result<Passage, Exhausted> {
        if !self.usual.take(now) {
            self.flooded = true;
        }
        if !self.look(now) {
            return self.pay(now, Passage::Clear);
        }
        // A proof that was begun before the last step up is still good.
        let difficulty = self.difficulty(now);
        if solved(difficulty.saturating_sub(DIFFICULTY_STEP).max(DIFFICULTY_MIN)) {
            self.proofs.overdraw(now);
            return Ok(Passage::Clear);
        }
        self.pay(now, Passage::Suspected)
    }

    fn pay(&mut self, now: Timestamp, passage: Passage) -> Result<Passage, Exhausted> {
        if self.budget.take(now) {
            return Ok(passage);
        }
        let (budget_per_minute, difficulty) = (self.rates.budget_per_minute, self.difficulty(now));
        Err(Exhausted { budget_per_minute, retry_after_seconds: self.budget.seconds_until_room(now), difficulty })
    }

    /// Whether a flood is suspected: from the moment when more than a minute's usual answers have come, until half of a
    /// minute's have stayed away.
    fn look(&mut self, now: Timestamp) -> bool {
        if self.flooded && self.usual.is_half_full(now) {
            self.flooded = false;
        }
        self.flooded
    }

    fn difficulty(&mut self, now: Timestamp) -> u32 {
        let doublings = (1 + self.proofs.minutes_owed(now)).ilog2();
        (DIFFICULTY_MIN + DIFFICULTY_STEP * doublings).min(DIFFICULTY_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    const RATES: Rates = Rates { usual_per_minute: 60, budget_per_minute: 120 };

    fn start() -> (Gate, ServiceId, Timestamp) {
        let service: ServiceId = "a".parse().unwrap();
        (Gate::new([(service.clone(), RATES)]), service, "2026-11-24T10:00:00Z".parse().unwrap())
    }

    #[test]
    fn usual_numbers_pass_and_more_are_suspected_and_too_many_refused() {
        let (gate, service, now) = start();
        let passed: Vec<_> = (0..121).map(|_| gate.pass(&service, now, |_| false)).collect();
        assert!(passed[..60].iter().all(|passed| *passed == Ok(Passage::Clear)));
        assert!(passed[60..120].iter().all(|passed| *passed == Ok(Passage::Suspected)));
        let refused = passed[120].unwrap_err();
        assert_eq!((refused.budget_per_minute, refused.difficulty), (120, DIFFICULTY_MIN));
        let later = now + SignedDuration::from_secs(refused.retry_after_seconds.cast_signed());
        assert_eq!(gate.pass(&service, later, |_| false), Ok(Passage::Suspected));
        let other: ServiceId = "b".parse().unwrap();
        assert_eq!(gate.pass(&other, now, |_| false), Ok(Passage::Clear), "each service has its own");
    }

    #[test]
    fn a_flood_is_over_when_half_of_a_usual_minute_has_stayed_away() {
        let (gate, service, now) = start();
        assert_eq!(gate.difficulty(&service, now), 0);
        (0..200).for_each(|_| _ = gate.pass(&service, now, |_| false));
        let at = |seconds| now + SignedDuration::from_secs(seconds);
        assert!(gate.is_flooded(&service, at(29)) && gate.difficulty(&service, at(29)) > 0);
        assert!(!gate.is_flooded(&service, at(30)) && gate.difficulty(&service, at(30)) == 0);
    }

    #[test]
    fn a_proof_passes_whatever_the_budget_and_many_proofs_make_the_next_ones_dearer() {
        let (gate, service, now) = start();
        (0..200).for_each(|_| _ = gate.pass(&service, now, |_| false));
        let mut asked = Vec::new();
        for _ in 0..500 {
            asked.push(gate.difficulty(&service, now));
            assert_eq!(gate.pass(&service, now, |_| true), Ok(Passage::Clear));
        }
        assert!(asked.is_sorted() && asked[0] == DIFFICULTY_MIN && asked[499] == DIFFICULTY_MIN + 6, "{asked:?}");
        (0..50_000).for_each(|_| _ = gate.pass(&service, now, |_| true));
        assert_eq!(gate.difficulty(&service, now), DIFFICULTY_MAX);
        // Nobody makes it dearer for others without having paid.
        let (gate, service, now) = start();
        (0..50_000).for_each(|_| _ = gate.pass(&service, now, |_| false));
        assert_eq!(gate.difficulty(&service, now), DIFFICULTY_MIN);
    }
}
