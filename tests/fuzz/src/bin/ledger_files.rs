//! The ledger as files: paths of tiles, entry bundles, tiles.

#![no_main]

use gradimento_common::merkle::bundles::{decode_bundle, encode_bundle};
use gradimento_common::merkle::tile_path::TilePath;
use gradimento_common::merkle::tiles::{Width, decode_tile, encode_tile, full_tile_root};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    if let Ok(path) = std::str::from_utf8(input).unwrap_or_default().parse::<TilePath>() {
        assert_eq!(path.to_string().as_bytes(), input, "one file has one name");
    }
    if let Ok(entries) = decode_bundle(input) {
        assert_eq!(encode_bundle(&entries).as_deref(), Ok(input), "nothing but entries");
    }
    if let Some(width) = Width::of(input.len() as u64 / 32) {
        if let Ok(hashes) = decode_tile(input, width) {
            assert_eq!(encode_tile(&hashes), input);
            assert_eq!(full_tile_root(&hashes).is_some(), width == Width::Full);
        }
    }
});
