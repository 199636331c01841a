//! Breakdowns of a month leave once. A collector that comes back from a backup does not know that they have left, and must not
//! draw their noise again: not where its clock is wrong, and not where the aggregator has lost them.

use std::path::PathBuf;

use gradimento_aggregator::store::RollupFilter;
use gradimento_collector::push::Step;
use gradimento_collector::store::open_reader;
use gradimento_collector::store::restoring::{Phase, phase};
use gradimento_common::calendar::Day;
use gradimento_common::clock::Clock as _;
use gradimento_common::message::{Message, Payload};
use gradimento_tests::{Aggregator, Collector, SkewedClock};
use jiff::SignedDuration;
use tempfile::TempDir;

use crate::restoring::{copy_of, deliver, seal_and_deliver};

/// A clock that has lost its battery.
const LONG_AGO: SignedDuration = SignedDuration::from_hours(-24 * 70);
const RIGHT: SignedDuration = SignedDuration::ZERO;

/// How far it is to the end of the month before, and to a day on which breakdowns of that month leave, whatever day it is.
fn moments() -> (SignedDuration, SignedDuration) {
    let today = Day::of(SkewedClock::default().now()).to_string();
    let day: i64 = today.rsplit('-').next().unwrap().parse().unwrap();
    (SignedDuration::from_hours(-24 * (day + 1)), SignedDuration::from_hours(24 * (7 - day).max(0)))
}

/// What the aggregator has, with a copy of it, and a backup of a collector, both from before last month's breakdowns left.
struct Released {
    aggregator: Aggregator,
    before: TempDir,
    _kept: TempDir,
    backup: PathBuf,
}

async fn released() -> Released {
    let (aggregator, (last_month, due)) = (Aggregator::start().await, moments());
    let mut former = aggregator.collector("inps", 1, RIGHT).await;
    former.clock.set(last_month);
    former.answers(14, 4).await;
    former.seal().await;
    former.clock.set(RIGHT);
    deliver(&mut former).await;
    let (before, kept) = (copy_of(&aggregator), former.backup());
    former.clock.set(due);
    seal_and_deliver(&mut former).await;
    assert_eq!((broken_down(&former), published(&aggregator)), (1, 1));
    let backup = kept.path().join("backup");
    Released { aggregator, before, _kept: kept, backup }
}

/// Messages with breakdowns that a collector has ever made.
fn broken_down(collector: &Collector) -> usize {
    let connection = open_reader(&collector.database()).unwrap();
    let mut statement = connection.prepare("SELECT body FROM outbox").unwrap();
    let bodies = statement.query_map([], |row| row.get::<_, Vec<u8>>(0)).unwrap();
    let messages = bodies.map(|body| Message::parse(&body.unwrap()).unwrap());
    messages.filter(|message| matches!(message.payload, Payload::Breakdowns(_))).count()
}

fn published(aggregator: &Aggregator) -> usize {
    aggregator.office().store.breakdowns(&RollupFilter::default()).unwrap().len()
}

/// The collector comes back from its backup while its clock is off by so much.
async fn comes_back(world: &Released, skew: SignedDuration) -> Collector {
    let mut inps = Collector::restored(&world.backup, SkewedClock::off_by(skew));
    deliver(&mut inps).await;
    assert_eq!(inps.desk.store.read(phase).unwrap(), None);
    inps
}

/// Its clock is put right, and what is due leaves or is given up. Nothing stands in the way of what comes after.
async fn goes_on(world: &Released, mut inps: Collector) -> usize {
    inps.clock.set(moments().1);
    let sealed = || inps.number("SELECT (SELECT COUNT(*) FROM sealed) + (SELECT COUNT(*) FROM sealed_today)");
    assert!(sealed() >= 12, "what was due is there");
    inps.seal().await;
    assert_eq!(sealed(), 0);
    let before = world.aggregator.national().await;
    inps.answers(12, 2).await;
    seal_and_deliver(&mut inps).await;
    assert_eq!(inps.number("SELECT COUNT(*) FROM outbox WHERE receipt IS NULL"), 0);
    assert!(world.aggregator.national().await >= before + 10);
    broken_down(&inps)
}

/// Until which month it has given breakdowns up, as a number: 202611.
fn given_up_until(collector: &Collector) -> u64 {
    let sql =
        "SELECT CAST(replace(CAST(value AS TEXT), '-', '') AS INTEGER) FROM installation WHERE name = 'breakdowns_forfeited'";
    collector.number(sql)
}

fn month(skew: SignedDuration) -> u64 {
    Day::of(SkewedClock::off_by(skew).now()).month().to_string().replace('-', "").parse().unwrap()
}

#[actix_web::test]
async fn breakdowns_that_the_aggregator_has_are_not_drawn_again_after_a_restore() {
    let world = released().await;
    let inps = comes_back(&world, RIGHT).await;
    assert_eq!((goes_on(&world, inps).await, published(&world.aggregator)), (0, 1));
}

#[actix_web::test]
async fn those_that_it_has_lost_are_not_drawn_again_whichever_clock_was_behind() {
    for (own, whose) in [(LONG_AGO, RIGHT), (-LONG_AGO, -LONG_AGO)] {
        let mut world = released().await;
        world.aggregator.restore(&world.before.path().join("aggregator.sqlite")).await;
        let inps = comes_back(&world, own).await;
        assert_eq!(given_up_until(&inps), month(whose), "by the clock that is ahead");
        assert_eq!((goes_on(&world, inps).await, published(&world.aggregator)), (0, 0));
    }
}

#[actix_web::test]
async fn those_that_it_has_are_not_drawn_again_though_no_clock_knew_the_month() {
    let world = released().await;
    let mut inps = Collector::restored(&world.backup, SkewedClock::default());
    while !matches!(inps.desk.store.read(phase).unwrap(), Some(Phase::Opened { .. })) {
        assert_ne!(inps.push().await, Step::Idle);
    }
    // As if both clocks had been wrong until here.
    let file = rusqlite::Connection::open(inps.database()).unwrap();
    assert_eq!(file.execute("DELETE FROM installation WHERE name = 'breakdowns_forfeited'", []).unwrap(), 1);
    deliver(&mut inps).await;
    assert_eq!(given_up_until(&inps), month(moments().0));
    assert_eq!((goes_on(&world, inps).await, published(&world.aggregator)), (0, 1));
}
