//! Tickets: what an agency's back end hands out at the end of a transaction, good for one answer of one service until a day.
//! They are plain text under a MAC whose key belongs to the service, so that a back end that was given the key makes them
//! itself (TICKETS.md). Nothing is stored until one is spent, and then only a mark.

use gradimento_common::calendar::Day;
use gradimento_common::encoding::{from_hex, hex};
use gradimento_common::ids::ServiceId;
use rand::Rng;
use ring::hmac;
use thiserror::Error;

use super::submission::Nullifier;

/// How long a ticket may be good for, in days: whoever answers later remembers another visit. Marks of tickets are kept
/// longer (`store::tidy`), so that none is dropped while its ticket could still be spent.
pub const TICKET_DAYS_MAX: u16 = 90;

/// Symbols of a ticket's random part: 16 bytes in hexadecimal.
const NONCE_CHARS: usize = 32;
/// Bytes of the MAC that a ticket carries: 128 bits of HMAC-SHA-256 (RFC 2104 section 5) keep it short enough for a QR code.
const MAC_BYTES: usize = 16;

/// The key under which the tickets of one service are made. `Debug` hides it.
pub struct TicketKey {
    service: ServiceId,
    bytes: [u8; 32],
}

/// A ticket that was made under our key and is being used. Made where it is recognised only.
#[derive(Debug, Clone, Copy)]
pub struct SpentTicket(Nullifier);

/// Why a ticket is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TicketRefusal {
    /// It was not made under this service's key, or would be good for too long.
    #[error("the ticket was not issued for this service")]
    Foreign,
    /// Its last day is over.
    #[error("the ticket's last day is over")]
    Expired,
}

impl SpentTicket {
    pub(super) fn new(nullifier: Nullifier) -> Self {
        Self(nullifier)
    }

    /// What its mark is known by.
    pub(crate) fn nullifier(&self) -> &Nullifier {
        &self.0
    }

    pub(super) fn into_nullifier(self) -> Nullifier {
        self.0
    }
}

impl TicketKey {
    /// Derived from the installation's secret, so that a key that is given away opens one service only.
    pub(super) fn derive(secret: &hmac::Key, service: &ServiceId) -> Self {
        let tag = hmac::sign(secret, format!("gradimento ticket key 1 {service}").as_bytes());
        let mut bytes = [0; 32];
        bytes.copy_from_slice(tag.as_ref().get(..32).unwrap_or(&[0; 32]));
        Self { service: service.clone(), bytes }
    }

    /// The key as `gradimento-collector ticket-key` prints it: 64 hexadecimal digits.
    #[must_use]
    pub fn to_text(&self) -> String {
        hex(&self.bytes)
    }

    /// A ticket that is good until the end of this day.
    pub fn issue(&self, until: Day, rng: &mut impl Rng) -> String {
        let mut nonce = [0u8; NONCE_CHARS / 2];
        rng.fill_bytes(&mut nonce);
        let nonce = hex(&nonce);
        let mac = hmac::sign(&self.key(), self.signed_part(&until.to_string(), &nonce).as_bytes());
        format!("{until}.{nonce}.{}", hex(mac.as_ref().get(..MAC_BYTES).unwrap_or_default()))
    }

    /// Recognises a ticket. Whether it has been used already is decided where it is stored.
    ///
    /// # Errors
    /// Where it was not made under this key, or is not good today.
    pub fn recognise(&self, ticket: &str, today: Day) -> Result<SpentTicket, TicketRefusal> {
        let mut parts = ticket.split('.');
        let (Some(until), Some(nonce), Some(mac), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
            return Err(TicketRefusal::Foreign);
        };
        // `from_hex` knows one spelling only, and so does a ticket: its mark is made of the text.
        let told = Some(nonce).filter(|nonce| nonce.len() == NONCE_CHARS).and_then(from_hex).and(from_hex(mac));
        let told = told.ok_or(TicketRefusal::Foreign)?;
        let whole = hmac::sign(&self.key(), self.signed_part(until, nonce).as_bytes());
        if !is_same(whole.as_ref().get(..MAC_BYTES).unwrap_or_default(), &told) {
            return Err(TicketRefusal::Foreign);
        }
        let until: Day = until.parse().map_err(|_| TicketRefusal::Foreign)?;
        if until < today {
            return Err(TicketRefusal::Expired);
        }
        if until > today.later_by(TICKET_DAYS_MAX) {
            return Err(TicketRefusal::Foreign);
        }
        Ok(SpentTicket(Nullifier::of("ticket", &self.service, format!("{until}.{nonce}").as_bytes())))
    }

    fn key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &self.bytes)
    }

    fn signed_part(&self, until: &str, nonce: &str) -> String {
        format!("gradimento ticket 2 {} {until} {nonce}", self.service)
    }
}

/// Compares without telling by its time how much agrees: a MAC of each under the same key, by ring's own comparison.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    let key = hmac::Key::new(hmac::HMAC_SHA256, one);
    hmac::verify(&key, other, hmac::sign(&key, one).as_ref()).is_ok()
}

impl std::fmt::Debug for TicketKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TicketKey({}, ..)", self.service)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    fn key(service: &str) -> TicketKey {
        TicketKey::derive(&hmac::Key::new(hmac::HMAC_SHA256, &[7; 32]), &service.parse().unwrap())
    }

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn a_ticket_is_good_for_its_service_until_its_last_day() {
        let ticket = key("a").issue(day("2027-02-22"), &mut StdRng::seed_from_u64(1));
        assert!(
            key("a").recognise(&ticket, day("2026-11-24")).is_ok() && key("a").recognise(&ticket, day("2027-02-22")).is_ok()
        );
        let refused = |service, today| key(service).recognise(&ticket, day(today)).unwrap_err();
        assert_eq!(refused("a", "2027-02-23"), TicketRefusal::Expired);
        assert_eq!(refused("a", "2026-11-23"), TicketRefusal::Foreign);
        assert_eq!(refused("b", "2026-11-24"), TicketRefusal::Foreign);
    }

    #[test]
    fn no_character_of_a_ticket_can_be_changed() {
        let today = day("2026-11-24");
        let ticket = key("a").issue(day("2027-02-22"), &mut StdRng::seed_from_u64(1));
        let characters: Vec<char> = ticket.chars().collect();
        for place in 0..characters.len() {
            for other in "0123456789abcdefABCDEF.-".chars().filter(|other| *other != characters[place]) {
                let mut changed = characters.clone();
                changed[place] = other;
                let changed = String::from_iter(changed);
                assert_eq!(key("a").recognise(&changed, today).unwrap_err(), TicketRefusal::Foreign, "{changed}");
            }
        }
        let shorter = characters.iter().skip(1).collect();
        for changed in [format!("{ticket}0"), format!("{ticket}."), shorter, ticket.to_uppercase(), String::new()] {
            assert!(key("a").recognise(&changed, today).is_err(), "{changed}");
        }
    }

    #[test]
    fn the_vectors_of_the_documentation_hold() {
        let page = include_str!("../../../TICKETS.md");
        let told = |name: &str| page.split(&format!("| {name} | `")).nth(1).unwrap().split('`').next().unwrap().to_owned();
        let secret: [u8; 32] = from_hex(&told("installation secret")).unwrap().try_into().unwrap();
        let key = TicketKey::derive(&hmac::Key::new(hmac::HMAC_SHA256, &secret), &told("service").parse().unwrap());
        assert_eq!(key.to_text(), told("ticket key"));
        assert!(key.recognise(&told("ticket"), day(&told("good until"))).is_ok());
    }
}
