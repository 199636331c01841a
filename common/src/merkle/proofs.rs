//! Proofs for those who hold a root and not the tree: that a leaf is in it, and that a later tree only appended to it.
//!
//! An agency checks with the first that its receipt was honoured, a monitor with the second that the ledger's past was not
//! rewritten. Verifying needs hashes only; building asks its caller for the roots of complete subtrees, wherever those are
//! kept ([`super::tiles::TileId::holding`] says where in the tiles).
//!
//! Source: RFC 6962 sections 2.1.1 and 2.1.2; verification as in RFC 9162 sections 2.1.3.2 and 2.1.4.2.

use std::ops::Range;

use thiserror::Error;

use super::{Frontier, Hash, empty_root, node_hash};

/// A complete subtree: the leaves from `index << height` up to, not including, `(index + 1) << height`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Subtree {
    /// Levels below its root: 0 for a single leaf; at most 63.
    pub height: u8,
    /// Its place among the subtrees of this height, from 0.
    pub index: u64,
}

impl Subtree {
    /// The leaves that it covers; `None` where no memory could hold so many.
    fn leaves(self) -> Option<Range<usize>> {
        let size = 1_usize.checked_shl(u32::from(self.height))?;
        let start = usize::try_from(self.index).ok()?.checked_mul(size)?;
        Some(start..start.checked_add(size)?)
    }
}

/// Why there is no proof, or why one proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ProofFault {
    /// The tree has no such leaf.
    #[error("a tree of {size} leaves has no leaf {index}")]
    NoSuchLeaf {
        /// The leaf that was asked for, from 0.
        index: u64,
        /// Leaves of the tree.
        size: u64,
    },
    /// The older tree is the larger one.
    #[error("a tree of {old_size} leaves does not grow into one of {new_size}")]
    Shrinks {
        /// Leaves of the older tree.
        old_size: u64,
        /// Leaves of the newer tree.
        new_size: u64,
    },
    /// A subtree that the proof needs is not among the hashes at hand.
    #[error("the hashes at hand do not reach subtree {} of height {}", .0.index, .0.height)]
    NotHeld(Subtree),
    /// The hashes lead elsewhere than to the roots, or there are too many or too few of them.
    #[error("the proof does not lead to the root")]
    Refuted,
}

/// Checks that the leaf hash `leaf` stands at `index` (from 0) in the tree of `size` leaves with this root.
///
/// # Errors
/// Where the tree has no such leaf or the proof does not show it.
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> Result<(), ProofFault> {
    let mut climb = Climb { node: index, last: last_leaf(index, size)? };
    let mut reached = *leaf;
    for sibling in proof {
        reached = match climb.step()? {
            Side::Left => node_hash(sibling, &reached),
            Side::Right => node_hash(&reached, sibling),
        };
    }
    require(climb.is_at_root() && reached == *root)
}

/// Checks that the tree of `new_size` leaves begins with the leaves of the tree of `old_size`.
///
/// # Errors
/// Where the tree shrinks or the proof does not show it.
pub fn verify_consistency(
    old_size: u64,
    new_size: u64,
    proof: &[Hash],
    old_root: &Hash,
    new_root: &Hash,
) -> Result<(), ProofFault> {
    require_growth(old_size, new_size)?;
    if old_size == new_size {
        return require(proof.is_empty() && old_root == new_root && (old_size > 0 || *old_root == empty_root()));
    }
    if old_size == 0 {
        return require(proof.is_empty() && *old_root == empty_root());
    }
    // Where the older tree is one complete subtree, its root is the first hash, and the proof leaves it out.
    let (first, rest) =
        if old_size.is_power_of_two() { (old_root, proof) } else { proof.split_first().ok_or(ProofFault::Refuted)? };
    let mut climb = Climb::from_complete_subtree_ending_at(old_size - 1, new_size - 1);
    let (mut old_reached, mut new_reached) = (*first, *first);
    for sibling in rest {
        match climb.step()? {
            Side::Left => {
                old_reached = node_hash(sibling, &old_reached);
                new_reached = node_hash(sibling, &new_reached);
            }
            // What lies to the right is not in the older tree.
            Side::Right => new_reached = node_hash(&new_reached, sibling),
        }
    }
    require(climb.is_at_root() && old_reached == *old_root && new_reached == *new_root)
}

/// The proof that leaf `index` (from 0) stands in the tree of `size` leaves: at most 64 hashes, from the leaf up.
///
/// `subtree` yields the roots of complete subtrees of that tree.
///
/// # Errors
/// Where the tree has no such leaf, and whatever `subtree` fails with.
pub fn prove_inclusion<E: From<ProofFault>>(
    index: u64,
    size: u64,
    mut subtree: impl FnMut(Subtree) -> Result<Hash, E>,
) -> Result<Vec<Hash>, E> {
    last_leaf(index, size)?;
    let mut around = 0..size;
    let mut proof = Vec::new();
    while around.end - around.start > 1 {
        let (left, right) = split(&around);
        let (within, sibling) = if left.contains(&index) { (left, right) } else { (right, left) };
        proof.push(span_root(&sibling, &mut subtree)?);
        around = within;
    }
    proof.reverse();
    Ok(proof)
}

/// The proof that the tree of `new_size` leaves begins with the tree of `old_size`: at most 65 hashes. It is empty where the
/// older tree is empty or both are the same.
///
/// `subtree` yields the roots of complete subtrees of the newer tree.
///
/// # Errors
/// Where the tree shrinks, and whatever `subtree` fails with.
pub fn prove_consistency<E: From<ProofFault>>(
    old_size: u64,
    new_size: u64,
    mut subtree: impl FnMut(Subtree) -> Result<Hash, E>,
) -> Result<Vec<Hash>, E> {
    require_growth(old_size, new_size)?;
    let mut around = 0..if old_size == 0 { 0 } else { new_size };
    let mut proof = Vec::new();
    while old_size < around.end {
        let (left, right) = split(&around);
        let (within, sibling) = if old_size <= left.end { (left, right) } else { (right, left) };
        proof.push(span_root(&sibling, &mut subtree)?);
        around = within;
    }
    // Now `around` ends where the older tree ends. Where it begins with it too, it is that tree, whose root everybody has.
    if around.start > 0 {
        proof.push(span_root(&around, &mut subtree)?);
    }
    proof.reverse();
    Ok(proof)
}

/// The roots of complete subtrees of a tree whose leaf hashes are all at hand, for [`prove_inclusion`] and
/// [`prove_consistency`]. Each call costs as many hashes as the subtree has leaves.
///
/// # Errors
/// The function yields [`ProofFault::NotHeld`] for a subtree beyond `leaves`.
pub fn subtrees_of(leaves: &[Hash]) -> impl Fn(Subtree) -> Result<Hash, ProofFault> {
    move |subtree| {
        let held = subtree.leaves().and_then(|range| leaves.get(range)).ok_or(ProofFault::NotHeld(subtree))?;
        Ok(held.iter().copied().collect::<Frontier>().root())
    }
}

/// On which side of the path the sibling lies.
enum Side {
    Left,
    Right,
}

/// The way from a node up to the root, as indices on each level: `fn` and `sn` of RFC 9162.
struct Climb {
    /// The node on the path.
    node: u64,
    /// The last node of its level.
    last: u64,
}

impl Climb {
    /// Begins at the root of the largest complete subtree that ends with leaf `node`, which a consistency proof begins with.
    fn from_complete_subtree_ending_at(node: u64, last: u64) -> Self {
        let height = node.trailing_ones();
        Self { node: node >> height, last: last >> height }
    }

    fn is_at_root(&self) -> bool {
        self.last == 0
    }

    /// Goes up to the next node that has a sibling's hash to take in.
    fn step(&mut self) -> Result<Side, ProofFault> {
        require(!self.is_at_root())?;
        let is_right_child = self.node % 2 == 1;
        if !is_right_child && self.node < self.last {
            self.rise(0);
            return Ok(Side::Right);
        }
        // The last node of a level has no sibling where it is a left child: it rises as it is until it is a right one.
        self.rise(self.node.trailing_zeros());
        Ok(Side::Left)
    }

    /// Up by `lonely` levels and one more. In two shifts, since `lonely` may be 63.
    fn rise(&mut self, lonely: u32) {
        self.node = self.node >> lonely >> 1;
        self.last = self.last >> lonely >> 1;
    }
}

/// The two subtrees of the tree over `span`, which has two leaves at least: the left one is the largest complete one that
/// leaves something to the right.
fn split(span: &Range<u64>) -> (Range<u64>, Range<u64>) {
    let middle = span.start + (1 << (span.end - span.start - 1).ilog2());
    (span.start..middle, middle..span.end)
}

/// The root of the tree over `span`, a node of the tree, from its complete subtrees: one for each bit set in its length.
fn span_root<E>(span: &Range<u64>, subtree: &mut impl FnMut(Subtree) -> Result<Hash, E>) -> Result<Hash, E> {
    let mut to_the_left = span.end - span.start;
    let mut root = None;
    while to_the_left > 0 {
        // From the right, where the smallest is: its height is the lowest bit.
        let height = to_the_left.trailing_zeros();
        to_the_left &= to_the_left - 1;
        let left = subtree(Subtree { height: height as u8, index: (span.start + to_the_left) >> height })?;
        root = Some(root.map_or(left, |right| node_hash(&left, &right)));
    }
    Ok(root.unwrap_or_else(empty_root))
}

fn last_leaf(index: u64, size: u64) -> Result<u64, ProofFault> {
    size.checked_sub(1).filter(|last| index <= *last).ok_or(ProofFault::NoSuchLeaf { index, size })
}

fn require_growth(old_size: u64, new_size: u64) -> Result<(), ProofFault> {
    if old_size <= new_size { Ok(()) } else { Err(ProofFault::Shrinks { old_size, new_size }) }
}

fn require(holds: bool) -> Result<(), ProofFault> {
    if holds { Ok(()) } else { Err(ProofFault::Refuted) }
}

#[cfg(test)]
mod tests;
