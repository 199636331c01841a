//! One history: an aggregator, a collector of each agency, the citizens, the post between them, and what happens to them all.

mod faults;

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

use gradimento_aggregator::store::Store as _;
use gradimento_collector::push::Step;
use gradimento_collector::store::withdrawal::Withdrawal;
use gradimento_common::modi::BodyDigest;
use jiff::SignedDuration;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use tempfile::TempDir;

use crate::aggregator::{self, Aggregator};
use crate::collector::{self, Collector, Told, service};
use crate::disk;
use crate::invariants::books::Books;
use crate::invariants::ledger::Ledger;
use crate::invariants::{Check, Violation, rule};
use crate::member::{Member, Skewed};
use crate::op::{AGENCIES, Line, Op};
use crate::template::{Template, agency};
use crate::wire::Post;

/// Collectors that one agency may have, one after the other.
const COLLECTORS_MAX: usize = 3;

/// Whether an operation had an effect, or which rule it broke.
pub type Effect = Result<bool, Violation>;

/// A history.
pub struct World {
    /// The aggregator.
    pub aggregator: Aggregator,
    /// The agencies.
    pub members: Vec<Member>,
    /// What is on its way.
    pub post: Post,
    /// What is known of the ledger.
    pub ledger: Ledger,
    /// Every message that a collector ever made.
    said: HashSet<BodyDigest>,
    /// Whether boundaries are followed by breakdowns: in every fourth history. They cost nearly a third of its time, and take the
    /// sealed responses away that other rules look at.
    breaks_down: bool,
    /// Breakdowns that have left.
    pub broken_down: u64,
    /// Whether some disk refuses to commit something.
    disk_refuses: bool,
    clock: Skewed,
    backup: Option<PathBuf>,
    rng: StdRng,
    folder: TempDir,
}

impl World {
    /// The beginning.
    pub fn begin(template: &Template, seed: u64) -> Self {
        let (folder, mut rng) = (disk::fresh_folder(), StdRng::seed_from_u64(seed));
        let (own, database) = (Skewed::new(), folder.path().join("aggregator.sqlite"));
        disk::copy(&template.aggregator(), &database);
        let aggregator = Aggregator::open(database, template.vault.clone(), own.clock.clone(), rng.next_u64());
        let members = (0..AGENCIES).map(|n| {
            let (clock, home) = (Skewed::new(), folder.path().join(agency(n)));
            disk::copy_folder(&template.collector(n), &home);
            let collector = Collector::open(home, clock.clock.clone(), rng.next_u64());
            Member { collector, books: Books::default(), count: 1, backup: None, clock, given: BTreeMap::new() }
        });
        let members = members.collect();
        let (post, ledger, said) = (Post::default(), Ledger::default(), HashSet::new());
        Self {
            aggregator,
            members,
            post,
            ledger,
            said,
            breaks_down: seed.is_multiple_of(4),
            broken_down: 0,
            disk_refuses: false,
            clock: own,
            backup: None,
            rng,
            folder,
        }
    }

    /// Does one thing, and checks everything that it may have touched.
    pub async fn apply(&mut self, op: Op) -> Effect {
        let (sent, delivered) = (self.post.sent(), self.post.delivered());
        let done = self.happen(op).await?;
        let effect = match op {
            // A request that gets lost has had its effect.
            Op::Push { .. } | Op::Pull { .. } | Op::Renew { .. } => self.post.sent() > sent,
            _ => done,
        };
        if let Some(agency) = op.agency() {
            self.check_books(agency)?;
        }
        let elsewhere = (op.agency().is_none() || matches!(op, Op::CrashAggregator { .. })) && !matches!(op, Op::Seal { .. });
        if elsewhere || self.post.delivered() > delivered {
            self.check_ledger()?;
        }
        Ok(effect)
    }

    /// Checks everything, what does not change by itself included.
    pub fn check_all(&mut self) -> Check {
        for agency in 0..AGENCIES {
            self.check_books(agency)?;
            let Member { collector, books, .. } = self.member(agency);
            books.check_all(&collector.store, &collector.courier)?;
        }
        self.ledger.forget();
        self.check_ledger()
    }

    /// Checks a collector's books.
    pub fn check_books(&mut self, agency: u8) -> Check {
        let Member { collector, books, .. } = &mut self.members[usize::from(agency)];
        let known = books.said.len();
        books.check(&collector.store, &collector.courier)?;
        self.said.extend(books.said.values().skip(known).map(|said| said.digest));
        Ok(())
    }

    fn check_ledger(&mut self) -> Check {
        if !self.ledger.check(&self.aggregator.store)? {
            return Ok(());
        }
        let astray = self.ledger.entries.iter().find(|(_, digest)| !self.said.contains(digest));
        rule(astray.is_none(), || format!("nobody ever said what stands in the ledger: {astray:?}"))
    }

    async fn happen(&mut self, op: Op) -> Effect {
        match op {
            Op::Answer { agency, service, ticketed, told } => Ok(self.answer(agency, service, ticketed, told).await),
            Op::AnswerKeyed { agency, service, told } => Ok(self.answer_keyed(agency, service, told).await),
            Op::KeyElsewhere { agency, nth } => self.key_elsewhere(agency, nth).await,
            Op::AnswerAgain { agency, nth } => Ok(self.answer_again(agency, nth).await),
            Op::AtOnce { agency, service, ticketed } => self.at_once(agency, service, ticketed).await,
            Op::TicketAgain { agency, nth } => Ok(self.ticket_again(agency, nth).await),
            Op::OldForm { agency, service } => self.old_form(agency, service).await,
            Op::Withdraw { agency, nth } => self.withdraw(agency, nth).await,
            Op::Tick { minutes } => Ok(self.tick(SignedDuration::from_mins(i64::from(minutes)))),
            Op::CloseMonth => Ok(self.close_month()),
            Op::Seal { agency } => self.seal(agency).await,
            Op::Speak { agency } => Ok(self.member(agency).collector.speak().await),
            Op::Push { agency, line } => Ok(self.push(agency, line).await.is_some_and(|step| step != Step::Idle)),
            Op::DeliverLate { nth } => {
                Ok(self.post.held_up(nth).map(|letter| self.post.deliver(&self.aggregator, letter)).is_some())
            }
            Op::Repeat { nth } => {
                Ok(self.post.arrived(nth).map(|letter| self.post.deliver(&self.aggregator, letter)).is_some())
            }
            Op::Skew { whose, hours } => Ok(self.skew(whose, hours)),
            Op::Pull { agency, line } => Ok(self.look_after(agency, line).await),
            Op::Policy { k, r } => Ok(self.set_policy(k, r)),
            Op::Publish => Ok(self.publish()),
            Op::Renew { agency, line } => Ok(self.renew(agency, line).await),
            Op::Revoke { agency } => self.revoke(agency).await,
            Op::CrashCollector { agency, moment } => Ok(self.crash_collector(agency, moment).await),
            Op::CrashAggregator { agency, moment } => Ok(self.crash_aggregator(agency, moment).await),
            Op::CommitFails { agency, table } => self.commit_fails(agency, table).await,
            Op::BackUpAggregator => {
                self.backup = Some(aggregator::image(&self.aggregator, self.folder.path()));
                Ok(true)
            }
            Op::RestoreAggregator => self.restore_aggregator(),
            Op::BackUpCollector { agency } => Ok(self.back_up_collector(agency)),
            Op::RestoreCollector { agency } => Ok(self.restore_collector(agency)),
        }
    }

    fn member(&mut self, agency: u8) -> &mut Member {
        &mut self.members[usize::from(agency)]
    }

    async fn answer(&mut self, agency: u8, service: u8, ticketed: bool, told: bool) -> bool {
        let member = self.member(agency);
        let Some(nth) = member.fill_in(service, ticketed) else { return false };
        member.send(nth, told).await == Told::Counts
    }

    async fn answer_keyed(&mut self, agency: u8, service: u8, told: bool) -> bool {
        let member = self.member(agency);
        let Some(nth) = member.fill_in_keyed(service, None) else { return false };
        member.send(nth, told).await == Told::Counts
    }

    async fn key_elsewhere(&mut self, agency: u8, nth: u16) -> Effect {
        let member = self.member(agency);
        let keyed = member.books.records.iter().filter(|record| record.is_first_of_its_key());
        let keyed: Vec<_> = keyed.map(|record| record.submission.clone()).collect();
        let Some(nth) = usize::from(nth).checked_rem(keyed.len()) else { return Ok(false) };
        let other = u8::from(keyed[nth].service == service(0));
        member.books.records.iter_mut().for_each(|record| record.elsewhere |= record.submission.mark == keyed[nth].mark);
        let Some(another) = member.fill_in_keyed(other, Some(keyed[nth].mark.clone())) else { return Ok(false) };
        member.books.records[another].elsewhere = true;
        let told = member.send(another, true).await;
        rule(matches!(told, Told::Counts | Told::Refused), || format!("a key of another service was answered with {told:?}"))?;
        Ok(told == Told::Counts)
    }

    async fn answer_again(&mut self, agency: u8, nth: u16) -> bool {
        let member = self.member(agency);
        let Some(nth) = usize::from(nth).checked_rem(member.books.records.len()) else { return false };
        member.send(nth, true).await == Told::Counts
    }

    /// One submission on two lines, or two submissions with one ticket.
    async fn at_once(&mut self, agency: u8, service: u8, ticketed: bool) -> Effect {
        let member = self.member(agency);
        let Some(one) = member.fill_in(service, ticketed) else { return Ok(false) };
        let two = if ticketed { member.fill_in_with_ticket_of(one) } else { Some(one) };
        let Some(two) = two else { return Ok(false) };
        let records = &member.books.records;
        let (first, second) = (records[one].submission.clone(), records[two].submission.clone());
        let (first, second) = member.collector.take_at_once(&first, &second).await;
        member.books.records[one].told(first);
        member.books.records[two].told(second);
        let expected = if ticketed { (Told::Counts, Told::TicketSpent) } else { (Told::Counts, Told::Counts) };
        rule((first, second) == expected, || format!("two at the same moment were told {first:?} and {second:?}"))?;
        Ok(true)
    }

    async fn ticket_again(&mut self, agency: u8, nth: u16) -> bool {
        let member = self.member(agency);
        let tickets = member.books.records.iter().enumerate().filter(|(_, record)| record.submission.ticket.is_some());
        let tickets: Vec<usize> = tickets.map(|(nth, _)| nth).collect();
        let Some(nth) = usize::from(nth).checked_rem(tickets.len()) else { return false };
        let Some(another) = member.fill_in_with_ticket_of(tickets[nth]) else { return false };
        member.send(another, true).await == Told::TicketSpent
    }

    async fn old_form(&mut self, agency: u8, number: u8) -> Effect {
        let member = self.member(agency);
        let Some(asked) = member.collector.asked(&service(number)).filter(|asked| *asked > 1) else { return Ok(false) };
        let submission = member.collector.fill_in(service(number), asked - 1, 0, false);
        let told = member.collector.take(&submission).await;
        rule(told == Told::Refused, || format!("an old form was answered with {told:?}"))?;
        Ok(true)
    }

    async fn withdraw(&mut self, agency: u8, nth: u16) -> Effect {
        let Member { collector, books, .. } = self.member(agency);
        let Some(nth) = usize::from(nth).checked_rem(books.records.len()) else { return Ok(false) };
        let record = &mut books.records[nth];
        let stored = books.stored.get(&record.trace());
        let done = collector.withdraw(&record.code).await == Withdrawal::Done;
        let possible = stored.is_some_and(|stored| !stored.sealed);
        rule(done == possible, || format!("withdrawing {stored:?} was answered with {done}"))?;
        record.withdrawn |= done;
        Ok(done)
    }

    /// Time passes for everybody alike.
    pub fn tick(&mut self, time: SignedDuration) -> bool {
        self.clock.clock.advance(time);
        self.members.iter().for_each(|member| member.clock.clock.advance(time));
        true
    }

    fn close_month(&mut self) -> bool {
        let days = SignedDuration::from_hours(24 * 11);
        self.tick(days)
    }

    /// One seal boundary.
    pub async fn seal(&mut self, agency: u8) -> Effect {
        let member = self.member(agency);
        let known = member.books.said.len();
        let sealed = member.collector.seal().await;
        self.check_books(agency)?;
        self.member(agency).books.check_held_back(known)?;
        if self.breaks_down {
            let left = self.member(agency).collector.break_down().await;
            rule(left.is_some() || self.disk_refuses, || "breakdowns cannot be made".to_owned())?;
            self.broken_down += left.unwrap_or_default();
        }
        Ok(sealed.is_some_and(|sealed| sealed.batches > 0))
    }

    /// One step of an agency's courier; `None` where its disk refuses.
    pub async fn push(&mut self, agency: u8, line: Line) -> Option<Step> {
        self.members[usize::from(agency)].collector.push(&self.aggregator, &self.post, line).await
    }

    /// What a collector does from time to time: certificates where they are due, and documents.
    async fn look_after(&mut self, agency: u8, line: Line) -> bool {
        let due = self.members[usize::from(agency)].collector.renewal_is_due();
        let renewed = due && self.renew(agency, line).await;
        self.members[usize::from(agency)].collector.pull(&self.aggregator, &self.post, line).await || renewed
    }

    fn skew(&mut self, whose: u8, hours: i16) -> bool {
        let clock = self.members.get_mut(usize::from(whose)).map_or(&mut self.clock, |member| &mut member.clock);
        let changed = clock.hours != hours;
        clock.set(hours);
        changed
    }

    fn set_policy(&mut self, k: u32, r: u32) -> bool {
        let known = self.aggregator.policy();
        let changed = (known.k(), known.r()) != (k, r);
        if changed {
            self.aggregator.adopt(k, r);
        }
        changed
    }

    fn publish(&mut self) -> bool {
        self.aggregator.publish(self.aggregator.newest() + 1);
        true
    }

    /// Asks for new certificates. Older backups are thrown away: who restores keys that are not in use any more needs a person, and so
    /// may a registry that has lost certificates whose order their dates do not tell (see RELIABILITY.md).
    pub async fn renew(&mut self, agency: u8, line: Line) -> bool {
        (self.backup, self.member(agency).backup) = (None, None);
        self.members[usize::from(agency)].collector.renew(&self.aggregator, &self.post, line).await
    }

    /// A person lets an agency's collectors recover once more.
    pub fn approve_recoveries(&mut self, agency: u8) {
        let code = &self.members[usize::from(agency)].collector.agency;
        self.aggregator.store.approve_recoveries(code).unwrap();
    }

    async fn revoke(&mut self, number: u8) -> Effect {
        if self.member(number).count == COLLECTORS_MAX {
            return Ok(false);
        }
        self.backup = None;
        let stream = self.members[usize::from(number)].collector.courier.origin.stream;
        self.aggregator.revoke(stream);
        self.ledger.revoke(stream);
        let step = self.push(number, Line::Whole).await;
        rule(step != Some(Step::Delivered), || "a revoked collector delivered".to_owned())?;
        let home = disk::fresh_path(self.folder.path(), "joined");
        let mut secret = [0; 32];
        self.rng.fill_bytes(&mut secret);
        collector::enlist(&self.aggregator, &agency(number), secret, &home);
        let seed = self.rng.next_u64();
        self.check_books(number)?;
        let member = self.member(number);
        member.collector = Collector::open(home, member.clock.clock.clone(), seed);
        member.books = Books::default();
        (member.count, member.backup) = (member.count + 1, None);
        Ok(true)
    }
}
