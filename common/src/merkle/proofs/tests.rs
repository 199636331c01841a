use super::*;
use crate::merkle::reference::{ENTRIES, ROOTS, hash, leaves, tree_hash};
use crate::merkle::tiles::TileId;
use crate::merkle::{Hash, leaf_hash};

/// Inclusion and consistency proofs of the reference tree, from the tests of the Certificate Transparency implementations
/// (transparency-dev/merkle, `proof/verify_test.go`): (leaf from 0, size, proof) and (old size, new size, proof).
const INCLUSION: [(u64, u64, &[&str]); 5] = [
    (0, 1, &[]),
    (
        0,
        8,
        &[
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        5,
        8,
        &[
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (2, 3, &["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
        1,
        5,
        &[
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
];
const CONSISTENCY: [(u64, u64, &[&str]); 5] = [
    (1, 1, &[]),
    (
        1,
        8,
        &[
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        &[
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        5,
        &[
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
    (
        6,
        7,
        &[
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
];

fn hashes(proof: &[&str]) -> Vec<Hash> {
    proof.iter().map(|hex| hash(hex)).collect()
}

/// Large enough for every shape of path, small enough to try all pairs.
const SIZE: u64 = 40;

fn inclusion(leaves: &[Hash], index: u64, size: u64) -> Vec<Hash> {
    prove_inclusion(index, size, subtrees_of(leaves)).unwrap()
}

fn consistency(leaves: &[Hash], old_size: u64, new_size: u64) -> Vec<Hash> {
    prove_consistency(old_size, new_size, subtrees_of(leaves)).unwrap()
}

/// PATH of RFC 6962 section 2.1.1, word for word.
fn path(m: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
    let (mut proof, sibling) =
        if m < left.len() { (path(m, left), tree_hash(right)) } else { (path(m - left.len(), right), tree_hash(left)) };
    proof.push(sibling);
    proof
}

/// SUBPROOF of RFC 6962 section 2.1.2, word for word.
fn subproof(m: usize, leaves: &[Hash], complete: bool) -> Vec<Hash> {
    if m == leaves.len() {
        return if complete { Vec::new() } else { vec![tree_hash(leaves)] };
    }
    let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
    let (mut proof, sibling) = if m <= left.len() {
        (subproof(m, left, complete), tree_hash(right))
    } else {
        (subproof(m - left.len(), right, false), tree_hash(left))
    };
    proof.push(sibling);
    proof
}

/// Every proof that differs from `proof` in one bit, lacks a hash or has one more.
fn corruptions(proof: &[Hash]) -> Vec<Vec<Hash>> {
    let mut corrupted = Vec::new();
    for position in 0..proof.len() {
        for bit in 0..256 {
            let mut bytes = *proof[position].as_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let mut flipped = proof.to_vec();
            flipped[position] = Hash::from(bytes);
            corrupted.push(flipped);
        }
        let mut shorter = proof.to_vec();
        shorter.remove(position);
        corrupted.push(shorter);
    }
    for position in 0..=proof.len() {
        let mut longer = proof.to_vec();
        longer.insert(position, proof.first().copied().unwrap_or_else(empty_root));
        corrupted.push(longer);
    }
    corrupted.retain(|other| other != proof);
    corrupted
}

#[test]
fn reference_inclusion_proofs_are_built_and_verify() {
    let tree = ENTRIES.map(leaf_hash);
    for (index, size, proof) in INCLUSION {
        let (leaf, root, proof) = (tree[index as usize], hash(ROOTS[size as usize]), hashes(proof));
        assert_eq!(inclusion(&tree, index, size), proof);
        assert_eq!(verify_inclusion(&leaf, index, size, &proof, &root), Ok(()), "{index} of {size}");
    }
}

#[test]
fn reference_consistency_proofs_are_built_and_verify() {
    let tree = ENTRIES.map(leaf_hash);
    for (old, new, proof) in CONSISTENCY {
        let (old_root, new_root, proof) = (hash(ROOTS[old as usize]), hash(ROOTS[new as usize]), hashes(proof));
        assert_eq!(consistency(&tree, old, new), proof);
        assert_eq!(verify_consistency(old, new, &proof, &old_root, &new_root), Ok(()), "{old} to {new}");
    }
}

#[test]
fn every_leaf_of_every_tree_is_proven_as_the_recursion_proves_it() {
    let tree = leaves(SIZE);
    for size in 1..=SIZE {
        let part = &tree[..size as usize];
        let root = tree_hash(part);
        for index in 0..size {
            let proof = inclusion(&tree, index, size);
            assert_eq!(proof, path(index as usize, part), "{index} of {size}");
            assert_eq!(verify_inclusion(&tree[index as usize], index, size, &proof, &root), Ok(()));
        }
    }
}

#[test]
fn every_growth_is_proven_as_the_recursion_proves_it() {
    let tree = leaves(SIZE);
    for new in 0..=SIZE {
        let new_root = tree_hash(&tree[..new as usize]);
        for old in 0..=new {
            let old_root = tree_hash(&tree[..old as usize]);
            let proof = consistency(&tree, old, new);
            if old > 0 {
                assert_eq!(proof, subproof(old as usize, &tree[..new as usize], true), "{old} to {new}");
            }
            assert_eq!(verify_consistency(old, new, &proof, &old_root, &new_root), Ok(()), "{old} to {new}");
        }
    }
}

#[test]
fn a_leaf_is_not_proven_by_a_changed_proof_or_for_another_place() {
    let tree = leaves(13);
    let root = tree_hash(&tree);
    for index in 0..13 {
        let proof = inclusion(&tree, index, 13);
        let leaf = &tree[index as usize];
        for changed in corruptions(&proof) {
            assert_eq!(verify_inclusion(leaf, index, 13, &changed, &root), Err(ProofFault::Refuted));
        }
        for elsewhere in (0..13).filter(|other| *other != index) {
            assert_eq!(verify_inclusion(leaf, elsewhere, 13, &proof, &root), Err(ProofFault::Refuted));
            assert_eq!(verify_inclusion(&tree[elsewhere as usize], index, 13, &proof, &root), Err(ProofFault::Refuted));
        }
        assert_eq!(verify_inclusion(leaf, index, 26, &proof, &root), Err(ProofFault::Refuted));
        assert_eq!(verify_inclusion(leaf, index, 13, &proof, &empty_root()), Err(ProofFault::Refuted));
    }
}

#[test]
fn a_growth_is_not_proven_by_a_changed_proof_or_for_other_roots() {
    let tree = leaves(13);
    let roots: Vec<Hash> = (0..=13).map(|size| tree_hash(&tree[..size])).collect();
    for (old, new) in (0..=13_usize).flat_map(|new| (0..=new).map(move |old| (old, new))) {
        let verify = |proof: &[Hash], old_root, new_root| verify_consistency(old as u64, new as u64, proof, old_root, new_root);
        let proof = consistency(&tree, old as u64, new as u64);
        for changed in corruptions(&proof) {
            assert_eq!(verify(&changed, &roots[old], &roots[new]), Err(ProofFault::Refuted), "{old} to {new}");
        }
        for other in roots.iter().filter(|root| **root != roots[old]) {
            assert_eq!(verify(&proof, other, &roots[new]), Err(ProofFault::Refuted), "{old} to {new}");
        }
        // Every tree begins with the empty one, whatever it holds.
        for other in roots.iter().filter(|root| **root != roots[new] && old > 0) {
            assert_eq!(verify(&proof, &roots[old], other), Err(ProofFault::Refuted), "{old} to {new}");
        }
    }
}

#[test]
fn a_rewritten_past_has_no_proof() {
    let tree = leaves(20);
    let mut rewritten = tree.clone();
    rewritten[3] = leaf_hash(b"something else");
    let (old_root, new_root) = (tree_hash(&tree[..10]), tree_hash(&rewritten));
    for proof in [consistency(&tree, 10, 20), consistency(&rewritten, 10, 20)] {
        assert_eq!(verify_consistency(10, 20, &proof, &old_root, &new_root), Err(ProofFault::Refuted));
    }
}

#[test]
fn a_ledger_cannot_claim_to_have_grown_under_the_root_that_it_had() {
    let root = tree_hash(&leaves(8));
    for new_size in [9, 12, 16, 17, 1 << 40] {
        assert_eq!(verify_consistency(8, new_size, &[], &root, &root), Err(ProofFault::Refuted), "{new_size}");
    }
}

#[test]
fn leaves_and_growths_that_cannot_be_are_refused() {
    let tree = leaves(4);
    let root = tree_hash(&tree);
    let beyond = ProofFault::NoSuchLeaf { index: 4, size: 4 };
    assert_eq!(prove_inclusion(4, 4, subtrees_of(&tree)), Err(beyond));
    assert_eq!(verify_inclusion(&tree[0], 4, 4, &[], &root), Err(beyond));
    assert_eq!(verify_inclusion(&tree[0], 0, 0, &[], &empty_root()), Err(ProofFault::NoSuchLeaf { index: 0, size: 0 }));
    let shrinks = ProofFault::Shrinks { old_size: 4, new_size: 3 };
    assert_eq!(prove_consistency(4, 3, subtrees_of(&tree)), Err(shrinks));
    assert_eq!(verify_consistency(4, 3, &[], &root, &root), Err(shrinks));
    assert_eq!(verify_consistency(0, 0, &[], &root, &root), Err(ProofFault::Refuted));
    let not_held = ProofFault::NotHeld(Subtree { height: 0, index: 4 });
    assert_eq!(prove_inclusion(0, 5, subtrees_of(&tree)), Err(not_held));
}

#[test]
fn hostile_sizes_neither_overflow_nor_verify() {
    let junk = vec![leaf_hash(b"junk"); 70];
    for size in [1 << 63, (1 << 63) + 1, u64::MAX - 1, u64::MAX] {
        for index in [0, 1, (1 << 62) - 1, 1 << 62, (1 << 63) - 1, 1 << 63, size - 1].into_iter().filter(|index| *index < size)
        {
            for length in [0, 1, 62, 63, 64, 65, 70] {
                let proof = &junk[..length];
                assert_eq!(verify_inclusion(&junk[0], index, size, proof, &empty_root()), Err(ProofFault::Refuted));
                let grown = verify_consistency(index + 1, size, proof, &junk[0], &empty_root());
                assert_eq!(grown, Err(ProofFault::Refuted), "{index} {size} {length}");
            }
        }
    }
    let everywhere = |_: Subtree| Ok::<_, ProofFault>(junk[0]);
    assert!(prove_inclusion(1 << 63, u64::MAX, everywhere).unwrap().len() <= 64);
    assert!(prove_consistency((1 << 63) + 1, u64::MAX, everywhere).unwrap().len() <= 65);
    let absurd = Subtree { height: 255, index: u64::MAX };
    assert_eq!(subtrees_of(&junk)(absurd), Err(ProofFault::NotHeld(absurd)));
}

#[test]
fn proofs_from_published_tiles_verify() {
    let size = 70_000_u64;
    let bottom = leaves(size);
    let middle: Vec<Hash> = bottom.as_chunks::<256>().0.iter().map(|tile| tree_hash(tile)).collect();
    let top: Vec<Hash> = middle.as_chunks::<256>().0.iter().map(|tile| tree_hash(tile)).collect();
    let rows = [&bottom, &middle, &top];
    let from_tiles = |subtree| {
        let (TileId { level, index }, range) = TileId::holding(subtree);
        let row = rows[usize::from(level)].chunks(256).nth(index as usize).and_then(|tile| tile.get(range));
        row.map(tree_hash).ok_or(ProofFault::NotHeld(subtree))
    };
    let root = tree_hash(&bottom);
    for index in [0, 1, 255, 256, 65_535, 65_536, 69_887, 69_888, 69_999] {
        let proof = prove_inclusion(index, size, from_tiles).unwrap();
        assert_eq!(verify_inclusion(&bottom[index as usize], index, size, &proof, &root), Ok(()), "{index}");
    }
    for old in [1, 255, 256, 257, 65_535, 65_536, 65_537, 69_999] {
        let proof = prove_consistency(old, size, from_tiles).unwrap();
        let old_root = tree_hash(&bottom[..old as usize]);
        assert_eq!(verify_consistency(old, size, &proof, &old_root, &root), Ok(()), "{old}");
    }
}
