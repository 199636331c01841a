//! The ledger's Merkle tree, RFC 6962 section 2.1 over SHA-256: with one hash that everybody keeps, nobody can change, drop or
//! slip in what the ledger has taken.
//!
//! Hashing stands here. [`Frontier`] is what a writer keeps of the tree, [`tiles`], [`tile_path`] and [`bundles`] are the tree
//! as it is published (C2SP tlog-tiles), [`proofs`] convince those who hold a root and nothing else.

pub mod bundles;
mod frontier;
pub mod proofs;
pub mod tile_path;
pub mod tiles;

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{Context, SHA256};
use thiserror::Error;

pub use frontier::{Frontier, FrontierFault, SIZE_MAX};

/// Bytes of a hash.
pub const HASH_BYTES: usize = 32;

/// Leaves and nodes are hashed under different prefixes, so that no node can be passed off as a leaf (RFC 6962 section 2.1).
const LEAF_PREFIX: u8 = 0x00;
const NODE_PREFIX: u8 = 0x01;

/// The hash of a leaf, of a node or of a whole tree: SHA-256, 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hash([u8; HASH_BYTES]);

impl Hash {
    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; HASH_BYTES] {
        &self.0
    }

    /// Standard base64 with padding, 44 characters, as checkpoints carry it.
    #[must_use]
    pub fn to_base64(&self) -> String {
        STANDARD.encode(self.0)
    }

    /// The inverse of [`Hash::to_base64`]; `None` for anything that it would not have written.
    #[must_use]
    pub fn from_base64(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text).ok()?;
        Self::try_from(bytes.as_slice()).ok()
    }
}

/// A hash was expected where there are fewer or more bytes than [`HASH_BYTES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a hash has {HASH_BYTES} bytes, not {0}")]
pub struct HashLength(
    /// How many bytes there are.
    pub usize,
);

impl From<[u8; HASH_BYTES]> for Hash {
    fn from(bytes: [u8; HASH_BYTES]) -> Self {
        Self(bytes)
    }
}

impl TryFrom<&[u8]> for Hash {
    type Error = HashLength;

    fn try_from(bytes: &[u8]) -> Result<Self, HashLength> {
        bytes.try_into().map(Self).map_err(|_| HashLength(bytes.len()))
    }
}

impl fmt::Display for Hash {
    /// Lower-case hexadecimal, 64 characters.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The hash of a leaf that holds `data`.
#[must_use]
pub fn leaf_hash(data: &[u8]) -> Hash {
    sha256(&[&[LEAF_PREFIX], data])
}

/// The hash of the node above `left` and `right`.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    sha256(&[&[NODE_PREFIX], &left.0, &right.0])
}

/// The root of the tree without leaves: SHA-256 of nothing.
#[must_use]
pub fn empty_root() -> Hash {
    sha256(&[])
}

fn sha256(parts: &[&[u8]]) -> Hash {
    let mut context = Context::new(&SHA256);
    parts.iter().for_each(|part| context.update(part));
    let mut hash = [0; HASH_BYTES];
    hash.copy_from_slice(context.finish().as_ref());
    Hash(hash)
}

#[cfg(test)]
pub(crate) mod reference {
    //! The reference tree of the Certificate Transparency implementations, and the tree by RFC 6962's own recursion.

    use super::*;

    /// What the eight leaves hold.
    pub(crate) const ENTRIES: [&[u8]; 8] = [
        b"",
        b"\x00",
        b"\x10",
        b"\x20\x21",
        b"\x30\x31",
        b"\x40\x41\x42\x43",
        b"\x50\x51\x52\x53\x54\x55\x56\x57",
        b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
    ];

    /// The roots of the trees of 0 to 8 of these leaves.
    pub(crate) const ROOTS: [&str; 9] = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    pub(crate) fn hash(hex: &str) -> Hash {
        let bytes: Vec<u8> = (0..64).step_by(2).map(|i| u8::from_str_radix(hex.get(i..i + 2).unwrap(), 16).unwrap()).collect();
        Hash::try_from(bytes.as_slice()).unwrap()
    }

    /// As many leaves as asked, no two alike.
    pub(crate) fn leaves(size: u64) -> Vec<Hash> {
        (0..size).map(|i| leaf_hash(&i.to_be_bytes())).collect()
    }

    /// MTH of RFC 6962 section 2.1, word for word.
    pub(crate) fn tree_hash(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => empty_root(),
            [leaf] => *leaf,
            _ => {
                let k = leaves.len().next_power_of_two() / 2;
                node_hash(&tree_hash(&leaves[..k]), &tree_hash(&leaves[k..]))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recursion_gives_the_reference_roots() {
        let leaves = reference::ENTRIES.map(leaf_hash);
        for (size, root) in reference::ROOTS.iter().enumerate() {
            assert_eq!(reference::tree_hash(&leaves[..size]).to_string(), *root);
        }
    }

    #[test]
    fn a_leaf_never_hashes_as_a_node() {
        let [left, right] = [leaf_hash(b"a"), leaf_hash(b"b")];
        let both = [left.as_bytes().as_slice(), right.as_bytes()].concat();
        assert_ne!(leaf_hash(&both), node_hash(&left, &right));
    }

    #[test]
    fn hashes_round_trip_and_other_lengths_are_refused() {
        let hash = leaf_hash(b"a");
        assert_eq!(Hash::try_from(hash.as_bytes().as_slice()), Ok(hash));
        assert_eq!(Hash::from_base64(&hash.to_base64()), Some(hash));
        assert_eq!(Hash::from(*hash.as_bytes()), hash);
        assert_eq!(Hash::try_from([0; 31].as_slice()), Err(HashLength(31)));
        assert_eq!(Hash::from_base64("YQ=="), None);
        assert_eq!(Hash::from_base64(hash.to_base64().trim_end_matches('=')), None);
        assert_eq!(format!("{:?}", empty_root()), reference::ROOTS[0]);
    }
}
