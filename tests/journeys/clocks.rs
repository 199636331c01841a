//! The clock of TLS. The harness's clocks do not reach rustls, which asks the machine for the time; here it is told another, as
//! on a machine that is a day off.

use std::sync::Arc;
use std::time::Duration;

use gradimento_collector::enrolment::Keys;
use gradimento_collector::identity::Identity;
use gradimento_collector::member::Member;
use gradimento_collector::tls::first_contact_config;
use gradimento_collector::wire::{Line, Reply, Request, Transport as _, Unreachable};
use gradimento_common::clock::Clock as _;
use gradimento_common::encoding::hex;
use gradimento_common::enrolment::EnrolmentRequest;
use gradimento_tests::{Aggregator, Collector, SkewedClock};
use jiff::SignedDuration;
use rustls::ClientConfig;
use rustls::time_provider::TimeProvider;
use rustls_pki_types::UnixTime;

/// Where a day off still works, and where it cannot: a server's certificates begin eight days back and last for ninety.
const SKEWS: [(i64, bool); 6] = [(0, true), (-25, true), (25, true), (-7 * 24, true), (-9 * 24, false), (91 * 24, false)];

/// The machine's clock, for rustls.
#[derive(Debug)]
struct Skewed(SkewedClock);

impl TimeProvider for Skewed {
    fn current_time(&self) -> Option<UnixTime> {
        let now = self.0.now().as_second();
        Some(UnixTime::since_unix_epoch(Duration::from_secs(now.try_into().ok()?)))
    }
}

/// One request from a machine whose clock is off by so many hours.
async fn send(base: &str, mut tls: ClientConfig, hours: i64, request: Request) -> Result<Reply, Unreachable> {
    tls.time_provider = Arc::new(Skewed(SkewedClock::off_by(SignedDuration::from_hours(hours))));
    Line::new(base, tls).send(request).await
}

#[actix_web::test]
async fn a_machine_that_is_a_day_off_reaches_the_message_interface() {
    let aggregator = Aggregator::start().await;
    let inps = Collector::join(&aggregator.invite("inps", [1; 32], 72), SkewedClock::default()).await;
    let identity = Identity::read(&inps.config.data).unwrap().unwrap();
    for (hours, reached) in SKEWS {
        let Member { stream, messages_url, messages_tls, .. } = Member::of(&identity).unwrap();
        let head = Request { path: format!("/rest/cx/v1/streams/{stream}/head"), headers: Vec::new(), body: None };
        let reply = send(&messages_url, messages_tls, hours, head).await;
        assert_eq!(reply.as_ref().is_ok_and(|reply| reply.status == 200), reached, "{hours}: {reply:?}");
    }
}

#[actix_web::test]
async fn a_machine_that_is_a_day_off_joins() {
    let aggregator = Aggregator::start_over_tls().await;
    for (n, (hours, reached)) in (1..).zip(SKEWS) {
        let token = aggregator.invite(&format!("ente_{n}"), [n; 32], 72);
        let requests = Keys::generate().unwrap().requests().unwrap();
        let body = serde_json::to_vec(&EnrolmentRequest { secret: hex(&token.secret), requests }).unwrap();
        let headers = vec![("Content-Type", "application/json".to_owned())];
        let request = Request { path: "/rest/cx/v1/enrolments".to_owned(), headers, body: Some(body) };
        let reply = send(&token.url, first_contact_config(token.root).unwrap(), hours, request).await;
        assert_eq!(reply.as_ref().is_ok_and(|reply| reply.status < 300), reached, "{hours}: {reply:?}");
    }
}
