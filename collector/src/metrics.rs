//! What monitoring reads, in the text format of Prometheus. Names of services and of problems are public; nothing here is
//! about one person, and nothing carries a time.

use std::sync::atomic::{AtomicI64, Ordering};

use gradimento_common::calendar::Day;
use gradimento_common::ids::{Assurance, ServiceId};
use gradimento_common::problem::ProblemType;
use jiff::Timestamp;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::intake::Suspicion;
use crate::seal::Sealed;
use crate::store::{Store, StoreError, outbox, pool, suspected};

type Labels<const N: usize> = [(&'static str, String); N];

/// Counters that grow while the collector runs.
#[derive(Debug, Default)]
pub struct Metrics {
    responses: Family<Labels<3>, Counter>,
    refusals: Family<Labels<1>, Counter>,
    suspected: Family<Labels<2>, Counter>,
    floods: Family<Labels<1>, Gauge>,
    batches: Counter,
    sealed_responses: Counter,
    pushes: Family<Labels<1>, Counter>,
    certificate_end: AtomicI64,
}

impl Metrics {
    /// A response came to its end at the store.
    pub fn responded(&self, service: &ServiceId, assurance: Assurance, outcome: &'static str) {
        let labels =
            [("service", service.to_string()), ("assurance", assurance.as_str().to_owned()), ("outcome", outcome.to_owned())];
        self.responses.get_or_create(&labels).inc();
    }

    /// A request was refused.
    pub fn refused(&self, kind: ProblemType) {
        self.refusals.get_or_create(&[("problem", kind.slug().to_owned())]).inc();
    }

    /// A response was stored; perhaps something is suspected of it.
    pub fn suspected(&self, service: &ServiceId, suspicion: Option<Suspicion>) {
        if let Some(suspicion) = suspicion {
            let labels = [("service", service.to_string()), ("reason", suspicion.as_str().to_owned())];
            self.suspected.get_or_create(&labels).inc();
        }
    }

    /// Whether a flood of a service is suspected at present.
    pub fn set_flood(&self, service: &ServiceId, flooded: bool) {
        self.floods.get_or_create(&[("service", service.to_string())]).set(i64::from(flooded));
    }

    /// A seal boundary.
    pub fn sealed(&self, sealed: Sealed) {
        self.batches.inc_by(sealed.batches);
        self.sealed_responses.inc_by(sealed.responses);
    }

    /// A step of the courier.
    pub fn pushed(&self, outcome: &'static str) {
        self.pushes.get_or_create(&[("outcome", outcome.to_owned())]).inc();
    }

    /// When the certificates in use end.
    pub fn set_certificate_end(&self, until: Timestamp) {
        self.certificate_end.store(until.as_second(), Ordering::Relaxed);
    }

    /// Everything, as it stands now.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn text(&self, store: &Store, now: Timestamp) -> Result<String, StoreError> {
        let mut registry = Registry::with_prefix("gradimento_collector");
        registry.register("responses", "Responses that reached the store, by outcome", self.responses.clone());
        registry.register("refusals", "Requests that were refused, by problem", self.refusals.clone());
        registry.register("responses_suspected", "Stored responses that may be a machine's, by reason", self.suspected.clone());
        registry.register("flood_suspected", "Whether more answers arrive than is usual", self.floods.clone());
        registry.register("batches_sealed", "Batches made", self.batches.clone());
        registry.register("responses_sealed", "Responses in batches", self.sealed_responses.clone());
        registry.register("pushes", "Steps of the courier, by outcome", self.pushes.clone());
        registry.register("commit_responses", "Responses stored in one commit", store.commit_sizes());
        let left = self.certificate_end.load(Ordering::Relaxed) - now.as_second();
        gauge(&mut registry, "certificate_days_left", "Days until the certificates in use end", left.div_euclid(86_400));
        read_store(&mut registry, store, now)?;
        let mut text = String::new();
        encode(&mut text, &registry).map_err(|_| StoreError::Contradiction("metrics cannot be written"))?;
        Ok(text)
    }
}

fn read_store(registry: &mut Registry, store: &Store, now: Timestamp) -> Result<(), StoreError> {
    let today = Day::of(now);
    let (pools, backlog, suspected) = store.read(|connection| {
        let backlog = outbox::backlog(connection)?;
        Ok((pool::sizes(connection, today.month())?, backlog, suspected::on(connection, &today.to_string())?))
    })?;
    let of_today = Family::<Labels<2>, Gauge>::default();
    for suspected in suspected {
        of_today.get_or_create(&[("service", suspected.service), ("reason", suspected.reason)]).set(suspected.n);
    }
    registry.register("responses_suspected_today", "The same since midnight, restarts included", of_today);
    let waiting = Family::<Labels<4>, Gauge>::default();
    for pool in pools {
        let edition = pool.key.edition;
        let labels = [
            ("service", pool.key.service.to_string()),
            ("questionnaire", edition.questionnaire.to_string()),
            ("version", edition.version.to_string()),
            ("assurance", pool.key.assurance.as_str().to_owned()),
        ];
        waiting.get_or_create(&labels).set(i64::try_from(pool.waiting).unwrap_or(i64::MAX));
    }
    registry.register("pool_responses", "Responses that wait to be sealed", waiting);
    let age = backlog.oldest.map_or(0, |oldest| now.as_second() - oldest.as_second());
    gauge(registry, "outbox_messages", "Messages without a receipt", i64::try_from(backlog.waiting).unwrap_or(i64::MAX));
    gauge(registry, "outbox_oldest_seconds", "Age of the oldest of them", age);
    gauge(registry, "outbox_refused", "Whether the first of them is refused", i64::from(backlog.quarantine.is_some()));
    Ok(())
}

fn gauge(registry: &mut Registry, name: &str, help: &str, value: i64) {
    let gauge = Gauge::<i64>::default();
    gauge.set(value);
    registry.register(name, help, gauge);
}
