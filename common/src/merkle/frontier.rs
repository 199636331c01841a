//! The right edge of the tree: what a writer needs of a ledger of any size in order to append to it and to know its root.
//!
//! Every tree is a row of complete subtrees, one for each bit set in its size, largest first; their roots are the edge (the
//! "compact range" of the literature). Sixty-three hashes suffice for the largest ledger, so it fits in a row of a table.

use thiserror::Error;

use super::{Hash, empty_root, node_hash};

/// The largest tree, in leaves: both databases count rows in signed 64-bit numbers.
pub const SIZE_MAX: u64 = i64::MAX as u64;

/// The right edge of a tree. Equal edges are equal trees.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    edge: Vec<Hash>,
}

/// Stored parts that are no tree's edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FrontierFault {
    /// The number of hashes is not the number of bits set in the size.
    #[error("the right edge of a tree of {size} leaves is {expected} hashes, not {found}", expected = size.count_ones())]
    Edge {
        /// Leaves of the tree.
        size: u64,
        /// Hashes that were given.
        found: usize,
    },
    /// More leaves than [`SIZE_MAX`].
    #[error("a tree has at most {SIZE_MAX} leaves, not {0}")]
    Size(u64),
}

impl Frontier {
    /// The edge of the tree without leaves.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// The edge of a tree of `size` leaves from the roots of its complete subtrees, largest (leftmost) first, as
    /// [`Frontier::parts`] gave them.
    ///
    /// # Errors
    /// Where there cannot be such a tree. That the hashes are the right ones shows only in [`Frontier::root`].
    pub fn from_parts(size: u64, edge: Vec<Hash>) -> Result<Self, FrontierFault> {
        if size > SIZE_MAX {
            return Err(FrontierFault::Size(size));
        }
        if edge.len() != size.count_ones() as usize {
            return Err(FrontierFault::Edge { size, found: edge.len() });
        }
        Ok(Self { size, edge })
    }

    /// The size in leaves and the roots of the complete subtrees, largest (leftmost) first: all that needs to be stored.
    #[must_use]
    pub fn parts(&self) -> (u64, &[Hash]) {
        (self.size, &self.edge)
    }

    /// Leaves of the tree.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf by its hash ([`super::leaf_hash`], not the leaf's own bytes).
    pub fn push(&mut self, leaf: Hash) {
        // As in counting: each trailing 1 of the size is a subtree that the new one completes, and carries over.
        let carried = self.size.trailing_ones() as usize;
        let kept = self.edge.len().saturating_sub(carried);
        let merged = self.edge.drain(kept..).rev().fold(leaf, |right, left| node_hash(&left, &right));
        self.edge.push(merged);
        self.size += 1;
    }

    /// The root of the tree (RFC 6962 section 2.1).
    #[must_use]
    pub fn root(&self) -> Hash {
        self.edge.iter().rev().copied().reduce(|right, left| node_hash(&left, &right)).unwrap_or_else(empty_root)
    }
}

impl Extend<Hash> for Frontier {
    fn extend<T: IntoIterator<Item = Hash>>(&mut self, leaves: T) {
        leaves.into_iter().for_each(|leaf| self.push(leaf));
    }
}

impl FromIterator<Hash> for Frontier {
    fn from_iter<T: IntoIterator<Item = Hash>>(leaves: T) -> Self {
        let mut frontier = Self::empty();
        frontier.extend(leaves);
        frontier
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merkle::{leaf_hash, reference};

    #[test]
    fn the_reference_tree_grows_through_the_reference_roots() {
        let mut frontier = Frontier::empty();
        for (size, root) in reference::ROOTS.iter().enumerate() {
            assert_eq!((frontier.size(), frontier.root().to_string().as_str()), (size as u64, *root));
            frontier.extend(reference::ENTRIES.get(size).map(|entry| leaf_hash(entry)));
        }
    }

    #[test]
    fn the_edge_has_the_root_of_the_recursion_at_every_size() {
        let leaves = reference::leaves(600);
        let mut frontier = Frontier::empty();
        for size in 0..=leaves.len() {
            assert_eq!(frontier.root(), reference::tree_hash(&leaves[..size]), "{size}");
            frontier.extend(leaves.get(size).copied());
        }
    }

    #[test]
    fn a_rebuilt_edge_grows_like_the_one_that_was_kept() {
        let leaves = reference::leaves(300);
        for size in 0..leaves.len() {
            let kept: Frontier = leaves[..size].iter().copied().collect();
            let (stored_size, stored) = kept.parts();
            let mut rebuilt = Frontier::from_parts(stored_size, stored.to_vec()).unwrap();
            assert_eq!(rebuilt, kept);
            rebuilt.push(leaves[size]);
            assert_eq!(rebuilt.root(), reference::tree_hash(&leaves[..=size]), "{size}");
        }
    }

    #[test]
    fn parts_that_are_no_edge_are_refused() {
        let hash = leaf_hash(b"a");
        assert_eq!(Frontier::from_parts(3, vec![hash]), Err(FrontierFault::Edge { size: 3, found: 1 }));
        assert_eq!(Frontier::from_parts(0, vec![hash]), Err(FrontierFault::Edge { size: 0, found: 1 }));
        assert_eq!(Frontier::from_parts(1 << 63, vec![hash]), Err(FrontierFault::Size(1 << 63)));
        assert!(Frontier::from_parts(SIZE_MAX, vec![hash; 63]).is_ok());
    }
}
