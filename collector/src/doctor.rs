//! Looks an installation over and says, line by line, what is well and what is not, for an administrator with little time.
//! Changes nothing; may run beside a serving collector.

use std::fmt;

use gradimento_common::clock::Clock;
use jiff::Timestamp;

use crate::config::Config;
use crate::identity::Identity;
use crate::installation::database;
use crate::member::Member;
use crate::store::outbox::{Backlog, backlog};
use crate::store::{StoreError, documents, inspect, open_reader, restoring};
use crate::wire::{Line, Request, Transport as _};

/// Certificates that end sooner than this were not renewed when they should have been.
const CERTIFICATE_DAYS_MIN: i64 = 7;
/// How far the clock may be off before somebody should look at it, in seconds. Messages go out all the same.
const CLOCK_SECONDS_MAX: i64 = 60;
/// How long a message may wait before it is worth a word, in seconds.
const OUTBOX_SECONDS_MAX: i64 = 6 * 60 * 60;

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub what: &'static str,
    /// Whether it is well.
    pub well: bool,
    /// In words.
    pub words: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.well { "ok  " } else { "LOOK" };
        write!(f, "{mark} {:<13} {}", self.what, self.words)
    }
}

fn finding(what: &'static str, well: bool, words: impl Into<String>) -> Finding {
    // SQLite describes damage on several lines; a finding is one.
    Finding { what, well, words: words.into().replace('\n', "; ") }
}

/// Looks everything over. Later checks are left out where an earlier one makes them pointless.
pub async fn examine(config: &Config, clock: &dyn Clock) -> Vec<Finding> {
    let mut findings = vec![check_database(config)];
    let identity = match Identity::read(&config.data) {
        Ok(Some(identity)) => identity,
        Ok(None) => {
            findings.push(finding("identity", false, "none: run `gradimento-collector init`"));
            return findings;
        }
        Err(error) => {
            findings.push(finding("identity", false, error.to_string()));
            return findings;
        }
    };
    match Member::of(&identity) {
        Ok(member) => {
            findings.push(finding("identity", true, format!("{}, stream {}", member.agency, member.stream)));
            let now = clock.now();
            let left = member.validity.days_left(now);
            findings.push(finding("certificates", left >= CERTIFICATE_DAYS_MIN, format!("good for {left} more days")));
            findings.extend(check_aggregator(member, now).await);
        }
        Err(error) => findings.push(finding("identity", false, error.to_string())),
    }
    findings.extend(
        check_contents(config, clock.now()).unwrap_or_else(|error| vec![finding("contents", false, error.to_string())]),
    );
    findings
}

fn check_database(config: &Config) -> Finding {
    match inspect(&database(&config.data)) {
        Ok(()) => finding("database", true, "sound, and every answer is on disk before it is acknowledged"),
        Err(error) => finding("database", false, error.to_string()),
    }
}

async fn check_aggregator(member: Member, now: Timestamp) -> Vec<Finding> {
    let path = format!("/rest/cx/v1/streams/{}/head", member.stream);
    let line = Line::new(&member.messages_url, member.messages_tls);
    let reply = match line.send(Request { path, headers: Vec::new(), body: None }).await {
        Ok(reply) => reply,
        Err(error) => return vec![finding("aggregator", false, format!("{}: {error}", member.messages_url))],
    };
    let words = match reply.status {
        200 => format!("{} knows this collector", member.messages_url),
        status => format!("{} refuses this collector (status {status})", member.messages_url),
    };
    let mut findings = vec![finding("aggregator", reply.status == 200, words)];
    if let Some(date) = reply.date {
        let ahead = date.as_second() - now.as_second();
        let words = format!("{ahead} seconds behind the aggregator's; messages carry the aggregator's time");
        findings.push(finding("clock", ahead.abs() <= CLOCK_SECONDS_MAX, words));
    }
    findings
}

fn check_contents(config: &Config, now: Timestamp) -> Result<Vec<Finding>, StoreError> {
    let connection = open_reader(&database(&config.data))?;
    let assigned = documents::document(&connection, "assignment")?.is_some();
    let words =
        if assigned { "Istat has said what to ask" } else { "none yet: they arrive when `serve` reaches the aggregator" };
    let mut findings = vec![finding("questionnaires", assigned, words), check_outbox(&backlog(&connection)?, now)];
    if restoring::phase(&connection)?.is_some() {
        let words = "from a backup: citizens can answer, and sealing waits until `serve` has reached the aggregator";
        findings.push(finding("restored", true, words));
    }
    Ok(findings)
}

fn check_outbox(outbox: &Backlog, now: Timestamp) -> Finding {
    if let Some(why) = &outbox.quarantine {
        return finding("outbox", false, format!("the aggregator refuses a message ({why}): tell Istat; nothing is lost"));
    }
    let Some(oldest) = outbox.oldest else { return finding("outbox", true, "every message has its receipt") };
    let age = now.as_second() - oldest.as_second();
    let words = format!("{} messages wait, the oldest for {} minutes", outbox.waiting, age / 60);
    finding("outbox", age <= OUTBOX_SECONDS_MAX, words)
}
