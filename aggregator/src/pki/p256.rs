//! The one curve that is accepted, read out of a SubjectPublicKeyInfo and used to check a signature.

use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use x509_parser::oid_registry::{OID_EC_P256, OID_KEY_TYPE_EC_PUBLIC_KEY};
use x509_parser::x509::SubjectPublicKeyInfo;

/// The uncompressed point, or `None` for a key of another kind or spelling.
pub(super) fn point<'a>(spki: &'a SubjectPublicKeyInfo<'_>) -> Option<&'a [u8]> {
    let curve = spki.algorithm.parameters.as_ref().and_then(|parameters| parameters.as_oid().ok());
    let is_p256 = spki.algorithm.algorithm == OID_KEY_TYPE_EC_PUBLIC_KEY && curve == Some(OID_EC_P256);
    let key = &spki.subject_public_key;
    let point: &[u8] = key.data.as_ref();
    let is_uncompressed = key.unused_bits == 0 && point.len() == POINT_BYTES && point.first() == Some(&4);
    (is_p256 && is_uncompressed).then_some(point)
}

/// Whether `signature` (ASN.1, as certificates carry it) is of `message` by the key with this point. A point off the curve
/// verifies nothing.
pub(super) fn verifies(point: &[u8], message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(message, signature).is_ok()
}

/// One byte that says "uncompressed", and two coordinates of 32 bytes.
const POINT_BYTES: usize = 65;
