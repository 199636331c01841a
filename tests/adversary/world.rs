//! Agencies without disk and wire: pools of people, sealed by the real rules of `disclosure`, and everything that is published about
//! them, as somebody sees it who looks after every boundary.

use std::collections::BTreeMap;

use gradimento_collector::epoch::superseded;
use gradimento_collector::store::sent::Totals;
use gradimento_common::calendar::Month;
use gradimento_common::disclosure::{Policy, PoolKey, PoolSize, Reach, SealOrder, hold_back, plan};
use gradimento_common::ids::ServiceId;
use rand::rngs::StdRng;

use crate::attack::{Person, Release};

/// How the agencies work. All but the first are mistakes that others have made, and show that the adversary finds them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Practice {
    /// As it is built.
    Designed,
    /// Totals under k are left out, larger ones shown; nobody waits.
    SuppressSmallCells,
    /// Public pages show the answers that came, not those that were sealed.
    LiveTallies,
    /// What came out of a backup is sealed again, though it was sent since.
    RestoreWithoutEpoch,
    /// After a restore the totals of services are compared with the aggregator's, but not that of their parent `other`.
    RestoreForgettingTheParent,
    /// At the close of a month what is left enters the last batch of its service.
    RollUpReopensABatch,
    /// Pools are sealed whatever their size.
    SealSmallPools,
}

#[derive(Debug, Clone, Copy)]
struct Waiting {
    person: Person,
    month: u32,
}

/// A batch as the aggregator has it. Whom it counts is known to us only.
#[derive(Debug, Clone)]
struct Batch {
    agency: usize,
    key: PoolKey,
    period: u32,
    people: Vec<Person>,
}

type Pools = BTreeMap<PoolKey, Vec<Waiting>>;

#[derive(Debug, Clone, Default)]
struct Agency {
    pools: Pools,
    /// The pools of a backup, and what had been sent under each key when it was made.
    backup: Option<(Pools, Totals)>,
}

pub struct World {
    practice: Practice,
    pub policy: Policy,
    agencies: Vec<Agency>,
    ledger: Vec<Batch>,
    /// Everybody who answered, for the practices that show more than batches.
    answered: Vec<Batch>,
    month: u32,
    people: Person,
    pub seen: Vec<Release>,
}

impl World {
    pub fn new(practice: Practice, policy: Policy, agencies: usize) -> Self {
        let agencies = vec![Agency::default(); agencies];
        let (ledger, answered, seen) = (Vec::new(), Vec::new(), Vec::new());
        Self { practice, policy, agencies, ledger, answered, month: 0, people: 0, seen }
    }

    pub fn answer(&mut self, agency: usize, key: PoolKey) -> Person {
        let (person, month) = (self.people, self.month);
        self.people += 1;
        self.answered.push(Batch { agency, key: key.clone(), period: month, people: vec![person] });
        self.agencies[agency].pools.entry(key).or_default().push(Waiting { person, month });
        person
    }

    /// Somebody takes his response back; who is left to `choice`.
    pub fn withdraw(&mut self, agency: usize, choice: usize) {
        let pools = &mut self.agencies[agency].pools;
        let waiting: usize = pools.values().map(Vec::len).sum();
        let Some(mut place) = choice.checked_rem(waiting) else { return };
        for pool in pools.values_mut() {
            if place < pool.len() {
                pool.swap_remove(place);
                return;
            }
            place -= pool.len();
        }
    }

    /// Whether somebody's response waits still: he can see it by trying to withdraw it.
    pub fn waits(&self, agency: usize, person: Person) -> bool {
        self.agencies[agency].pools.values().flatten().any(|waiting| waiting.person == person)
    }

    pub fn next_month(&mut self) {
        self.month += 1;
    }

    pub fn back_up(&mut self, agency: usize) {
        let totals = self.totals(agency);
        let agency = &mut self.agencies[agency];
        agency.backup = Some((agency.pools.clone(), totals));
    }

    /// The collector comes back from its backup. What counts as sent since then, the product itself says.
    pub fn restore(&mut self, agency: usize) {
        let Some((mut pools, then)) = self.agencies[agency].backup.clone() else { return };
        let now = self.totals(agency);
        let gone = match self.practice {
            Practice::RestoreWithoutEpoch => Vec::new(),
            Practice::RestoreForgettingTheParent => {
                pools.keys().filter(|key| then.get(*key) != now.get(*key)).cloned().collect()
            }
            _ => superseded(pools.keys().cloned().collect(), &then, &now),
        };
        pools.retain(|key, _| !gone.contains(key));
        self.agencies[agency].pools = pools;
    }

    fn totals(&self, agency: usize) -> Totals {
        let mut totals = Totals::new();
        for batch in self.ledger.iter().filter(|batch| batch.agency == agency) {
            *totals.entry(batch.key.clone()).or_default() += batch.people.len() as u64;
        }
        totals
    }

    /// One seal boundary of an agency, by the rules of the product.
    pub fn boundary(&mut self, agency: usize, rng: &mut StdRng) {
        if self.practice == Practice::SuppressSmallCells {
            return;
        }
        let month = calendar(self.month);
        let sizes: Vec<_> = self.agencies[agency].pools.iter().map(|(key, pool)| self.size(key, pool)).collect();
        let mut orders = plan(&sizes, month, &self.policy);
        if self.practice == Practice::SealSmallPools {
            let own = |size: PoolSize| (size.key.service.clone(), vec![size.key], Reach::All);
            let own = sizes.into_iter().filter(|size| size.waiting > u64::from(self.policy.r())).map(own);
            orders = own.map(|(service, pools, reach)| SealOrder { service, pools, reach }).collect();
        }
        for order in orders {
            self.seal(agency, &order, rng);
        }
    }

    fn size(&self, key: &PoolKey, pool: &[Waiting]) -> PoolSize {
        let of_closed_months = pool.iter().filter(|waiting| waiting.month < self.month).count() as u64;
        PoolSize { key: key.clone(), waiting: pool.len() as u64, of_closed_months }
    }

    fn seal(&mut self, agency: usize, order: &SealOrder, rng: &mut StdRng) {
        let reached = |waiting: &Waiting| order.reach == Reach::All || waiting.month < self.month;
        let pools = &mut self.agencies[agency].pools;
        let members = order.pools.iter().filter_map(|key| pools.get(key)).flatten().filter(|waiting| reached(waiting));
        let mut members: Vec<Waiting> = members.copied().collect();
        hold_back(&mut members, &self.policy, rng);
        let people: Vec<Person> = members.iter().map(|waiting| waiting.person).collect();
        let Some(period) = members.iter().map(|waiting| waiting.month).max() else { return };
        for key in &order.pools {
            pools.entry(key.clone()).or_default().retain(|waiting| !people.contains(&waiting.person));
        }
        let key = PoolKey { service: order.service.clone(), ..order.pools[0].clone() };
        self.ledger.push(Batch { agency, key, period, people });
    }

    /// The month's last boundary under the practice that re-opens batches.
    pub fn reopen(&mut self, agency: usize) {
        if self.practice != Practice::RollUpReopensABatch {
            return;
        }
        for (key, pool) in &mut self.agencies[agency].pools {
            let last = self.ledger.iter_mut().rev().find(|batch| batch.agency == agency && batch.key == *key);
            if let Some(batch) = last {
                batch.people.extend(pool.drain(..).map(|waiting| waiting.person));
            }
        }
    }

    /// The adversary looks at everything that is public now.
    pub fn look(&mut self) {
        let (source, floor): (&[Batch], usize) = match self.practice {
            Practice::SuppressSmallCells => (&self.answered, self.policy.k() as usize),
            Practice::LiveTallies => (&self.answered, 0),
            _ => (&self.ledger, 0),
        };
        for batch in self.ledger.iter() {
            self.seen.push(Release { place: "a batch in the ledger", people: batch.people.clone() });
        }
        for (place, slice) in SLICES {
            let mut totals = BTreeMap::<Slice, Vec<Person>>::new();
            for batch in source {
                totals.entry(slice(batch)).or_default().extend(&batch.people);
            }
            let shown = totals.into_values().filter(|people| people.len() >= floor);
            self.seen.extend(shown.map(|people| Release { place, people }));
        }
    }
}

fn calendar(month: u32) -> Month {
    format!("{}-{:02}", 2026 + month / 12, month % 12 + 1).parse().unwrap()
}

/// A key with what is added up over left out.
type Slice = (Option<usize>, Option<PoolKey>, Option<u32>);

/// A place where totals are to be seen, and which batches stand together there.
type Place = (&'static str, fn(&Batch) -> Slice);

/// Every way in which totals are published: the thank-you page of a collector, the aggregator's indicators at their levels (a category
/// or a territory is some of the country's agencies, here the first alone or both), with and without the month.
const SLICES: [Place; 7] = [
    ("the thank-you page", |batch| (Some(batch.agency), Some(batch.key.clone()), None)),
    ("the service's indicator", |batch| (Some(batch.agency), Some(batch.key.clone()), Some(batch.period))),
    ("the agency's indicator", |batch| (Some(batch.agency), Some(kind(batch)), Some(batch.period))),
    ("the agency's total", |batch| (Some(batch.agency), Some(kind(batch)), None)),
    ("the country's indicator", |batch| (None, Some(kind(batch)), Some(batch.period))),
    ("the country's total", |batch| (None, Some(kind(batch)), None)),
    ("everything of a month", |batch| (None, None, Some(batch.period))),
];

/// Its edition and assurance, which are never mixed, whatever the service.
fn kind(batch: &Batch) -> PoolKey {
    PoolKey { service: ServiceId::other(), ..batch.key.clone() }
}
