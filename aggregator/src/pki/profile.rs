//! What one leaf certificate is to say. A profile has no field for what every leaf has in common, so that none can be told
//! otherwise.

use rcgen::{CertificateParams, DistinguishedName, ExtendedKeyUsagePurpose, IsCa, KeyUsagePurpose, SanType, SerialNumber};

use super::authority::AuthorityFault;
use super::validity::{Validity, offset};

#[derive(Debug)]
pub(super) struct Profile {
    pub(super) subject: DistinguishedName,
    pub(super) alternative_names: Vec<SanType>,
    pub(super) usages: Usages,
    pub(super) validity: Validity,
}

#[derive(Debug)]
pub(super) struct Usages {
    pub(super) key: Vec<KeyUsagePurpose>,
    pub(super) extended: ExtendedKeyUsagePurpose,
}

impl Profile {
    /// Not an authority, with this serial and both ends of the validity: rcgen's default for the latter is 1975 to 4096.
    pub(super) fn params(self, serial: &[u8; 16]) -> Result<CertificateParams, AuthorityFault> {
        let mut params = CertificateParams::default();
        params.serial_number = Some(SerialNumber::from_slice(serial));
        params.not_before = offset(self.validity.not_before)?;
        params.not_after = offset(self.validity.not_after)?;
        params.distinguished_name = self.subject;
        params.subject_alt_names = self.alternative_names;
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = self.usages.key;
        params.extended_key_usages = vec![self.usages.extended];
        params.use_authority_key_identifier_extension = true;
        Ok(params)
    }
}
