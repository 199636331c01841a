//! What this collector's services ask at present. Read on every request, replaced as a whole when an assignment arrives.

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use gradimento_common::ids::ServiceId;
use gradimento_common::message::Service;
use gradimento_common::questionnaire::Questionnaire;

/// One service with what it asks; nothing yet where the aggregator has never been reached.
#[derive(Debug, Clone)]
pub struct Surveyed {
    /// The service.
    pub service: Service,
    /// What it asks.
    pub questionnaire: Option<Arc<Questionnaire>>,
}

/// All services of the agency.
#[derive(Debug, Default)]
pub struct Survey(ArcSwap<BTreeMap<ServiceId, Surveyed>>);

impl Survey {
    /// The services, with what they ask.
    #[must_use]
    pub fn new(services: impl IntoIterator<Item = Surveyed>) -> Self {
        let survey = Self::default();
        survey.replace(services);
        survey
    }

    /// Replaces everything at once: a request sees the old survey or the new one.
    pub fn replace(&self, services: impl IntoIterator<Item = Surveyed>) {
        self.0.store(Arc::new(services.into_iter().map(|surveyed| (surveyed.service.id.clone(), surveyed)).collect()));
    }

    /// The service of this id.
    #[must_use]
    pub fn service(&self, id: &ServiceId) -> Option<Surveyed> {
        self.0.load().get(id).cloned()
    }

    /// All services, in the order of their ids.
    #[must_use]
    pub fn services(&self) -> Vec<Surveyed> {
        self.0.load().values().cloned().collect()
    }
}
