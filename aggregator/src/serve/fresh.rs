//! The two things that change while the aggregator runs: the revocation list and the server's certificate.

use std::time::Duration;

use actix_web::web;
use jiff::{SignedDuration, Timestamp};

use super::StartError;
use crate::http::Office;
use crate::pki::CRL_LIFE_DAYS;
use crate::tls::{MessagesTls, PublicTls};

/// How often the revocation list is made anew where something changed. The registry refuses a revoked collector at once;
/// the list keeps it from connecting at all.
const CRL_CHECK: Duration = Duration::from_secs(30);
/// How often the list and the server's certificate are made anew in any case: well within their 7 and 90 days.
const RENEWAL: Duration = Duration::from_secs(24 * 60 * 60);

/// Nothing renews the aggregator's seal and its authority: a person has to, with the root's key, and needs the time to plan it.
const WARNING_DAYS: i64 = 90;

/// What is kept fresh.
pub(super) struct Fresh {
    pub(super) messages: MessagesTls,
    pub(super) public: Option<PublicTls>,
    /// What the server's certificates are for.
    pub(super) names: Vec<String>,
}

/// Revocation lists are numbered by the second in which they are made: later lists have larger numbers, across restarts too.
pub(super) fn crl_number(now: Timestamp) -> u64 {
    u64::try_from(now.as_second()).unwrap_or_default()
}

/// When a list that is made now ends.
pub(super) fn crl_end(now: Timestamp) -> Timestamp {
    now.saturating_add(SignedDuration::from_hours(24 * CRL_LIFE_DAYS)).unwrap_or(Timestamp::MAX)
}

/// What no program renews and ends soon, by name, with the days that are left.
fn ending(certificates: Vec<(&'static str, Timestamp)>, now: Timestamp) -> Vec<(&'static str, i64)> {
    let left = |at: Timestamp| (at.as_second() - now.as_second()).div_euclid(24 * 60 * 60);
    let days = certificates.into_iter().map(|(name, at)| (name, left(at)));
    days.filter(|(_, days)| *days < WARNING_DAYS).collect()
}

fn warn_of_ends(office: &Office, now: Timestamp) {
    for (certificate, days) in ending(office.certificates(), now) {
        tracing::warn!(certificate, days, "ends soon, and a person has to renew it");
    }
}

impl Fresh {
    /// Never ends.
    pub(super) async fn keep(self, office: web::Data<Office>) {
        let mut listed = office.store.revoked().unwrap_or_default();
        let mut made = office.clock.now();
        warn_of_ends(&office, made);
        loop {
            actix_web::rt::time::sleep(CRL_CHECK).await;
            let (now, revoked) = (office.clock.now(), office.store.revoked().unwrap_or_else(|_| listed.clone()));
            let old = now.as_second() - made.as_second() > i64::try_from(RENEWAL.as_secs()).unwrap_or(i64::MAX);
            if revoked == listed && !old {
                continue;
            }
            if old {
                warn_of_ends(&office, now);
            }
            match self.refresh(&office, &revoked, old) {
                Ok(()) => (listed, made) = (revoked, if old { now } else { made }),
                Err(error) => tracing::error!(%error, "the revocation list or the server's certificate was not renewed"),
            }
        }
    }

    fn refresh(&self, office: &Office, revoked: &[([u8; 16], Timestamp)], certificate_too: bool) -> Result<(), StartError> {
        let now = office.clock.now();
        self.messages.replace_crl(&office.authority.crl(revoked, crl_number(now), now)?)?;
        office.expiries.set_revocation_list(crl_end(now));
        if certificate_too {
            let server = office.authority.issue_server(&self.names, rand::random(), now)?;
            self.messages.replace_certificate(&server.issued.chain, &server.key)?;
            if let Some(public) = &self.public {
                public.replace_certificate(&server.chain_with_root, &server.key)?;
            }
            office.expiries.set_server_certificate(server.issued.not_after);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_within_a_quarter_of_a_year_or_has_ended_is_told_with_the_days_that_are_left() {
        let now: Timestamp = "2026-11-24T10:00:00Z".parse().unwrap();
        let after = |days: i64| now + SignedDuration::from_hours(24 * days);
        let certificates = vec![("root", after(91)), ("issuing", after(89)), ("seal", after(-1))];
        assert_eq!(ending(certificates, now), [("issuing", 89), ("seal", -1)]);
    }
}
