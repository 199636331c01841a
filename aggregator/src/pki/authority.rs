//! Two levels. The root is made once and its key can go into a safe; the issuing authority below it signs everything else.

use std::fmt;

use gradimento_common::encoding::{hex, sha256};
use gradimento_common::jose::Thumbprint;
use jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, PublicKeyData,
};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use thiserror::Error;

use super::certificate::{not_after, point_of, signed_by};
use super::issued::{Issued, positive};
use super::profile::Profile;
use super::validity::{BACKDATE_DAYS, Validity, days, offset};

/// The authority as it is kept, each part in PEM. `Debug` hides the keys.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthorityFiles {
    /// The root certificate.
    pub root_certificate: String,
    /// The root's key; a server has no need of it.
    pub root_key: Option<String>,
    /// The issuing authority's certificate.
    pub issuing_certificate: String,
    /// The issuing authority's key.
    pub issuing_key: String,
}

/// Issues certificates and revocation lists.
pub struct Authority {
    root: Vec<u8>,
    issuing: Vec<u8>,
    issuing_not_after: Timestamp,
    issuer: Issuer<'static, KeyPair>,
}

/// Why the authority cannot do what it should. The operator's fault, or ours.
#[derive(Debug, Error)]
pub enum AuthorityFault {
    /// A file does not hold what it should.
    #[error("the {0} cannot be read")]
    Unreadable(&'static str),
    /// Files of two authorities were mixed.
    #[error("the {0} does not belong to the rest of the authority")]
    Mismatch(&'static str),
    /// The root's key is needed and was not given.
    #[error("the root key is needed for this")]
    RootKeyMissing,
    /// The issuing certificate is past its end.
    #[error("the issuing certificate has expired")]
    Expired,
    /// A server needs a name that certificates can carry.
    #[error("`{0}` is neither a DNS name nor an IP address")]
    Name(String),
    /// Time beyond what certificates can say.
    #[error("the time is out of range")]
    Time,
    /// Encoding or signing failed.
    #[error("a certificate could not be made")]
    Encoding(#[from] rcgen::Error),
}

impl Authority {
    /// Makes both levels, with fresh keys.
    ///
    /// # Errors
    /// Where the system has no randomness or `now` is out of range.
    pub fn create(now: Timestamp) -> Result<AuthorityFiles, AuthorityFault> {
        let root_key = KeyPair::generate()?;
        let root = ca_params(ROOT, &root_key, now)?.self_signed(&root_key)?;
        let files = AuthorityFiles {
            root_certificate: root.pem(),
            root_key: Some(root_key.serialize_pem()),
            issuing_certificate: String::new(),
            issuing_key: String::new(),
        };
        Self::replace_issuing(&files, now)
    }

    /// Makes a new issuing authority below the same root, with a new key and hence a new name: collectors trust it at once.
    ///
    /// # Errors
    /// Where the root's key is missing or not the root's.
    pub fn replace_issuing(files: &AuthorityFiles, now: Timestamp) -> Result<AuthorityFiles, AuthorityFault> {
        let root = certificate(&files.root_certificate, "root certificate")?;
        let root_key = files.root_key.as_deref().ok_or(AuthorityFault::RootKeyMissing)?;
        let root_key = key_of(&root, root_key, "root key")?;
        let key = KeyPair::generate()?;
        let issuer = Issuer::from_ca_cert_der(&root, root_key)?;
        let issuing = ca_params(ISSUING, &key, now)?.signed_by(&key, &issuer)?;
        Ok(AuthorityFiles { issuing_certificate: issuing.pem(), issuing_key: key.serialize_pem(), ..files.clone() })
    }

    /// An authority ready to issue.
    ///
    /// # Errors
    /// Where a file cannot be read or does not belong to the others.
    pub fn from_files(files: &AuthorityFiles) -> Result<Self, AuthorityFault> {
        let root = certificate(&files.root_certificate, "root certificate")?;
        if let Some(root_key) = &files.root_key {
            key_of(&root, root_key, "root key")?;
        }
        let issuing = certificate(&files.issuing_certificate, "issuing certificate")?;
        let issuing_key = key_of(&issuing, &files.issuing_key, "issuing key")?;
        if !signed_by(&issuing, &root) {
            return Err(AuthorityFault::Mismatch("issuing certificate"));
        }
        let issuing_not_after = not_after(&issuing).ok_or(AuthorityFault::Unreadable("issuing certificate"))?;
        let issuer = Issuer::from_ca_cert_der(&issuing, issuing_key)?;
        Ok(Self { root: root.to_vec(), issuing: issuing.to_vec(), issuing_not_after, issuer })
    }

    /// The root certificate, DER.
    #[must_use]
    pub fn root_der(&self) -> &[u8] {
        &self.root
    }

    /// SHA-256 of the root certificate: what join tokens carry.
    #[must_use]
    pub fn root_fingerprint(&self) -> [u8; 32] {
        sha256(&self.root)
    }

    /// The issuing certificate, DER.
    #[must_use]
    pub fn issuing_der(&self) -> &[u8] {
        &self.issuing
    }

    /// When the issuing authority must have been replaced.
    #[must_use]
    pub fn issuing_not_after(&self) -> Timestamp {
        self.issuing_not_after
    }

    /// When its own certificates end, by name.
    #[must_use]
    pub fn expiries(&self) -> Vec<(&'static str, Timestamp)> {
        let root = not_after(&self.root).map(|at| ("root_certificate", at));
        root.into_iter().chain([("issuing_certificate", self.issuing_not_after)]).collect()
    }

    pub(super) fn issuer(&self) -> &Issuer<'static, KeyPair> {
        &self.issuer
    }

    /// Signs a leaf.
    pub(super) fn sign(
        &self,
        profile: Profile,
        key: &impl PublicKeyData,
        serial: [u8; 16],
        now: Timestamp,
    ) -> Result<Issued, AuthorityFault> {
        let (serial, validity) = (positive(serial), profile.validity.within(now, self.issuing_not_after)?);
        let Validity { not_before, not_after } = validity;
        let params = Profile { validity, ..profile }.params(&serial)?;
        let der = params.signed_by(key, &self.issuer)?.der().to_vec();
        let (chain, thumbprint) = (vec![der.clone(), self.issuing.clone()], Thumbprint::of(&der));
        let public_point = key.der_bytes().to_vec();
        Ok(Issued { der, chain, serial, not_before, not_after, thumbprint, public_point })
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").field("root", &hex(&self.root_fingerprint())).finish_non_exhaustive()
    }
}

impl fmt::Debug for AuthorityFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorityFiles")
            .field("root_certificate", &self.root_certificate)
            .field("issuing_certificate", &self.issuing_certificate)
            .finish_non_exhaustive()
    }
}

/// The name in a distinguished name, life in days, and how many authorities may stand below.
type Level = (&'static str, i64, u8);
const ROOT: Level = ("Gradimento Root CA", 3_650, 1);
const ISSUING: Level = ("Gradimento Issuing CA", 1_095, 0);

/// The serial is left to rcgen, which makes it from the key; the name carries the key's fingerprint too, because a verifier
/// finds revocation lists and issuers by name, and after a rotation two of them are in use.
fn ca_params(
    (name, life_days, path_length): Level,
    key: &KeyPair,
    now: Timestamp,
) -> Result<CertificateParams, AuthorityFault> {
    let validity = Validity::around(now, days(BACKDATE_DAYS), days(life_days))?;
    let fingerprint = hex(&sha256(key.public_key_raw())).chars().take(8).collect::<String>();
    let mut params = CertificateParams::default();
    params.not_before = offset(validity.not_before)?;
    params.not_after = offset(validity.not_after)?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, "Gradimento");
    params.distinguished_name.push(DnType::CommonName, format!("{name} {fingerprint}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(path_length));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

fn certificate(pem: &str, what: &'static str) -> Result<CertificateDer<'static>, AuthorityFault> {
    CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|_| AuthorityFault::Unreadable(what))
}

fn key_of(certificate: &[u8], pem: &str, what: &'static str) -> Result<KeyPair, AuthorityFault> {
    let key = KeyPair::from_pem(pem).map_err(|_| AuthorityFault::Unreadable(what))?;
    let belongs = point_of(certificate).is_some_and(|point| point == key.public_key_raw());
    if belongs { Ok(key) } else { Err(AuthorityFault::Mismatch(what)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-10-01T12:00:00.5Z".parse().unwrap()
    }

    #[test]
    fn an_authority_comes_back_from_its_files_without_the_root_key() {
        let files = Authority::create(now()).unwrap();
        let with_key = Authority::from_files(&files).unwrap();
        let without = Authority::from_files(&AuthorityFiles { root_key: None, ..files }).unwrap();
        assert_eq!(with_key.root_fingerprint(), without.root_fingerprint());
        assert_eq!(without.issuing_not_after(), "2029-09-30T12:00:00Z".parse().unwrap());
    }

    #[test]
    fn files_of_two_authorities_do_not_mix() {
        let (a, b) = (Authority::create(now()).unwrap(), Authority::create(now()).unwrap());
        let mixed = [
            AuthorityFiles { root_key: b.root_key.clone(), ..a.clone() },
            AuthorityFiles { issuing_key: b.issuing_key.clone(), ..a.clone() },
            AuthorityFiles { issuing_certificate: b.issuing_certificate, issuing_key: b.issuing_key, ..a.clone() },
        ];
        for files in mixed {
            assert!(matches!(Authority::from_files(&files), Err(AuthorityFault::Mismatch(_))));
        }
        assert!(Authority::from_files(&AuthorityFiles { root_certificate: "no".into(), ..a }).is_err());
    }

    #[test]
    fn nothing_printed_holds_a_key() {
        let files = Authority::create(now()).unwrap();
        let printed = format!("{files:?} {:?}", Authority::from_files(&files).unwrap());
        assert!(!printed.contains("PRIVATE KEY"));
    }

    #[test]
    fn the_issuing_authority_can_be_replaced_below_the_same_root() {
        let old = Authority::create(now()).unwrap();
        let new = Authority::replace_issuing(&old, now()).unwrap();
        let (old_authority, new_authority) = (Authority::from_files(&old).unwrap(), Authority::from_files(&new).unwrap());
        assert_eq!(old_authority.root_der(), new_authority.root_der());
        assert_ne!(old_authority.issuing_der(), new_authority.issuing_der());
        let offline = AuthorityFiles { root_key: None, ..old };
        assert!(matches!(Authority::replace_issuing(&offline, now()), Err(AuthorityFault::RootKeyMissing)));
    }
}
