//! Breakdowns for anybody: the noisy counts as they came, their n and their exact standard error. Whoever wants them to agree with n
//! may subtract (sum - n) / cells from each, which stays unbiased; whoever cuts what is below zero does not.

use gradimento_common::breakdown::CrossTable;
use gradimento_common::disclosure::noise::Mechanism;
use serde::Serialize;

/// The breakdowns of one service and month.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Published {
    /// Codice IPA.
    pub agency: String,
    /// The service, or `other`.
    pub service: String,
    /// What was asked.
    pub questionnaire: String,
    /// In which version.
    pub version: u32,
    /// How the answers came.
    pub assurance: String,
    /// The reference month.
    pub period: String,
    /// How many people: exact.
    pub responses: u64,
    /// How the noise was made.
    pub mechanism: Mechanism,
    /// The standard error of every count.
    pub standard_error: f64,
    /// The tables, negative counts included.
    pub tables: Vec<CrossTable>,
}

impl Published {
    /// What is published of agency, service, questionnaire, version, assurance and period.
    #[must_use]
    pub fn new(
        (agency, service, questionnaire, version, assurance, period): (String, String, String, u32, String, String),
        responses: u64,
        mechanism: Mechanism,
        tables: Vec<CrossTable>,
    ) -> Self {
        let standard_error = mechanism.standard_error();
        Self { agency, service, questionnaire, version, assurance, period, responses, mechanism, standard_error, tables }
    }
}
