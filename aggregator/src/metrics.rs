//! What an operator watches, in the OpenMetrics text format. Requests are counted at the edge, once, by address and outcome; what
//! stands in the database is read when somebody asks, so that nothing has to be kept in step.

use std::fmt;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::registry::StreamState;
use crate::store::StreamStanding;

/// From a reply out of memory to one that waited for the writer as long as it may.
const DURATION_BUCKETS: [f64; 7] = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10.0];

/// The addresses whose outcomes are counted by name, with the metric of each.
const OPERATIONS: [(&str, &str, &str); 4] = [
    ("/rest/cx/v1/messages", "messages", "Messages by what became of them"),
    ("/rest/cx/v1/enrolments", "enrolments", "Redemptions of join tokens by what became of them"),
    ("/rest/cx/v1/renewals", "renewals", "Renewals of certificates by what became of them"),
    ("/rest/cx/v1/recoveries", "recoveries", "Recoveries of certificates by what became of them"),
];

type Labels = Vec<(&'static str, String)>;
type Outcomes = Family<Labels, Counter>;

/// Counters since the program started.
pub struct Metrics {
    registry: Registry,
    requests: Family<Labels, Counter>,
    durations: Family<Labels, Histogram, fn() -> Histogram>,
    operations: Vec<(&'static str, Outcomes)>,
}

/// One request that has been answered.
#[derive(Debug)]
pub struct Answered {
    /// On which listener.
    pub listener: &'static str,
    /// `GET`, `HEAD`, `POST`, or `other`.
    pub method: &'static str,
    /// The address as the router knows it, so that nobody can invent series; `unknown` where it does not.
    pub route: String,
    /// HTTP status.
    pub status: u16,
    /// The problem's slug, where it was refused.
    pub problem: Option<&'static str>,
    /// How long it took.
    pub duration: Duration,
}

/// What is read when somebody asks.
#[derive(Debug)]
pub struct Standing {
    /// Leaves of the ledger.
    pub ledger_size: u64,
    /// Every stream.
    pub streams: Vec<StreamStanding>,
    /// The end of what expires, by name.
    pub expiries: Vec<(&'static str, Timestamp)>,
}

/// The ends of what is renewed while the program runs.
#[derive(Debug, Default)]
pub struct Expiries {
    server_certificate: AtomicI64,
    revocation_list: AtomicI64,
}

impl Expiries {
    /// The listeners present a certificate that ends then.
    pub fn set_server_certificate(&self, at: Timestamp) {
        self.server_certificate.store(at.as_second(), Ordering::Relaxed);
    }

    /// The revocation list ends then.
    pub fn set_revocation_list(&self, at: Timestamp) {
        self.revocation_list.store(at.as_second(), Ordering::Relaxed);
    }

    /// Both, by name.
    #[must_use]
    pub fn named(&self) -> [(&'static str, Timestamp); 2] {
        let at = |second: &AtomicI64| Timestamp::from_second(second.load(Ordering::Relaxed)).unwrap_or_default();
        [("server_certificate", at(&self.server_certificate)), ("revocation_list", at(&self.revocation_list))]
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("gradimento_aggregator");
        let (requests, durations) = (Family::default(), Family::new_with_constructor(histogram as fn() -> Histogram));
        registry.register("http_requests", "Requests by listener, address and class of status", requests.clone());
        let help = "Time to answer a request";
        registry.register_with_unit("http_request_duration", help, Unit::Seconds, durations.clone());
        let mut operations = Vec::new();
        for (route, name, help) in OPERATIONS {
            let outcomes = Outcomes::default();
            registry.register(name, help, outcomes.clone());
            operations.push((route, outcomes));
        }
        Self { registry, requests, durations, operations }
    }
}

fn histogram() -> Histogram {
    Histogram::new(DURATION_BUCKETS)
}

impl Metrics {
    /// Counts a request.
    pub fn count(&self, answered: &Answered) {
        let Answered { listener, method, route, status, problem, duration } = answered;
        let class = format!("{}xx", status / 100);
        let place = || vec![("listener", (*listener).to_owned()), ("route", route.clone())];
        let counted = [("method", (*method).to_owned()), ("status", class)];
        self.requests.get_or_create(&place().into_iter().chain(counted).collect()).inc();
        self.durations.get_or_create(&place()).observe(duration.as_secs_f64());
        let operation = self.operations.iter().find(|(of, _)| *method == "POST" && of == route);
        if let Some((_, outcomes)) = operation {
            let outcome = problem.unwrap_or(if *status == 200 { "repeated" } else { "accepted" });
            outcomes.get_or_create(&vec![("outcome", outcome.to_owned())]).inc();
        }
    }

    /// Everything, as text.
    ///
    /// # Errors
    /// Where a metric cannot be written.
    pub fn render(&self, standing: &Standing, now: Timestamp) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode_registry(&mut text, &self.registry)?;
        encode_registry(&mut text, &standing.registry(now))?;
        encode_eof(&mut text)?;
        Ok(text)
    }
}

impl Standing {
    fn registry(&self, now: Timestamp) -> Registry {
        let mut registry = Registry::with_prefix("gradimento_aggregator");
        let ledger_size = Gauge::<f64, AtomicU64>::default();
        #[expect(clippy::cast_precision_loss, reason = "a ledger of 2^53 messages is not in sight")]
        ledger_size.set(self.ledger_size as f64);
        registry.register("ledger_size", "Messages in the ledger", ledger_size);
        let (states, silence) = (Family::<Labels, Gauge>::default(), Family::<Labels, Gauge>::default());
        for state in [StreamState::Open, StreamState::Quarantined, StreamState::Revoked] {
            let label = vec![("state", format!("{state:?}").to_lowercase())];
            let count = self.streams.iter().filter(|stream| stream.state == state).count();
            states.get_or_create(&label).set(i64::try_from(count).unwrap_or(i64::MAX));
        }
        // One series for each collector: 23,735 bodies at most, all of them public. A revoked one is silent for good.
        for stream in self.streams.iter().filter(|stream| stream.state != StreamState::Revoked) {
            let labels = vec![("agency", stream.agency.key()), ("stream", stream.stream.to_string())];
            let Some(last) = stream.last_received else { continue };
            silence.get_or_create(&labels).set(now.as_second() - last);
        }
        registry.register("streams", "Streams by state", states);
        let help = "Time since the last message of a stream";
        registry.register_with_unit("stream_silence", help, Unit::Seconds, silence);
        registry.register("days_left", "Days until something expires; negative afterwards", days_left(&self.expiries, now));
        registry
    }
}

fn days_left(expiries: &[(&'static str, Timestamp)], now: Timestamp) -> Family<Labels, Gauge<f64, AtomicU64>> {
    let days = Family::<Labels, Gauge<f64, AtomicU64>>::default();
    for (name, at) in expiries {
        let label = vec![("of", (*name).to_owned())];
        days.get_or_create(&label).set(at.duration_since(now).as_secs_f64() / 86_400.0);
    }
    days
}
