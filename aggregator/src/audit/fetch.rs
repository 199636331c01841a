//! Reads everything that an aggregator publishes, over HTTP, and hands it to the auditor.

use std::time::Duration;

use gradimento_common::checkpoint::Checkpoint;
use gradimento_common::ids::Edition;
use gradimento_common::merkle::tile_path::TilePath;
use gradimento_common::merkle::tiles::{TILE_WIDTH, TileId};
use rustls::ClientConfig;
use serde::de::DeserializeOwned;
use thiserror::Error;

use super::auditor::{Auditor, Page, Report};
use super::fault::Fault;
use super::published::{Figures, Items, Proof};
use super::sums::LEVELS;

/// Largest reply: a bundle of 256 messages of 64 kB is 16 MB, and figures of all months at the level of services, 1 kB each, of
/// 23,735 agencies with a few services are 100 MB a year.
const REPLY_BYTES_MAX: usize = 512 * 1024 * 1024;
/// How long one reply may take.
const TIMEOUT: Duration = Duration::from_secs(120);
/// How often the ledger may grow while the figures are being read before we say that it does so too fast.
const ROUNDS_MAX: u32 = 20;

/// Why an audit came to no good end.
#[derive(Debug, Error)]
pub enum AuditError {
    /// Something does not hold.
    #[error("does not hold: {0}")]
    Fault(#[from] Fault),
    /// Something could not be read: nothing is known about it.
    #[error("{path}: {why}")]
    Unreachable {
        /// What was asked for.
        path: String,
        /// What happened.
        why: String,
    },
}

/// Where everything is read.
pub struct Library {
    client: awc::Client,
    url: String,
}

impl Library {
    /// The public listener at `url`, without a path; `tls` where it speaks TLS.
    #[must_use]
    pub fn new(url: &str, tls: Option<ClientConfig>) -> Self {
        let builder = awc::Client::builder().timeout(TIMEOUT);
        let client = match tls {
            Some(tls) => builder.connector(awc::Connector::new().rustls_0_23(tls.into())).finish(),
            None => builder.finish(),
        };
        Self { client, url: url.trim_end_matches('/').to_owned() }
    }

    /// The bytes at a path.
    ///
    /// # Errors
    /// Where they cannot be had.
    pub async fn get(&self, path: &str) -> Result<Vec<u8>, AuditError> {
        let unreachable = |why: String| AuditError::Unreachable { path: path.to_owned(), why };
        let sent = self.client.get(format!("{}{path}", self.url)).send().await;
        let mut reply = sent.map_err(|error| unreachable(error.to_string()))?;
        if reply.status() != 200 {
            return Err(unreachable(format!("the answer was {}", reply.status())));
        }
        let body = reply.body().limit(REPLY_BYTES_MAX).await;
        Ok(body.map_err(|error| unreachable(error.to_string()))?.to_vec())
    }

    /// The text at a path.
    ///
    /// # Errors
    /// Where it cannot be had, or is none.
    pub async fn text(&self, path: &str) -> Result<String, AuditError> {
        let bytes = self.get(path).await?;
        String::from_utf8(bytes).map_err(|error| unreadable(path, &error))
    }

    async fn items<T: DeserializeOwned>(&self, path: &str) -> Result<Vec<T>, AuditError> {
        let list: Items<T> = serde_json::from_slice(&self.get(path).await?).map_err(|error| unreadable(path, &error))?;
        Ok(list.items)
    }

    /// Reads everything. Yields what was read, and the checkpoint as it was served, to be kept for the next time.
    ///
    /// # Errors
    /// The first thing that does not hold, or cannot be read.
    pub async fn audit(&self, auditor: &mut Auditor) -> Result<(Report, String), AuditError> {
        let mut note = self.text("/checkpoint").await?;
        for _ in 0..ROUNDS_MAX {
            let checkpoint = auditor.checkpoint(&note)?;
            self.questionnaires(auditor).await?;
            self.pages(auditor, &checkpoint).await?;
            for path in auditor.upper_tiles() {
                auditor.upper_tile(path, &self.get(&format!("/{path}")).await?)?;
            }
            let figures = self.figures().await?;
            // A batch that arrived meanwhile is in the figures and not in the checkpoint.
            let after = self.text("/checkpoint").await?;
            if auditor.checkpoint(&after)?.size() == checkpoint.size() {
                return Ok((auditor.finish(&checkpoint, &figures)?, note));
            }
            note = after;
        }
        Err(AuditError::Unreachable {
            path: "/checkpoint".to_owned(),
            why: "the ledger grows faster than it is read".to_owned(),
        })
    }

    async fn questionnaires(&self, auditor: &mut Auditor) -> Result<(), AuditError> {
        for edition in self.items::<Edition>("/rest/cx/v1/questionnaires").await? {
            let path = format!("/rest/cx/v1/questionnaires/{}/{}", edition.questionnaire, edition.version);
            auditor.questionnaire(&edition, &self.text(&path).await?)?;
        }
        Ok(())
    }

    async fn pages(&self, auditor: &mut Auditor, checkpoint: &Checkpoint) -> Result<(), AuditError> {
        while auditor.read() < checkpoint.size() {
            let number = auditor.read() / TILE_WIDTH;
            let tile = TileId { level: 0, index: number };
            let Some(width) = tile.width(checkpoint.size()) else { return Ok(()) };
            let bundle = self.get(&format!("/{}", TilePath::Entries { index: number, width })).await?;
            let hashes = self.get(&format!("/{}", TilePath::Hashes { tile, width })).await?;
            let proofs: Vec<Proof> = self.items(&format!("/rest/cx/v1/ledger/{number}")).await?;
            auditor.page(Page { number, width, bundle: &bundle, tile: &hashes, proofs: &proofs })?;
        }
        Ok(())
    }

    async fn figures(&self) -> Result<Figures, AuditError> {
        let mut indicators = Vec::new();
        for level in LEVELS {
            let name = format!("{level:?}").to_lowercase();
            indicators.push((level, self.items(&format!("/rest/cx/v1/indicators?level={name}")).await?));
        }
        let breakdowns = self.items("/rest/cx/v1/breakdowns").await?;
        Ok(Figures { agencies: self.items("/rest/cx/v1/agencies").await?, indicators, breakdowns })
    }
}

fn unreadable(path: &str, why: &dyn std::fmt::Display) -> AuditError {
    Fault::Unreadable { path: path.to_owned(), why: why.to_string() }.into()
}
