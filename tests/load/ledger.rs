//! The measure of the database alone: the rows that a message becomes, straight into the aggregator's schema, one transaction
//! each. As many threads as there are collectors take turns at one connection, as the aggregator's do. On a disk that others keep
//! busy it has been slower than the aggregator itself, for reasons not found: trust the ratio on a quiet disk or a tmpfs only.

use std::path::Path;

use gradimento_aggregator::registry::Agency;
use gradimento_aggregator::store::Store as _;
use gradimento_aggregator::store::sqlite::SqliteStore;
use gradimento_aggregator::verify::Peer;
use gradimento_common::batch::RawBatch;
use gradimento_common::encoding::base64url;
use gradimento_common::merkle::leaf_hash;
use rusqlite::{Connection, Transaction};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::Failure;
use crate::sender::Prepared;

/// As long as a receipt: the signature, its claims, and two certificates.
const RECEIPT_CHARS: usize = 2_200;

/// A database of the aggregator's schema, without the aggregator.
pub struct Bare {
    connection: Mutex<Connection>,
    receipt: String,
}

impl Bare {
    /// Makes the file, with the streams registered.
    pub fn create(path: &Path, peers: &[Peer]) -> Result<Self, Failure> {
        let store = SqliteStore::open(path)?;
        for Peer { agency, stream } in peers {
            let name = agency.to_string();
            let (category, territory) = ("C16".to_owned(), "IT".to_owned());
            store.put_agency(&Agency { code: agency.clone(), name, category, territory, fiscal_code: None })?;
            store.open_stream(agency, *stream)?;
        }
        drop(store);
        let connection = Connection::open(path)?;
        connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;")?;
        Ok(Self { connection: Mutex::new(connection), receipt: "r".repeat(RECEIPT_CHARS) })
    }

    /// Inserts what these messages would become, each stream's from a thread of its own; yields messages per second.
    pub fn fill(&self, peers: &[Peer], prepared: &[Vec<Prepared>]) -> Result<f64, Failure> {
        let start = Instant::now();
        std::thread::scope(|scope| {
            let streams = peers.iter().zip(prepared).map(|(peer, messages)| {
                scope.spawn(move || messages.iter().try_for_each(|message| self.insert(peer, message)))
            });
            let streams: Vec<_> = streams.collect();
            streams.into_iter().try_for_each(|stream| stream.join().map_err(|_| "a thread of the measure ended")?)
        })?;
        Ok(prepared.iter().map(Vec::len).sum::<usize>() as f64 / start.elapsed().as_secs_f64())
    }

    fn insert(&self, peer: &Peer, message: &Prepared) -> Result<(), String> {
        // In turn: a mutex that lets the same thread in again and again would be one thread's.
        let mut connection = self.connection.blocking_lock();
        let inserted = connection.transaction().map_err(Failure::from).and_then(|transaction| {
            insert_entry(&transaction, message, &self.receipt)?;
            message.batches.iter().try_for_each(|batch| add(&transaction, &peer.agency.key(), batch))?;
            Ok(transaction.commit()?)
        });
        inserted.map_err(|error| error.to_string())
    }
}

fn insert_entry(transaction: &Transaction<'_>, message: &Prepared, receipt: &str) -> Result<(), Failure> {
    let (stream, sequence) = (message.position.stream.to_string(), message.position.sequence);
    let sql = "INSERT INTO token_seen (jti, expires) VALUES (?1, ?2)";
    transaction.prepare_cached(sql)?.execute((base64url(&rand::random::<[u8; 16]>()), i64::MAX))?;
    let sql = "INSERT INTO entry (leaf_index, stream, epoch, sequence, body, leaf_hash, signature, received_at, receipt)
               VALUES ((SELECT COALESCE(MAX(leaf_index) + 1, 0) FROM entry), ?1, 1, ?2, ?3, ?4, ?5, 0, ?6)";
    let leaf = leaf_hash(&message.body);
    let row = (&stream, sequence, &message.body, leaf.as_bytes(), &message.headers.signature, receipt);
    transaction.prepare_cached(sql)?.execute(row)?;
    let sql = "UPDATE stream SET sequence = ?2, digest = ?3 WHERE id = ?1";
    transaction.prepare_cached(sql)?.execute((&stream, sequence, leaf.as_bytes()))?;
    Ok(())
}

fn add(transaction: &Transaction<'_>, agency: &str, batch: &RawBatch) -> Result<(), Failure> {
    let sql = "INSERT INTO rollup (agency, service, questionnaire, version, assurance, period, responses)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
               ON CONFLICT DO UPDATE SET responses = responses + excluded.responses RETURNING id";
    let (service, questionnaire) = (batch.service.as_str(), batch.questionnaire.as_str());
    let (assurance, period) = (batch.assurance.as_str(), batch.last_day.month().to_string());
    let row = (agency, service, questionnaire, batch.version, assurance, period, batch.responses);
    let id: i64 = transaction.prepare_cached(sql)?.query_row(row, |row| row.get(0))?;
    let sql = "INSERT INTO rollup_count (rollup, question, option, n) VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT DO UPDATE SET n = n + excluded.n";
    let mut statement = transaction.prepare_cached(sql)?;
    for (question, options) in &batch.counts {
        for (option, n) in options {
            statement.execute((id, question, option, n))?;
        }
    }
    Ok(())
}
