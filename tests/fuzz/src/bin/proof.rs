//! Proofs of the Merkle tree: of any numbers and hashes, and of a real tree in which one thing is changed.
//!
//! Input: two numbers, a byte, then hashes.

#![no_main]

use gradimento_common::merkle::proofs::{
    prove_consistency, prove_inclusion, subtrees_of, verify_consistency, verify_inclusion,
};
use gradimento_common::merkle::{Frontier, Hash, leaf_hash};
use libfuzzer_sys::fuzz_target;

/// Leaves of the real tree, at most.
const LEAVES_MAX: u64 = 40;

fuzz_target!(|input: &[u8]| {
    let Some((numbers, rest)) = input.split_first_chunk::<16>() else { return };
    let (first, second) = numbers.split_at(8);
    let number = |bytes: &[u8]| bytes.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    let (a, b) = (number(first), number(second));
    let (hashes, change) = rest.as_chunks::<32>();
    let hashes: Vec<Hash> = hashes.iter().copied().map(Hash::from).collect();
    if let [leaf, root, proof @ ..] = hashes.as_slice() {
        let _ = verify_inclusion(leaf, a, b, proof, root);
        let _ = verify_consistency(a, b, proof, leaf, root);
    }
    in_a_real_tree(a % LEAVES_MAX, b % LEAVES_MAX, change);
});

fn in_a_real_tree(a: u64, b: u64, change: &[u8]) {
    let leaves: Vec<Hash> = (0..b).map(|leaf| leaf_hash(&leaf.to_be_bytes())).collect();
    let root_of = |size: u64| leaves.iter().take(size as usize).copied().collect::<Frontier>().root();
    let changed = |proof: &[Hash]| {
        let (mut bytes, [bit, at, ..]) = (proof.iter().flat_map(|hash| *hash.as_bytes()).collect::<Vec<u8>>(), change) else {
            return None;
        };
        let at = usize::from(*at) % bytes.len().max(1);
        *bytes.get_mut(at)? ^= 1 << (bit % 8);
        Some(bytes.as_chunks::<32>().0.iter().copied().map(Hash::from).collect::<Vec<_>>())
    };
    if let Ok(proof) = prove_inclusion(a, b, subtrees_of(&leaves)) {
        let leaf = leaf_hash(&a.to_be_bytes());
        assert_eq!(verify_inclusion(&leaf, a, b, &proof, &root_of(b)), Ok(()));
        if let Some(forged) = changed(&proof) {
            assert!(verify_inclusion(&leaf, a, b, &forged, &root_of(b)).is_err());
        }
        assert!(b < 2 || verify_inclusion(&leaf, (a + 1) % b, b, &proof, &root_of(b)).is_err(), "another place");
    } else {
        assert!(a >= b);
    }
    if let Ok(proof) = prove_consistency(a, b, subtrees_of(&leaves)) {
        assert_eq!(verify_consistency(a, b, &proof, &root_of(a), &root_of(b)), Ok(()));
        if let Some(forged) = changed(&proof) {
            assert!(verify_consistency(a, b, &forged, &root_of(a), &root_of(b)).is_err());
        }
    } else {
        assert!(a > b);
    }
}
