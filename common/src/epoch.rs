//! Beginning again after a restore. A collector that came back from a backup does not know what its former self said since, so
//! it closes that part of its stream for ever: it opens a new epoch, and asks what the aggregator has counted.

use serde::{Deserialize, Serialize};

use crate::calendar::Month;
use crate::disclosure::PoolKey;
use crate::ids::{Assurance, Edition, QuestionnaireId, ServiceId};
use crate::modi::BodyDigest;
use crate::receipt::Receipt;

/// The first message of every epoch but the first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EpochOpen {
    /// The last message of which the collector has a receipt that still holds; null where it has none.
    pub last: Option<LastReceipt>,
}

/// Which message that was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LastReceipt {
    /// Its epoch.
    pub epoch: u32,
    /// Its number.
    pub sequence: u64,
    /// The digest of its body.
    pub digest: BodyDigest,
    /// Its leaf, as the receipt has it. Informative: an aggregator that was restored itself may have given the body another.
    pub index: u64,
}

impl From<&Receipt> for LastReceipt {
    fn from(receipt: &Receipt) -> Self {
        Self { epoch: receipt.epoch, sequence: receipt.sequence, digest: receipt.digest, index: receipt.index }
    }
}

/// What the aggregator has counted of one stream; answers `GET /rest/cx/v1/streams/{stream}/totals`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StreamTotals {
    /// One for each key under which there is a batch.
    pub items: Vec<StreamTotal>,
    /// The last month of which it has breakdowns of this stream; `None` where it has none.
    #[serde(default)]
    pub broken_down_until: Option<Month>,
}

/// How many responses are in all batches of one key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StreamTotal {
    /// The service, or `other`.
    pub service: ServiceId,
    /// What was asked.
    pub questionnaire: QuestionnaireId,
    /// In which version.
    pub version: u32,
    /// How the answers came.
    pub assurance: Assurance,
    /// How many people.
    pub responses: u64,
}

impl StreamTotal {
    /// Under which key.
    #[must_use]
    pub fn key(&self) -> PoolKey {
        let edition = Edition { questionnaire: self.questionnaire.clone(), version: self.version };
        PoolKey { service: self.service.clone(), edition, assurance: self.assurance }
    }
}
