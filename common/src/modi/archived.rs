//! A signature that was archived: what anybody can check of it later, without the request that it came with.

use jiff::Timestamp;

use super::{BodyDigest, IntegrityClaims, Refusal, check_times, claims};
use crate::jose::{SealPublicKey, Token};

/// Checks an archived `Agid-JWT-Signature` token: that `key` signed this digest, and could have at the time of reception. Whom
/// it was meant for is not checked.
///
/// # Errors
/// The first check that fails.
pub fn verify_archived(token: Token<'_>, key: &SealPublicKey, digest: BodyDigest, received: Timestamp) -> Result<(), Refusal> {
    let integrity: IntegrityClaims = claims(&token.verify(key)?)?;
    let mut digests = integrity.signed_headers.iter().filter_map(|header| header.get("digest"));
    let signed = digests.next().is_some_and(|signed| *signed == digest.to_string()) && digests.next().is_none();
    if !signed {
        return Err(Refusal::DigestMismatch);
    }
    check_times(integrity.iat, integrity.exp, received)
}
