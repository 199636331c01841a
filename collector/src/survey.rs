//! What this collector's services ask at present, and under which terms answers leave. Read on every request, replaced as a
//! whole when an assignment arrives.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use gradimento_common::assignment::Assignment;
use gradimento_common::disclosure::Policy;
use gradimento_common::ids::{Edition, ServiceId};
use gradimento_common::message::Service;
use gradimento_common::questionnaire::Questionnaire;

use crate::origins::WebOrigin;

/// Every edition that responses in the pool may name.
pub type Editions = BTreeMap<Edition, Arc<Questionnaire>>;

/// One service with what it asks; nothing yet where the aggregator has never been reached.
#[derive(Debug, Clone)]
pub struct Surveyed {
    /// The service.
    pub service: Service,
    /// What it asks.
    pub questionnaire: Option<Arc<Questionnaire>>,
    /// On whose pages, besides the collector's own, its component and its bridges may stand.
    pub origins: Vec<WebOrigin>,
}

/// Under which terms answers leave. An agency has stricter ones than Istat's where it wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// When pools may be sealed.
    pub policy: Policy,
    /// Between two seal boundaries.
    pub seal_interval: Duration,
    /// Silence after which a heartbeat is due.
    pub heartbeat_interval: Duration,
}

#[derive(Debug, Default)]
struct Asked {
    services: BTreeMap<ServiceId, Surveyed>,
    editions: Arc<Editions>,
    terms: Option<Terms>,
}

/// All services of the agency.
#[derive(Debug, Default)]
pub struct Survey(ArcSwap<Asked>);

impl Survey {
    /// The services, with what they ask.
    #[must_use]
    pub fn new(services: impl IntoIterator<Item = Surveyed>) -> Self {
        let services: BTreeMap<_, _> = services.into_iter().map(|surveyed| (surveyed.service.id.clone(), surveyed)).collect();
        let asked = services.values().filter_map(|surveyed| surveyed.questionnaire.clone());
        let editions = Arc::new(asked.map(|questionnaire| (questionnaire.edition(), questionnaire)).collect());
        Self(ArcSwap::from_pointee(Asked { services, editions, terms: None }))
    }

    /// Adopts an assignment: a request sees the old survey or the new one. `stricter` are the agency's own k and r.
    pub fn adopt(&self, assignment: &Assignment, editions: Editions, stricter: (u32, u32)) {
        let mut services = self.0.load().services.clone();
        for surveyed in services.values_mut() {
            let edition = assignment.edition_for(surveyed.service.kind);
            surveyed.questionnaire = edition.and_then(|edition| editions.get(edition)).cloned();
        }
        let (k, r) = stricter;
        let terms = Terms {
            policy: assignment.policy.raised_to(k, r),
            seal_interval: Duration::from_secs(u64::from(assignment.seal_interval_seconds.max(1))),
            heartbeat_interval: Duration::from_secs(u64::from(assignment.heartbeat_interval_seconds.max(1))),
        };
        self.0.store(Arc::new(Asked { services, editions: Arc::new(editions), terms: Some(terms) }));
    }

    /// The service of this id.
    #[must_use]
    pub fn service(&self, id: &ServiceId) -> Option<Surveyed> {
        self.0.load().services.get(id).cloned()
    }

    /// All services, in the order of their ids.
    #[must_use]
    pub fn services(&self) -> Vec<Surveyed> {
        self.0.load().services.values().cloned().collect()
    }

    /// Every edition that is known.
    #[must_use]
    pub fn editions(&self) -> Arc<Editions> {
        Arc::clone(&self.0.load().editions)
    }

    /// The terms; none until the first assignment has arrived, and nothing is sealed before.
    #[must_use]
    pub fn terms(&self) -> Option<Terms> {
        self.0.load().terms
    }
}
