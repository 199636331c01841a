//! What a certificate says, read back out of its DER.

use gradimento_common::jose::Thumbprint;
use jiff::Timestamp;
use thiserror::Error;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer as _;

use super::{PeerName, Purpose, p256};

/// What the certificate of a collector says. Reading is not verifying: whoever relies on this has checked the chain, or knows
/// the thumbprint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectorCertificate {
    /// Whose it is.
    pub name: PeerName,
    /// What its key may do.
    pub purpose: Purpose,
    /// SHA-256 of the DER.
    pub thumbprint: Thumbprint,
    /// Its serial.
    pub serial: [u8; 16],
    /// The key, an uncompressed point of 65 bytes.
    pub public_point: Vec<u8>,
    /// Good from here.
    pub not_before: Timestamp,
    /// Good until here, this second included.
    pub not_after: Timestamp,
}

/// Why a certificate is not one of a collector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CertificateFault {
    /// Not an X.509 certificate, or with something behind it.
    #[error("not a certificate in DER")]
    Malformed,
    /// Its key is not P-256.
    #[error("the key is not a P-256 key")]
    Key,
    /// It names no collector, or several.
    #[error("the certificate does not name a collector")]
    Name,
    /// It is neither for connections nor for seals, or for both.
    #[error("the certificate is for something else")]
    Purpose,
}

impl CollectorCertificate {
    /// Reads a certificate that this authority made for a collector.
    ///
    /// # Errors
    /// Where it is any other certificate.
    pub fn parse(der: &[u8]) -> Result<Self, CertificateFault> {
        let certificate = parse(der).ok_or(CertificateFault::Malformed)?;
        let public_point = p256::point(certificate.public_key()).ok_or(CertificateFault::Key)?.to_vec();
        let (not_before, not_after) = validity(&certificate).ok_or(CertificateFault::Malformed)?;
        let serial = certificate.raw_serial().try_into().map_err(|_| CertificateFault::Malformed)?;
        Ok(Self {
            name: name(&certificate).ok_or(CertificateFault::Name)?,
            purpose: purpose(&certificate).ok_or(CertificateFault::Purpose)?,
            thumbprint: Thumbprint::of(der),
            serial,
            public_point,
            not_before,
            not_after,
        })
    }

    /// Whether `now` lies within its validity, both ends included (RFC 5280 section 4.1.2.5).
    #[must_use]
    pub fn is_valid_at(&self, now: Timestamp) -> bool {
        (self.not_before.as_second()..=self.not_after.as_second()).contains(&now.as_second())
    }
}

/// The P-256 point of a certificate's key.
pub(super) fn point_of(der: &[u8]) -> Option<Vec<u8>> {
    p256::point(parse(der)?.public_key()).map(<[u8]>::to_vec)
}

/// The last second of a certificate, where it is one.
#[must_use]
pub fn not_after(der: &[u8]) -> Option<Timestamp> {
    validity(&parse(der)?).map(|(_, not_after)| not_after)
}

/// Whether the issuer's key signed this certificate.
pub(super) fn signed_by(der: &[u8], issuer_der: &[u8]) -> bool {
    let (Some(certificate), Some(issuer)) = (parse(der), point_of(issuer_der)) else { return false };
    p256::verifies(&issuer, certificate.tbs_certificate.as_ref(), &certificate.signature_value.data)
}

pub(super) fn parse(der: &[u8]) -> Option<X509Certificate<'_>> {
    let (rest, certificate) = X509Certificate::from_der(der).ok()?;
    rest.is_empty().then_some(certificate)
}

pub(super) fn validity(certificate: &X509Certificate<'_>) -> Option<(Timestamp, Timestamp)> {
    let at = |time: x509_parser::time::ASN1Time| Timestamp::from_second(time.timestamp()).ok();
    let validity = certificate.validity();
    Some((at(validity.not_before)?, at(validity.not_after)?))
}

fn name(certificate: &X509Certificate<'_>) -> Option<PeerName> {
    let names = &certificate.subject_alternative_name().ok()??.value.general_names;
    match names.as_slice() {
        [GeneralName::URI(urn)] => urn.parse().ok(),
        _ => None,
    }
}

pub(super) fn purpose(certificate: &X509Certificate<'_>) -> Option<Purpose> {
    let usage = certificate.key_usage().ok()??.value;
    let extended = certificate.extended_key_usage().ok()??.value;
    if certificate.is_ca() || !usage.digital_signature() || extended.any || extended.server_auth {
        return None;
    }
    match (extended.client_auth, usage.non_repudiation()) {
        (true, false) => Some(Purpose::Tls),
        (false, true) => Some(Purpose::Seal),
        _ => None,
    }
}
