//! What the adversary does with what he has seen: he looks for an integer combination of released totals that counts between one
//! person and k - 1.
//!
//! Trying unions and differences one by one is hopeless and needless. People who stand in exactly the same totals, equally often,
//! can never be told apart by sums: they form an *atom*, and whatever is added to or subtracted from whatever counts whole atoms.
//! Where every atom has at least k people, no combination at all isolates fewer: that is a proof for everything that was seen, not
//! a search. Where a small atom exists, Gaussian elimination tells whether the totals suffice to compute it.

use std::collections::{BTreeMap, BTreeSet};

pub type Person = u32;

/// One total that left the collector: everybody whom it counts, as often as it counts them.
#[derive(Debug, Clone)]
pub struct Release {
    /// Where it was to be seen.
    pub place: &'static str,
    pub people: Vec<Person>,
}

/// Fewer than k people whose answers can be computed.
#[derive(Debug, Clone)]
pub struct Find {
    pub people: Vec<Person>,
    /// Where totals were to be seen that count them.
    pub places: BTreeSet<&'static str>,
}

/// What the adversary came to.
#[derive(Debug)]
pub struct Verdict {
    pub totals: usize,
    /// The smallest set of people that stand in the same totals.
    pub smallest_atom: Option<usize>,
    pub find: Option<Find>,
}

/// Everything that can be computed from these totals, by somebody who also knows the answers of `own`.
pub fn attack(releases: &[Release], own: &BTreeSet<Person>, k: usize) -> Verdict {
    let atoms = atoms(releases, own);
    let smallest_atom = atoms.iter().map(Vec::len).min();
    let small: Vec<usize> = (0..atoms.len()).filter(|atom| atoms[*atom].len() < k).collect();
    let find = if small.is_empty() { None } else { computable(releases, &atoms, &small, k) };
    Verdict { totals: releases.len(), smallest_atom, find }
}

/// People by the totals in which they stand. Each total gets a random weight, each person the sum of his totals' weights; two
/// people of different atoms agree with probability 2^-64.
fn atoms(releases: &[Release], own: &BTreeSet<Person>) -> Vec<Vec<Person>> {
    let people = releases.iter().flat_map(|release| &release.people).max().map_or(0, |last| *last as usize + 1);
    let mut signatures = vec![0u64; people];
    for (weight, release) in (1..).map(scrambled).zip(releases) {
        for person in &release.people {
            let signature = &mut signatures[*person as usize];
            *signature = signature.wrapping_add(weight);
        }
    }
    let mut atoms = BTreeMap::<u64, Vec<Person>>::new();
    for (person, signature) in (0..).zip(signatures).filter(|(person, signature)| *signature != 0 && !own.contains(person)) {
        atoms.entry(signature).or_default().push(person);
    }
    atoms.into_values().collect()
}

/// The finisher of SplitMix64 (Steele, Lea, Flood 2014): a fixed scrambling, so that a verdict depends on what was seen only.
fn scrambled(n: u64) -> u64 {
    let z = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A union of up to three small atoms, of fewer than k people, that the totals determine.
fn computable(releases: &[Release], atoms: &[Vec<Person>], small: &[usize], k: usize) -> Option<Find> {
    let basis = Basis::of(releases, atoms);
    let size = |union: &[usize]| union.iter().map(|atom| atoms[*atom].len()).sum::<usize>();
    let mut unions: Vec<Vec<usize>> = small.iter().map(|atom| vec![*atom]).collect();
    for _ in 0..3 {
        if let Some(union) = unions.iter().find(|union| basis.spans(union)) {
            return Some(shown(releases, union.iter().flat_map(|atom| atoms[*atom].clone()).collect()));
        }
        let wider = unions.iter().flat_map(|union| {
            let later = small.iter().filter(|atom| union.last() < Some(*atom));
            later.map(|atom| union.iter().copied().chain([*atom]).collect::<Vec<_>>())
        });
        unions = wider.filter(|union| size(union) < k).take(20_000).collect();
    }
    None
}

fn shown(releases: &[Release], people: Vec<Person>) -> Find {
    let counting = releases.iter().filter(|release| release.people.iter().any(|person| people.contains(person)));
    Find { places: counting.map(|release| release.place).collect(), people }
}

/// A prime under 2^61: sums are solved modulo it. What is solvable over the rationals is solvable here but for chances of 2^-60.
const PRIME: u128 = (1 << 61) - 1;

/// The totals as vectors over atoms, in reduced echelon form: by pivot, a row with 1 there and 0 at every other pivot.
struct Basis {
    rows: BTreeMap<usize, Vec<u128>>,
    width: usize,
}

impl Basis {
    fn of(releases: &[Release], atoms: &[Vec<Person>]) -> Self {
        let first: BTreeMap<Person, usize> = (0..).zip(atoms).map(|(atom, people)| (people[0], atom)).collect();
        let mut basis = Self { rows: BTreeMap::new(), width: atoms.len() };
        let mut seen = BTreeSet::new();
        for release in releases {
            let mut row = vec![0; atoms.len()];
            release.people.iter().filter_map(|person| first.get(person)).for_each(|atom| row[*atom] += 1);
            if seen.insert(row.clone()) {
                basis.add(row);
            }
        }
        basis
    }

    fn add(&mut self, mut row: Vec<u128>) {
        self.reduce(&mut row);
        let Some(pivot) = row.iter().position(|n| *n != 0) else { return };
        let inverse = power(row[pivot], PRIME - 2);
        row.iter_mut().for_each(|n| *n = *n * inverse % PRIME);
        for other in self.rows.values_mut() {
            subtract(other, &row, pivot);
        }
        self.rows.insert(pivot, row);
    }

    fn reduce(&self, row: &mut [u128]) {
        self.rows.iter().for_each(|(pivot, basis)| subtract(row, basis, *pivot));
    }

    fn spans(&self, union: &[usize]) -> bool {
        let mut row = vec![0; self.width];
        union.iter().for_each(|atom| row[*atom] = 1);
        self.reduce(&mut row);
        row.iter().all(|n| *n == 0)
    }
}

fn subtract(row: &mut [u128], basis: &[u128], pivot: usize) {
    let factor = row[pivot];
    if factor != 0 {
        row.iter_mut().zip(basis).for_each(|(n, basis)| *n = (*n + (PRIME - factor) * basis) % PRIME);
    }
}

fn power(base: u128, mut exponent: u128) -> u128 {
    let (mut base, mut result) = (base % PRIME, 1);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = result * base % PRIME;
        }
        base = base * base % PRIME;
        exponent >>= 1;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(people: impl IntoIterator<Item = Person>) -> Release {
        Release { place: "test", people: people.into_iter().collect() }
    }

    fn found(releases: &[Release]) -> Option<Vec<Person>> {
        attack(releases, &BTreeSet::new(), 10).find.map(|find| find.people)
    }

    #[test]
    fn a_difference_of_two_totals_is_found_and_disjoint_totals_give_nothing() {
        assert_eq!(found(&[release(0..20), release(3..20)]), Some(vec![0, 1, 2]));
        assert_eq!(found(&[release(0..20), release(20..40), release(0..40)]), None);
    }

    #[test]
    fn a_total_over_everybody_less_the_totals_of_all_but_one_is_found() {
        let all = release(0..34);
        assert_eq!(found(&[release(0..10), release(10..20), release(20..30), all]), Some(vec![30, 31, 32, 33]));
    }

    #[test]
    fn small_atoms_that_no_sum_separates_are_not_called_a_find() {
        // Two overlapping totals: the three who are in both cannot be computed, for nothing tells the union.
        assert_eq!(found(&[release(0..13), release(10..23)]), None);
        // With the union they can.
        assert_eq!(found(&[release(0..13), release(10..23), release(0..23)]), Some(vec![10, 11, 12]));
    }

    #[test]
    fn only_weighted_sums_reach_who_was_counted_twice() {
        let twice = release((0..12).chain(9..21));
        assert_eq!(found(&[release(0..21), twice]), Some(vec![9, 10, 11]));
    }

    #[test]
    fn whoever_knows_all_other_answers_of_a_total_knows_the_last() {
        let own = (0..11).collect();
        assert_eq!(attack(&[release(0..12)], &own, 10).find.unwrap().people, [11]);
    }
}
