//! One agency in a history: its collector, its clock, and what its citizens fill in and send.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use gradimento_common::clock::{Clock as _, ManualClock};
use jiff::SignedDuration;

use crate::collector::{self, Collector, Mark, Submission, Told, service};
use crate::form::COORDINATES;
use crate::invariants::books::{Books, Record};
use crate::template::Template;

/// How long a key that its sender has drawn is sent again here: less than marks are kept (125 days), by any wrong clock.
const KEY_LIFE: SignedDuration = SignedDuration::from_hours(24 * 100);

/// One agency's part of a history.
pub struct Member {
    /// The collector that works at present.
    pub collector: Collector,
    /// What is known of it.
    pub books: Books,
    /// How many collectors it has had, this one included.
    pub count: usize,
    /// The last backup, and what the books said then.
    pub backup: Option<(PathBuf, Books)>,
    /// Its clock.
    pub clock: Skewed,
    /// Coordinates that are given out, by version.
    pub given: BTreeMap<u32, u16>,
}

/// A clock and by how much it is wrong.
pub struct Skewed {
    /// What its owner reads.
    pub clock: Arc<ManualClock>,
    /// Hours by which it is ahead.
    pub hours: i16,
}

impl Skewed {
    /// At the beginning it is right.
    pub fn new() -> Self {
        Self { clock: Arc::new(ManualClock::at(Template::start())), hours: 0 }
    }

    /// Sets it ahead by so much; where that is less than nothing, behind.
    pub fn set(&mut self, hours: i16) {
        self.clock.advance(SignedDuration::from_hours(i64::from(hours - self.hours)));
        self.hours = hours;
    }
}

impl Member {
    /// A new submission, which nobody has sent yet; `None` where nothing is asked, or no coordinate is left.
    pub fn fill_in(&mut self, number: u8, ticketed: bool) -> Option<usize> {
        self.note(number, ticketed, None)
    }

    /// Another one, by a program that draws its own keys; with an earlier key, at another service.
    pub fn fill_in_keyed(&mut self, number: u8, mark: Option<Mark>) -> Option<usize> {
        let mark = mark.unwrap_or_else(|| self.collector.own_mark());
        self.note(number, false, Some(mark))
    }

    fn note(&mut self, number: u8, ticketed: bool, mark: Option<Mark>) -> Option<usize> {
        let version = self.collector.asked(&service(number))?;
        let given = self.given.entry(version).or_default();
        if *given == COORDINATES {
            return None;
        }
        let filled_in = self.collector.fill_in(service(number), version, *given, ticketed);
        let mark = mark.unwrap_or_else(|| filled_in.mark.clone());
        let submission = Submission { mark, ..filled_in };
        *given += 1;
        let code = self.collector.code(&submission)?;
        let record = Record { submission, code, acknowledged: false, in_doubt: false, withdrawn: false, elsewhere: false };
        self.books.records.push(record);
        Some(self.books.records.len() - 1)
    }

    /// Another one with the ticket of an earlier one.
    pub fn fill_in_with_ticket_of(&mut self, nth: usize) -> Option<usize> {
        let (service, ticket) = {
            let submission = &self.books.records[nth].submission;
            (submission.service.clone(), submission.ticket.clone())
        };
        let number = (0..).find(|n| collector::service(*n) == service)?;
        let another = self.fill_in(number, false)?;
        self.books.records[another].submission.ticket = ticket;
        Some(another)
    }

    /// Whether a key is so old that its mark may be gone: then it counts again, and nobody sends it any more.
    fn is_forgotten(&self, nth: usize) -> bool {
        let mark = &self.books.records[nth].submission.mark;
        matches!(mark, Mark::Own(_, drawn) if self.clock.clock.now() - *drawn > KEY_LIFE)
    }

    /// Sends a submission; where the reply is lost, its citizen knows nothing.
    pub async fn send(&mut self, nth: usize, told: bool) -> Told {
        if self.is_forgotten(nth) {
            return Told::Refused;
        }
        let said = self.collector.take(&self.books.records[nth].submission).await;
        self.books.records[nth].told(if told { said } else { Told::Nothing });
        said
    }
}
