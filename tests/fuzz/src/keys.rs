//! The keys of the targets: the P-256 private key is the number one, its public key the curve's base point, so that nobody
//! takes it for a secret. What the corpus holds is signed with them, and so can be what a target makes of its input.

use std::sync::LazyLock;

use gradimento_common::checkpoint::NoteSigner;
use gradimento_common::encoding::base64url;
use gradimento_common::jose::{SealKey, SealPublicKey, Signer};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm};

/// What stands where a token carries its signer's certificate; parsers of tokens do not look into it.
pub const CERTIFICATE: &[u8] = b"certificate";

/// The name of the key that signs checkpoints, and the ledger's origin.
pub const LEDGER: &str = "ledger.example";

/// The base point of P-256, uncompressed (SEC 2 version 2, section 2.4.2).
pub const POINT: [u8; 65] = [
    0x04, 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2, 0x77, 0x03, 0x7d,
    0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96, 0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f,
    0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce, 0x33, 0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40,
    0x68, 0x37, 0xbf, 0x51, 0xf5,
];

/// Signs as the product does.
pub fn signer() -> &'static Signer {
    static SIGNER: LazyLock<Signer> = LazyLock::new(|| {
        let key = SealKey::from_pkcs8(&p256_pkcs8()).expect("a P-256 key");
        Signer::new(key, &[CERTIFICATE.to_vec()]).expect("a certificate")
    });
    &SIGNER
}

/// Verifies what [`signer`] and [`compact`] sign.
pub fn seal_key() -> SealPublicKey {
    SealPublicKey::from_point(&POINT)
}

/// A compact token with this header and payload, whatever they are.
pub fn compact(header: &[u8], payload: &[u8]) -> String {
    static PAIR: LazyLock<EcdsaKeyPair> = LazyLock::new(|| pair(&ECDSA_P256_SHA256_FIXED_SIGNING));
    let input = format!("{}.{}", base64url(header), base64url(payload));
    let signature = PAIR.sign(&SystemRandom::new(), input.as_bytes()).expect("randomness");
    format!("{input}.{}", base64url(signature.as_ref()))
}

/// An ECDSA signature as certificates and requests carry it.
pub fn asn1_signature(message: &[u8]) -> Vec<u8> {
    static PAIR: LazyLock<EcdsaKeyPair> = LazyLock::new(|| pair(&ECDSA_P256_SHA256_ASN1_SIGNING));
    PAIR.sign(&SystemRandom::new(), message).expect("randomness").as_ref().to_vec()
}

/// The seed of the Ed25519 key that signs checkpoints.
pub const LEDGER_SEED: [u8; 32] = [7; 32];

/// Signs checkpoints.
pub fn ledger() -> &'static NoteSigner {
    static SIGNER: LazyLock<NoteSigner> = LazyLock::new(|| {
        // PKCS #8 version 1 (RFC 8410 section 7).
        let der = [b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20".as_slice(), &LEDGER_SEED].concat();
        NoteSigner::from_pkcs8(LEDGER, &der).expect("an Ed25519 key")
    });
    &SIGNER
}

fn pair(algorithm: &'static EcdsaSigningAlgorithm) -> EcdsaKeyPair {
    EcdsaKeyPair::from_pkcs8(algorithm, &p256_pkcs8(), &SystemRandom::new()).expect("a P-256 key")
}

/// PKCS #8 around RFC 5915: the private key, then its public key.
fn p256_pkcs8() -> Vec<u8> {
    let head = b"\x30\x81\x87\x02\x01\x00\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\
        \x04\x6d\x30\x6b\x02\x01\x01\x04\x20";
    let mut one = [0; 32];
    one[31] = 1;
    [head.as_slice(), &one, b"\xa1\x44\x03\x42\x00", &POINT].concat()
}
