//! New certificates: once for each pair of keys, never for somebody else's, and not without end.

use std::cell::RefCell;
use std::collections::BTreeMap;

use gradimento_aggregator::pki::Purpose;
use gradimento_aggregator::registry::{Agency, Certificate, StreamState};
use gradimento_aggregator::renewal::{Recovery, recovery};
use gradimento_aggregator::store::sqlite::SqliteStore;
use gradimento_aggregator::store::{NewKeys, NotRenewed, Renewed, Store};
use gradimento_aggregator::verify::NotSound;
use gradimento_common::ids::StreamId;
use gradimento_common::jose::{SealPublicKey, Signer, Thumbprint};
use gradimento_common::limits::{CERTIFICATE_PAIRS_MAX, RECOVERIES_MAX};
use gradimento_common::modi::{CONTENT_TYPE, Presented, sign};
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

use crate::sender::{AUDIENCE, now, signer};

/// A registry in which pairs of keys and certificates have numbers. Certificates are good for 30 days.
struct Registry {
    store: SqliteStore,
    signers: RefCell<BTreeMap<u8, Signer>>,
    attempts: RefCell<u8>,
    _folder: TempDir,
}

fn days(n: i64) -> Timestamp {
    now() + SignedDuration::from_hours(24 * n)
}

impl Registry {
    /// Streams 1 and 2 of `inps` and `inail`, with the pairs 1 and 2.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("a.sqlite")).unwrap();
        let registry = Self { store, signers: RefCell::default(), attempts: RefCell::new(0), _folder: folder };
        for (code, n) in [("inps", 1), ("inail", 2)] {
            let (name, category, territory) = (code.to_owned(), "C16".to_owned(), "IT".to_owned());
            let agency = Agency { code: code.parse().unwrap(), name, category, territory, fiscal_code: None };
            registry.store.put_agency(&agency).unwrap();
            registry.store.open_stream(&agency.code, stream(n)).unwrap();
            for certificate in registry.certificates(&agency, stream(n), n, 0, now()) {
                registry.store.put_certificate(&certificate).unwrap();
            }
        }
        registry
    }

    fn seal(&self, pair: u8) -> SealPublicKey {
        self.signers.borrow_mut().entry(pair).or_insert_with(|| signer(&[pair, 0])).public()
    }

    /// The certificates of a pair, as often as they are issued.
    fn certificates(&self, agency: &Agency, stream: StreamId, pair: u8, issue: u8, at: Timestamp) -> Vec<Certificate> {
        let certificate = |purpose, n: u8, key| Certificate {
            thumbprint: if n == 0 && issue == 0 { Thumbprint::of(&[pair, 0]) } else { Thumbprint::of(&[pair, n, issue, 7]) },
            agency: agency.code.clone(),
            stream,
            purpose,
            serial: [pair; 16],
            key,
            not_before: at.as_second() - 600,
            not_after: at.as_second() + 30 * 86_400,
            state: StreamState::Open,
        };
        let tls = SealPublicKey::from_point(&[pair; 65]);
        vec![certificate(Purpose::Tls, 1, tls), certificate(Purpose::Seal, 0, self.seal(pair))]
    }

    fn renew(&self, n: u8, pair: u8, at: Timestamp) -> Result<String, NotRenewed> {
        self.issuing(n, pair, at, |keys, issue| self.store.renew(stream(n), keys, at, issue))
    }

    /// Signed with the seal of pair `by`, as it was first issued.
    fn recover(&self, n: u8, by: u8, pair: u8, at: Timestamp) -> Result<String, NotRenewed> {
        let request = self.signed(by, at).unwrap();
        self.issuing(n, pair, at, |keys, issue| self.store.recover(&request, keys, at, issue))
    }

    fn signed(&self, by: u8, at: Timestamp) -> Result<Recovery, NotSound> {
        *self.attempts.borrow_mut() += 1;
        let signers = self.signers.borrow();
        let headers = sign(b"{}", AUDIENCE, at, [*self.attempts.borrow(); 16], &signers[&by]).unwrap();
        let request = Presented {
            authorization: Some(&headers.authorization),
            digest: Some(&headers.digest),
            signature: Some(&headers.signature),
            content_type: Some(CONTENT_TYPE),
            content_encoding: None,
            body: b"{}",
        };
        recovery(request, AUDIENCE, at, |thumbprint| Ok(self.store.certificate(thumbprint).unwrap()))
    }

    fn issuing<T>(
        &self,
        n: u8,
        pair: u8,
        at: Timestamp,
        work: impl FnOnce(NewKeys<'_>, &dyn Fn(&Agency) -> Option<Renewed>) -> T,
    ) -> T {
        let key = self.seal(pair);
        let issue = |agency: &Agency| {
            *self.attempts.borrow_mut() += 1;
            let issue = *self.attempts.borrow();
            let first = self.store.certificate(Thumbprint::of(&[pair, 0])).unwrap().is_none();
            let certificates = self.certificates(agency, stream(n), pair, if first { 0 } else { issue }, at);
            Some(Renewed { certificates, reply: format!("pair {pair}, issue {issue}") })
        };
        work(NewKeys { binding: [pair; 32], seal_point: key.as_bytes() }, &issue)
    }
}

fn stream(n: u8) -> StreamId {
    StreamId::from_random([n; 16])
}

#[test]
fn the_same_keys_get_the_same_certificates_and_others_get_others() {
    let registry = Registry::new();
    let first = registry.renew(1, 11, days(20)).unwrap();
    assert_eq!(registry.renew(1, 11, days(21)).unwrap(), first);
    assert_ne!(registry.renew(1, 12, days(21)).unwrap(), first);
    for pair in [1, 11, 12] {
        let certificate = registry.store.certificate(Thumbprint::of(&[pair, 0])).unwrap().unwrap();
        assert_eq!((certificate.stream, certificate.state), (stream(1), StreamState::Open), "the old ones stay");
    }
}

#[test]
fn a_key_that_was_certified_before_is_refused_whoever_asks() {
    let registry = Registry::new();
    registry.renew(2, 21, days(20)).unwrap();
    for pair in [1, 2, 21] {
        assert!(matches!(registry.renew(1, pair, days(20)), Err(NotRenewed::KeyUsed)), "pair {pair}");
    }
    registry.renew(1, 11, days(20)).unwrap();
}

#[test]
fn a_stream_has_a_few_valid_pairs_and_more_when_they_expire() {
    let registry = Registry::new();
    for pair in 1..u8::try_from(CERTIFICATE_PAIRS_MAX).unwrap() {
        registry.renew(1, 10 + pair, days(1)).unwrap();
    }
    let refused = registry.renew(1, 19, days(2));
    assert!(matches!(refused, Err(NotRenewed::TooMany { until }) if until == days(30).as_second()), "{refused:?}");
    registry.renew(1, 11, days(2)).unwrap();
    registry.renew(2, 22, days(2)).unwrap();
    registry.renew(1, 19, days(30) + SignedDuration::from_secs(1)).unwrap();
}

#[test]
fn a_stream_recovers_twice_and_then_a_person_must_approve() {
    let registry = Registry::new();
    let mut by = 1;
    for turn in 1..=i64::from(RECOVERIES_MAX) {
        let pair = 10 + u8::try_from(turn).unwrap();
        let reply = registry.recover(1, by, pair, days(40 * turn)).unwrap();
        assert_eq!(registry.recover(1, by, pair, days(40 * turn)).unwrap(), reply, "a lost reply costs nothing");
        by = pair;
    }
    assert!(matches!(registry.recover(1, by, 19, days(200)), Err(NotRenewed::Exhausted)));
    assert_eq!(registry.store.approve_recoveries(&"INPS".parse().unwrap()).unwrap(), 1);
    registry.recover(1, by, 19, days(200)).unwrap();
}

#[test]
fn only_the_last_seal_recovers_and_only_once_it_has_expired() {
    let registry = Registry::new();
    assert!(matches!(registry.recover(1, 1, 11, days(29)), Err(NotRenewed::Early)));
    registry.renew(1, 11, days(29)).unwrap();
    assert!(matches!(registry.recover(1, 1, 12, days(40)), Err(NotRenewed::Superseded)));
    // The reply to that renewal was lost: the collector has the newer keys, and proves it by asking for them.
    registry.recover(1, 1, 11, days(40)).unwrap();
    assert!(matches!(registry.recover(1, 11, 12, days(40)), Err(NotRenewed::Early)));
    registry.recover(1, 11, 12, days(60)).unwrap();
}

#[test]
fn the_last_seal_is_the_one_that_was_issued_last_whatever_the_clock_said_then() {
    let registry = Registry::new();
    registry.renew(1, 11, days(-3)).unwrap();
    registry.recover(1, 11, 12, days(40)).unwrap();
    assert!(matches!(registry.recover(1, 1, 13, days(80)), Err(NotRenewed::Superseded)));
}

#[test]
fn a_pair_whose_certificates_expired_before_they_arrived_is_certified_anew() {
    let registry = Registry::new();
    let lost = registry.renew(1, 11, days(20)).unwrap();
    let anew = registry.recover(1, 1, 11, days(90)).unwrap();
    assert_ne!(anew, lost);
    assert_eq!(registry.recover(1, 1, 11, days(91)).unwrap(), anew);
}

#[test]
fn a_pair_that_others_have_followed_is_not_certified_anew() {
    let registry = Registry::new();
    registry.renew(1, 11, days(1)).unwrap();
    registry.renew(1, 12, days(20)).unwrap();
    assert!(matches!(registry.renew(1, 11, days(40)), Err(NotRenewed::KeyUsed)));
    registry.recover(1, 12, 13, days(60)).unwrap();
}

#[test]
fn a_revoked_stream_never_gets_certificates_again() {
    let registry = Registry::new();
    registry.renew(1, 11, days(20)).unwrap();
    let before = registry.signed(11, days(90)).unwrap();
    registry.store.set_stream_state(stream(1), StreamState::Revoked, days(20)).unwrap();
    assert!(matches!(registry.renew(1, 11, days(21)), Err(NotRenewed::Revoked)));
    assert!(matches!(registry.renew(1, 12, days(21)), Err(NotRenewed::Revoked)));
    assert!(matches!(registry.signed(11, days(90)), Err(NotSound::Revoked)));
    let raced = registry.issuing(1, 12, days(90), |keys, issue| registry.store.recover(&before, keys, days(90), issue));
    assert!(matches!(raced, Err(NotRenewed::Revoked)), "revoked between the check and the transaction");
    assert_eq!(registry.store.approve_recoveries(&"inps".parse().unwrap()).unwrap(), 0);
}

#[test]
fn a_token_is_good_for_one_attempt_at_recovery() {
    let registry = Registry::new();
    let request = registry.signed(1, days(40)).unwrap();
    let again =
        |pair| registry.issuing(1, pair, days(40), |keys, issue| registry.store.recover(&request, keys, days(40), issue));
    again(11).unwrap();
    assert!(matches!(again(11), Err(NotRenewed::Replayed)));
}

#[test]
fn a_lost_seal_that_comes_back_late_does_not_become_the_last() {
    let registry = Registry::new();
    let inps = registry.store.agency(&"inps".parse().unwrap()).unwrap().unwrap();
    // Lost with the pairs that followed: the newer comes back first.
    for (pair, at) in [(4, days(20)), (3, days(10))] {
        for certificate in registry.certificates(&inps, stream(1), pair, 0, at) {
            assert_eq!(registry.store.readmit(&certificate).unwrap().unwrap(), certificate);
            assert_eq!(registry.store.readmit(&certificate).unwrap().unwrap(), certificate, "once more changes nothing");
        }
    }
    assert!(matches!(registry.recover(1, 3, 5, days(51)), Err(NotRenewed::Superseded)));
    registry.recover(1, 4, 5, days(51)).unwrap();
}

#[test]
fn a_lost_certificate_comes_back_to_its_own_agency_only_and_makes_a_stream_for_known_agencies_only() {
    let registry = Registry::new();
    let agency = |code: &str| registry.store.agency(&code.parse().unwrap()).unwrap();
    let of = |agency: &Agency, n, pair| registry.certificates(agency, stream(n), pair, 9, now()).remove(0);
    let (inps, inail) = (agency("inps").unwrap(), agency("inail").unwrap());
    assert_eq!(registry.store.readmit(&of(&inail, 1, 3)).unwrap(), None);
    assert!(registry.store.readmit(&of(&inps, 1, 2)).is_err(), "the key of another stream");
    let stranger = Agency { code: "agid".parse().unwrap(), ..inps.clone() };
    assert_eq!(registry.store.readmit(&of(&stranger, 9, 4)).unwrap(), None);
    assert!(registry.store.readmit(&of(&inps, 9, 4)).unwrap().is_some());
    assert_eq!(registry.store.head(stream(9)).unwrap().unwrap().expected_sequence, 1);
}
