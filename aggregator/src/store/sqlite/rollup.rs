//! Sums of batches, and the services that they are about.

use std::collections::BTreeMap;

use gradimento_common::batch::Batch;
use gradimento_common::disclosure::PoolKey;
use gradimento_common::epoch::StreamTotal;
use gradimento_common::ids::{AgencyCode, StreamId};
use gradimento_common::message::Catalogue;
use rusqlite::{Connection, Transaction};

use crate::publish::Rollup;
use crate::store::{RollupFilter, StoreError};
use crate::verify::SoundMessage;

pub(super) fn add(transaction: &Transaction<'_>, message: &SoundMessage, batch: &Batch) -> Result<(), StoreError> {
    let key = PoolKey { service: batch.service().clone(), edition: batch.edition(), assurance: batch.assurance() };
    add_to_stream(transaction, message.position().stream, &key, batch.responses())?;
    let sql = "INSERT INTO rollup (agency, service, questionnaire, version, assurance, period, responses)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
               ON CONFLICT DO UPDATE SET responses = responses + excluded.responses RETURNING id";
    let edition = batch.edition();
    let id: i64 = transaction.prepare_cached(sql)?.query_row(
        (
            message.agency().key(),
            batch.service().as_str(),
            edition.questionnaire.as_str(),
            edition.version,
            batch.assurance().as_str(),
            batch.period().to_string(),
            batch.responses(),
        ),
        |row| row.get(0),
    )?;
    let sql = "INSERT INTO rollup_count (rollup, question, option, n) VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT DO UPDATE SET n = n + excluded.n";
    let mut statement = transaction.prepare_cached(sql)?;
    for (question, options) in batch.counts() {
        for (option, n) in options {
            statement.execute((id, question, option, n))?;
        }
    }
    Ok(())
}

pub(super) fn add_to_stream(
    transaction: &Transaction<'_>,
    stream: StreamId,
    key: &PoolKey,
    responses: u64,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO stream_total (stream, service, questionnaire, version, assurance, responses)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6)
               ON CONFLICT DO UPDATE SET responses = responses + excluded.responses";
    transaction.prepare_cached(sql)?.execute((
        stream.to_string(),
        key.service.as_str(),
        key.edition.questionnaire.as_str(),
        key.edition.version,
        key.assurance.as_str(),
        responses,
    ))?;
    Ok(())
}

pub(super) fn of_stream(connection: &Connection, stream: StreamId) -> Result<Vec<StreamTotal>, StoreError> {
    let sql = "SELECT service, questionnaire, version, assurance, responses FROM stream_total WHERE stream = ?1
               ORDER BY service, questionnaire, version, assurance";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([stream.to_string()])?;
    let mut totals = Vec::new();
    let wrong = |_| StoreError::Contradiction("a name in the totals cannot be read");
    while let Some(row) = rows.next()? {
        totals.push(StreamTotal {
            service: row.get::<_, String>(0)?.parse().map_err(wrong)?,
            questionnaire: row.get::<_, String>(1)?.parse().map_err(wrong)?,
            version: row.get(2)?,
            assurance: row.get::<_, String>(3)?.parse().map_err(wrong)?,
            responses: row.get(4)?,
        });
    }
    Ok(totals)
}

pub(super) fn replace_services(
    transaction: &Transaction<'_>,
    agency: &AgencyCode,
    catalogue: &Catalogue,
) -> Result<(), StoreError> {
    transaction.execute("DELETE FROM service WHERE agency = ?1", [agency.key()])?;
    let sql = "INSERT INTO service (agency, id, name, kind, sensitive) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";
    let mut statement = transaction.prepare_cached(sql)?;
    for service in &catalogue.services {
        statement.execute((agency.key(), service.id.as_str(), &service.name, service.kind.as_str(), service.sensitive))?;
    }
    Ok(())
}

pub(super) fn select(connection: &Connection, filter: &RollupFilter) -> Result<Vec<Rollup>, StoreError> {
    let sql = "SELECT rollup.id, code, category, territory, service, questionnaire, version, assurance, period, responses,
                      question, option, n
               FROM rollup JOIN agency ON agency.key = rollup.agency JOIN rollup_count ON rollup_count.rollup = rollup.id
               WHERE (?1 IS NULL OR agency = ?1) AND (?2 IS NULL OR service = ?2) AND (?3 IS NULL OR category = ?3)
                 AND (?4 IS NULL OR territory = ?4) AND (?5 IS NULL OR period = ?5)
                 AND (?6 IS NULL OR questionnaire = ?6) AND (?7 IS NULL OR assurance = ?7)
               ORDER BY rollup.id";
    let mut statement = connection.prepare_cached(sql)?;
    let RollupFilter { agency, service, questionnaire, assurance, category, territory, period } = filter;
    let agency = agency.as_ref().map(AgencyCode::key);
    let parameters = (agency, service, category, territory, period, questionnaire, assurance);
    let mut rollups = BTreeMap::<i64, Rollup>::new();
    let mut rows = statement.query(parameters)?;
    while let Some(row) = rows.next()? {
        let rollup = match rollups.entry(row.get(0)?) {
            std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::btree_map::Entry::Vacant(new) => new.insert(Rollup {
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
            }),
        };
        rollup.counts.entry(row.get(10)?).or_default().insert(row.get(11)?, row.get(12)?);
    }
    Ok(rollups.into_values().collect())
}
