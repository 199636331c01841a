//! Signed notes with Ed25519 (C2SP signed-note): a text, a blank line, and a line for each signature. Whoever reads the text
//! without a key reads plain text; whoever has the key needs no parser before it has verified.
//!
//! Source: <https://c2sp.org/signed-note>, signature type 0x01.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};
use ring::signature::{ED25519, ED25519_PUBLIC_KEY_LEN, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

use super::CheckpointError;

/// Longest note that is looked at, in bytes. The format asks for room for 16 signatures, the largest of nearly 5 kB: in base64
/// 107 kB, and the rest is for the text.
pub const NOTE_BYTES_MAX: usize = 128 * 1024;

/// The byte that says Ed25519 in key ids and verifier keys.
const SIGNATURE_TYPE: u8 = 0x01;

/// Bytes of a key id.
const KEY_ID_BYTES: usize = 4;

/// A key that signs notes, and the name that it signs under. `Debug` shows nothing of the key.
pub struct NoteSigner {
    name: String,
    pair: Ed25519KeyPair,
}

impl NoteSigner {
    /// Reads an Ed25519 key from PKCS #8 DER, with or without its public half (`openssl genpkey` leaves that out). The name is
    /// best a URL without its scheme, the same as the ledger's origin.
    ///
    /// # Errors
    /// Where the name has spaces, plus signs or control characters, or the bytes are no Ed25519 key.
    pub fn from_pkcs8(name: &str, der: &[u8]) -> Result<Self, CheckpointError> {
        require_name(name)?;
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).map_err(|_| CheckpointError::SigningKey)?;
        Ok(Self { name: name.to_owned(), pair })
    }

    /// The public half, to be published.
    #[must_use]
    pub fn verifier(&self) -> NoteVerifier {
        let mut public_key = [0; ED25519_PUBLIC_KEY_LEN];
        public_key.copy_from_slice(self.pair.public_key().as_ref());
        NoteVerifier { name: self.name.clone(), public_key }
    }
}

impl fmt::Debug for NoteSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NoteSigner").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A key that verifies notes, written `name+id+key` (a "vkey"): `Display` writes it, `FromStr` reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteVerifier {
    name: String,
    public_key: [u8; ED25519_PUBLIC_KEY_LEN],
}

impl NoteVerifier {
    /// The name that the key signs under.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first four bytes of SHA-256(name || 0x0A || 0x01 || key): which key of that name a signature is by. It proves
    /// nothing.
    fn key_id(&self) -> u32 {
        let named = [self.name.as_bytes(), b"\n", &self.typed_key()].concat();
        let digest = digest(&SHA256, &named);
        digest.as_ref().first_chunk::<KEY_ID_BYTES>().map_or(0, |id| u32::from_be_bytes(*id))
    }

    fn typed_key(&self) -> Vec<u8> {
        [[SIGNATURE_TYPE].as_slice(), &self.public_key].concat()
    }
}

impl fmt::Display for NoteVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{:08x}+{}", self.name, self.key_id(), STANDARD.encode(self.typed_key()))
    }
}

impl FromStr for NoteVerifier {
    type Err = CheckpointError;

    fn from_str(text: &str) -> Result<Self, CheckpointError> {
        // The base64 may have plus signs of its own, the name none.
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(_), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(CheckpointError::VerifierKey);
        };
        require_name(name)?;
        let key = STANDARD.decode(key).map_err(|_| CheckpointError::VerifierKey)?;
        let key = key.strip_prefix(&[SIGNATURE_TYPE]).and_then(|key| key.try_into().ok());
        let verifier = Self { name: name.to_owned(), public_key: key.ok_or(CheckpointError::VerifierKey)? };
        // Written again it has the id that its name and key make, so a mangled id, name or key shows.
        if verifier.to_string() == text { Ok(verifier) } else { Err(CheckpointError::VerifierKey) }
    }
}

/// The note of `text`, which ends with a line break and has no other control characters.
pub(super) fn sign(text: &str, signer: &NoteSigner) -> String {
    let key_id = signer.verifier().key_id().to_be_bytes();
    let signature = [key_id.as_slice(), signer.pair.sign(text.as_bytes()).as_ref()].concat();
    format!("{text}\n— {} {}\n", signer.name, STANDARD.encode(signature))
}

/// The text of a note, once this key's signature on it has been verified.
pub(super) fn open<'a>(note: &'a str, verifier: &NoteVerifier) -> Result<&'a str, CheckpointError> {
    let (text, signatures) = split(note)?;
    let key = UnparsedPublicKey::new(&ED25519, &verifier.public_key);
    let key_id = verifier.key_id().to_be_bytes();
    let mut signed = false;
    for line in signatures.split('\n') {
        let (name, signature) = read_signature(line).ok_or(CheckpointError::Note("a signature line is malformed"))?;
        // A signature by another key, or of another type, is none of our business; one by ours must hold.
        if let Some(signature) = signature.strip_prefix(&key_id).filter(|_| name == verifier.name) {
            key.verify(text.as_bytes(), signature).map_err(|_| CheckpointError::Signature)?;
            signed = true;
        }
    }
    if signed { Ok(text) } else { Err(CheckpointError::NotSigned) }
}

/// The text with its last line break, and the signature lines without theirs: the last empty line parts them.
fn split(note: &str) -> Result<(&str, &str), CheckpointError> {
    if note.len() > NOTE_BYTES_MAX {
        return Err(CheckpointError::Note("it is too long"));
    }
    if note.chars().any(|character| character < ' ' && character != '\n') {
        return Err(CheckpointError::Note("it has control characters"));
    }
    let (text, signatures) =
        note.rsplit_once("\n\n").ok_or(CheckpointError::Note("no blank line parts text and signatures"))?;
    let text = note.get(..=text.len()).ok_or(CheckpointError::Note("its text has no end"))?;
    let signatures = signatures.strip_suffix('\n').ok_or(CheckpointError::Note("its last line does not end"))?;
    Ok((text, signatures))
}

/// The name and the bytes (key id and signature) of a signature line.
fn read_signature(line: &str) -> Option<(&str, Vec<u8>)> {
    let (name, signature) = line.strip_prefix("— ")?.split_once(' ')?;
    require_name(name).ok()?;
    let signature = STANDARD.decode(signature).ok()?;
    (signature.len() > KEY_ID_BYTES).then_some((name, signature))
}

fn require_name(name: &str) -> Result<(), CheckpointError> {
    let unfit = |character: char| character.is_whitespace() || character.is_control() || character == '+';
    if name.is_empty() || name.contains(unfit) { Err(CheckpointError::KeyName) } else { Ok(()) }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The key, text and signature in the documentation of the Go implementation (golang.org/x/mod/sumdb/note).
    const GO_SEED: &str = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    const GO_KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const GO_TEXT: &str =
        "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    const GO_SIGNATURE: &str =
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    /// The example in the specification, "Verifier keys".
    const SPEC_KEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    const SPEC_NOTE: &str = "This is an example message.\n\n\
        — example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

    /// A key whose seed is the hash of its name.
    pub(in crate::checkpoint) fn signer(name: &str) -> NoteSigner {
        NoteSigner::from_pkcs8(name, &pkcs8(digest(&SHA256, name.as_bytes()).as_ref())).unwrap()
    }

    /// PKCS #8 version 1 (RFC 8410 section 7), as `openssl genpkey` writes it.
    fn pkcs8(seed: &[u8]) -> Vec<u8> {
        [b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20", seed].concat()
    }

    fn go_note() -> String {
        format!("{GO_TEXT}\n{GO_SIGNATURE}")
    }

    #[test]
    fn the_go_implementation_and_ours_sign_alike() {
        let seed = STANDARD.decode(GO_SEED).unwrap();
        let signer = NoteSigner::from_pkcs8("PeterNeumann", &pkcs8(&seed[1..])).unwrap();
        assert_eq!(signer.verifier().to_string(), GO_KEY);
        assert_eq!(sign(GO_TEXT, &signer), go_note());
    }

    #[test]
    fn notes_signed_elsewhere_open() {
        assert_eq!(open(&go_note(), &GO_KEY.parse().unwrap()), Ok(GO_TEXT));
        assert_eq!(open(SPEC_NOTE, &SPEC_KEY.parse().unwrap()), Ok("This is an example message.\n"));
    }

    #[test]
    fn keys_with_their_public_half_are_read_too() {
        let der = Ed25519KeyPair::generate_pkcs8(&ring::rand::SystemRandom::new()).unwrap();
        let signer = NoteSigner::from_pkcs8("a", der.as_ref()).unwrap();
        assert_eq!(open(&sign("text\n", &signer), &signer.verifier()), Ok("text\n"));
    }

    #[test]
    fn verifier_keys_round_trip_and_mangled_ones_are_refused() {
        for key in [GO_KEY, SPEC_KEY] {
            assert_eq!(key.parse::<NoteVerifier>().unwrap().to_string(), key);
        }
        for (mangled, why) in [
            ("", CheckpointError::VerifierKey),
            ("PeterNeumann", CheckpointError::VerifierKey),
            ("PeterNeumann+c74f20a3", CheckpointError::VerifierKey),
            ("PeterNeumann+c74f20a3+", CheckpointError::VerifierKey),
            ("PeterNeumann+c74f20a3+ARpc", CheckpointError::VerifierKey),
            ("PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", CheckpointError::VerifierKey),
            ("PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", CheckpointError::VerifierKey),
            ("PeterNewmann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", CheckpointError::VerifierKey),
            ("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TX", CheckpointError::VerifierKey),
            ("PeterNeumann+c74f20a3+Ahpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", CheckpointError::VerifierKey),
            ("Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", CheckpointError::KeyName),
            ("+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", CheckpointError::KeyName),
        ] {
            assert_eq!(mangled.parse::<NoteVerifier>(), Err(why), "{mangled}");
        }
    }

    #[test]
    fn names_that_a_line_cannot_carry_and_other_keys_are_refused() {
        for name in ["", "a b", "a+b", "a\nb", "a\u{a0}b", "a\u{2003}b", "a\u{1}b"] {
            assert_eq!(NoteSigner::from_pkcs8(name, &pkcs8(&[1; 32])).unwrap_err(), CheckpointError::KeyName, "{name:?}");
        }
        for der in [&[][..], &[1; 32], &pkcs8(&[1; 31])] {
            assert_eq!(NoteSigner::from_pkcs8("a", der).unwrap_err(), CheckpointError::SigningKey);
        }
    }

    #[test]
    fn other_signatures_are_passed_over_and_ours_must_be_there_and_hold() {
        let (ours, witness) = (signer("ours"), signer("witness"));
        let [mine, other] = [&ours, &witness].map(|signer| sign("text\n", signer).strip_prefix("text\n\n").unwrap().to_owned());
        let forged = other.replace("witness", "ours");
        let verify =
            |signatures: &[&str]| open(&format!("text\n\n{}", signatures.concat()), &ours.verifier()).map(str::to_owned);
        for signatures in [&[mine.as_str()][..], &[&mine, &other], &[&other, &mine], &[&mine, &mine], &[&forged, &mine]] {
            assert_eq!(verify(signatures), Ok("text\n".to_owned()));
        }
        assert_eq!(verify(&[&other]), Err(CheckpointError::NotSigned));
        assert_eq!(verify(&[&forged]), Err(CheckpointError::NotSigned));
        let of_another_text = sign("other text\n", &ours).strip_prefix("other text\n\n").unwrap().to_owned();
        assert_eq!(verify(&[&of_another_text, &mine]), Err(CheckpointError::Signature));
        assert_eq!(verify(&[&mine, &of_another_text]), Err(CheckpointError::Signature));
    }

    #[test]
    fn sixteen_large_signatures_fit_and_endless_ones_do_not() {
        let signer = signer("ours");
        let large = format!("— witness {}\n", STANDARD.encode([7; 5_000]));
        let with = |count: usize| format!("{}{}", sign("text\n", &signer), large.repeat(count));
        assert_eq!(open(&with(16), &signer.verifier()), Ok("text\n"));
        assert_eq!(open(&with(32), &signer.verifier()), Err(CheckpointError::Note("it is too long")));
    }

    #[test]
    fn malformed_notes_are_refused_whoever_signed_them() {
        let signer = signer("ours");
        let note = sign("text\n", &signer);
        for malformed in [
            String::new(),
            "\n".to_owned(),
            "\n\n".to_owned(),
            "text\n".to_owned(),
            "text\n\n".to_owned(),
            note.replace("\n\n", "\n"),
            note.replace("— ", "- "),
            note.replace("— ", "—"),
            note.replace("text", "te\txt"),
            note.replace('\n', "\r\n"),
            format!("{note}\n"),
            format!("{note}— \n"),
            format!("{note}— witness\n"),
            format!("{note}— witness YQ==\n"),
            format!("{note}— witness AAAAAA==\n"),
            format!("{note}— witness not base64\n"),
            format!("{note}— wit+ness AAAAAAA=\n"),
            note.strip_suffix('\n').unwrap().to_owned(),
        ] {
            assert!(matches!(open(&malformed, &signer.verifier()), Err(CheckpointError::Note(_))), "{malformed:?}");
        }
    }

    #[test]
    fn a_text_may_have_empty_lines() {
        let signer = signer("ours");
        for text in ["a\n\nb\n", "a\n\n", "\n"] {
            assert_eq!(open(&sign(text, &signer), &signer.verifier()), Ok(text));
        }
    }

    #[test]
    fn a_signer_shows_its_name_only() {
        assert_eq!(format!("{:?}", signer("ours")), "NoteSigner { name: \"ours\", .. }");
    }
}
