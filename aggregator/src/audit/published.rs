//! What is served for whoever checks, beside checkpoint, tiles and figures: written by the public listener, read by `verify`.

use gradimento_common::calendar::Day;
use gradimento_common::ids::AgencyCode;
use gradimento_common::modi::BodyDigest;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::publish::Level;

/// A list, as every list is served.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Items<T> {
    /// What is in it.
    pub items: Vec<T>,
}

/// Everything that is computed from the ledger, as it is served.
#[derive(Debug, Clone)]
pub struct Figures {
    /// Whose they are.
    pub agencies: Vec<PublishedAgency>,
    /// The indicators of each level.
    pub indicators: Vec<(Level, Vec<Value>)>,
    /// The breakdowns, in the order in which they came.
    pub breakdowns: Vec<Value>,
}

/// A public body as far as figures need it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedAgency {
    /// Its codice IPA.
    pub code: AgencyCode,
    /// What it is called.
    pub name: String,
    /// Its category.
    pub category: String,
    /// Its territory.
    pub territory: String,
}

/// What proves one entry of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// Which leaf, from 0.
    pub index: u64,
    /// Digest of its body.
    pub digest: BodyDigest,
    /// The `Agid-JWT-Signature` token that came with it.
    pub signature: String,
    /// The receipt that was given for it.
    pub receipt: String,
    /// The day on which it came; the hour is nobody's business.
    pub received: Day,
}

/// Under which name and key checkpoints are signed; served under the aggregator's seal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerKey {
    /// The ledger's name (C2SP origin).
    pub origin: String,
    /// Its verifier key (C2SP signed-note).
    pub key: String,
}
