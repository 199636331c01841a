//! New keys and certificates before the old ones end; and, where they have ended, the way back by the last seal key.
//!
//! The new keys are kept before they are sent. The aggregator gives the same keys the same answer, so that a reply that was lost
//! costs nothing.

use std::path::Path;

use gradimento_common::enrolment::Certificates;
use gradimento_common::problem::ProblemType;
use rand::Rng;
use thiserror::Error;

use crate::enrolment::{JoinError, Keys};
use crate::identity::{Identity, IdentityError};
use crate::member::{Member, NotAMember};
use crate::push::Courier;
use crate::wire::{Reply, Request, Transport, Unreachable};

/// Over mutual TLS, while the certificates are good.
pub const RENEWALS: &str = "/rest/cx/v1/renewals";
/// Over the public interface, under our seal, once they are not.
pub const RECOVERIES: &str = "/rest/cx/v1/recoveries";

/// Why there are no new certificates. The old identity stays.
#[derive(Debug, Error)]
pub enum RenewalError {
    /// Nobody answered.
    #[error(transparent)]
    Unreachable(#[from] Unreachable),
    /// The aggregator said no.
    #[error("the aggregator refused new certificates (status {0})")]
    Refused(u16),
    /// What it answered is of no use.
    #[error("the new certificates cannot be used: {0}")]
    Foreign(String),
    /// The identity cannot be kept.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// New keys cannot be made.
    #[error(transparent)]
    Keys(#[from] JoinError),
}

/// What is sent for certificates: requests for the new keys, which from now on are kept.
///
/// # Errors
/// Where keys cannot be made or kept.
pub fn requests(identity: &mut Identity, folder: &Path) -> Result<Vec<u8>, RenewalError> {
    if identity.next_keys.is_none() {
        identity.next_keys = Some(Keys::generate()?);
        identity.keep(folder)?;
    }
    let keys = identity.next_keys.as_ref().ok_or(IdentityError::Keys)?;
    serde_json::to_vec(&keys.requests()?).map_err(|_| IdentityError::Keys.into())
}

/// The identity with the new keys and their certificates, kept in the place of the old one once they are known to belong
/// together.
///
/// # Errors
/// Where the reply is a refusal or cannot be used; the old identity stays then.
pub fn adopt(identity: &Identity, folder: &Path, reply: &Reply) -> Result<(Identity, Member), RenewalError> {
    let renewed = renewed(identity, reply)?;
    let member = Member::of(&renewed).map_err(|error: NotAMember| RenewalError::Foreign(error.to_string()))?;
    renewed.keep(folder)?;
    Ok((renewed, member))
}

fn renewed(identity: &Identity, reply: &Reply) -> Result<Identity, RenewalError> {
    if !(200..300).contains(&reply.status) {
        return Err(RenewalError::Refused(reply.status));
    }
    let foreign = |why: &str| RenewalError::Foreign(why.to_owned());
    let certificates: Certificates =
        serde_json::from_slice(&reply.body).map_err(|_| foreign("the reply is not two chains of certificates"))?;
    let keys = identity.next_keys.as_ref().ok_or_else(|| foreign("no new keys were made"))?;
    let mut membership = identity.membership.clone().ok_or_else(|| foreign("this collector has not joined"))?;
    membership.reply.certificates = certificates;
    let keys = Keys::from_pkcs8(&keys.tls_pkcs8(), &keys.seal_pkcs8())?;
    Ok(Identity { keys, token_secret: identity.token_secret, membership: Some(membership), next_keys: None })
}

/// Whether the aggregator knows the new keys already, for another pair or another collector: then others must be made.
#[must_use]
pub fn keys_are_used(reply: &Reply) -> bool {
    let problem: serde_json::Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    let kind = problem.get("type").and_then(serde_json::Value::as_str).and_then(ProblemType::from_uri);
    kind == Some(ProblemType::CertificateKeyUsed)
}

/// Asks over mutual TLS.
///
/// # Errors
/// Where nobody answers.
pub async fn ask(transport: &impl Transport, requests: Vec<u8>) -> Result<Reply, Unreachable> {
    let headers = vec![("Content-Type", "application/json".to_owned())];
    transport.send(Request { path: RENEWALS.to_owned(), headers, body: Some(requests) }).await
}

/// Asks over the public interface, under our seal. Whatever is answered tells the server's time: with expired certificates nothing
/// else does, and a seal by a wrong time would be refused for ever.
///
/// # Errors
/// Where nobody answers, or the system has no randomness for the signature.
pub async fn recover(
    courier: &mut Courier,
    transport: &impl Transport,
    requests: &[u8],
    rng: &mut impl Rng,
) -> Result<Reply, RenewalError> {
    let request = courier.signed(RECOVERIES, requests, rng).map_err(|error| RenewalError::Foreign(error.to_string()))?;
    let reply = transport.send(request).await?;
    courier.learn_time(reply.date);
    Ok(reply)
}
