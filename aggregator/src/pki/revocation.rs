//! The list of certificates that are good no more. There is one current list per issuer: of two, a verifier believes the first
//! that it finds (webpki #488).

use jiff::Timestamp;
use rcgen::{CertificateRevocationListParams, KeyIdMethod, RevokedCertParams, SerialNumber};

use super::authority::{Authority, AuthorityFault};
use super::issued::positive;
use super::validity::{days, offset};

/// How long a list is good, in days. A verifier that enforces it refuses everybody afterwards, so that a fresh one is due well
/// before, whether or not anything was revoked.
pub const CRL_LIFE_DAYS: i64 = 7;

impl Authority {
    /// A list with these serials, each with the time of its revocation. `number` grows with every list.
    ///
    /// # Errors
    /// Where a time is out of range or signing fails.
    pub fn crl(&self, revoked: &[([u8; 16], Timestamp)], number: u64, now: Timestamp) -> Result<Vec<u8>, AuthorityFault> {
        let next_update = now.checked_add(days(CRL_LIFE_DAYS)).map_err(|_| AuthorityFault::Time)?;
        let params = CertificateRevocationListParams {
            this_update: offset(now)?,
            next_update: offset(next_update)?,
            crl_number: SerialNumber::from(number),
            issuing_distribution_point: None,
            revoked_certs: revoked.iter().map(entry).collect::<Result<_, _>>()?,
            key_identifier_method: KeyIdMethod::Sha256,
        };
        Ok(params.signed_by(self.issuer())?.der().to_vec())
    }
}

fn entry((serial, revoked_at): &([u8; 16], Timestamp)) -> Result<RevokedCertParams, AuthorityFault> {
    Ok(RevokedCertParams {
        serial_number: SerialNumber::from_slice(&positive(*serial)),
        revocation_time: offset(*revoked_at)?,
        reason_code: None,
        invalidity_date: None,
    })
}
