//! The Merkle tree, from the bodies up: every hash that is served is computed again.

use gradimento_common::checkpoint::Checkpoint;
use gradimento_common::merkle::tile_path::TilePath;
use gradimento_common::merkle::tiles::{TILE_WIDTH, TileId, decode_tile, full_tile_root, rows, tiles_filled_by};
use gradimento_common::merkle::{Frontier, Hash};

use super::fault::Fault;

/// The tree as far as it has been read.
#[derive(Debug, Default)]
pub struct Tree {
    frontier: Frontier,
    /// The rows, from the leaves up; of the lowest, the last tile only.
    rows: Vec<Vec<Hash>>,
}

impl Tree {
    /// Leaves so far.
    pub(super) fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// Takes the next leaf. An earlier checkpoint of just this size must have just this root.
    pub(super) fn push(&mut self, leaf: Hash, earlier: Option<&Checkpoint>) -> Result<(), Fault> {
        self.frontier.push(leaf);
        self.row(0).push(leaf);
        for tile in tiles_filled_by(self.frontier.size()) {
            let (level, width) = (usize::from(tile.level), TILE_WIDTH as usize);
            let row = self.row(level);
            let start = row.len().saturating_sub(width);
            let root = row.get(start..).and_then(full_tile_root);
            if level == 0 {
                row.clear();
            }
            let root = root.ok_or_else(|| Fault::Checkpoint("its tree cannot be built".to_owned()))?;
            self.row(level + 1).push(root);
        }
        let size = self.frontier.size();
        match earlier.filter(|earlier| earlier.size() == size) {
            Some(earlier) if *earlier.root() != self.frontier.root() => Err(Fault::Rewritten(size)),
            _ => Ok(()),
        }
    }

    fn row(&mut self, level: usize) -> &mut Vec<Hash> {
        if self.rows.len() <= level {
            self.rows.resize(level + 1, Vec::new());
        }
        // Just made long enough.
        #[expect(clippy::indexing_slicing, reason = "the line above sees to it")]
        &mut self.rows[level]
    }

    /// The tiles above the leaves, which are checked when all leaves have been read.
    pub(super) fn upper_tiles(&self) -> Vec<TilePath> {
        let size = self.frontier.size();
        let tiles = rows(size)
            .skip(1)
            .flat_map(|row| (0..row.hashes.div_ceil(TILE_WIDTH)).map(move |index| TileId { level: row.level, index }));
        tiles.filter_map(|tile| Some(TilePath::Hashes { tile, width: tile.width(size)? })).collect()
    }

    /// Compares a served tile above the leaves with what was computed.
    pub(super) fn check_upper(&self, path: TilePath, served: &[u8]) -> Result<(), Fault> {
        let TilePath::Hashes { tile, width } = path else { return Ok(()) };
        let hashes = decode_tile(served, width).map_err(|fault| unreadable(path, &fault))?;
        let computed = self.rows.get(usize::from(tile.level)).map(Vec::as_slice).unwrap_or_default();
        let first = usize::try_from(tile.index * TILE_WIDTH).unwrap_or(usize::MAX);
        let wrong = hashes.iter().enumerate().find(|(hash, served)| computed.get(first.saturating_add(*hash)) != Some(*served));
        wrong.map_or(Ok(()), |(hash, _)| Err(Fault::Tile { path: path.to_string(), hash }))
    }

    /// Whether the checkpoint is of this tree.
    pub(super) fn check_root(&self, checkpoint: &Checkpoint) -> Result<(), Fault> {
        let holds = self.frontier.size() == checkpoint.size() && self.frontier.root() == *checkpoint.root();
        if holds { Ok(()) } else { Err(Fault::Checkpoint("its root is not that of the messages".to_owned())) }
    }
}

pub(super) fn unreadable(path: TilePath, why: &dyn std::fmt::Display) -> Fault {
    Fault::Unreadable { path: format!("/{path}"), why: why.to_string() }
}
