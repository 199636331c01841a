//! When responses may leave the agency. The decision looks at counts and the clock, never at answers: a rule that looks
//! at answers leaks them. The types see to it, for nothing in this module can reach an answer.

pub mod fraction;
pub mod noise;

use std::fmt;

use rand::Rng;
use rand::seq::index;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use thiserror::Error;

use self::fraction::Fraction;
use self::noise::EPSILON_MAX;
use crate::calendar::Month;
use crate::ids::{Assurance, Edition, ServiceId};

/// The smallest k that either end accepts, whatever a policy says. Italian statistical law sets the floor of a published
/// cell at 3 (Regole deontologiche SISTAN, art. 5); 5 leaves a margin for people who know their own answer.
pub const K_FLOOR: u32 = 5;
/// The k of a policy that does not say otherwise.
pub const K_DEFAULT: u32 = 10;
/// The r of a policy that does not say otherwise.
pub const R_DEFAULT: u32 = 2;

/// The rule under which pools are sealed. Set by the aggregator; an agency may raise its numbers, never lower them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawPolicy")]
pub struct Policy {
    version: u32,
    k: u32,
    r: u32,
    #[serde(skip_serializing_if = "is_default")]
    epsilon: Fraction,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPolicy {
    version: u32,
    k: u32,
    r: u32,
    #[serde(default = "epsilon_default", deserialize_with = "unusual")]
    epsilon: Fraction,
}

/// The epsilon of a policy that does not say otherwise: 1, of which e^1 = 2.7 follows.
fn epsilon_default() -> Fraction {
    Fraction::ONE
}

fn is_default(epsilon: &Fraction) -> bool {
    *epsilon == epsilon_default()
}

/// What is archived as it came has one spelling: the default is not written.
fn unusual<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Fraction, D::Error> {
    let epsilon = Fraction::deserialize(deserializer)?;
    if is_default(&epsilon) { Err(D::Error::custom("an epsilon of 1 is not written")) } else { Ok(epsilon) }
}

/// A policy that would publish too much about each person.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PolicyTooWeak {
    /// Too little company.
    #[error("k is {0}, under the floor of {K_FLOOR}")]
    K(u32),
    /// Too little noise.
    #[error("epsilon is {0}, over {EPSILON_MAX}")]
    Epsilon(Fraction),
}

impl Policy {
    /// A policy: at least `k` people in a batch, `r` held back at each seal.
    ///
    /// # Errors
    /// Where `k` is under [`K_FLOOR`].
    pub fn new(version: u32, k: u32, r: u32) -> Result<Self, PolicyTooWeak> {
        if k < K_FLOOR { Err(PolicyTooWeak::K(k)) } else { Ok(Self { version, k, r, epsilon: epsilon_default() }) }
    }

    /// A policy whose k is raised to [`K_FLOOR`] where it is lower: for numbers that have been checked already.
    #[must_use]
    pub fn at_least_floor(version: u32, k: u32, r: u32) -> Self {
        Self { version, k: k.max(K_FLOOR), r, epsilon: epsilon_default() }
    }

    /// The same policy with another privacy budget.
    ///
    /// # Errors
    /// Where `epsilon` is over [`EPSILON_MAX`].
    pub fn with_epsilon(self, epsilon: Fraction) -> Result<Self, PolicyTooWeak> {
        if epsilon.exceeds(EPSILON_MAX) { Err(PolicyTooWeak::Epsilon(epsilon)) } else { Ok(Self { epsilon, ..self }) }
    }

    /// Number of the policy, from 1.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Smallest number of people in a batch.
    #[must_use]
    pub fn k(&self) -> u32 {
        self.k
    }

    /// Responses held back at random at each seal, so that nobody knows whether the last arrival is in the batch.
    #[must_use]
    pub fn r(&self) -> u32 {
        self.r
    }

    /// The privacy budget of one service and month for its breakdowns, and of a sensitive service's response for its batch.
    #[must_use]
    pub fn epsilon(&self) -> Fraction {
        self.epsilon
    }

    /// The same policy with the agency's own numbers where they are stricter.
    #[must_use]
    pub fn raised_to(self, k: u32, r: u32) -> Self {
        Self { k: self.k.max(k), r: self.r.max(r), ..self }
    }

    /// Whether it protects people as much as another does: as many in a batch, as many held back, as much noise.
    #[must_use]
    pub fn is_as_strict_as(&self, other: &Self) -> bool {
        self.k >= other.k && self.r >= other.r && self.epsilon <= other.epsilon
    }

    /// Whether so many responses may leave: k, and r more to hold back.
    #[must_use]
    pub fn permits(&self, responses: u64) -> bool {
        responses >= u64::from(self.k) + u64::from(self.r)
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { version, k, r, epsilon } = self;
        write!(formatter, "policy {version} (k = {k}, r = {r}, epsilon = {epsilon})")
    }
}

impl TryFrom<RawPolicy> for Policy {
    type Error = PolicyTooWeak;
    fn try_from(raw: RawPolicy) -> Result<Self, PolicyTooWeak> {
        Self::new(raw.version, raw.k, raw.r)?.with_epsilon(raw.epsilon)
    }
}

/// Which responses may be counted together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PoolKey {
    /// The service that was answered about.
    pub service: ServiceId,
    /// What was asked.
    pub edition: Edition,
    /// How the answers came.
    pub assurance: Assurance,
}

/// How many responses wait under one key, and of these how many belong to a month that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolSize {
    /// Which pool.
    pub key: PoolKey,
    /// All that wait.
    pub waiting: u64,
    /// Those of a closed reference month.
    pub of_closed_months: u64,
}

/// One batch to be made: what it is called, and the pools that it is drawn from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealOrder {
    /// The service under which the batch will stand.
    pub service: ServiceId,
    /// The pools that are emptied into it, but for the responses held back.
    pub pools: Vec<PoolKey>,
    /// Which responses of those pools take part.
    pub reach: Reach,
}

/// Which responses of a pool take part in a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// All that wait.
    All,
    /// Those of days before this month: the roll-up at the close of a month.
    Before(Month),
}

/// What is to be sealed at a boundary in `month`. Deterministic; a pool is named in one order at most.
#[must_use]
pub fn plan(pools: &[PoolSize], month: Month, policy: &Policy) -> Vec<SealOrder> {
    let (ready, small): (Vec<_>, Vec<_>) = pools.iter().partition(|pool| policy.permits(pool.waiting));
    let own = ready.into_iter().map(|pool| SealOrder {
        service: pool.key.service.clone(),
        pools: vec![pool.key.clone()],
        reach: Reach::All,
    });
    own.chain(roll_up(&small, month, policy)).collect()
}

fn roll_up(small: &[&PoolSize], month: Month, policy: &Policy) -> Vec<SealOrder> {
    let mut parents = std::collections::BTreeMap::<_, (u64, Vec<PoolKey>)>::new();
    for pool in small.iter().filter(|pool| pool.of_closed_months > 0) {
        let parent = parents.entry((pool.key.edition.clone(), pool.key.assurance)).or_default();
        parent.0 += pool.of_closed_months;
        parent.1.push(pool.key.clone());
    }
    let ready = parents.into_values().filter(|(waiting, _)| policy.permits(*waiting));
    ready.map(|(_, pools)| SealOrder { service: ServiceId::other(), pools, reach: Reach::Before(month) }).collect()
}

/// Takes `r` members out of `members` uniformly at random and drops them: they wait for the next boundary.
pub fn hold_back<T>(members: &mut Vec<T>, policy: &Policy, rng: &mut impl Rng) {
    let r = (policy.r as usize).min(members.len());
    let mut held: Vec<usize> = index::sample(rng, members.len(), r).into_vec();
    held.sort_unstable_by(|a, b| b.cmp(a));
    for position in held {
        members.swap_remove(position);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    fn key(service: u8, assurance: Assurance) -> PoolKey {
        let edition = Edition { questionnaire: "core".parse().unwrap(), version: 1 };
        PoolKey { service: format!("s{service}").parse().unwrap(), edition, assurance }
    }

    fn month() -> Month {
        "2026-11".parse().unwrap()
    }

    fn pool(service: u8, waiting: u64, of_closed_months: u64) -> PoolSize {
        PoolSize { key: key(service, Assurance::Open), waiting, of_closed_months }
    }

    #[test]
    fn a_pool_waits_until_k_and_r_are_there() {
        let policy = Policy::new(1, 10, 2).unwrap();
        assert!(plan(&[pool(1, 11, 0)], month(), &policy).is_empty());
        let orders = plan(&[pool(1, 12, 0)], month(), &policy);
        assert_eq!(
            orders,
            [SealOrder { service: "s1".parse().unwrap(), pools: vec![key(1, Assurance::Open)], reach: Reach::All }]
        );
    }

    #[test]
    fn at_the_close_of_a_month_small_pools_merge_only_where_the_parent_is_large_enough() {
        let policy = Policy::new(1, 10, 2).unwrap();
        assert!(plan(&[pool(1, 6, 6), pool(2, 5, 5)], month(), &policy).is_empty());
        assert!(plan(&[pool(1, 6, 6), pool(2, 6, 5)], month(), &policy).is_empty());
        let orders = plan(&[pool(1, 6, 6), pool(2, 7, 6)], month(), &policy);
        assert_eq!(orders.len(), 1);
        assert!(orders[0].service.is_other());
        assert_eq!(orders[0].reach, Reach::Before(month()));
        assert_eq!(orders[0].pools.len(), 2);
    }

    #[test]
    fn ticketed_and_open_pools_never_merge() {
        let policy = Policy::new(1, 10, 2).unwrap();
        let ticketed = PoolSize { key: key(2, Assurance::Ticketed), waiting: 9, of_closed_months: 9 };
        assert!(plan(&[pool(1, 9, 9), ticketed], month(), &policy).is_empty());
    }

    #[test]
    fn a_policy_below_the_floor_cannot_exist() {
        assert!(Policy::new(1, 4, 2).is_err());
        assert!(serde_json::from_str::<Policy>(r#"{"version":1,"k":4,"r":2}"#).is_err());
        let policy = Policy::new(1, 10, 2).unwrap();
        assert_eq!(policy.raised_to(5, 0), policy);
        assert_eq!(policy.raised_to(20, 3).k(), 20);
    }

    #[test]
    fn a_policy_has_a_budget_that_has_a_ceiling() {
        let read = |text: &str| serde_json::from_str::<Policy>(text);
        assert_eq!(read(r#"{"version":1,"k":10,"r":2}"#).unwrap().epsilon(), Fraction::ONE);
        let half = read(r#"{"version":1,"k":10,"r":2,"epsilon":"1/2"}"#).unwrap();
        assert_eq!(half.epsilon().to_string(), "1/2");
        assert_eq!(half.raised_to(20, 3).epsilon(), half.epsilon());
        assert_eq!(serde_json::to_value(half).unwrap()["epsilon"], "1/2");
        for wrong in ["\"5/2\"", "\"1\"", "null", "0.5"] {
            assert!(read(&format!(r#"{{"version":1,"k":10,"r":2,"epsilon":{wrong}}}"#)).is_err(), "{wrong}");
        }
        let plain = r#"{"version":1,"k":10,"r":2}"#;
        assert_eq!(serde_json::to_string(&read(plain).unwrap()).unwrap(), plain);
    }

    proptest! {
        #[test]
        fn no_pool_is_named_twice_and_every_order_keeps_k(sizes in prop::collection::vec((0u64..40, 0u64..40), 1..12), k in 5u32..15, r in 0u32..4) {
            let policy = Policy::new(1, k, r).unwrap();
            let pools: Vec<_> = sizes.iter().enumerate().map(|(i, (w, c))| pool(i as u8, *w, *c.min(w))).collect();
            let orders = plan(&pools, month(), &policy);
            let mut named: Vec<_> = orders.iter().flat_map(|o| &o.pools).collect();
            let count = named.len();
            named.sort_unstable();
            named.dedup();
            prop_assert_eq!(named.len(), count);
            for order in orders {
                let reach = |p: &PoolSize| if order.reach == Reach::All { p.waiting } else { p.of_closed_months };
                let total: u64 = pools.iter().filter(|p| order.pools.contains(&p.key)).map(reach).sum();
                prop_assert!(total - u64::from(r) >= u64::from(k));
            }
        }

        #[test]
        fn holding_back_keeps_the_rest_whole(n in 0usize..60, seed: u64) {
            let policy = Policy::new(1, 10, 2).unwrap();
            let mut members: Vec<usize> = (0..n).collect();
            hold_back(&mut members, &policy, &mut StdRng::seed_from_u64(seed));
            prop_assert_eq!(members.len(), n.saturating_sub(2));
            members.sort_unstable();
            members.dedup();
            prop_assert_eq!(members.len(), n.saturating_sub(2));
        }
    }

    #[test]
    fn everybody_is_held_back_equally_often() {
        let policy = Policy::new(1, 10, 2).unwrap();
        let mut rng = StdRng::seed_from_u64(7);
        let mut kept = [0u32; 12];
        for _ in 0..6_000 {
            let mut members: Vec<usize> = (0..12).collect();
            hold_back(&mut members, &policy, &mut rng);
            members.into_iter().for_each(|m| kept[m] += 1);
        }
        // 5,000 expected, standard deviation sqrt(6000 * 5/6 * 1/6) = 29; five of them either way.
        assert!(kept.iter().all(|n| (4_855..=5_145).contains(n)), "{kept:?}");
    }
}
