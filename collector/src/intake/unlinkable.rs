//! Unlinkable tickets (RFC 9474, RSABSSA-SHA384-PSS-Randomized): the agency signed one without seeing it, so that not even who
//! issued it and who keeps the answers together can tell whose it was. Here one is recognised when it is spent. The signature
//! is an ordinary RSASSA-PSS one, which ring verifies; the mint, which signs, is elsewhere.

use gradimento_common::calendar::{Day, Month};
use gradimento_common::encoding::{base64url, from_base64url};
use gradimento_common::ids::ServiceId;
use ring::signature::{RSA_PSS_2048_8192_SHA384, RsaPublicKeyComponents};

use super::submission::Nullifier;
use super::tickets::{SpentTicket, TicketRefusal};

/// How many days back the month of a key may lie: a ticket of the month's last day is good for 92 more, and the marks of all
/// outlive them (`store::tidy`).
const KEY_DAYS: u16 = 92;
/// Bytes of the random prefix that RFC 9474 section 4.1 has the client draw. It is what tells one ticket from another.
const PREFIX_BYTES: usize = 32;

/// A ticket as it was sent: `u.MONTH.PREFIX.SIGNATURE`.
#[derive(Debug)]
pub struct UnlinkableTicket {
    month: Month,
    prefix: [u8; PREFIX_BYTES],
    signature: Vec<u8>,
}

/// The public half of a month's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthKey {
    /// Modulus, big-endian.
    pub n: Vec<u8>,
    /// Exponent, big-endian.
    pub e: Vec<u8>,
}

/// What is signed besides the prefix: the same for everybody who answers about a service in a month.
#[must_use]
pub fn context(service: &ServiceId, month: Month) -> String {
    format!("gradimento unlinkable ticket 1 {service} {month}")
}

/// Whether tickets of a month's key may be spent on a day.
#[must_use]
pub fn is_current(month: Month, today: Day) -> bool {
    month <= today.month() && month >= today.earlier_by(KEY_DAYS).month()
}

/// Whether the key of a month may sign on a day: its own month's days, and one more, for those who fetched it at midnight.
#[must_use]
pub fn may_sign(month: Month, today: Day) -> bool {
    month == today.month() || month == today.earlier_by(1).month()
}

impl UnlinkableTicket {
    /// Reads a ticket that says that it is one; `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.strip_prefix("u.")?.split('.');
        let (month, prefix, signature) = (parts.next()?, from_base64url(parts.next()?)?, from_base64url(parts.next()?)?);
        let whole = parts.next().is_none();
        Some(Self { month: month.parse().ok()?, prefix: prefix.try_into().ok()?, signature }).filter(|_| whole)
    }

    /// Whose key must have signed it.
    #[must_use]
    pub fn month(&self) -> Month {
        self.month
    }

    /// Recognises it. Whether it has been used already is decided where it is stored.
    ///
    /// # Errors
    /// Where the key did not sign it for this service, or its time is over.
    pub fn recognise(&self, service: &ServiceId, key: &MonthKey, today: Day) -> Result<SpentTicket, TicketRefusal> {
        let message = [&self.prefix[..], context(service, self.month).as_bytes()].concat();
        let key = RsaPublicKeyComponents { n: &key.n, e: &key.e };
        key.verify(&RSA_PSS_2048_8192_SHA384, &message, &self.signature).map_err(|_| TicketRefusal::Foreign)?;
        if !is_current(self.month, today) {
            return Err(TicketRefusal::Expired);
        }
        // Of the message, not of the signature: a message has many.
        Ok(SpentTicket::new(Nullifier::of("unlinkable ticket", service, &message)))
    }

    /// As it is sent.
    #[must_use]
    pub fn to_text(month: Month, prefix: &[u8; PREFIX_BYTES], signature: &[u8]) -> String {
        format!("u.{month}.{}.{}", base64url(prefix), base64url(signature))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_signs_in_its_month_and_its_tickets_are_good_for_three_more() {
        let month: Month = "2026-11".parse().unwrap();
        let on = |day: &str| (may_sign(month, day.parse().unwrap()), is_current(month, day.parse().unwrap()));
        assert_eq!(on("2026-10-31"), (false, false));
        assert_eq!([on("2026-11-01"), on("2026-11-30"), on("2026-12-01")], [(true, true); 3]);
        assert_eq!([on("2026-12-02"), on("2027-03-02")], [(false, true); 2]);
        assert_eq!(on("2027-03-03"), (false, false));
    }

    #[test]
    fn only_whole_tickets_are_read() {
        let whole = UnlinkableTicket::to_text("2026-11".parse().unwrap(), &[7; 32], &[1; 256]);
        assert!(UnlinkableTicket::parse(&whole).is_some());
        for changed in [whole.replace("u.", ""), whole.replace("2026-11", "2026-13"), format!("{whole}.x"), format!("{whole}=")]
        {
            assert!(UnlinkableTicket::parse(&changed).is_none(), "{changed}");
        }
    }
}
