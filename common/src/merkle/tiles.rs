//! The tree as it is published: rows of hashes cut into tiles of 256 (C2SP tlog-tiles).
//!
//! Row 0 holds the leaf hashes; each hash of row `l + 1` is the root of one full tile of row `l`. Tiles never change once
//! full, so any web cache serves them, and whoever has them computes every proof alone: the server keeps no proof logic.
//!
//! Source: <https://c2sp.org/tlog-tiles>.

use std::num::NonZeroU8;
use std::ops::Range;

use thiserror::Error;

use super::proofs::Subtree;
use super::{Frontier, FrontierFault, HASH_BYTES, Hash};

/// Hashes of a full tile, and entries of a full bundle.
pub const TILE_WIDTH: u64 = 256;

/// The highest level that a path can name.
pub const LEVEL_MAX: u8 = 63;

/// Levels of the tree between two levels of tiles: a tile is a subtree of this height.
const TILE_HEIGHT: u32 = TILE_WIDTH.ilog2();

/// A tile's place in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TileId {
    /// The row: 0 for leaf hashes; at most [`LEVEL_MAX`].
    pub level: u8,
    /// The tile's place in its row, from 0.
    pub index: u64,
}

/// How much of a tile there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Width {
    /// [`TILE_WIDTH`] hashes; the tile never changes again.
    Full,
    /// 1 to 255 hashes: the last tile of its row, still growing.
    Partial(NonZeroU8),
}

/// One row of tiles of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Its level, from 0.
    pub level: u8,
    /// How many hashes it has; at least 1.
    pub hashes: u64,
}

/// Hashes that are not the tile that they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TileFault {
    /// There are more or fewer of them.
    #[error("the tile should be {expected} bytes long, not {found}")]
    Width {
        /// Bytes of the tile: 32 for each hash.
        expected: usize,
        /// Bytes that were given.
        found: usize,
    },
    /// There are more or fewer tiles than the tree's right edge crosses.
    #[error("the right edge crosses {expected} partial tiles, not {found}")]
    Tiles {
        /// Partial tiles of the tree.
        expected: usize,
        /// Tiles that were given.
        found: usize,
    },
    /// The tree is larger than a tree can be.
    #[error(transparent)]
    Frontier(#[from] FrontierFault),
}

impl Width {
    /// The width of a tile of so many hashes; `None` for 0, where no tile exists, and above [`TILE_WIDTH`].
    #[must_use]
    pub fn of(hashes: u64) -> Option<Self> {
        match u8::try_from(hashes) {
            Ok(partial) => NonZeroU8::new(partial).map(Self::Partial),
            Err(_) => (hashes == TILE_WIDTH).then_some(Self::Full),
        }
    }

    /// Hashes of the tile, 1 to [`TILE_WIDTH`].
    #[must_use]
    pub fn hashes(self) -> usize {
        match self {
            Self::Full => TILE_WIDTH as usize,
            Self::Partial(hashes) => usize::from(hashes.get()),
        }
    }

    fn require(self, found: usize) -> Result<(), TileFault> {
        if found == self.hashes() {
            return Ok(());
        }
        Err(TileFault::Width { expected: self.hashes() * HASH_BYTES, found: found * HASH_BYTES })
    }
}

impl TileId {
    /// How much there is of this tile in a tree of `tree_size` leaves; `None` where nothing. The width of entry bundle `n` is
    /// that of tile `n` of level 0.
    #[must_use]
    pub fn width(self, tree_size: u64) -> Option<Width> {
        let first = self.index.checked_mul(TILE_WIDTH)?;
        let hashes = row_hashes(tree_size, self.level).checked_sub(first)?;
        Width::of(hashes.min(TILE_WIDTH))
    }

    /// The tile that holds a complete subtree and the part of it whose root is the subtree's: one hash of the tile, or two,
    /// four ... 128 of them.
    #[must_use]
    pub fn holding(subtree: Subtree) -> (Self, Range<usize>) {
        let (level, height_in_tile) = (u32::from(subtree.height) / TILE_HEIGHT, u32::from(subtree.height) % TILE_HEIGHT);
        let first = subtree.index << height_in_tile;
        let start = (first % TILE_WIDTH) as usize;
        (Self { level: level as u8, index: first / TILE_WIDTH }, start..start + (1 << height_in_tile))
    }
}

/// The rows of a tree of `tree_size` leaves, from the leaves up; none for the empty tree.
pub fn rows(tree_size: u64) -> impl Iterator<Item = Row> {
    let row = move |level| Row { level, hashes: row_hashes(tree_size, level) };
    (0..=LEVEL_MAX).map(row).take_while(|row| row.hashes > 0)
}

/// The tiles that the leaf number `tree_size` (counted from 1) filled, from the leaves up: the root of each
/// ([`full_tile_root`]) is due at `index` of the row above. None for most leaves.
pub fn tiles_filled_by(tree_size: u64) -> impl Iterator<Item = TileId> {
    let filled = move |row: &Row| tree_size.trailing_zeros() >= (u32::from(row.level) + 1) * TILE_HEIGHT;
    rows(tree_size).take_while(filled).map(|row| TileId { level: row.level, index: row.hashes / TILE_WIDTH - 1 })
}

/// The root of a full tile, which is the hash at the tile's index in the row above; `None` for a partial tile, which must not
/// be hashed into the row above.
#[must_use]
pub fn full_tile_root(hashes: &[Hash]) -> Option<Hash> {
    Width::Full.require(hashes.len()).ok()?;
    Some(hashes.iter().copied().collect::<Frontier>().root())
}

/// The partial tiles of a tree, from the top down: at most one in each row, and together all that [`frontier_from_tiles`]
/// needs.
#[must_use]
pub fn edge_tiles(tree_size: u64) -> Vec<(TileId, Width)> {
    let partial = |row: Row| {
        let width = Width::of(row.hashes % TILE_WIDTH)?;
        Some((TileId { level: row.level, index: row.hashes / TILE_WIDTH }, width))
    };
    let mut tiles: Vec<_> = rows(tree_size).filter_map(partial).collect();
    tiles.reverse();
    tiles
}

/// The right edge of a tree from the contents of its [`edge_tiles`], in that order: how a writer begins again after a restart,
/// and how a reader checks tiles against a checkpoint.
///
/// # Errors
/// Where the tiles are not of the number and widths that the size asks for. That they are the right ones shows in the root.
pub fn frontier_from_tiles(tree_size: u64, tiles: &[Vec<Hash>]) -> Result<Frontier, TileFault> {
    let expected = edge_tiles(tree_size);
    if expected.len() != tiles.len() {
        return Err(TileFault::Tiles { expected: expected.len(), found: tiles.len() });
    }
    let mut edge = Vec::new();
    for ((_, width), hashes) in expected.iter().zip(tiles) {
        width.require(hashes.len())?;
        // The complete subtrees within the tile are complete subtrees of the whole tree, only higher up.
        edge.extend_from_slice(hashes.iter().copied().collect::<Frontier>().parts().1);
    }
    Ok(Frontier::from_parts(tree_size, edge)?)
}

/// A tile as it is served: its hashes one after the other.
#[must_use]
pub fn encode_tile(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| *hash.as_bytes()).collect()
}

/// The inverse of [`encode_tile`], for a tile of known width.
///
/// # Errors
/// Where the bytes are not that many hashes.
pub fn decode_tile(bytes: &[u8], width: Width) -> Result<Vec<Hash>, TileFault> {
    let (hashes, rest) = bytes.as_chunks::<HASH_BYTES>();
    if !rest.is_empty() || hashes.len() != width.hashes() {
        return Err(TileFault::Width { expected: width.hashes() * HASH_BYTES, found: bytes.len() });
    }
    Ok(hashes.iter().copied().map(Hash::from).collect())
}

/// `floor(tree_size / 256^level)`.
fn row_hashes(tree_size: u64, level: u8) -> u64 {
    tree_size.checked_shr(u32::from(level) * TILE_HEIGHT).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merkle::reference;

    /// The rows of a tree as a writer fills them, leaf by leaf.
    fn grow(leaves: &[Hash]) -> Vec<Vec<Hash>> {
        let mut grown: Vec<Vec<Hash>> = vec![Vec::new(); 4];
        for (i, leaf) in leaves.iter().enumerate() {
            grown[0].push(*leaf);
            for tile in tiles_filled_by(i as u64 + 1) {
                let root = full_tile_root(cut(&grown, tile)).unwrap();
                let above = &mut grown[usize::from(tile.level) + 1];
                assert_eq!(above.len() as u64, tile.index);
                above.push(root);
            }
        }
        grown
    }

    fn cut(rows: &[Vec<Hash>], tile: TileId) -> &[Hash] {
        let row = &rows[usize::from(tile.level)];
        let start = (tile.index * TILE_WIDTH) as usize;
        &row[start..row.len().min(start + TILE_WIDTH as usize)]
    }

    fn partial(width: u8) -> Width {
        Width::Partial(NonZeroU8::new(width).unwrap())
    }

    #[test]
    fn the_examples_of_the_specification_hold() {
        let row = |level, hashes| Row { level, hashes };
        assert_eq!(rows(70_000).collect::<Vec<_>>(), [row(0, 273 * 256 + 112), row(1, 256 + 17), row(2, 1)]);
        let tile = |level, index| TileId { level, index };
        assert_eq!(tile(0, 272).width(70_000), Some(Width::Full));
        assert_eq!(tile(0, 273).width(70_000), Some(partial(112)));
        assert_eq!(tile(0, 274).width(70_000), None);
        assert_eq!(tile(1, 0).width(70_000), Some(Width::Full));
        assert_eq!(tile(1, 1).width(70_000), Some(partial(17)));
        assert_eq!(tile(2, 0).width(70_000), Some(partial(1)));
        assert_eq!(tile(3, 0).width(70_000), None);
        assert_eq!(tile(0, 0).width(256), Some(Width::Full));
        assert_eq!(tile(1, 0).width(256), Some(partial(1)));
    }

    #[test]
    fn absurd_tiles_and_trees_have_no_width_and_no_overflow() {
        assert_eq!(TileId { level: 63, index: 0 }.width(u64::MAX), None);
        assert_eq!(TileId { level: 0, index: u64::MAX }.width(u64::MAX), None);
        assert_eq!(TileId { level: 7, index: 0 }.width(u64::MAX), Some(partial(255)));
        assert_eq!(rows(u64::MAX).count(), 8);
        assert_eq!(rows(0).count(), 0);
        assert_eq!(tiles_filled_by(0).count(), 0);
        assert_eq!([0, 1, 255, 256, 257].map(Width::of), [None, Some(partial(1)), Some(partial(255)), Some(Width::Full), None]);
    }

    #[test]
    fn a_tree_rebuilt_from_its_tiles_has_its_root() {
        let leaves = reference::leaves(65_536 + 300);
        for size in (0..4).chain(250..260).chain(510..515).chain(65_534..65_540).chain([65_536 + 256, 65_536 + 300]) {
            let grown = grow(&leaves[..size]);
            let tiles: Vec<Vec<Hash>> = edge_tiles(size as u64).iter().map(|(tile, _)| cut(&grown, *tile).to_vec()).collect();
            let rebuilt = frontier_from_tiles(size as u64, &tiles).unwrap();
            assert_eq!(rebuilt.root(), reference::tree_hash(&leaves[..size]), "{size}");
            assert_eq!(rebuilt, leaves[..size].iter().copied().collect());
        }
    }

    #[test]
    fn rows_are_as_long_as_the_writer_made_them() {
        let leaves = reference::leaves(65_537);
        for size in [0, 1, 255, 256, 257, 65_535, 65_536, 65_537] {
            let grown = grow(&leaves[..size]);
            let lengths: Vec<u64> = grown.iter().map(|row| row.len() as u64).filter(|length| *length > 0).collect();
            assert_eq!(rows(size as u64).map(|row| row.hashes).collect::<Vec<_>>(), lengths, "{size}");
        }
    }

    #[test]
    fn every_complete_subtree_is_found_in_its_tile() {
        let leaves = reference::leaves(65_536 * 2);
        let grown = grow(&leaves);
        for height in 0..=17_u8 {
            for index in
                [0, 1, 2, 3, 77, 255, 256, 511].into_iter().filter(|index| (index + 1) << height <= leaves.len() as u64)
            {
                let (tile, range) = TileId::holding(Subtree { height, index });
                let root = cut(&grown, tile)[range].iter().copied().collect::<Frontier>().root();
                let span = (index << height) as usize..((index + 1) << height) as usize;
                assert_eq!(root, reference::tree_hash(&leaves[span]), "height {height}, index {index}");
            }
        }
    }

    #[test]
    fn wrong_tiles_are_refused() {
        let leaves = reference::leaves(5);
        assert_eq!(frontier_from_tiles(5, &[]), Err(TileFault::Tiles { expected: 1, found: 0 }));
        assert_eq!(frontier_from_tiles(3, std::slice::from_ref(&leaves)), Err(TileFault::Width { expected: 96, found: 160 }));
        assert_eq!(frontier_from_tiles(u64::MAX, &vec![vec![leaves[0]; 255]; 8]), Err(FrontierFault::Size(u64::MAX).into()));
        assert_eq!(full_tile_root(&leaves), None);
        assert_eq!(full_tile_root(&reference::leaves(257)), None);
    }

    #[test]
    fn tiles_round_trip_as_bytes() {
        let hashes = reference::leaves(3);
        let bytes = encode_tile(&hashes);
        assert_eq!(bytes.len(), 96);
        assert_eq!(decode_tile(&bytes, partial(3)), Ok(hashes));
        assert_eq!(decode_tile(&bytes, partial(2)), Err(TileFault::Width { expected: 64, found: 96 }));
        assert_eq!(decode_tile(&bytes[..95], partial(3)), Err(TileFault::Width { expected: 96, found: 95 }));
        assert_eq!(decode_tile(&[0; 97], partial(3)), Err(TileFault::Width { expected: 96, found: 97 }));
        assert_eq!(encode_tile(&reference::leaves(256)).len(), 8_192);
    }
}
