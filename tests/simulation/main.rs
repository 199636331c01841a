//! The simulation: the real stages of both sides on clocks that are set by hand and a wire in memory, driven by random histories.
//! Everything that can go wrong does. After every operation the rules are looked up that it may have broken: of the collector that
//! it touched, and of the ledger where something may have reached it; at the end of a history all of them.
//!
//! `SIM_SEED` (default 1), `SIM_HISTORIES` and `SIM_OPS` (default 200) choose what is run; `run`, beside this file, runs ten
//! thousand. A history that fails is cut down (unless `SIM_SHRINK=0`) and printed, to be kept in `reproductions.rs`.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot go on fails, and says what it found"
)]

mod aggregator;
mod collector;
mod disk;
mod form;
mod history;
mod invariants;
mod member;
mod op;
mod reproductions;
mod shrink;
mod template;
mod wire;
mod world;

use history::{Effects, Failure};
use template::Template;

/// Histories of a run that does not say otherwise: what a build without optimisation does in some seconds.
const HISTORIES: u64 = 100;
/// Operations of a history.
const OPS: u64 = 200;
/// Times that each kind of operation must have had an effect, in a run of this many histories: a simulation whose operations do
/// nothing proves nothing.
const EFFECTS_MIN: (u64, u64) = (1, 100);

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

#[test]
fn whatever_happens_nothing_is_lost_and_nothing_counts_twice() {
    let (seed, histories, ops) = (setting("SIM_SEED", 1), setting("SIM_HISTORIES", HISTORIES), setting("SIM_OPS", OPS));
    let ops = usize::try_from(ops).unwrap();
    let (template, mut effects) = (Template::make(), Effects::new());
    for seed in seed..seed + histories {
        if let Err(failure) = history::run(&template, seed, &history::operations(seed, ops), &mut effects) {
            report(&template, seed, ops, failure);
        }
    }
    summarise(&effects, seed, histories, ops);
}

fn report(template: &Template, seed: u64, ops: usize, failure: Failure) {
    println!("seed {seed} fails at operation {}: {}", failure.at, failure.violation);
    if setting("SIM_SHRINK", 1) == 0 {
        panic!("seed {seed}");
    }
    let (ops, failure) = shrink::shrink(template, seed, history::operations(seed, ops), failure);
    println!("cut down to {} operations:", ops.len());
    ops.iter().for_each(|op| println!("    {op:?},"));
    panic!("seed {seed}: {}", failure.violation);
}

fn summarise(effects: &Effects, seed: u64, histories: u64, ops: usize) {
    println!("simulation: {histories} histories of {ops} operations from seed {seed}, no violation");
    for (name, (happened, effects)) in effects {
        println!("    {name}: {happened}, {effects} with an effect");
    }
    let (times, of) = EFFECTS_MIN;
    let idle: Vec<_> = effects.iter().filter(|(_, (_, effects))| *effects < histories * times / of).collect();
    assert!(idle.is_empty(), "these had hardly any effect: {idle:?}");
}
