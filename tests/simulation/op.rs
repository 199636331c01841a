//! What can happen: the vocabulary of which histories are made. An operation carries everything that it needs, so that a
//! history can be printed, cut down and run again.

use rand::rngs::StdRng;
use rand::{Rng, RngExt as _};

/// Agencies in a history, each with one collector at a time.
pub const AGENCIES: u8 = 2;
/// Services of each agency.
pub const SERVICES: u8 = 2;

/// One thing that happens. Where there is nothing to which it could happen, it has no effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// A citizen answers; with a ticket of a transaction, or without. The reply may get lost.
    Answer { agency: u8, service: u8, ticketed: bool, told: bool },
    /// A program answers under a key that it has drawn. The reply may get lost.
    AnswerKeyed { agency: u8, service: u8, told: bool },
    /// An earlier key is used for another answer, at the other service.
    KeyElsewhere { agency: u8, nth: u16 },
    /// A citizen sends an earlier submission again.
    AnswerAgain { agency: u8, nth: u16 },
    /// One submission arrives twice at the same moment, or one ticket with two submissions.
    AtOnce { agency: u8, service: u8, ticketed: bool },
    /// A ticket is used for another submission.
    TicketAgain { agency: u8, nth: u16 },
    /// A form is sent that was rendered under the version before.
    OldForm { agency: u8, service: u8 },
    /// A citizen takes a response back.
    Withdraw { agency: u8, nth: u16 },
    /// Time passes.
    Tick { minutes: u32 },
    /// The month ends.
    CloseMonth,
    /// A seal boundary.
    Seal { agency: u8 },
    /// The collector says what is to be said about itself.
    Speak { agency: u8 },
    /// One step of the courier.
    Push { agency: u8, line: Line },
    /// A request that was held up on its way arrives at last.
    DeliverLate { nth: u8 },
    /// A request that arrived before arrives again, byte for byte.
    Repeat { nth: u8 },
    /// A clock is set wrong: a collector's, or the aggregator's (one more than there are agencies).
    Skew { whose: u8, hours: i16 },
    /// The collector asks what to ask.
    Pull { agency: u8, line: Line },
    /// The aggregator has another policy.
    Policy { k: u32, r: u32 },
    /// The aggregator publishes another version of the questionnaire.
    Publish,
    /// New keys and certificates.
    Renew { agency: u8, line: Line },
    /// A collector is revoked, and its agency joins with another.
    Revoke { agency: u8 },
    /// A collector is killed and starts again.
    CrashCollector { agency: u8, moment: Moment },
    /// The aggregator is killed and starts again, at a moment of its work on a message of this agency.
    CrashAggregator { agency: u8, moment: Moment },
    /// The disk does not take a transaction that touches this table.
    CommitFails { agency: u8, table: Table },
    /// The aggregator's database is backed up.
    BackUpAggregator,
    /// The aggregator's database is lost, and the last backup takes its place.
    RestoreAggregator,
    /// A collector is backed up.
    BackUpCollector { agency: u8 },
    /// A collector is lost, and its last backup takes its place.
    RestoreCollector { agency: u8 },
}

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// It arrives, and so does the reply.
    Whole,
    /// It does not arrive.
    RequestLost,
    /// It arrives, the reply does not.
    ReplyLost,
    /// It arrives twice.
    Twice,
    /// It is held up, and the sender gives up meanwhile.
    Late,
    /// Something on the way answers in the aggregator's place, with a receipt that was given for something else.
    Impostor,
}

/// When one of the two is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// While nothing is under way.
    Idle,
    /// After an answer has arrived and before it is stored.
    Answering,
    /// Within the transaction of a seal boundary.
    Sealing,
    /// After a message has arrived and before it is in the ledger.
    Accepting,
    /// When the ledger has it: before the receipt is sent, or before it is kept.
    Confirming,
}

/// What is written at the moment when the disk fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// A response, with its marks.
    Pool,
    /// The sums of a response.
    Tally,
    /// A message, with what it says.
    Outbox,
    /// A receipt.
    Receipt,
    /// An entry of the ledger.
    Entry,
    /// The sums of a batch.
    Rollup,
}

type Draw = fn(&mut StdRng) -> Op;

/// How often each kind of operation is drawn.
const WEIGHTS: [(u32, Draw); 28] = [
    (330, |rng| Op::Answer {
        agency: agency(rng),
        service: hot(rng),
        ticketed: rng.random_bool(0.3),
        told: rng.random_bool(0.9),
    }),
    (20, |rng| Op::AnswerKeyed { agency: agency(rng), service: hot(rng), told: rng.random_bool(0.9) }),
    (8, |rng| Op::KeyElsewhere { agency: agency(rng), nth: rng.random() }),
    (60, |rng| Op::AnswerAgain { agency: agency(rng), nth: rng.random() }),
    (12, |rng| Op::AtOnce { agency: agency(rng), service: hot(rng), ticketed: rng.random() }),
    (12, |rng| Op::TicketAgain { agency: agency(rng), nth: rng.random() }),
    (5, |rng| Op::OldForm { agency: agency(rng), service: hot(rng) }),
    (20, |rng| Op::Withdraw { agency: agency(rng), nth: rng.random() }),
    (110, |rng| Op::Tick { minutes: minutes(rng) }),
    (6, |_| Op::CloseMonth),
    (50, |rng| Op::Seal { agency: agency(rng) }),
    (14, |rng| Op::Speak { agency: agency(rng) }),
    (115, |rng| Op::Push { agency: agency(rng), line: line(rng) }),
    (40, |rng| Op::DeliverLate { nth: rng.random() }),
    (30, |rng| Op::Repeat { nth: rng.random() }),
    (30, |rng| Op::Skew { whose: rng.random_range(0..=AGENCIES), hours: skew(rng) }),
    (15, |rng| Op::Pull { agency: agency(rng), line: line(rng) }),
    (8, |rng| Op::Policy { k: rng.random_range(5..9), r: rng.random_range(0..4) }),
    (8, |_| Op::Publish),
    (5, |rng| Op::Renew { agency: agency(rng), line: line(rng) }),
    (2, |rng| Op::Revoke { agency: agency(rng) }),
    (8, |rng| Op::CrashCollector { agency: agency(rng), moment: moment(rng) }),
    (8, |rng| Op::CrashAggregator { agency: agency(rng), moment: moment_of_a_message(rng) }),
    (8, |rng| Op::CommitFails { agency: agency(rng), table: table(rng) }),
    (8, |_| Op::BackUpAggregator),
    (8, |_| Op::RestoreAggregator),
    (12, |rng| Op::BackUpCollector { agency: agency(rng) }),
    (12, |rng| Op::RestoreCollector { agency: agency(rng) }),
];

impl Op {
    /// Something that may happen.
    pub fn random(rng: &mut StdRng) -> Self {
        let all: u32 = WEIGHTS.iter().map(|(weight, _)| weight).sum();
        let mut drawn = rng.random_range(0..all);
        for (weight, make) in WEIGHTS {
            if drawn < weight {
                return make(rng);
            }
            drawn -= weight;
        }
        Self::CloseMonth
    }

    /// The agency whose collector it touches. A seal boundary is looked at where it happens.
    pub fn agency(self) -> Option<u8> {
        match self {
            Self::Answer { agency, .. }
            | Self::AnswerKeyed { agency, .. }
            | Self::KeyElsewhere { agency, .. }
            | Self::AnswerAgain { agency, .. }
            | Self::AtOnce { agency, .. }
            | Self::TicketAgain { agency, .. }
            | Self::OldForm { agency, .. }
            | Self::Withdraw { agency, .. }
            | Self::Speak { agency }
            | Self::Push { agency, .. }
            | Self::Pull { agency, .. }
            | Self::Renew { agency, .. }
            | Self::Revoke { agency }
            | Self::CrashCollector { agency, .. }
            | Self::CrashAggregator { agency, .. }
            | Self::BackUpCollector { agency }
            | Self::RestoreCollector { agency }
            | Self::CommitFails { agency, .. } => Some(agency),
            _ => None,
        }
    }

    /// Its name, with what makes it a case of its own.
    pub fn name(self) -> String {
        let word = format!("{self:?}");
        let word = word.split([' ', '{']).next().unwrap_or_default().to_owned();
        match self {
            Self::Push { line, .. } | Self::Pull { line, .. } | Self::Renew { line, .. } => format!("{word} {line:?}"),
            Self::CrashCollector { moment, .. } | Self::CrashAggregator { moment, .. } => format!("{word} {moment:?}"),
            Self::CommitFails { table, .. } => format!("{word} {table:?}"),
            Self::Answer { ticketed: true, .. } => format!("{word} ticketed"),
            Self::AtOnce { ticketed: true, .. } => format!("{word} ticketed"),
            _ => word,
        }
    }
}

fn agency(rng: &mut StdRng) -> u8 {
    u8::from(rng.random_bool(0.4))
}

/// Services are not asked alike: one pool fills, another waits for the end of the month.
fn hot(rng: &mut StdRng) -> u8 {
    u8::from(rng.random_bool(0.25))
}

fn minutes(rng: &mut StdRng) -> u32 {
    match rng.next_u32() % 4 {
        0 => rng.random_range(1..5),
        1 => rng.random_range(5..120),
        2 => rng.random_range(120..48 * 60),
        _ => rng.random_range(48 * 60..12 * 24 * 60),
    }
}

fn skew(rng: &mut StdRng) -> i16 {
    if rng.random_bool(0.4) { 0 } else { rng.random_range(-168..=168) }
}

fn line(rng: &mut StdRng) -> Line {
    match rng.random_range(0..20) {
        0 => Line::RequestLost,
        1..3 => Line::ReplyLost,
        3 => Line::Twice,
        4 => Line::Late,
        5 => Line::Impostor,
        _ => Line::Whole,
    }
}

fn moment(rng: &mut StdRng) -> Moment {
    [Moment::Idle, Moment::Answering, Moment::Sealing, Moment::Confirming][rng.random_range(0..4)]
}

fn moment_of_a_message(rng: &mut StdRng) -> Moment {
    [Moment::Idle, Moment::Accepting, Moment::Confirming][rng.random_range(0..3)]
}

fn table(rng: &mut StdRng) -> Table {
    [Table::Pool, Table::Tally, Table::Outbox, Table::Receipt, Table::Entry, Table::Rollup][rng.random_range(0..6)]
}
