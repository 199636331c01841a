//! Form tokens: made here, handed out, recognised when they come back. Nothing about them is stored until they are used, and
//! then only a mark. The keys of tickets come from the same secret.

use std::fmt;

use gradimento_common::calendar::Day;
use gradimento_common::encoding::{base64url, from_base64url};
use gradimento_common::ids::ServiceId;
use jiff::Timestamp;
use rand::Rng;
use ring::hmac;
use thiserror::Error;

use super::submission::SubmissionKey;
use super::tickets::{SpentTicket, TicketKey, TicketRefusal};

/// How long a form may stay open, in seconds: a day, for the citizen who is called away.
pub const FORM_TOKEN_SECONDS_MAX: i64 = 24 * 60 * 60;

const MAC_BYTES: usize = 32;

/// The key under which this installation's tokens are made. `Debug` hides it.
pub struct TokenKey(hmac::Key);

/// A form that was rendered here and comes back.
#[derive(Debug)]
pub struct RenderedForm {
    /// The submission that it is.
    pub key: SubmissionKey,
    /// How long it was open, in seconds; negative where the clock has gone back.
    pub age_seconds: i64,
}

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
        Ok(self.form(service, token, now)?.key)
    }

    /// The form that a token was rendered with.
    ///
    /// # Errors
    /// Where the token was not made here for this service, or is too old.
    pub fn form(&self, service: &ServiceId, token: &str, now: Timestamp) -> Result<RenderedForm, TokenRefusal> {
        let content: [u8; 24] = self.open("form", service, token)?;
        let (nonce, time) = content.split_first_chunk::<16>().ok_or(TokenRefusal::Foreign)?;
        let issued = i64::from_be_bytes(time.try_into().map_err(|_| TokenRefusal::Foreign)?);
        let age_seconds = now.as_second().saturating_sub(issued);
        if age_seconds > FORM_TOKEN_SECONDS_MAX {
            return Err(TokenRefusal::Expired);
        }
        Ok(RenderedForm { key: SubmissionKey::from_token(*nonce), age_seconds })
    }

    /// The key of a service's tickets: for the collector, and for a back end that makes them itself.
    #[must_use]
    pub fn ticket_key(&self, service: &ServiceId) -> TicketKey {
        TicketKey::derive(&self.0, service)
    }

    /// A ticket for one transaction of this service, good until the end of a day.
    pub fn issue_ticket(&self, service: &ServiceId, until: Day, rng: &mut impl Rng) -> String {
        self.ticket_key(service).issue(until, rng)
    }

    /// Recognises a ticket. Whether it has been used already is decided where it is stored.
    ///
    /// # Errors
    /// Where it was not made under this service's key, or is not good today.
    pub fn ticket(&self, service: &ServiceId, ticket: &str, today: Day) -> Result<SpentTicket, TicketRefusal> {
        self.ticket_key(service).recognise(ticket, today)
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
    fn no_bit_of_a_form_token_can_be_changed() {
        let (key, now) = (TokenKey::new(&[7; 32]), at("2026-11-24T10:00:00Z"));
        let token = key.issue_form_token(&service("a"), now, &mut StdRng::seed_from_u64(1));
        let bytes = from_base64url(&token).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(key.submission(&service("a"), &base64url(&changed), now).unwrap_err(), TokenRefusal::Foreign);
        }
    }
}
