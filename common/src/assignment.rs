//! What an agency is to ask, and under which policy. Signed by the aggregator, pulled by collectors, kept while it is away.

use serde::{Deserialize, Serialize};

use crate::disclosure::Policy;
use crate::ids::{AgencyCode, Edition};
use crate::message::ServiceKind;

/// One agency's assignment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    /// For whom.
    pub agency: AgencyCode,
    /// When pools may be sealed.
    pub policy: Policy,
    /// Seconds between seal boundaries, 1 or more.
    pub seal_interval_seconds: u32,
    /// Seconds of silence after which a heartbeat is due, 1 or more.
    pub heartbeat_interval_seconds: u32,
    /// What is asked, by kind of service.
    pub questionnaires: Vec<Assigned>,
}

/// The questionnaire of one kind of service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assigned {
    /// For services of this kind.
    pub service_type: ServiceKind,
    /// What is asked.
    pub edition: Edition,
}

impl Assignment {
    /// What a service of this kind asks.
    #[must_use]
    pub fn edition_for(&self, kind: ServiceKind) -> Option<&Edition> {
        self.questionnaires.iter().find(|assigned| assigned.service_type == kind).map(|assigned| &assigned.edition)
    }
}
