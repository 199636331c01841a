//! What a collector that has joined corresponds with: its seal, its connection, and the key of the other side, made out of
//! the identity as it stands.

use gradimento_common::encoding::from_base64;
use gradimento_common::ids::{AgencyCode, StreamId};
use gradimento_common::jose::{SealKey, SealPublicKey, Signer};
use jiff::{SignedDuration, Timestamp};
use rustls::ClientConfig;
use rustls_pki_types::PrivatePkcs8KeyDer;
use thiserror::Error;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::enrolment::Keys;
use crate::identity::{Identity, Membership};
use crate::tls::{TlsFault, messages_config, public_config};

/// A collector that has joined.
pub struct Member {
    /// Whose it is.
    pub agency: AgencyCode,
    /// Which installation.
    pub stream: StreamId,
    /// Where messages go, without a path.
    pub messages_url: String,
    /// The aggregator's public address, without a path.
    pub aggregator_url: String,
    /// The `aud` of every token.
    pub audience: String,
    /// Under which the aggregator signs receipts and documents.
    pub aggregator: SealPublicKey,
    /// Signs messages.
    pub signer: Signer,
    /// Mutual TLS to the message interface.
    pub messages_tls: ClientConfig,
    /// TLS to the public interface.
    pub public_tls: ClientConfig,
    /// When both certificates are good.
    pub validity: Validity,
}

/// The span in which both certificates are good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// From here.
    pub from: Timestamp,
    /// Until here.
    pub until: Timestamp,
}

/// Why an identity cannot be used.
#[derive(Debug, Error)]
pub enum NotAMember {
    /// It has no membership yet.
    #[error("this collector has not joined yet: ask Istat for a join token, then `gradimento-collector join TOKEN`")]
    NotJoined,
    /// What was kept cannot be read.
    #[error("the {0} in the identity cannot be read")]
    Unreadable(&'static str),
    /// TLS refuses it.
    #[error(transparent)]
    Tls(#[from] TlsFault),
}

impl Validity {
    /// Whether it is time to renew: two thirds of the life are over.
    #[must_use]
    pub fn is_renewal_due(&self, now: Timestamp) -> bool {
        let life = self.until.as_second() - self.from.as_second();
        now.as_second() >= self.from.as_second() + life / 3 * 2
    }

    /// Whether it is over.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        now > self.until
    }

    /// Whole days that are left, negative where it is over.
    #[must_use]
    pub fn days_left(&self, now: Timestamp) -> i64 {
        self.until.duration_since(now).as_secs().div_euclid(SignedDuration::from_hours(24).as_secs())
    }
}

impl Member {
    /// The member that an identity describes.
    ///
    /// # Errors
    /// Where it has not joined, or what was kept cannot be used.
    pub fn of(identity: &Identity) -> Result<Self, NotAMember> {
        let Membership { aggregator: aggregator_url, reply } = identity.membership.clone().ok_or(NotAMember::NotJoined)?;
        let root = from_base64(&reply.root).ok_or(NotAMember::Unreadable("root"))?;
        let (tls, seal) = (chain(&reply.certificates.tls)?, chain(&reply.certificates.seal)?);
        let validity = validity(&tls)?.within(validity(&seal)?);
        Ok(Self {
            agency: reply.agency,
            stream: reply.stream,
            messages_url: reply.messages_url,
            aggregator_url,
            audience: reply.audience,
            aggregator: aggregator_key(&reply.aggregator_seal)?,
            signer: signer(&identity.keys, &seal)?,
            messages_tls: messages_config(&root, &tls, &PrivatePkcs8KeyDer::from(identity.keys.tls_pkcs8()))?,
            public_tls: public_config(&root)?,
            validity,
        })
    }
}

impl Validity {
    fn within(self, other: Self) -> Self {
        Self { from: self.from.max(other.from), until: self.until.min(other.until) }
    }
}

fn chain(written: &[String]) -> Result<Vec<Vec<u8>>, NotAMember> {
    let chain: Option<Vec<_>> = written.iter().map(|der| from_base64(der)).collect();
    chain.filter(|chain| !chain.is_empty()).ok_or(NotAMember::Unreadable("certificates"))
}

fn signer(keys: &Keys, chain: &[Vec<u8>]) -> Result<Signer, NotAMember> {
    let key = SealKey::from_pkcs8(&keys.seal_pkcs8()).map_err(|_| NotAMember::Unreadable("seal key"))?;
    Signer::new(key, chain).map_err(|_| NotAMember::Unreadable("seal certificate"))
}

fn validity(chain: &[Vec<u8>]) -> Result<Validity, NotAMember> {
    let unreadable = || NotAMember::Unreadable("certificates");
    let leaf = chain.first().ok_or_else(unreadable)?;
    let (_, leaf) = X509Certificate::from_der(leaf).map_err(|_| unreadable())?;
    let at = |time: x509_parser::time::ASN1Time| Timestamp::from_second(time.timestamp()).map_err(|_| unreadable());
    Ok(Validity { from: at(leaf.validity().not_before)?, until: at(leaf.validity().not_after)? })
}

fn aggregator_key(seal: &str) -> Result<SealPublicKey, NotAMember> {
    let unreadable = || NotAMember::Unreadable("aggregator's seal");
    let der = from_base64(seal).ok_or_else(unreadable)?;
    let (_, certificate) = X509Certificate::from_der(&der).map_err(|_| unreadable())?;
    Ok(SealPublicKey::from_point(&certificate.public_key().subject_public_key.data))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renewal_is_due_at_two_thirds_of_a_life() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let validity = Validity { from: at("2026-11-01T00:00:00Z"), until: at("2026-12-01T00:00:00Z") };
        assert!(!validity.is_renewal_due(at("2026-11-20T23:59:59Z")));
        assert!(validity.is_renewal_due(at("2026-11-21T00:00:00Z")));
        assert!(!validity.is_over(at("2026-12-01T00:00:00Z")));
        assert_eq!((validity.days_left(at("2026-11-30T00:00:00Z")), validity.days_left(at("2026-12-01T00:00:01Z"))), (1, -1));
    }
}
