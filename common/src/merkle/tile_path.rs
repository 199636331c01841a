//! The names under which tiles and entry bundles are served: `tile/<level>/<index>[.p/<width>]` and
//! `tile/entries/<index>[.p/<width>]`, the index in groups of three digits (`x001/x234/067`), so that a plain folder could
//! serve them. A cache that keeps them for ever needs each resource to have one name, so other spellings are refused.
//!
//! Source: <https://c2sp.org/tlog-tiles>.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::tiles::{LEVEL_MAX, TileId, Width};

/// What a path under `tile/` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TilePath {
    /// A tile of hashes.
    Hashes {
        /// Which one.
        tile: TileId,
        /// How much of it.
        width: Width,
    },
    /// The entries whose hashes are the tile of level 0 with the same index.
    Entries {
        /// Which bundle, from 0.
        index: u64,
        /// How much of it.
        width: Width,
    },
}

/// A path that names no tile and no bundle, or not in the one spelling that it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a tile's path is tile/<level>/<index>[.p/<width>] or tile/entries/<index>[.p/<width>]")]
pub struct TilePathFault;

impl fmt::Display for TilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = match self {
            Self::Hashes { tile, width } => {
                write!(f, "tile/{}/{}", tile.level, grouped(tile.index))?;
                width
            }
            Self::Entries { index, width } => {
                write!(f, "tile/entries/{}", grouped(*index))?;
                width
            }
        };
        match width {
            Width::Full => Ok(()),
            Width::Partial(hashes) => write!(f, ".p/{hashes}"),
        }
    }
}

impl FromStr for TilePath {
    type Err = TilePathFault;

    /// Reads a path, without a leading slash.
    fn from_str(text: &str) -> Result<Self, TilePathFault> {
        // Read generously, then compared with what we would have written: leading zeros, signs and misplaced `x` fall there.
        read(text).filter(|path| path.to_string() == text).ok_or(TilePathFault)
    }
}

fn read(text: &str) -> Option<TilePath> {
    let (resource, width) = match text.rsplit_once(".p/") {
        Some((resource, width)) => (resource, Width::Partial(width.parse().ok()?)),
        None => (text, Width::Full),
    };
    let (kind, index) = resource.strip_prefix("tile/")?.split_once('/')?;
    let index = index.split('/').try_fold(0, add_group)?;
    if kind == "entries" {
        return Some(TilePath::Entries { index, width });
    }
    let level = kind.parse().ok().filter(|level| *level <= LEVEL_MAX)?;
    Some(TilePath::Hashes { tile: TileId { level, index }, width })
}

fn add_group(before: u64, group: &str) -> Option<u64> {
    let digits: u64 = group.strip_prefix('x').unwrap_or(group).parse().ok()?;
    before.checked_mul(1_000)?.checked_add(digits)
}

fn grouped(index: u64) -> String {
    let mut groups = vec![format!("{:03}", index % 1_000)];
    let mut rest = index / 1_000;
    while rest > 0 {
        groups.push(format!("x{:03}", rest % 1_000));
        rest /= 1_000;
    }
    groups.reverse();
    groups.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merkle::tiles::TILE_WIDTH;

    fn hashes(level: u8, index: u64, width: u64) -> TilePath {
        TilePath::Hashes { tile: TileId { level, index }, width: Width::of(width).unwrap() }
    }

    fn entries(index: u64, width: u64) -> TilePath {
        TilePath::Entries { index, width: Width::of(width).unwrap() }
    }

    #[test]
    fn paths_are_written_and_read_as_the_specification_has_them() {
        for (path, text) in [
            (hashes(0, 0, TILE_WIDTH), "tile/0/000"),
            (hashes(0, 1_234_067, TILE_WIDTH), "tile/0/x001/x234/067"),
            (hashes(1, 1, 17), "tile/1/001.p/17"),
            (hashes(63, 999, 255), "tile/63/999.p/255"),
            (hashes(2, 1_000, 1), "tile/2/x001/000.p/1"),
            (hashes(0, u64::MAX, TILE_WIDTH), "tile/0/x018/x446/x744/x073/x709/x551/615"),
            (entries(273, 112), "tile/entries/273.p/112"),
            (entries(1_234_067, TILE_WIDTH), "tile/entries/x001/x234/067"),
        ] {
            assert_eq!(path.to_string(), text);
            assert_eq!(text.parse(), Ok(path), "{text}");
        }
    }

    #[test]
    fn every_other_spelling_is_refused() {
        for text in [
            "",
            "tile",
            "tile/",
            "tile/0",
            "tile/0/",
            "/tile/0/000",
            "tile/0/0",
            "tile/0/00",
            "tile/0/0000",
            "tile/0/1000",
            "tile/0/x000",
            "tile/0/x000/001",
            "tile/0/001/067",
            "tile/0/x001/x067",
            "tile/0/x001/67",
            "tile/0/+01",
            "tile/0/-01",
            "tile/0/ 01",
            "tile/0/xx1/001",
            "tile/0/000/",
            "tile/0//000",
            "tile/00/000",
            "tile/+1/000",
            "tile/64/000",
            "tile/256/000",
            "tile/x/000",
            "tile/Entries/000",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/01",
            "tile/0/000.p/+1",
            "tile/0/000.p/",
            "tile/0/000.p",
            "tile/0/000.p/1/",
            "tile/0/000.p/1.p/1",
            "tile/0/x018/x446/x744/x073/x709/x551/616",
            "tile/0/x001/x000/x000/x000/x000/x000/x000/000",
            "tile/entries/0/000",
        ] {
            assert_eq!(text.parse::<TilePath>(), Err(TilePathFault), "{text}");
        }
    }
}
