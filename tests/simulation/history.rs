//! A history from its beginning to where everything has calmed down, and what it came to.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;

use gradimento_collector::push::Step;
use jiff::SignedDuration;
use rand::SeedableRng as _;
use rand::rngs::StdRng;

use crate::form;
use crate::invariants::{Check, Violation, rule};
use crate::op::{AGENCIES, Line, Op};
use crate::template::Template;
use crate::world::World;

/// Attempts to deliver one message once everything works; a courier that needs more is stuck.
const ATTEMPTS_MAX: u32 = 400;

/// How often each kind of operation happened, and how often with an effect.
pub type Effects = BTreeMap<String, (u64, u64)>;

/// What went wrong, and at which operation; after the last one, while things calmed down.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The first operation after which a rule did not hold.
    pub at: usize,
    /// Which rule.
    pub violation: Violation,
}

/// The operations of the history with this seed.
pub fn operations(seed: u64, count: usize) -> Vec<Op> {
    let mut rng = StdRng::seed_from_u64(seed);
    (0..count).map(|_| Op::random(&mut rng)).collect()
}

/// Runs a history. What panics broke a rule that somebody has written into the code.
pub fn run(template: &Template, seed: u64, ops: &[Op], effects: &mut Effects) -> Result<(), Failure> {
    let at = std::cell::Cell::new(0);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let history = || runtime.block_on(live(template, seed, ops, effects, &at));
    let lived = std::panic::catch_unwind(AssertUnwindSafe(history));
    lived
        .unwrap_or_else(|_| Err(Violation("something panicked".to_owned())))
        .map_err(|violation| Failure { at: at.get(), violation })
}

async fn live(template: &Template, seed: u64, ops: &[Op], effects: &mut Effects, at: &std::cell::Cell<usize>) -> Check {
    let mut world = World::begin(template, seed);
    // What every collector does when it starts.
    for agency in 0..AGENCIES {
        world.apply(Op::Pull { agency, line: Line::Whole }).await?;
    }
    for (number, op) in ops.iter().enumerate() {
        at.set(number);
        let effect = world.apply(*op).await?;
        count(effects, op.name(), effect);
    }
    at.set(ops.len());
    calm_down(&mut world).await?;
    count(effects, "(histories with noisy batches)".to_owned(), world.ledger.has_noise());
    count(effects, "(histories with breakdowns)".to_owned(), world.broken_down > 0);
    Ok(())
}

fn count(effects: &mut Effects, name: String, effect: bool) {
    let counts = effects.entry(name).or_default();
    *counts = (counts.0 + 1, counts.1 + u64::from(effect));
}

/// Everything works again, time passes, and what can be sealed and sent is. Then nothing may be missing.
async fn calm_down(world: &mut World) -> Check {
    for whose in 0..=AGENCIES {
        world.apply(Op::Skew { whose, hours: 0 }).await?;
    }
    for agency in 0..AGENCIES {
        settle(world, agency).await?;
        world.apply(Op::Pull { agency, line: Line::Whole }).await?;
        world.apply(Op::Seal { agency }).await?;
    }
    // Small pools leave together once their month is over.
    world.apply(Op::CloseMonth).await?;
    for agency in 0..AGENCIES {
        world.apply(Op::Seal { agency }).await?;
        // An aggregator that was restored shows what it lost to whoever speaks to it; a heartbeat is due at the latest.
        world.apply(Op::Speak { agency }).await?;
        settle(world, agency).await?;
    }
    world.check_all()?;
    for member in &world.members {
        let agency = member.collector.agency.key();
        let newest = member.books.said.keys().map(|(epoch, _)| *epoch).max();
        let given_up = member.books.said.iter().find(|((epoch, _), said)| said.stranded && Some(*epoch) == newest);
        rule(given_up.is_none(), || format!("a message of {agency} was given up for no reason: {given_up:?}"))?;
        for (position, said) in member.books.said.iter().filter(|(_, said)| !said.stranded) {
            rule(said.receipted, || format!("message {position:?} of {agency} has no receipt"))?;
            for (version, coordinate) in said.batches.iter().flat_map(form::coordinates) {
                let counted = world.ledger.counted.contains(&(agency.clone(), version, coordinate));
                rule(counted, || format!("c{coordinate} of version {version} of {agency} was sealed and never counted"))?;
            }
        }
    }
    Ok(())
}

/// Sends until nothing waits, with the help that a collector gets: new certificates, a day's patience, a person's approval.
async fn settle(world: &mut World, agency: u8) -> Check {
    for attempt in 0..ATTEMPTS_MAX {
        match world.push(agency, Line::Whole).await {
            Some(Step::Idle) => return world.check_books(agency),
            Some(Step::Refused(_)) => {
                world.renew(agency, Line::Whole).await;
                world.approve_recoveries(agency);
            }
            _ => (),
        }
        if attempt % 8 == 7 {
            world.tick(SignedDuration::from_hours(24));
        }
    }
    let step = world.push(agency, Line::Whole).await;
    Err(Violation(format!("the courier of agency {agency} gets no further: {step:?}")))
}
