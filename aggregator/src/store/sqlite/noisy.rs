//! Sums of batches with noise, and how much noise is in them.

use std::collections::BTreeMap;

use gradimento_common::batch::noisy::NoisyBatch;
use gradimento_common::disclosure::PoolKey;
use gradimento_common::ids::AgencyCode;
use rusqlite::{Connection, Transaction};

use super::rollup::add_to_stream;
use crate::publish::Rollup;
use crate::publish::noisy::NoisyRollup;
use crate::store::{RollupFilter, StoreError};
use crate::verify::SoundMessage;

pub(super) fn add(transaction: &Transaction<'_>, message: &SoundMessage, batch: &NoisyBatch) -> Result<(), StoreError> {
    let raw = batch.as_raw();
    let key = PoolKey { service: raw.service.clone(), edition: raw.edition(), assurance: raw.assurance };
    add_to_stream(transaction, message.position().stream, &key, raw.responses)?;
    let sql = "INSERT INTO noisy_rollup (agency, service, questionnaire, version, assurance, period, responses, variance)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
               ON CONFLICT DO UPDATE SET responses = responses + excluded.responses, variance = variance + excluded.variance
               RETURNING id";
    let id: i64 = transaction.prepare_cached(sql)?.query_row(
        (
            message.agency().key(),
            raw.service.as_str(),
            raw.questionnaire.as_str(),
            raw.version,
            raw.assurance.as_str(),
            batch.period().to_string(),
            raw.responses,
            raw.mechanism.variance(),
        ),
        |row| row.get(0),
    )?;
    let sql = "INSERT INTO noisy_count (rollup, question, option, n) VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT DO UPDATE SET n = n + excluded.n";
    let mut statement = transaction.prepare_cached(sql)?;
    for (question, options) in &raw.counts {
        for (option, n) in options {
            statement.execute((id, question, option, n))?;
        }
    }
    Ok(())
}

pub(super) fn select(connection: &Connection, filter: &RollupFilter) -> Result<Vec<NoisyRollup>, StoreError> {
    let sql =
        "SELECT sum.id, code, category, territory, service, questionnaire, version, assurance, period, responses, variance,
                      question, option, n
               FROM noisy_rollup sum JOIN agency ON agency.key = sum.agency JOIN noisy_count ON noisy_count.rollup = sum.id
               WHERE (?1 IS NULL OR agency = ?1) AND (?2 IS NULL OR service = ?2) AND (?3 IS NULL OR category = ?3)
                 AND (?4 IS NULL OR territory = ?4) AND (?5 IS NULL OR period = ?5)
                 AND (?6 IS NULL OR questionnaire = ?6) AND (?7 IS NULL OR assurance = ?7)
               ORDER BY sum.id";
    let mut statement = connection.prepare_cached(sql)?;
    let RollupFilter { agency, service, questionnaire, assurance, category, territory, period } = filter;
    let agency = agency.as_ref().map(AgencyCode::key);
    let mut rows = statement.query((agency, service, category, territory, period, questionnaire, assurance))?;
    let mut rollups = BTreeMap::<i64, NoisyRollup>::new();
    while let Some(row) = rows.next()? {
        let rollup = match rollups.entry(row.get(0)?) {
            std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::btree_map::Entry::Vacant(new) => {
                let place = Rollup {
                    agency: row.get(1)?,
                    category: row.get(2)?,
                    territory: row.get(3)?,
                    service: row.get(4)?,
                    questionnaire: row.get(5)?,
                    version: row.get(6)?,
                    assurance: row.get(7)?,
                    period: row.get(8)?,
                    responses: row.get(9)?,
                    counts: BTreeMap::new(),
                };
                new.insert(NoisyRollup { place, variance: row.get(10)?, counts: BTreeMap::new() })
            }
        };
        rollup.counts.entry(row.get(11)?).or_default().insert(row.get(12)?, row.get(13)?);
    }
    Ok(rollups.into_values().collect())
}
