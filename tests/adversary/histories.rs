//! Random histories of two agencies, watched from outside after every boundary, under the rules as built and under mistakes.

use std::collections::BTreeSet;

use gradimento_common::disclosure::{Policy, PoolKey};
use gradimento_common::ids::{Assurance, Edition};
use rand::rngs::StdRng;
use rand::{Rng as _, RngExt as _, SeedableRng as _};

use crate::attack::{Verdict, attack};
use crate::world::{Practice, World};

const AGENCIES: usize = 2;
/// Histories in continuous integration; `ADVERSARY_RUNS` asks for more.
const RUNS: u64 = 3_000;

/// What a history draws from: few services of very different size, so that pools of every size occur.
struct Habits {
    services: u32,
    steps: u32,
    /// How many answers come between two boundaries at most.
    burst: u32,
}

fn runs() -> u64 {
    std::env::var("ADVERSARY_RUNS").ok().map_or(RUNS, |runs| runs.parse().expect("ADVERSARY_RUNS is a number"))
}

/// One history of `seed`, what the adversary makes of it, and the k that it began with, which only grows.
fn history(practice: Practice, seed: u64) -> (Verdict, usize) {
    let mut rng = StdRng::seed_from_u64(seed);
    let policy = Policy::new(1, rng.random_range(5..=10), rng.random_range(0..=3)).unwrap();
    let habits =
        Habits { services: rng.random_range(1..=4), steps: rng.random_range(20..=60), burst: rng.random_range(2..=25) };
    let mut world = World::new(practice, policy, AGENCIES);
    let mut version = 1;
    for _ in 0..habits.steps {
        step(&mut world, &habits, &mut version, &mut rng);
    }
    // Two months later the small pools have rolled up, where they can.
    for _ in 0..2 {
        close_month(&mut world, &mut rng);
    }
    let k = policy.k() as usize;
    (attack(&world.seen, &BTreeSet::new(), k), k)
}

fn step(world: &mut World, habits: &Habits, version: &mut u32, rng: &mut StdRng) {
    let agency = rng.random_range(0..AGENCIES);
    match rng.random_range(0..100u32) {
        0..60 => {
            for _ in 0..rng.random_range(1..=habits.burst) {
                let key = key(habits, *version, rng);
                world.answer(agency, key);
            }
        }
        60..66 => world.withdraw(agency, rng.next_u32() as usize),
        66..84 => {
            world.boundary(agency, rng);
            world.look();
        }
        84..90 => close_month(world, rng),
        90..94 => world.back_up(agency),
        94..98 => world.restore(agency),
        98..99 => *version += 1,
        _ => world.policy = world.policy.raised_to(world.policy.k() + 1, world.policy.r()),
    }
}

fn close_month(world: &mut World, rng: &mut StdRng) {
    world.next_month();
    for agency in 0..AGENCIES {
        world.boundary(agency, rng);
        world.reopen(agency);
        world.look();
    }
}

/// The first service gets half of the answers, the second a quarter, and so on.
fn key(habits: &Habits, version: u32, rng: &mut StdRng) -> PoolKey {
    let service = rng.next_u32().trailing_zeros().min(habits.services - 1);
    let assurance = if rng.random_range(0..4u32) == 0 { Assurance::Ticketed } else { Assurance::Open };
    let edition = Edition { questionnaire: "core".parse().unwrap(), version };
    PoolKey { service: format!("s{service}").parse().unwrap(), edition, assurance }
}

#[test]
fn nobody_is_isolated_by_any_sum_or_difference_of_what_leaves() {
    let (mut totals, mut busy, mut smallest) = (0, 0, usize::MAX);
    for seed in 0..runs() {
        let (verdict, k) = history(Practice::Designed, seed);
        assert!(verdict.find.is_none(), "seed {seed}: {:?}", verdict.find);
        // Stronger than no find: whoever stands in the same totals is at least k, so that no sum can say less.
        assert!(verdict.smallest_atom.is_none_or(|size| size >= k), "seed {seed}: {:?} under {k}", verdict.smallest_atom);
        totals += verdict.totals;
        busy += u64::from(verdict.smallest_atom.is_some());
        smallest = verdict.smallest_atom.map_or(smallest, |size| size.min(smallest));
    }
    println!("{} histories, {busy} with batches, {totals} totals seen, smallest atom {smallest}", runs());
    // An adversary to whom nothing is shown would find nothing either.
    assert!(busy > runs() / 2 && smallest == 5);
}

/// In which share of histories somebody was isolated, and in which fewer than k people stand in the same totals: the one is a find,
/// the other breaks the promise that makes finds impossible.
fn shares(practice: Practice) -> (f64, f64) {
    let runs = runs().min(400);
    let verdicts: Vec<_> = (0..runs).map(|seed| history(practice, seed)).collect();
    let found = verdicts.iter().filter(|(verdict, _)| verdict.find.is_some()).count();
    let small = verdicts.iter().filter(|(verdict, k)| verdict.smallest_atom.is_some_and(|size| size < *k)).count();
    println!("{practice:?}: of {runs} histories {found} isolated somebody, {small} left small atoms");
    let example = verdicts.into_iter().find_map(|(verdict, _)| verdict.find);
    example.into_iter().for_each(|find| println!("  for example {} people, by {:?}", find.people.len(), find.places));
    (found as f64 / runs as f64, small as f64 / runs as f64)
}

#[test]
fn suppressing_small_cells_instead_of_letting_them_wait_is_found_out() {
    assert!(shares(Practice::SuppressSmallCells).0 > 0.9);
}

#[test]
fn live_tallies_on_a_public_page_are_found_out() {
    assert!(shares(Practice::LiveTallies).0 > 0.9);
}

#[test]
fn a_restore_that_seals_again_what_was_sent_is_found_out() {
    let (found, small) = shares(Practice::RestoreWithoutEpoch);
    assert!(found > 0.0 && small > 0.05);
}

#[test]
fn a_restore_that_forgets_the_parent_of_small_pools_is_found_out() {
    assert!(shares(Practice::RestoreForgettingTheParent).1 > 0.0);
}

#[test]
fn a_roll_up_that_reopens_a_batch_is_found_out() {
    assert!(shares(Practice::RollUpReopensABatch).0 > 0.5);
}

#[test]
fn pools_sealed_below_k_are_found_out() {
    assert!(shares(Practice::SealSmallPools).0 > 0.5);
}
