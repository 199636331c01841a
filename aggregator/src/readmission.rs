//! Certificates that we issued and that the registry has lost, because it was restored from a copy older than they are. None left
//! before it was registered, and nobody else can make one: our own signature proves what the registry has forgotten. What is
//! taken back was true before, whoever shows it; what a key is good for is decided afterwards, as of every other.
//!
//! Only a certificate from before the restore is taken back. Where nothing was ever restored, and once those certificates have
//! ended, a stolen issuing key makes nobody known.

use gradimento_common::jose::{SealPublicKey, Thumbprint, Token, TokenKind};
use jiff::{SignedDuration, Timestamp};

use crate::peer::PeerCertificate;
use crate::pki::{CollectorCertificate, Purpose, check_path};
use crate::registry::{Certificate, StreamState};
use crate::store::{Store, StoreError};

/// How far our own clock may have been ahead when it issued a certificate, and behind when the registry was restored: a week each.
const CLOCK_APART: SignedDuration = SignedDuration::from_hours(14 * 24);

/// What the registry knows of the certificate of a connection, whose way up to our root the handshake has checked. `restored` is
/// when the registry was restored last.
///
/// # Errors
/// Where the store fails.
pub fn tls(
    store: &dyn Store,
    restored: Option<Timestamp>,
    PeerCertificate(certificate): &PeerCertificate,
) -> Result<Option<Certificate>, StoreError> {
    match store.certificate(certificate.thumbprint)? {
        Some(known) => Ok(Some(known)),
        None => take_back(store, restored, certificate),
    }
}

/// What the registry knows of the seal under which `token` was signed. One that it does not know must lead up to `root` by the
/// chain that the token carries. A seal that has ended is still one that we issued: it may ask for recovery.
///
/// # Errors
/// Where the store fails.
pub fn seal(
    store: &dyn Store,
    restored: Option<Timestamp>,
    root: &[u8],
    token: Option<&str>,
    thumbprint: Thumbprint,
) -> Result<Option<Certificate>, StoreError> {
    if let Some(known) = store.certificate(thumbprint)? {
        return Ok(Some(known));
    }
    let issued = token.and_then(|token| issued_here(root, token)).filter(|issued| issued.thumbprint == thumbprint);
    issued.map_or(Ok(None), |issued| take_back(store, restored, &issued))
}

fn issued_here(root: &[u8], token: &str) -> Option<CollectorCertificate> {
    let token = Token::parse(TokenKind::Request, token).ok()?;
    let certificate = CollectorCertificate::parse(token.leaf()).ok()?;
    // No leaf outlives its issuer: at its end both are good, whenever that was.
    check_path(token.leaf(), token.issuers(), Some(root), Some(certificate.not_after)).ok()?;
    (certificate.purpose == Purpose::Seal).then_some(certificate)
}

fn take_back(
    store: &dyn Store,
    restored: Option<Timestamp>,
    lost: &CollectorCertificate,
) -> Result<Option<Certificate>, StoreError> {
    if restored.is_none_or(|at| lost.not_before > at + CLOCK_APART) {
        return Ok(None);
    }
    let taken = store.readmit(&Certificate {
        thumbprint: lost.thumbprint,
        agency: lost.name.agency.clone(),
        stream: lost.name.stream,
        purpose: lost.purpose,
        serial: lost.serial,
        key: SealPublicKey::from_point(&lost.public_point),
        not_before: lost.not_before.as_second(),
        not_after: lost.not_after.as_second(),
        state: StreamState::Open,
    })?;
    if let Some(Certificate { agency, stream, purpose, .. }) = &taken {
        tracing::warn!(agency.id = %agency, stream.id = %stream, ?purpose, "a certificate of ours that the registry had lost is back");
    }
    Ok(taken)
}
