//! What carries noise, from public data alone: noisy batches add up to the published figures, breakdowns are published as they came,
//! and no stream releases those of the same cells twice.

use std::collections::{BTreeMap, BTreeSet};

use gradimento_common::batch::noisy::NoisyBatch;
use gradimento_common::breakdown::Breakdowns;
use gradimento_common::ids::{AgencyCode, StreamId};

use super::published::PublishedAgency;
use crate::publish::Rollup;
use crate::publish::breakdowns::Published;
use crate::publish::noisy::NoisyRollup;

/// Service, questionnaire, version, assurance and month.
type Cell = (String, String, u32, &'static str, String);

/// The noisy batches of the ledger, added up by agency, and the breakdowns that have been met.
#[derive(Debug, Default)]
pub struct NoisySums {
    sums: BTreeMap<(String, Cell), NoisyRollup>,
    released: BTreeSet<(StreamId, Cell)>,
    breakdowns: Vec<Published>,
}

impl NoisySums {
    /// Adds a batch of an agency.
    pub(super) fn add(&mut self, agency: &AgencyCode, batch: &NoisyBatch) {
        let raw = batch.as_raw();
        let (service, questionnaire) = (raw.service.to_string(), raw.questionnaire.to_string());
        let cell = (service, questionnaire, raw.version, raw.assurance.as_str(), batch.period().to_string());
        let sum = self.sums.entry((agency.key(), cell.clone())).or_insert_with(|| NoisyRollup {
            place: Rollup {
                agency: String::new(),
                category: String::new(),
                territory: String::new(),
                service: cell.0,
                questionnaire: cell.1,
                version: cell.2,
                assurance: cell.3.to_owned(),
                period: cell.4,
                responses: 0,
                counts: BTreeMap::new(),
            },
            counts: BTreeMap::new(),
            variance: 0.0,
        });
        sum.place.responses += raw.responses;
        sum.variance += raw.mechanism.variance();
        for (question, options) in &raw.counts {
            for (option, n) in options {
                *sum.counts.entry(question.clone()).or_default().entry(option.clone()).or_default() += n;
            }
        }
    }

    /// Notes the breakdowns of an agency's stream; `false` where they were released before.
    pub(super) fn release(&mut self, agency: &AgencyCode, stream: StreamId, breakdowns: &Breakdowns) -> bool {
        let raw = breakdowns.as_raw();
        let (service, questionnaire) = (raw.service.to_string(), raw.questionnaire.to_string());
        let (assurance, month) = (raw.assurance.as_str(), raw.month.to_string());
        let cell = (service.clone(), questionnaire.clone(), raw.version, assurance, month.clone());
        let place = (agency.key(), service, questionnaire, raw.version, assurance.to_owned(), month);
        self.breakdowns.push(Published::new(place, raw.responses, raw.mechanism, raw.tables.clone()));
        self.released.insert((stream, cell))
    }

    /// The breakdowns in the ledger's order, under the codes of their agencies; of an agency that is not in the public list, its code.
    pub(super) fn breakdowns(&self, agencies: &[PublishedAgency]) -> Result<Vec<Published>, String> {
        let known: BTreeMap<_, _> = agencies.iter().map(|agency| (agency.code.key(), agency)).collect();
        let placed = self.breakdowns.iter().map(|breakdowns| {
            let agency = known.get(&breakdowns.agency).ok_or_else(|| breakdowns.agency.clone())?;
            Ok(Published { agency: agency.code.to_string(), ..breakdowns.clone() })
        });
        placed.collect()
    }

    /// The sums, with where their agencies stand; of an agency that is not in the public list, its code.
    pub(super) fn rollups(&self, agencies: &[PublishedAgency]) -> Result<Vec<NoisyRollup>, String> {
        let known: BTreeMap<_, _> = agencies.iter().map(|agency| (agency.code.key(), agency)).collect();
        let placed = self.sums.iter().map(|((code, _), sum)| {
            let agency = known.get(code).ok_or_else(|| code.clone())?;
            let (category, territory) = (agency.category.clone(), agency.territory.clone());
            let place = Rollup { agency: agency.code.to_string(), category, territory, ..sum.place.clone() };
            Ok(NoisyRollup { place, ..sum.clone() })
        });
        placed.collect()
    }
}
