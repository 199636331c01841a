//! Checkpoints: the ledger's size and root under the aggregator's signature, in the format of the public transparency logs
//! (C2SP tlog-checkpoint), so that their witnesses and monitors can watch this ledger with the tools that they have.
//!
//! Whoever holds two checkpoints of one ledger that no consistency proof joins holds the aggregator's signature under a lie.
//!
//! Source: <https://c2sp.org/tlog-checkpoint>; the signature stands in [`note`](https://c2sp.org/signed-note) form.

mod note;

use thiserror::Error;

use crate::merkle::Hash;

pub use note::{NOTE_BYTES_MAX, NoteSigner, NoteVerifier};

/// A ledger at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    origin: String,
    size: u64,
    root: Hash,
}

/// Why something is no checkpoint, or none to be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CheckpointError {
    /// An origin that is empty or would not stay on its line.
    #[error("an origin is one line of text, not empty and without control characters")]
    Origin,
    /// A key's name that a signature line could not carry.
    #[error("a key's name is not empty and has no spaces, plus signs or control characters")]
    KeyName,
    /// The signing key is not Ed25519 in PKCS #8.
    #[error("the checkpoint key is not an Ed25519 key in PKCS #8")]
    SigningKey,
    /// The verifier key is malformed, of another algorithm, or its id is not that of its name and key.
    #[error("a verifier key is name+id+key: eight hexadecimal digits and the base64 of an Ed25519 key")]
    VerifierKey,
    /// The text is no signed note.
    #[error("not a signed note: {0}")]
    Note(&'static str),
    /// The text signed is no checkpoint.
    #[error("not a checkpoint: {0}")]
    Body(&'static str),
    /// There are signatures, none of them by the key asked for.
    #[error("the note is not signed by this key")]
    NotSigned,
    /// There is a signature by the key asked for, and it is wrong.
    #[error("the signature does not verify")]
    Signature,
}

impl Checkpoint {
    /// The checkpoint of the ledger `origin` (a URL without its scheme, such as `gradimento.istat.it/ledger`) at `size` leaves.
    ///
    /// # Errors
    /// Where the origin is empty or has control characters, line breaks among them.
    pub fn new(origin: &str, size: u64, root: Hash) -> Result<Self, CheckpointError> {
        if origin.is_empty() || origin.chars().any(char::is_control) {
            return Err(CheckpointError::Origin);
        }
        Ok(Self { origin: origin.to_owned(), size, root })
    }

    /// Which ledger this is.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Leaves of its tree.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root of its tree.
    #[must_use]
    pub fn root(&self) -> &Hash {
        &self.root
    }

    fn body(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, self.root.to_base64())
    }

    /// Extension lines are allowed, opaque and dropped: nothing here reads any.
    fn from_body(body: &str) -> Result<Self, CheckpointError> {
        let mut lines = body.strip_suffix('\n').ok_or(CheckpointError::Body("its last line does not end"))?.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(CheckpointError::Body("it has fewer than three lines"));
        };
        if lines.any(str::is_empty) {
            return Err(CheckpointError::Body("an extension line is empty"));
        }
        // One size has one spelling: no sign, no leading zeros.
        let canonical = size.parse::<u64>().ok().filter(|number| number.to_string() == size);
        let size = canonical.ok_or(CheckpointError::Body("its size is not a decimal number"))?;
        let root = Hash::from_base64(root).ok_or(CheckpointError::Body("its root is not 32 bytes in base64"))?;
        Self::new(origin, size, root)
    }
}

/// The checkpoint as it is served: three lines, a blank one, and the signature. Never sign two that contradict each other.
#[must_use]
pub fn sign(checkpoint: &Checkpoint, signer: &NoteSigner) -> String {
    note::sign(&checkpoint.body(), signer)
}

/// The checkpoint in a signed note, once this key's signature on it has been verified. Signatures by other keys (witnesses, a
/// key being rotated) are passed over. Which ledger the checkpoint is of is for the caller to check: a key may sign for more
/// than one [`Checkpoint::origin`].
///
/// # Errors
/// Where the text is no signed note of at most [`NOTE_BYTES_MAX`] bytes, this key did not sign it, or it is no checkpoint.
pub fn open(text: &str, verifier: &NoteVerifier) -> Result<Checkpoint, CheckpointError> {
    Checkpoint::from_body(note::open(text, verifier)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::note::tests::signer;
    use crate::merkle::{Frontier, empty_root, leaf_hash};

    /// The Go checksum database's public key, and two tree heads that it signed.
    const SUMDB_KEY: &str = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
    const SUMDB_NOTES: [(u64, &str, &str); 2] = [
        (
            65_209_736,
            "5+uGFjx6xBZG8ip1+wi77v+grwbhhukIrxEUS8PXvRo=",
            "go.sum database tree\n65209736\n5+uGFjx6xBZG8ip1+wi77v+grwbhhukIrxEUS8PXvRo=\n\n\
             — sum.golang.org Az3grnbssgK7ubgFX36gVETtNv0U23qxyAhAMai2QUfeGa3nB/akvkMdlUErfcZz7l/R3cVtYspg3dxXABkGZZKdsQ8=\n",
        ),
        (
            31_700_353,
            "qINS1GRFhWHwdkUeqLEoP4yEMkTBBzxBkGwGQlVlVcs=",
            "go.sum database tree\n31700353\nqINS1GRFhWHwdkUeqLEoP4yEMkTBBzxBkGwGQlVlVcs=\n\n\
             — sum.golang.org Az3grnmrIUEDFqHzAElIQCPNoRFRAAdFo47fooyWKMHb89k11GJh5zHIfNCOBmwn/C3YI8oW9/C8DJ87F61QqspBYwM=\n",
        ),
    ];

    fn checkpoint() -> Checkpoint {
        let tree: Frontier = [leaf_hash(b"a"), leaf_hash(b"b")].into_iter().collect();
        Checkpoint::new("gradimento.example/ledger", tree.size(), tree.root()).unwrap()
    }

    fn open_body(body: &str) -> Result<Checkpoint, CheckpointError> {
        let signer = signer("gradimento.example/ledger");
        open(&note::sign(body, &signer), &signer.verifier())
    }

    #[test]
    fn tree_heads_of_the_go_checksum_database_open() {
        let key = SUMDB_KEY.parse().unwrap();
        for (size, root, note) in SUMDB_NOTES {
            let opened = open(note, &key).unwrap();
            assert_eq!((opened.origin(), opened.size()), ("go.sum database tree", size));
            assert_eq!(opened.root().to_base64(), root);
            assert_eq!(open(&note.replace(&size.to_string(), "65209735"), &key), Err(CheckpointError::Signature));
        }
    }

    #[test]
    fn what_was_signed_opens_as_it_was() {
        let signer = signer("gradimento.example/ledger");
        for checkpoint in [checkpoint(), Checkpoint::new("x", 0, empty_root()).unwrap()] {
            assert_eq!(open(&sign(&checkpoint, &signer), &signer.verifier()), Ok(checkpoint));
        }
    }

    #[test]
    fn a_checkpoint_is_three_lines_a_blank_one_and_a_signature() {
        let text = sign(&checkpoint(), &signer("gradimento.example/ledger"));
        let lines: Vec<&str> = text.split('\n').collect();
        assert_eq!(lines[..2], ["gradimento.example/ledger", "2"]);
        assert_eq!(lines[2], checkpoint().root().to_base64());
        assert_eq!(lines[3], "");
        assert!(lines[4].starts_with("— gradimento.example/ledger "));
        assert_eq!(lines[5..], [""]);
    }

    #[test]
    fn no_character_of_a_checkpoint_can_be_changed_dropped_or_added() {
        let signer = signer("gradimento.example/ledger");
        let verifier = signer.verifier();
        let characters: Vec<char> = sign(&checkpoint(), &signer).chars().collect();
        for position in 0..=characters.len() {
            let (before, after) = characters.split_at(position);
            let with = |between: &[char], after: &[char]| [before, between, after].concat().into_iter().collect::<String>();
            for inserted in ['A', '0', '=', ' ', '\n', '—', '\u{7f}'] {
                assert!(open(&with(&[inserted], after), &verifier).is_err(), "{inserted:?} inserted at {position}");
                if let Some((_, rest)) = after.split_first().filter(|(character, _)| **character != inserted) {
                    assert!(open(&with(&[inserted], rest), &verifier).is_err(), "{inserted:?} put at {position}");
                }
            }
            if let Some((_, rest)) = after.split_first() {
                assert!(open(&with(&[], rest), &verifier).is_err(), "{position} dropped");
                assert!(open(&with(&[], &[]), &verifier).is_err(), "cut at {position}");
            }
        }
    }

    #[test]
    fn signed_texts_that_are_no_checkpoints_are_refused() {
        let root = empty_root().to_base64();
        for body in [
            "\n".to_owned(),
            "x\n".to_owned(),
            "x\n0\n".to_owned(),
            format!("\n0\n{root}\n"),
            format!("x\n\n{root}\n"),
            format!("x\n00\n{root}\n"),
            format!("x\n01\n{root}\n"),
            format!("x\n+1\n{root}\n"),
            format!("x\n-1\n{root}\n"),
            format!("x\n 1\n{root}\n"),
            format!("x\n0x1\n{root}\n"),
            format!("x\n18446744073709551616\n{root}\n"),
            format!("x\n1\n{root}=\n"),
            format!("x\n1\n {root}\n"),
            "x\n1\n\n".to_owned(),
            "x\n1\nYQ==\n".to_owned(),
            format!("x\n1\n{root}\n\n"),
            format!("x\n1\n{root}\nextension\n\nextension\n"),
        ] {
            let refused = open_body(&body).unwrap_err();
            assert!(matches!(refused, CheckpointError::Body(_) | CheckpointError::Origin), "{body:?}: {refused:?}");
        }
    }

    #[test]
    fn extension_lines_are_passed_over() {
        let root = empty_root();
        let opened = open_body(&format!("x\n0\n{}\nmore\nand more\n", root.to_base64()));
        assert_eq!(opened, Checkpoint::new("x", 0, root));
    }

    #[test]
    fn an_origin_stays_on_its_line() {
        for origin in ["", "a\nb", "a\rb", "\n", "a\u{0}"] {
            assert_eq!(Checkpoint::new(origin, 0, empty_root()), Err(CheckpointError::Origin), "{origin:?}");
        }
    }
}
