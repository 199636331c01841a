//! The aggregator's ledger: one entry for each message, one sum for all of them, one tree over them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use gradimento_aggregator::http::ledger::head;
use gradimento_aggregator::publish::dimension::Dimensions;
use gradimento_aggregator::publish::{Level, indicators};
use gradimento_aggregator::store::{RollupFilter, Store, StoreError};
use gradimento_common::batch::{Counts, RawBatch};
use gradimento_common::breakdown::RawBreakdowns;
use gradimento_common::calendar::Month;
use gradimento_common::ids::StreamId;
use gradimento_common::merkle::Frontier;
use gradimento_common::merkle::leaf_hash;
use gradimento_common::message::{Message, Payload, Position};
use gradimento_common::modi::BodyDigest;

use super::{Check, Violation, rule};
use crate::form;

/// What identifies a sum: agency, service, version, assurance, month.
type SumKey = (String, String, u32, String, String);

/// What is known of the ledger.
pub struct Ledger {
    /// Which message stands where.
    pub entries: BTreeMap<Position, BodyDigest>,
    /// Agency, version and coordinate of every response that is counted.
    pub counted: BTreeSet<Response>,
    sums: BTreeMap<SumKey, (u64, Counts)>,
    tree: Frontier,
    /// Every message that was ever accepted, also by an aggregator whose database is lost.
    ever: BTreeMap<Position, BodyDigest>,
    /// In which message each response was ever published: what an adversary knows who has read along from the beginning.
    read_along: HashMap<Response, BodyDigest>,
    revoked: HashMap<StreamId, usize>,
    /// Responses in noisy batches.
    noisy: u64,
    /// Whose breakdowns of which month were ever accepted, and by which message: their noise is drawn once, whatever is lost.
    broken_down: HashMap<Released, BodyDigest>,
}

/// Agency, version and coordinate of a response.
type Response = (String, u32, u16);

/// Stream, service, version, assurance and month of breakdowns.
type Released = (StreamId, String, u32, &'static str, Month);

impl Default for Ledger {
    fn default() -> Self {
        Self {
            entries: BTreeMap::new(),
            counted: BTreeSet::new(),
            sums: BTreeMap::new(),
            tree: Frontier::empty(),
            ever: BTreeMap::new(),
            read_along: HashMap::new(),
            revoked: HashMap::new(),
            noisy: 0,
            broken_down: HashMap::new(),
        }
    }
}

impl Ledger {
    /// Reads what is new in the ledger and checks it against all that is known. `true` where there was something.
    pub fn check(&mut self, store: &dyn Store) -> Result<bool, Violation> {
        let size = store.ledger_size().map_err(failed)?;
        if size < self.tree.size() {
            return Err(Violation("the ledger has become shorter".to_owned()));
        }
        if size == self.tree.size() {
            return Ok(false);
        }
        for body in store.bodies(self.tree.size(), size).map_err(failed)? {
            self.enter(&body)?;
        }
        let (size, root) = head(store).map_err(failed)?;
        rule((size, root) == (self.tree.size(), self.tree.root()), || {
            "the stored tree is not the tree of the bodies".to_owned()
        })?;
        self.check_sums(store)?;
        Ok(true)
    }

    /// The ledger of an aggregator whose database was replaced by an older one is read anew.
    pub fn forget(&mut self) {
        let Self { ever, read_along, revoked, broken_down, .. } = std::mem::take(self);
        *self = Self { ever, read_along, revoked, broken_down, ..Self::default() };
    }

    /// A collector was restored: numbers that its former self used, and that the aggregator has lost, it may use for something else;
    /// and responses that were in them, it may publish again.
    pub fn forget_lost(&mut self, stream: StreamId) {
        let Self { ever, entries, read_along, .. } = self;
        let lost = |position: &Position, _: &mut BodyDigest| position.stream == stream && !entries.contains_key(position);
        let lost: HashSet<_> = ever.extract_if(.., lost).map(|(_, digest)| digest).collect();
        read_along.retain(|_, digest| !lost.contains(digest));
    }

    /// From now on nothing of this stream may come in.
    pub fn revoke(&mut self, stream: StreamId) {
        self.revoked.insert(stream, self.entries_of(stream));
    }

    fn entries_of(&self, stream: StreamId) -> usize {
        self.entries.keys().filter(|position| position.stream == stream).count()
    }

    fn enter(&mut self, body: &[u8]) -> Check {
        let message = Message::parse(body).map_err(|error| Violation(format!("no message in the ledger: {error}")))?;
        let (position, digest) = (message.position, BodyDigest::of(body));
        let before = self.ever.insert(position, digest);
        rule(before.is_none_or(|before| before == digest), || format!("two bodies were accepted as {position:?}"))?;
        rule(self.entries.insert(position, digest).is_none(), || format!("{position:?} stands twice in the ledger"))?;
        let late = self.revoked.get(&position.stream).is_some_and(|entries| self.entries_of(position.stream) > *entries);
        rule(!late, || format!("{position:?} was accepted after its stream was revoked"))?;
        self.tree.push(leaf_hash(body));
        match message.payload {
            Payload::Summary(summary) => {
                summary.batches.into_iter().try_for_each(|batch| self.add(&message.agency.key(), batch, digest))
            }
            Payload::NoisySummary(summary) => {
                self.noisy += summary.batches.iter().map(|batch| batch.responses).sum::<u64>();
                Ok(())
            }
            Payload::Breakdowns(raw) => {
                let RawBreakdowns { service, version, assurance, month, .. } = raw;
                let key = (position.stream, service.to_string(), version, assurance.as_str(), month);
                let once = *self.broken_down.entry(key.clone()).or_insert(digest) == digest;
                rule(once, || format!("breakdowns of {key:?} were drawn twice"))
            }
            Payload::Catalogue(_) | Payload::Heartbeat(_) | Payload::EpochOpen(_) => Ok(()),
        }
    }

    /// Whether batches with noise stand in it.
    pub fn has_noise(&self) -> bool {
        self.noisy > 0
    }

    /// No response is ever in two batches, and none is small (`books` looks): who has read them all stands before sets of k people at
    /// least, of which no sum and no difference makes smaller ones.
    fn add(&mut self, agency: &str, batch: RawBatch, digest: BodyDigest) -> Check {
        for (option, n) in batch.counts.values().flatten() {
            let Some(coordinate) = form::coordinate(option).filter(|_| *n > 0) else { continue };
            let response = (agency.to_owned(), batch.version, coordinate);
            let same = *self.read_along.entry(response.clone()).or_insert(digest) == digest;
            rule(same, || format!("{option} of version {} of {agency} was published in two messages", batch.version))?;
            let once = *n == 1 && self.counted.insert(response);
            rule(once, || format!("{option} of version {} of {agency} counts twice in the ledger", batch.version))?;
        }
        let RawBatch { service, version, assurance, last_day, responses, counts, .. } = batch;
        let (service, assurance, month) = (service.to_string(), assurance.as_str().to_owned(), last_day.month().to_string());
        let sum = self.sums.entry((agency.to_owned(), service, version, assurance, month)).or_default();
        sum.0 += responses;
        for (question, options) in counts {
            let question = sum.1.entry(question).or_default();
            for (option, n) in options {
                *question.entry(option).or_default() += n;
            }
        }
        Ok(())
    }

    fn check_sums(&self, store: &dyn Store) -> Check {
        let rollups = store.rollups(&RollupFilter::default()).map_err(failed)?;
        let national: u64 =
            indicators(&rollups, Level::Country, &Dimensions::default()).iter().map(|indicator| indicator.responses).sum();
        let all = self.counted.len() as u64;
        rule(national == all, || format!("{national} are in the national figures and {all} in the ledger"))?;
        rule(rollups.len() == self.sums.len(), || "there is a sum too many or too few".to_owned())?;
        let noisy = store.noisy_rollups(&RollupFilter::default()).map_err(failed)?;
        let noisy: u64 = noisy.iter().map(|rollup| rollup.place.responses).sum();
        rule(noisy == self.noisy, || format!("{noisy} are in the noisy sums and {} in noisy batches", self.noisy))?;
        for rollup in rollups {
            let key = (rollup.agency.to_lowercase(), rollup.service, rollup.version, rollup.assurance, rollup.period);
            let same = self.sums.get(&key).is_some_and(|sum| sum.0 == rollup.responses && sum.1 == rollup.counts);
            rule(same, || format!("the sum of {key:?} is not that of its batches"))?;
        }
        Ok(())
    }
}

fn failed(error: StoreError) -> Violation {
    Violation(format!("the ledger cannot be read: {error}"))
}
