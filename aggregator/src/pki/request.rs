//! What remains of a certificate request once it has been read: a public key whose owner has shown that he holds the private
//! one.
//!
//! Names, usages, constraints and lifetimes that a request asks for are never looked at. rcgen's own reader would carry them
//! over into the certificate (rcgen #282: a hostile request came back as a certificate authority).

use gradimento_common::encoding::sha256;
use rcgen::{PublicKeyData as _, SubjectPublicKeyInfo};
use thiserror::Error;
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::oid_registry::OID_SIG_ECDSA_WITH_SHA256;
use x509_parser::prelude::FromDer as _;

use super::p256;

/// A P-256 public key that wants a certificate; possession of its private half is proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateRequest {
    key: SubjectPublicKeyInfo,
}

/// Why a request is refused. Always the sender's fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RequestFault {
    /// Not PKCS #10, or with something behind it.
    #[error("not a PKCS #10 certificate request in DER")]
    Malformed,
    /// Another kind of key, or a compressed point.
    #[error("the key must be an uncompressed P-256 point")]
    Key,
    /// Another signature algorithm.
    #[error("the request must be signed with ecdsa-with-SHA256")]
    Algorithm,
    /// The request was not signed with the key that it carries.
    #[error("the request is not signed with its own key")]
    Possession,
}

impl CertificateRequest {
    /// Reads a request and checks that it was signed with its own key. Everything but the key is dropped.
    ///
    /// # Errors
    /// See [`RequestFault`].
    pub fn parse(der: &[u8]) -> Result<Self, RequestFault> {
        let (rest, request) = X509CertificationRequest::from_der(der).map_err(|_| RequestFault::Malformed)?;
        if !rest.is_empty() {
            return Err(RequestFault::Malformed);
        }
        let info = &request.certification_request_info;
        let point = p256::point(&info.subject_pki).ok_or(RequestFault::Key)?;
        if request.signature_algorithm.algorithm != OID_SIG_ECDSA_WITH_SHA256 {
            return Err(RequestFault::Algorithm);
        }
        if !p256::verifies(point, info.raw, &request.signature_value.data) {
            return Err(RequestFault::Possession);
        }
        let key = SubjectPublicKeyInfo::from_der(info.subject_pki.raw).map_err(|_| RequestFault::Key)?;
        Ok(Self { key })
    }

    /// The public key as an uncompressed point, 65 bytes.
    #[must_use]
    pub fn public_point(&self) -> &[u8] {
        self.key.der_bytes()
    }

    /// SHA-256 of the key's SubjectPublicKeyInfo, written out anew: one key has one value, however the request spelled it.
    #[must_use]
    pub fn spki_sha256(&self) -> [u8; 32] {
        sha256(&self.key.subject_public_key_info())
    }

    pub(super) fn key(&self) -> &SubjectPublicKeyInfo {
        &self.key
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P384_SHA384, PKCS_ED25519};

    use super::*;

    fn request(key: &KeyPair) -> Vec<u8> {
        CertificateParams::default().serialize_request(key).unwrap().der().to_vec()
    }

    #[test]
    fn a_request_becomes_its_key_and_the_same_key_has_one_fingerprint() {
        let (key, other) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let (first, again) =
            (CertificateRequest::parse(&request(&key)).unwrap(), CertificateRequest::parse(&request(&key)).unwrap());
        assert_eq!(first.public_point(), key.public_key_raw());
        assert_eq!(first.spki_sha256(), again.spki_sha256());
        assert_ne!(first.spki_sha256(), CertificateRequest::parse(&request(&other)).unwrap().spki_sha256());
    }

    #[test]
    fn a_request_for_somebody_elses_key_is_refused() {
        let (mine, theirs) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let mut forged = request(&mine);
        let at = forged.windows(65).position(|window| window == mine.public_key_raw()).unwrap();
        forged[at..at + 65].copy_from_slice(theirs.public_key_raw());
        assert_eq!(CertificateRequest::parse(&forged), Err(RequestFault::Possession));
    }

    #[test]
    fn other_keys_and_other_bytes_are_refused() {
        for algorithm in [&PKCS_ECDSA_P384_SHA384, &PKCS_ED25519] {
            let key = KeyPair::generate_for(algorithm).unwrap();
            assert_eq!(CertificateRequest::parse(&request(&key)), Err(RequestFault::Key));
        }
        let mut longer = request(&KeyPair::generate().unwrap());
        longer.push(0);
        assert_eq!(CertificateRequest::parse(&longer), Err(RequestFault::Malformed));
        assert_eq!(CertificateRequest::parse(b""), Err(RequestFault::Malformed));
    }

    #[test]
    fn no_byte_that_was_signed_can_be_changed() {
        let der = request(&KeyPair::generate().unwrap());
        let signed = X509CertificationRequest::from_der(&der).unwrap().1.certification_request_info.raw;
        let start = der.windows(signed.len()).position(|window| window == signed).unwrap();
        for position in start..start + signed.len() {
            let mut changed = der.clone();
            changed[position] ^= 1;
            assert!(CertificateRequest::parse(&changed).is_err(), "byte {position}");
        }
    }
}
