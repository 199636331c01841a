//! Form tokens and tickets: made here, handed out, recognised when they come back. Nothing about them is stored until they
//! are used, and then only a mark.

use std::fmt;

use gradimento_common::encoding::{base64url, from_base64url};
use gradimento_common::ids::ServiceId;
use jiff::Timestamp;
use rand::Rng;
use ring::hmac;
use thiserror::Error;

use super::submission::{Nullifier, SubmissionKey};

/// How long a form may stay open, in seconds: a day, for the citizen who is called away.
pub const FORM_TOKEN_SECONDS_MAX: i64 = 24 * 60 * 60;

const MAC_BYTES: usize = 32;

/// The key under which this installation's tokens are made. `Debug` hides it.
pub struct TokenKey(hmac::Key);

/// A ticket that was made here and is being used. Made by [`TokenKey::ticket`] only.
#[derive(Debug, Clone, Copy)]
pub struct SpentTicket(Nullifier);

/// Why a token is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TokenRefusal {
    /// It was not made here, or for another service.
    #[error("the token was not issued here for this service")]
    Foreign,
    /// It is too old.
    #[error("the form was open for more than {} hours", FORM_TOKEN_SECONDS_MAX / 3600)]
    Expired,
}

impl SpentTicket {
    pub(super) fn into_nullifier(self) -> Nullifier {
        self.0
    }
}

impl TokenKey {
    /// The key from the installation's secret.
    #[must_use]
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// A token for one rendered form of this service: 16 random bytes, the time, and a proof that we made it.
    pub fn issue_form_token(&self, service: &ServiceId, now: Timestamp, rng: &mut impl Rng) -> String {
        let mut content = [0u8; 24];
        let (nonce, time) = content.split_at_mut(16);
        rng.fill_bytes(nonce);
        time.copy_from_slice(&now.as_second().to_be_bytes());
        self.issue("form", service, &content)
    }

    /// The submission to which a form token belongs.
    ///
    /// # Errors
    /// Where the token was not made here for this service, or is too old.
    pub fn submission(&self, service: &ServiceId, token: &str, now: Timestamp) -> Result<SubmissionKey, TokenRefusal> {
        let content: [u8; 24] = self.open("form", service, token)?;
        let (nonce, time) = content.split_first_chunk::<16>().ok_or(TokenRefusal::Foreign)?;
        let issued = i64::from_be_bytes(time.try_into().map_err(|_| TokenRefusal::Foreign)?);
        let age = now.as_second().saturating_sub(issued);
        if age > FORM_TOKEN_SECONDS_MAX { Err(TokenRefusal::Expired) } else { Ok(SubmissionKey::from_token(*nonce)) }
    }

    /// A ticket for one transaction of this service.
    pub fn issue_ticket(&self, service: &ServiceId, rng: &mut impl Rng) -> String {
        let mut nonce = [0u8; 16];
        rng.fill_bytes(&mut nonce);
        self.issue("ticket", service, &nonce)
    }

    /// Recognises a ticket. Whether it has been used already is decided where it is stored.
    ///
    /// # Errors
    /// Where it was not made here for this service.
    pub fn ticket(&self, service: &ServiceId, ticket: &str) -> Result<SpentTicket, TokenRefusal> {
        let nonce: [u8; 16] = self.open("ticket", service, ticket)?;
        Ok(SpentTicket(Nullifier::of("ticket", service, &nonce)))
    }

    fn issue(&self, kind: &str, service: &ServiceId, content: &[u8]) -> String {
        let mac = hmac::sign(&self.0, &signed_part(kind, service, content));
        base64url(&[content, mac.as_ref()].concat())
    }

    fn open<const N: usize>(&self, kind: &str, service: &ServiceId, token: &str) -> Result<[u8; N], TokenRefusal> {
        let bytes = from_base64url(token).filter(|bytes| bytes.len() == N + MAC_BYTES).ok_or(TokenRefusal::Foreign)?;
        let (content, mac) = bytes.split_first_chunk::<N>().ok_or(TokenRefusal::Foreign)?;
        let verified = hmac::verify(&self.0, &signed_part(kind, service, content), mac);
        verified.map(|()| *content).map_err(|_| TokenRefusal::Foreign)
    }
}

fn signed_part(kind: &str, service: &ServiceId, content: &[u8]) -> Vec<u8> {
    [format!("gradimento {kind} token 1 {service} ").as_bytes(), content].concat()
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn service(id: &str) -> ServiceId {
        id.parse().unwrap()
    }

    #[test]
    fn a_form_token_is_good_for_its_service_and_for_a_day() {
        let key = TokenKey::new(&[7; 32]);
        let token = key.issue_form_token(&service("a"), at("2026-11-24T10:00:00Z"), &mut StdRng::seed_from_u64(1));
        assert!(key.submission(&service("a"), &token, at("2026-11-25T10:00:00Z")).is_ok());
        let refused = |service: &ServiceId, time| key.submission(service, &token, at(time)).unwrap_err();
        assert_eq!(refused(&service("a"), "2026-11-25T10:00:01Z"), TokenRefusal::Expired);
        assert_eq!(refused(&service("b"), "2026-11-24T10:00:00Z"), TokenRefusal::Foreign);
        let stranger = TokenKey::new(&[8; 32]).submission(&service("a"), &token, at("2026-11-24T10:00:00Z"));
        assert_eq!(stranger.unwrap_err(), TokenRefusal::Foreign);
    }

    #[test]
    fn no_bit_of_a_ticket_can_be_changed_and_kinds_do_not_mix() {
        let key = TokenKey::new(&[7; 32]);
        let mut rng = StdRng::seed_from_u64(1);
        let ticket = key.issue_ticket(&service("a"), &mut rng);
        assert!(key.ticket(&service("a"), &ticket).is_ok());
        assert!(key.submission(&service("a"), &ticket, at("2026-11-24T10:00:00Z")).is_err());
        let bytes = from_base64url(&ticket).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(key.ticket(&service("a"), &base64url(&changed)).unwrap_err(), TokenRefusal::Foreign);
        }
    }
}
