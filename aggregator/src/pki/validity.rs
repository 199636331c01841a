//! From when until when a certificate is good. rcgen's default is 1975 to 4096, so that both ends are always set, from here.

use jiff::{SignedDuration, Timestamp};
use time::OffsetDateTime;

use super::AuthorityFault;

/// How far back certificates of the authorities and of servers start, in days: a collector whose clock is a week behind still
/// trusts them, with a day to spare.
pub(super) const BACKDATE_DAYS: i64 = 8;

/// Both ends, in whole seconds, as certificates hold them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Validity {
    pub(super) not_before: Timestamp,
    pub(super) not_after: Timestamp,
}

impl Validity {
    /// From `back` before `now` until `life` after it.
    pub(super) fn around(now: Timestamp, back: SignedDuration, life: SignedDuration) -> Result<Self, AuthorityFault> {
        let at = |distance| now.checked_add(distance).map(whole_seconds).map_err(|_| AuthorityFault::Time);
        Ok(Self { not_before: at(-back)?, not_after: at(life)? })
    }

    /// Cut to what the issuer itself has left: a certificate that outlives its issuer is refused anyway, but without warning.
    pub(super) fn within(self, now: Timestamp, issuer_not_after: Timestamp) -> Result<Self, AuthorityFault> {
        if issuer_not_after <= now {
            return Err(AuthorityFault::Expired);
        }
        Ok(Self { not_after: self.not_after.min(issuer_not_after), ..self })
    }
}

pub(super) fn days(count: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * count)
}

/// For rcgen.
pub(super) fn offset(at: Timestamp) -> Result<OffsetDateTime, AuthorityFault> {
    OffsetDateTime::from_unix_timestamp(at.as_second()).map_err(|_| AuthorityFault::Time)
}

fn whole_seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}
