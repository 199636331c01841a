//! A collector's books: what citizens were told against what is stored, what is stored against what was counted, and what was
//! counted against what was said.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use gradimento_collector::push::Courier;
use gradimento_collector::store::{Store, StoreError};
use gradimento_common::batch::RawBatch;
use gradimento_common::disclosure::{K_FLOOR, Policy};
use gradimento_common::ids::AgencyCode;
use gradimento_common::message::{Message, NoisySummary, Payload, Position, Summary};
use gradimento_common::modi::BodyDigest;
use gradimento_common::receipt::Receipt;

use super::noisy::Noisy;
use super::reading::{self, Cells, Line, Place, Shelf, Stored, Trace, gathered};
use super::{Check, Violation, rule};
use crate::collector::{Mark, Submission, Told, is_sensitive};
use crate::form;

/// A submission and what its citizen knows.
#[derive(Debug, Clone)]
pub struct Record {
    /// What was sent.
    pub submission: Submission,
    /// With what it can be withdrawn.
    pub code: String,
    /// Its citizen was told that it counts.
    pub acknowledged: bool,
    /// It was sent once at least, and what became of it was not told.
    pub in_doubt: bool,
    /// It was withdrawn.
    pub withdrawn: bool,
    /// Its key was used at the other service too.
    pub elsewhere: bool,
}

impl Record {
    fn place(&self) -> Place {
        let Submission { service, version, ticket, .. } = &self.submission;
        Place::of(service.as_str(), *version, if ticket.is_some() { "ticketed" } else { "open" })
    }

    /// Whether it came under a key of its sender's own that was used nowhere else.
    pub fn is_first_of_its_key(&self) -> bool {
        self.is_keyed() && !self.elsewhere
    }

    fn is_keyed(&self) -> bool {
        matches!(self.submission.mark, Mark::Own(..))
    }

    /// What tells it from all others.
    pub fn trace(&self) -> Trace {
        (self.submission.version, self.submission.coordinate)
    }

    /// Sealed responses stand under the service of their batch, which is `other` where small pools left together.
    fn may_stand_as(&self, stored: &Stored) -> bool {
        let (own, other) = (self.place(), Place { service: None, ..self.place() });
        let place = stored.place == own || stored.sealed && stored.place == other;
        place && stored.coordinate == self.submission.coordinate
    }

    /// Notes what the citizen was told.
    pub fn told(&mut self, told: Told) {
        match told {
            Told::Counts => self.acknowledged = true,
            Told::Nothing => self.in_doubt = true,
            Told::TicketSpent | Told::Refused => (),
        }
    }
}

/// A message as it stands in the outbox.
#[derive(Debug, Clone)]
pub struct Said {
    /// Of its body.
    pub digest: BodyDigest,
    /// What it carries.
    pub batches: Vec<RawBatch>,
    /// Where its batches belong, noisy ones included, and whether to a parent of small pools.
    places: Vec<(Place, bool)>,
    /// Under which policy it was sealed.
    pub policy: Policy,
    /// Whether a receipt was there when last looked.
    pub receipted: bool,
    /// Whether it was given up, because a later epoch is open.
    pub stranded: bool,
}

/// What is known of one collector.
#[derive(Debug, Clone, Default)]
pub struct Books {
    /// Every submission to it.
    pub records: Vec<Record>,
    /// What it stores, by its trace.
    pub stored: HashMap<Trace, Stored>,
    /// What it has said, by epoch and sequence.
    pub said: BTreeMap<(u32, u64), Said>,
    /// Version and coordinate of every response in a batch.
    pub batched: BTreeSet<(u32, u16)>,
    noisy: Noisy,
    believed: HashSet<String>,
    /// Rows that came out of a backup; they may count as sent without being in any batch that is known here.
    restored: HashSet<Trace>,
}

/// Exact batches of a message, and where all its batches belong.
type Batches = (Vec<RawBatch>, Vec<(Place, bool)>);

impl Books {
    /// Reads the collector's database and checks it against what is known.
    pub fn check(&mut self, store: &Store, courier: &Courier) -> Check {
        let Shelf { mut stored, twice, tallies, outbox, broken_down } = store.read(reading::shelf).map_err(failed)?;
        rule(twice.is_empty(), || format!("responses are stored twice: {twice:?}"))?;
        self.noisy.follow(&self.stored, &mut stored, &broken_down)?;
        self.stored = stored;
        self.check_records(&courier.origin.agency)?;
        self.check_tallies(tallies)?;
        self.check_outbox(outbox, store, courier)?;
        self.check_sealed()
    }

    /// Checks what does not change by itself too: that bodies are still the same, and receipts are the same or others that hold.
    pub fn check_all(&mut self, store: &Store, courier: &Courier) -> Check {
        for (place, said) in &mut self.said {
            let (body, _) = store.read(|connection| reading::message(connection, *place)).map_err(failed)?;
            rule(BodyDigest::of(&body) == said.digest, || format!("message {place:?} has changed"))?;
            said.receipted = false;
        }
        self.check(store, courier)?;
        self.check_sums(store.read(reading::sealed_sums).map_err(failed)?)
    }

    fn check_outbox(&mut self, outbox: Vec<Line>, store: &Store, courier: &Courier) -> Check {
        let known = self.said.len();
        rule(outbox.len() >= known, || "messages are gone from the outbox".to_owned())?;
        for Line { place, receipted, stranded } in outbox {
            match self.said.get_mut(&place) {
                Some(said) if said.receipted == receipted => said.stranded = stranded,
                Some(said) if !receipted => (said.receipted, said.stranded) = (false, stranded),
                _ => {
                    let message = store.read(|connection| reading::message(connection, place)).map_err(failed)?;
                    self.check_message(place, message, courier)?;
                }
            }
        }
        if self.said.len() == known {
            return Ok(());
        }
        self.check_sums(store.read(reading::sealed_sums).map_err(failed)?)
    }

    fn check_records(&self, agency: &AgencyCode) -> Check {
        let mut tickets = HashSet::new();
        let mut explained = 0;
        for record in &self.records {
            let Record { submission, .. } = record;
            let Some(stored) = self.stored.get(&record.trace()) else {
                let lost = record.acknowledged && !record.withdrawn;
                rule(!lost, || format!("an acknowledged response is lost: {submission:?}"))?;
                continue;
            };
            explained += 1;
            let possible = (record.acknowledged || record.in_doubt) && !record.withdrawn;
            rule(possible, || format!("a response is stored that cannot be: {record:?}"))?;
            let same = record.may_stand_as(stored);
            rule(same, || format!("{submission:?} is stored as {stored:?}"))?;
            let exact = self.batched.contains(&record.trace()) && is_sensitive(agency, &submission.service);
            rule(!exact, || format!("a response to a sensitive service is in an exact batch: {submission:?}"))?;
            let once = submission.ticket.as_ref().is_none_or(|ticket| tickets.insert(ticket));
            rule(once, || format!("a ticket counts twice: {submission:?}"))?;
        }
        rule(explained == self.stored.len(), || "responses are stored that nobody sent".to_owned())
    }

    fn check_tallies(&self, tallies: Cells) -> Check {
        let stored = self.records.iter().filter(|record| self.stored.contains_key(&record.trace()));
        let cells = |record: &Record| form::cells(record.submission.coordinate).map(|cell| ((record.place(), cell), 1));
        let expected = gathered(stored.flat_map(cells).collect());
        rule(expected == tallies, || {
            let only = |a: &Cells, b: &Cells| a.iter().filter(|cell| !b.contains(cell)).copied().collect::<Cells>();
            let (here, there) = (only(&tallies, &expected), only(&expected, &tallies));
            format!("tallies are not pool and sealed: {here:?} instead of {there:?}")
        })
    }

    fn check_message(&mut self, place: (u32, u64), message: (Vec<u8>, Option<String>), courier: &Courier) -> Check {
        let ((epoch, sequence), (body, receipt)) = (place, message);
        if !self.said.contains_key(&place) {
            rule(self.said.last_key_value().is_none_or(|(last, _)| *last < place), || {
                format!("message {epoch}/{sequence} came out of turn")
            })?;
            self.read_message(epoch, sequence, &body, courier)?;
        }
        let Some(said) = self.said.get_mut(&place) else { return Ok(()) };
        said.receipted = receipt.is_some();
        let Some(receipt) = receipt.filter(|receipt| !self.believed.contains(receipt)) else { return Ok(()) };
        let position = Position { stream: courier.origin.stream, epoch, sequence };
        let verified = Receipt::verify(&receipt, &courier.aggregator, position, said.digest);
        rule(verified.is_ok(), || format!("the receipt of {epoch}/{sequence} does not hold: {verified:?}"))?;
        self.believed.insert(receipt);
        Ok(())
    }

    fn read_message(&mut self, epoch: u32, sequence: u64, body: &[u8], courier: &Courier) -> Check {
        let message = Message::parse(body).map_err(|error| Violation(format!("{epoch}/{sequence} is no message: {error}")))?;
        let position = Position { stream: courier.origin.stream, epoch, sequence };
        rule(message.position == position, || format!("{epoch}/{sequence} calls itself {:?}", message.position))?;
        let before = self.said.get(&(epoch, sequence.wrapping_sub(1))).map(|said| said.digest);
        rule(message.previous == before && (sequence == 1) == before.is_none(), || {
            format!("the chain is broken at {epoch}/{sequence}")
        })?;
        let (batches, places) = self.read_payload(message.payload, message.policy, &courier.origin.agency)?;
        let (digest, policy) = (BodyDigest::of(body), message.policy);
        let said = Said { digest, batches, places, policy, receipted: false, stranded: false };
        self.said.insert((epoch, sequence), said);
        Ok(())
    }

    /// Exact batches and where all batches belong.
    fn read_payload(&mut self, payload: Payload, policy: Policy, agency: &AgencyCode) -> Result<Batches, Violation> {
        match payload {
            Payload::Summary(Summary { batches }) => {
                for batch in &batches {
                    let exact = !is_sensitive(agency, &batch.service);
                    rule(exact, || format!("exact sums of `{}` have left", batch.service))?;
                    self.check_batch(batch, policy)?;
                }
                let places = batches.iter().map(|batch| (place(batch), batch.service.is_other())).collect();
                Ok((batches, places))
            }
            Payload::NoisySummary(NoisySummary { batches }) => {
                let mut places = Vec::new();
                for batch in batches {
                    check_size(batch.responses, policy)?;
                    let place = Place::of(batch.service.as_str(), batch.version, batch.assurance.as_str());
                    self.noisy.add(place, batch.responses);
                    places.push((place, batch.service.is_other()));
                }
                Ok((Vec::new(), places))
            }
            Payload::Breakdowns(raw) => {
                check_size(raw.responses, policy)?;
                let place = Place::of(raw.service.as_str(), raw.version, raw.assurance.as_str());
                self.noisy.draw(place, &raw, &self.stored)?;
                Ok(Batches::default())
            }
            Payload::Catalogue(_) | Payload::Heartbeat(_) | Payload::EpochOpen(_) => Ok(Batches::default()),
        }
    }

    fn check_batch(&mut self, batch: &RawBatch, policy: Policy) -> Check {
        check_size(batch.responses, policy)?;
        let mut counted = 0;
        for (option, n) in batch.counts.values().flatten() {
            let Some(coordinate) = form::coordinate(option).filter(|_| *n > 0) else { continue };
            rule(*n == 1, || format!("{option} of version {} counts {n} in one batch", batch.version))?;
            let once = self.batched.insert((batch.version, coordinate));
            rule(once, || format!("{option} of version {} is in two batches", batch.version))?;
            counted += 1;
        }
        rule(counted == batch.responses, || format!("a batch of {} holds {counted} responses", batch.responses))
    }

    fn check_sealed(&self) -> Check {
        let sealed = self.stored.iter().filter(|(_, stored)| stored.sealed);
        let (mut in_batches, mut elsewhere, mut restored) = (0, BTreeMap::new(), BTreeMap::new());
        for (trace, stored) in sealed {
            if self.batched.contains(trace) {
                in_batches += 1;
                continue;
            }
            *elsewhere.entry(stored.place).or_default() += 1;
            *restored.entry(stored.place).or_default() += u64::from(self.restored.contains(trace));
        }
        rule(in_batches == self.batched.len(), || "responses are in batches and not sealed".to_owned())?;
        self.noisy.check(&elsewhere, &restored)
    }

    /// What everybody's pages show are the sums of what was said, and nothing else.
    fn check_sums(&self, sums: Cells) -> Check {
        let batches = self.said.values().flat_map(|said| &said.batches);
        let expected = batches.flat_map(|batch| {
            let place = place(batch);
            let options =
                batch.counts.iter().flat_map(|(question, options)| options.iter().map(move |option| (question, option)));
            let counted = options.filter(|(_, (_, n))| **n > 0);
            counted.map(move |(question, (option, n))| ((place, form::cell(question, option)), i64::try_from(*n).unwrap()))
        });
        rule(gathered(expected.collect()) == sums, || "the sums of batches are not those of the messages".to_owned())
    }

    /// The books of a collector that was restored from a backup which was made when they were these: later responses are lost, and
    /// those that waited may have been sent since. What citizens were told about later ones holds no more.
    pub fn restored(&self, since: Vec<Record>) -> Self {
        let waiting = self.stored.iter().filter(|(_, stored)| !stored.sealed).map(|(trace, _)| *trace);
        let mut restored = Self { restored: self.restored.iter().copied().chain(waiting).collect(), ..self.clone() };
        // A key that counted after the backup would count again, and is not sent any more: this is not defended against.
        let unknown = |record: &Record| record.is_keyed() && !self.stored.contains_key(&record.trace());
        let lost = since.into_iter().skip(self.records.len()).filter(|record| !unknown(record));
        restored.records.retain(|record| !unknown(record));
        restored.records.extend(lost.map(|record| Record { acknowledged: false, in_doubt: false, ..record }));
        restored
    }

    /// Responses that wait, by where they belong.
    fn waiting(&self) -> BTreeMap<Place, u64> {
        let mut waiting = BTreeMap::new();
        for stored in self.stored.values().filter(|stored| !stored.sealed) {
            *waiting.entry(stored.place).or_default() += 1;
        }
        waiting
    }

    /// Of the messages that came after `known`, checks that each batch left r responses of those that it was drawn from.
    pub fn check_held_back(&self, known: usize) -> Check {
        let waiting = self.waiting();
        for said in self.said.values().skip(known) {
            for (place, other) in said.places.iter().copied() {
                let r = u64::from(said.policy.r());
                let drawn_from = |pool: &Place| *pool == place || other && *pool == Place { service: pool.service, ..place };
                let left: u64 = waiting.iter().filter(|(pool, _)| drawn_from(pool)).map(|(_, n)| n).sum();
                let honoured = if other { left >= r } else { left == r };
                rule(honoured, || format!("{left} were held back from a batch of {place:?}, not {r}"))?;
            }
        }
        Ok(())
    }
}

fn check_size(responses: u64, policy: Policy) -> Check {
    let floor = u64::from(policy.k().max(K_FLOOR));
    rule(responses >= floor, || format!("what is about {responses} is under {floor}"))
}

fn place(batch: &RawBatch) -> Place {
    Place::of(batch.service.as_str(), batch.version, batch.assurance.as_str())
}

fn failed(error: StoreError) -> Violation {
    Violation(format!("the collector's database cannot be read: {error}"))
}
