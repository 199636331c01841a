//! What the authority hands out.

use gradimento_common::jose::Thumbprint;
use jiff::Timestamp;
use rustls_pki_types::PrivatePkcs8KeyDer;

/// A certificate that has just been made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// The certificate, DER.
    pub der: Vec<u8>,
    /// The certificate and the issuing authority's, DER, leaf first, without the root.
    pub chain: Vec<Vec<u8>>,
    /// The serial as the certificate carries it: positive and 16 bytes long, hence not always the bytes that were asked for.
    pub serial: [u8; 16],
    /// Good from here.
    pub not_before: Timestamp,
    /// Good until here.
    pub not_after: Timestamp,
    /// SHA-256 of the DER.
    pub thumbprint: Thumbprint,
    /// The certified key, an uncompressed point of 65 bytes.
    pub public_point: Vec<u8>,
}

/// A certificate of the aggregator's own, with the key made for it. `Debug` hides the key.
#[derive(Debug)]
pub struct IssuedWithKey {
    /// The certificate.
    pub issued: Issued,
    /// The chain with the root at its end: what a server presents, so that first contact can be checked against the fingerprint
    /// of a root that the caller has not seen yet.
    pub chain_with_root: Vec<Vec<u8>>,
    /// The private key, PKCS #8.
    pub key: PrivatePkcs8KeyDer<'static>,
}

/// A serial that is positive, not zero and always 16 bytes in DER, out of random bytes. A second pass changes nothing.
pub(super) fn positive([first, rest @ ..]: [u8; 16]) -> [u8; 16] {
    let mut serial = [first & 0x7f | 0x40; 16];
    for (to, from) in serial.iter_mut().skip(1).zip(rest) {
        *to = from;
    }
    serial
}
