//! Entry bundles: the ledger's entries as they are published, 256 to a file, each behind its length as a big-endian 16-bit
//! number. Whoever downloads them hashes each entry into the tile of level 0 with the same index.
//!
//! Source: <https://c2sp.org/tlog-tiles>, "Log entries".

use thiserror::Error;

use super::tiles::{TILE_WIDTH, Width};

/// Longest entry, in bytes: what a 16-bit length can say.
pub const ENTRY_BYTES_MAX: usize = u16::MAX as usize;

/// What is wrong with a bundle, or with what should become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BundleFault {
    /// No entries, or more than a tile has hashes.
    #[error("a bundle has 1 to {TILE_WIDTH} entries, not {0}")]
    Entries(usize),
    /// An entry that its length cannot tell.
    #[error("an entry has at most {ENTRY_BYTES_MAX} bytes, not {0}")]
    EntryLength(usize),
    /// The bytes end within an entry or its length.
    #[error("the bundle ends within an entry")]
    Truncated,
}

/// A bundle of these entries, in the order of the ledger.
///
/// # Errors
/// Where there are none, more than [`TILE_WIDTH`], or one is longer than [`ENTRY_BYTES_MAX`].
pub fn encode_bundle<T: AsRef<[u8]>>(entries: &[T]) -> Result<Vec<u8>, BundleFault> {
    require_width(entries.len())?;
    let mut bundle = Vec::new();
    for entry in entries.iter().map(AsRef::as_ref) {
        let length = u16::try_from(entry.len()).map_err(|_| BundleFault::EntryLength(entry.len()))?;
        bundle.extend_from_slice(&length.to_be_bytes());
        bundle.extend_from_slice(entry);
    }
    Ok(bundle)
}

/// The entries of a bundle.
///
/// # Errors
/// Where the bytes end within an entry, or the entries are none or more than [`TILE_WIDTH`].
pub fn decode_bundle(mut bytes: &[u8]) -> Result<Vec<&[u8]>, BundleFault> {
    let mut entries = Vec::new();
    while !bytes.is_empty() {
        let (entry, rest) = split_entry(bytes).ok_or(BundleFault::Truncated)?;
        entries.push(entry);
        bytes = rest;
    }
    require_width(entries.len())?;
    Ok(entries)
}

fn split_entry(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}

fn require_width(entries: usize) -> Result<(), BundleFault> {
    Width::of(entries as u64).map(|_| ()).ok_or(BundleFault::Entries(entries))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_is_lengths_and_entries() {
        let bundle = encode_bundle(&[b"a".as_slice(), b"", b"bcd"]).unwrap();
        assert_eq!(bundle, b"\x00\x01a\x00\x00\x00\x03bcd");
        assert_eq!(decode_bundle(&bundle).unwrap(), [b"a".as_slice(), b"", b"bcd"]);
    }

    #[test]
    fn the_longest_entries_and_the_fullest_bundle_round_trip() {
        let entries = vec![vec![7; ENTRY_BYTES_MAX]; 256];
        assert_eq!(decode_bundle(&encode_bundle(&entries).unwrap()).unwrap(), entries);
    }

    #[test]
    fn what_the_format_cannot_say_is_refused() {
        assert_eq!(encode_bundle(&[vec![0; 65_536]]), Err(BundleFault::EntryLength(65_536)));
        assert_eq!(encode_bundle::<&[u8]>(&[]), Err(BundleFault::Entries(0)));
        assert_eq!(encode_bundle(&[b""; 257]), Err(BundleFault::Entries(257)));
        assert_eq!(decode_bundle(b""), Err(BundleFault::Entries(0)));
        assert_eq!(decode_bundle(&[0; 514]), Err(BundleFault::Entries(257)));
    }

    #[test]
    fn a_bundle_cut_anywhere_within_an_entry_is_refused() {
        let bundle = encode_bundle(&[b"first".as_slice(), b"second"]).unwrap();
        let whole = [7, bundle.len()];
        for end in (1..bundle.len()).filter(|end| !whole.contains(end)) {
            assert_eq!(decode_bundle(&bundle[..end]), Err(BundleFault::Truncated), "{end}");
        }
    }
}
