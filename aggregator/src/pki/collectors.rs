//! The two certificates of a collector, one for its connections and one for its seal. All that comes from the collector is the
//! key.

use gradimento_common::ids::{AgencyCode, StreamId};
use gradimento_common::limits::{CERTIFICATE_BACKDATE_MINUTES, COLLECTOR_CERTIFICATE_DAYS};
use jiff::{SignedDuration, Timestamp};
use rcgen::string::Ia5String;
use rcgen::{DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyUsagePurpose, SanType};

use super::authority::{Authority, AuthorityFault};
use super::issued::Issued;
use super::profile::{Profile, Usages};
use super::request::CertificateRequest;
use super::validity::{Validity, days};

/// What a collector's key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Authenticate connections.
    Tls,
    /// Sign messages.
    Seal,
}

/// Whom a certificate names: what the register holds, not what the collector says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectorSubject {
    /// Whose collector it is.
    pub agency: AgencyCode,
    /// The body's name; certificates carry its first 64 characters.
    pub name: String,
    /// The body's codice fiscale, where the register has one.
    pub fiscal_code: Option<String>,
    /// Which installation.
    pub stream: StreamId,
}

impl Authority {
    /// Certifies the key of a request for one purpose.
    ///
    /// # Errors
    /// Where the issuing certificate has expired or signing fails.
    pub fn issue_collector(
        &self,
        purpose: Purpose,
        request: &CertificateRequest,
        subject: &CollectorSubject,
        serial: [u8; 16],
        now: Timestamp,
    ) -> Result<Issued, AuthorityFault> {
        let back = SignedDuration::from_mins(CERTIFICATE_BACKDATE_MINUTES);
        let validity = Validity::around(now, back, days(COLLECTOR_CERTIFICATE_DAYS))?;
        let urn = Ia5String::try_from(subject.stream.urn(&subject.agency))?;
        let profile = Profile {
            subject: distinguished_name(subject),
            alternative_names: vec![SanType::URI(urn)],
            usages: usages(purpose),
            validity,
        };
        self.sign(profile, request.key(), serial, now)
    }
}

/// The usages of each purpose. Leaving the extended usage out of a seal would make it good for connections too: webpki asks for
/// clientAuth only where there is an extended usage.
pub(super) fn usages(purpose: Purpose) -> Usages {
    match purpose {
        Purpose::Tls => Usages { key: vec![KeyUsagePurpose::DigitalSignature], extended: ExtendedKeyUsagePurpose::ClientAuth },
        Purpose::Seal => Usages {
            key: vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::ContentCommitment],
            extended: ExtendedKeyUsagePurpose::Other(DOCUMENT_SIGNING.to_vec()),
        },
    }
}

fn distinguished_name(subject: &CollectorSubject) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    let organization: String = subject.name.chars().take(ORGANIZATION_NAME_CHARS_MAX).collect();
    if !organization.is_empty() {
        name.push(DnType::OrganizationName, organization);
    }
    if let Some(fiscal_code) = &subject.fiscal_code {
        name.push(DnType::CustomDnType(ORGANIZATION_IDENTIFIER.to_vec()), format!("CF:IT-{fiscal_code}"));
    }
    name.push(DnType::CommonName, subject.stream.to_string());
    name
}

/// RFC 5280 appendix A, ub-organization-name. Names of public bodies are often longer; the register has them whole.
const ORGANIZATION_NAME_CHARS_MAX: usize = 64;
/// X.520 organizationIdentifier, with the national scheme of ETSI EN 319 412-1 section 5.1.4.
const ORGANIZATION_IDENTIFIER: &[u64] = &[2, 5, 4, 97];
/// id-kp-documentSigning (RFC 9336).
const DOCUMENT_SIGNING: &[u64] = &[1, 3, 6, 1, 5, 5, 7, 3, 36];

#[cfg(test)]
mod tests;
