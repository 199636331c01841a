//! What the batches add up to, twice: as rollups, out of which `publish` makes figures as it does for the public; and by plain
//! addition into one flat list of numbers, which shares no code with it.

use std::collections::BTreeMap;

use gradimento_common::batch::Batch;
use gradimento_common::ids::AgencyCode;

use super::published::PublishedAgency;
use crate::publish::{Level, Rollup};

/// All levels at which figures are published.
pub(super) const LEVELS: [Level; 5] = [Level::Country, Level::Category, Level::Territory, Level::Agency, Level::Service];

/// The batches of the ledger, added up by agency.
#[derive(Debug, Default)]
pub struct Sums(BTreeMap<(String, Cell), Rollup>);

/// Service, questionnaire, version, assurance and month.
type Cell = (String, String, u32, &'static str, String);

/// Numbers by name: see [`name`].
pub(super) type PlainSums = BTreeMap<String, u64>;

impl Sums {
    /// Adds a batch of an agency.
    pub(super) fn add(&mut self, agency: &AgencyCode, batch: &Batch) {
        let (edition, period) = (batch.edition(), batch.period().to_string());
        let (service, questionnaire) = (batch.service().to_string(), edition.questionnaire.to_string());
        let cell = (service, questionnaire, edition.version, batch.assurance().as_str(), period);
        let rollup = self.0.entry((agency.key(), cell.clone())).or_insert_with(|| Rollup {
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
        });
        rollup.responses += batch.responses();
        for (question, options) in batch.counts() {
            for (option, n) in options {
                *rollup.counts.entry(question.clone()).or_default().entry(option.clone()).or_default() += n;
            }
        }
    }

    /// The rollups, with where their agencies stand; of an agency that is not in the public list, its code.
    pub(super) fn rollups(&self, agencies: &[PublishedAgency]) -> Result<Vec<Rollup>, String> {
        let known: BTreeMap<_, _> = agencies.iter().map(|agency| (agency.code.key(), agency)).collect();
        let placed = self.0.iter().map(|((code, _), rollup)| {
            let agency = known.get(code).ok_or_else(|| code.clone())?;
            let (category, territory) = (agency.category.clone(), agency.territory.clone());
            Ok(Rollup { agency: agency.code.to_string(), category, territory, ..rollup.clone() })
        });
        placed.collect()
    }
}

/// Every published number, by plain addition.
pub(super) fn plain(rollups: &[Rollup]) -> PlainSums {
    let mut sums = PlainSums::new();
    for rollup in rollups {
        for level in LEVELS {
            let place = match level {
                Level::Country => String::new(),
                Level::Category => rollup.category.clone(),
                Level::Territory => rollup.territory.clone(),
                Level::Agency => rollup.agency.clone(),
                Level::Service => format!("{} {}", rollup.agency, rollup.service),
            };
            let Rollup { questionnaire, version, assurance, period, .. } = rollup;
            let name = name(level, &place, questionnaire, u64::from(*version), assurance, period);
            *sums.entry(name.clone()).or_default() += rollup.responses;
            for (question, options) in &rollup.counts {
                for (option, n) in options {
                    *sums.entry(format!("{name} {question}={option}")).or_default() += n;
                }
            }
        }
    }
    sums
}

/// What a figure is called.
pub(super) fn name(level: Level, place: &str, questionnaire: &str, version: u64, assurance: &str, period: &str) -> String {
    let level = format!("{level:?}").to_lowercase();
    let place = if place.is_empty() { level } else { format!("{level} {place}") };
    format!("{place}, {questionnaire} {version}, {assurance}, {period}")
}
