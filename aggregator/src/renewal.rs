//! New certificates for a stream that has some: renewed in time over mutual TLS, or recovered after they have expired.

use gradimento_common::ids::StreamId;
use gradimento_common::jose::Thumbprint;
use gradimento_common::modi::{Presented, Verified};
use jiff::Timestamp;
use rand::Rng;

use crate::enrolment::{KeyPairRequest, issue_pair};
use crate::pki::{Authority, AuthorityFault, Purpose};
use crate::registry::{Agency, Certificate, StreamState};
use crate::store::Renewed;
use crate::verify::NotSound;

/// A request for recovery whose sender cannot deny it. Made by [`recovery`] only.
#[derive(Debug)]
pub struct Recovery {
    proof: Verified,
    signer: Certificate,
}

impl Recovery {
    /// The signed request and its proof.
    #[must_use]
    pub fn proof(&self) -> &Verified {
        &self.proof
    }

    /// The stream that wants to come back.
    #[must_use]
    pub fn stream(&self) -> StreamId {
        self.signer.stream
    }

    /// The certificate under which it was signed, expired or not.
    #[must_use]
    pub fn signer(&self) -> &Certificate {
        &self.signer
    }
}

/// Verifies a request for recovery as a message is verified, but for the end of its seal certificate. Whether that certificate
/// is the stream's last is the store's to say, in the transaction that issues.
///
/// # Errors
/// The first check that fails.
pub fn recovery<E: From<NotSound>>(
    request: Presented<'_>,
    audience: &str,
    now: Timestamp,
    seal: impl FnOnce(Thumbprint) -> Result<Option<Certificate>, E>,
) -> Result<Recovery, E> {
    let unverified = request.open().map_err(NotSound::from)?;
    let known = seal(unverified.signer())?.filter(|known| known.purpose == Purpose::Seal);
    let signer = known.ok_or(NotSound::CertificateUnknown)?;
    let proof = unverified.verify(&signer.key, audience, now).map_err(NotSound::from)?;
    if signer.state == StreamState::Revoked {
        return Err(NotSound::Revoked.into());
    }
    Ok(Recovery { proof, signer })
}

/// Issues a new pair for an existing stream.
///
/// # Errors
/// Where the authority cannot issue.
pub fn renewed(
    authority: &Authority,
    agency: &Agency,
    stream: StreamId,
    request: &KeyPairRequest,
    now: Timestamp,
    rng: &mut impl Rng,
) -> Result<Renewed, AuthorityFault> {
    let (chains, certificates) = issue_pair(authority, agency, stream, request, now, rng)?;
    Ok(Renewed { certificates, reply: serde_json::to_string(&chains).unwrap_or_default() })
}
