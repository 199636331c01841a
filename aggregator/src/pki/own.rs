//! The aggregator's own certificates: for its listeners, and for the seal under which it signs receipts and questionnaires.

use std::net::IpAddr;

use jiff::Timestamp;
use rcgen::string::Ia5String;
use rcgen::{DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose, SanType};
use rustls_pki_types::{DnsName, PrivatePkcs8KeyDer};

use super::authority::{Authority, AuthorityFault};
use super::collectors::{Purpose, usages};
use super::issued::IssuedWithKey;
use super::profile::{Profile, Usages};
use super::validity::{BACKDATE_DAYS, Validity, days};

impl Authority {
    /// A certificate, with a fresh key, for listeners under these names (DNS names or IP addresses): 90 days.
    ///
    /// # Errors
    /// Where there is no name, or one that a certificate cannot carry.
    pub fn issue_server(&self, names: &[String], serial: [u8; 16], now: Timestamp) -> Result<IssuedWithKey, AuthorityFault> {
        let first = names.first().ok_or_else(|| AuthorityFault::Name(String::new()))?;
        let profile = Profile {
            subject: common_name(first),
            alternative_names: names.iter().map(|name| alternative_name(name)).collect::<Result<_, _>>()?,
            usages: Usages { key: vec![KeyUsagePurpose::DigitalSignature], extended: ExtendedKeyUsagePurpose::ServerAuth },
            validity: Validity::around(now, days(BACKDATE_DAYS), days(SERVER_DAYS))?,
        };
        self.with_fresh_key(profile, serial, now)
    }

    /// The aggregator's seal, with a fresh key: 2 years. It names no collector, so that it never passes for one.
    ///
    /// # Errors
    /// Where the issuing certificate has expired or signing fails.
    pub fn issue_own_seal(&self, name: &str, serial: [u8; 16], now: Timestamp) -> Result<IssuedWithKey, AuthorityFault> {
        let profile = Profile {
            subject: common_name(name),
            alternative_names: Vec::new(),
            usages: usages(Purpose::Seal),
            validity: Validity::around(now, days(BACKDATE_DAYS), days(OWN_SEAL_DAYS))?,
        };
        self.with_fresh_key(profile, serial, now)
    }

    fn with_fresh_key(&self, profile: Profile, serial: [u8; 16], now: Timestamp) -> Result<IssuedWithKey, AuthorityFault> {
        let key = KeyPair::generate()?;
        let issued = self.sign(profile, &key, serial, now)?;
        let mut chain_with_root = issued.chain.clone();
        chain_with_root.push(self.root_der().to_vec());
        Ok(IssuedWithKey { issued, chain_with_root, key: PrivatePkcs8KeyDer::from(key.serialize_der()) })
    }
}

fn alternative_name(name: &str) -> Result<SanType, AuthorityFault> {
    if let Ok(address) = name.parse::<IpAddr>() {
        return Ok(SanType::IpAddress(address));
    }
    let wrong = || AuthorityFault::Name(name.to_owned());
    DnsName::try_from(name).map_err(|_| wrong())?;
    Ok(SanType::DnsName(Ia5String::try_from(name).map_err(|_| wrong())?))
}

fn common_name(text: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, text.chars().take(COMMON_NAME_CHARS_MAX).collect::<String>());
    name
}

/// Life of a listener's certificate, in days. Renewed by the aggregator itself, without restart.
const SERVER_DAYS: i64 = 90;
/// Life of the aggregator's seal, in days. Longer, because what it signed is checked by others for years.
const OWN_SEAL_DAYS: i64 = 730;
/// RFC 5280 appendix A, ub-common-name.
const COMMON_NAME_CHARS_MAX: usize = 64;
