//! Reads a ledger page by page, in the ledger's own order, and stops at the first thing that does not hold. Pure: what is
//! served arrives as arguments.

use std::sync::Arc;

use gradimento_common::calendar::Day;
use gradimento_common::checkpoint::{self, Checkpoint, NoteVerifier};
use gradimento_common::disclosure::Policy;
use gradimento_common::ids::{AgencyCode, Edition};
use gradimento_common::jose::TokenKind;
use gradimento_common::merkle::bundles::decode_bundle;
use gradimento_common::merkle::tile_path::TilePath;
use gradimento_common::merkle::tiles::{TILE_WIDTH, TileId, Width, decode_tile};
use gradimento_common::merkle::{Hash, leaf_hash};
use gradimento_common::message::{Message, NoisySummary, Payload, Position};
use gradimento_common::modi::BodyDigest;
use gradimento_common::questionnaire::Questionnaire;
use gradimento_common::receipt::Receipt;
use jiff::Timestamp;

use super::fault::{Fault, Place};
use super::figures;
use super::noisy::NoisySums;
use super::published::{Figures, LedgerKey, Proof};
use super::seals::Seals;
use super::streams::Streams;
use super::sums::Sums;
use super::tree::{Tree, unreadable};
use crate::publish::dimension::Dimensions;
use crate::verify::Editions;

/// What has been read and holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    /// Messages in the ledger.
    pub messages: u64,
    /// Streams that they belong to.
    pub streams: usize,
    /// Batches in them.
    pub batches: u64,
    /// People in these.
    pub responses: u64,
    /// Published figures.
    pub figures: usize,
}

/// One page of the ledger as it is served.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// Which one, from 0.
    pub number: u64,
    /// How many messages are in it.
    pub width: Width,
    /// The bodies.
    pub bundle: &'a [u8],
    /// Their hashes.
    pub tile: &'a [u8],
    /// What proves them.
    pub proofs: &'a [Proof],
}

/// Somebody who checks.
#[derive(Debug)]
pub struct Auditor {
    seals: Seals,
    key: NoteVerifier,
    earlier: Option<Checkpoint>,
    editions: Editions,
    tree: Tree,
    streams: Streams,
    sums: Sums,
    noisy: NoisySums,
    batches: u64,
    responses: u64,
}

impl Auditor {
    /// An auditor who believes `root` and `key`, of which at least one must come from elsewhere. `statement` is what the ledger
    /// says of its key, under the aggregator's seal; `earlier` a checkpoint that was kept.
    ///
    /// # Errors
    /// Where the statement or the earlier checkpoint cannot be believed.
    pub fn new(seals: Seals, key: Option<NoteVerifier>, statement: &str, earlier: Option<&str>) -> Result<Self, Fault> {
        let wrong = |why: &str| Fault::Checkpoint(format!("the statement of its key: {why}"));
        let stated = seals.own(TokenKind::LedgerKey, statement, None).map_err(|why| wrong(&why))?;
        let stated: LedgerKey = serde_json::from_slice(&stated).map_err(|error| wrong(&error.to_string()))?;
        let stated: NoteVerifier = stated.key.parse().map_err(|_| wrong("it is no verifier key"))?;
        let key = match key {
            Some(key) if key != stated => return Err(wrong("it is another key than the one that is known")),
            known => known.unwrap_or(stated),
        };
        let earlier = earlier.map(|text| checkpoint::open(text, &key)).transpose();
        let earlier = earlier.map_err(|error| Fault::Checkpoint(format!("the earlier one: {error}")))?;
        let (tree, streams, sums) = (Tree::default(), Streams::default(), Sums::default());
        let noisy = NoisySums::default();
        Ok(Self { seals, key, earlier, editions: Editions::new(), tree, streams, sums, noisy, batches: 0, responses: 0 })
    }

    /// The present checkpoint, which must not be behind the earlier one, nor behind what has been read.
    ///
    /// # Errors
    /// Where it is not signed by the ledger's key, or the ledger has shrunk.
    pub fn checkpoint(&self, text: &str) -> Result<Checkpoint, Fault> {
        let present = checkpoint::open(text, &self.key).map_err(|error| Fault::Checkpoint(error.to_string()))?;
        if let Some(earlier) = &self.earlier {
            if earlier.origin() != present.origin() {
                return Err(Fault::Checkpoint("the earlier one is of another ledger".to_owned()));
            }
            if earlier.size() > present.size() {
                return Err(Fault::Truncated { earlier: earlier.size(), now: present.size() });
            }
        }
        if present.size() < self.tree.size() {
            return Err(Fault::Truncated { earlier: self.tree.size(), now: present.size() });
        }
        Ok(present)
    }

    /// A questionnaire as it is served.
    ///
    /// # Errors
    /// Where the aggregator did not sign it, or it is another one.
    pub fn questionnaire(&mut self, edition: &Edition, token: &str) -> Result<(), Fault> {
        let fault = |why: String| Fault::Questionnaire { edition: edition.to_string(), why };
        let payload = self.seals.own(TokenKind::Questionnaire, token, None).map_err(fault)?;
        let questionnaire: Questionnaire = serde_json::from_slice(&payload).map_err(|error| fault(error.to_string()))?;
        if questionnaire.edition() != *edition {
            return Err(fault(format!("it is {}", questionnaire.edition())));
        }
        self.editions.insert(edition.clone(), Arc::new(questionnaire));
        Ok(())
    }

    /// Messages that have been read.
    #[must_use]
    pub fn read(&self) -> u64 {
        self.tree.size()
    }

    /// Reads a page; what was read before of a page that has grown is passed over.
    ///
    /// # Errors
    /// The first thing that does not hold.
    pub fn page(&mut self, page: Page<'_>) -> Result<(), Fault> {
        let Page { number, width, .. } = page;
        let first = number * TILE_WIDTH;
        let path = TilePath::Entries { index: number, width };
        let bodies = decode_bundle(page.bundle).map_err(|fault| unreadable(path, &fault))?;
        let tile = TilePath::Hashes { tile: TileId { level: 0, index: number }, width };
        let hashes = decode_tile(page.tile, width).map_err(|fault| unreadable(tile, &fault))?;
        if bodies.len() != hashes.len() {
            return Err(unreadable(path, &"it has another number of messages than its tile has hashes"));
        }
        let done = usize::try_from(self.tree.size().saturating_sub(first)).unwrap_or(usize::MAX);
        for (offset, (body, hash)) in bodies.iter().zip(&hashes).enumerate().skip(done) {
            let index = first + offset as u64;
            let leaf = self.message(index, body, page.proofs.get(offset))?;
            if leaf != *hash {
                return Err(Fault::Tile { path: tile.to_string(), hash: offset });
            }
            self.tree.push(leaf, self.earlier.as_ref())?;
        }
        Ok(())
    }

    fn message(&mut self, index: u64, body: &[u8], proof: Option<&Proof>) -> Result<Hash, Fault> {
        let parsed = Message::parse(body);
        let mut place = place(index, parsed.as_ref().ok());
        let proof = proof.filter(|proof| proof.index == index).ok_or_else(|| place.fault("it has no proof"))?;
        let digest = BodyDigest::of(body);
        let receipt = self.receipt(&place, proof)?;
        place.position = Some((receipt.stream, receipt.epoch, receipt.sequence));
        if receipt.digest != digest || proof.digest != digest || receipt.index != index {
            return Err(place.fault("the body is not the one of the receipt"));
        }
        let received = instant(receipt.iat).ok_or_else(|| place.fault("its receipt has no readable time"))?;
        let sender = self.seals.collector(&proof.signature, digest, received);
        let sender = sender.map_err(|why| place.fault(format!("its signature: {why}")))?;
        place.agency = Some(sender.agency.clone());
        let message = parsed.map_err(|fault| place.fault(fault))?;
        let Position { stream, epoch, sequence } = message.position;
        if (stream, &message.agency) != (sender.stream, &sender.agency) || place.position != Some((stream, epoch, sequence)) {
            return Err(place.fault("the message is not that of its signer, or not the one of the receipt"));
        }
        self.streams.follow(&message, digest).map_err(|why| place.fault(why))?;
        self.count(&place, message)?;
        Ok(leaf_hash(body))
    }

    fn receipt(&self, place: &Place, proof: &Proof) -> Result<Receipt, Fault> {
        let fault = |why: &str| place.fault(format!("its receipt: {why}"));
        let payload = self.seals.own(TokenKind::Receipt, &proof.receipt, None).map_err(|why| fault(&why))?;
        let receipt: Receipt = serde_json::from_slice(&payload).map_err(|_| fault("its claims cannot be read"))?;
        let at = instant(receipt.iat).ok_or_else(|| fault("its time cannot be read"))?;
        self.seals.own_at(TokenKind::Receipt, &proof.receipt, at).map_err(|why| fault(&why))?;
        if Day::of(at) == proof.received { Ok(receipt) } else { Err(fault("it is of another day than the one that is told")) }
    }

    fn count(&mut self, place: &Place, message: Message) -> Result<(), Fault> {
        let summary = match message.payload {
            Payload::Summary(summary) => summary,
            Payload::NoisySummary(summary) => return self.count_noisy(place, &message.agency, &message.policy, summary),
            Payload::Breakdowns(raw) => {
                let questionnaire = self.published(place, raw.edition())?;
                let month = Day::of(message.made_at).month();
                let sound = raw.check(&questionnaire, &message.policy, month).map_err(|unsound| place.fault(unsound))?;
                let first = self.noisy.release(&message.agency, message.position.stream, &sound);
                return if first { Ok(()) } else { Err(place.fault("these breakdowns were released before")) };
            }
            Payload::Catalogue(_) | Payload::Heartbeat(_) | Payload::EpochOpen(_) => return Ok(()),
        };
        for batch in summary.batches {
            let questionnaire = self.published(place, batch.edition())?;
            let batch = batch.check(&questionnaire, message.policy.k()).map_err(|unsound| place.fault(unsound))?;
            self.batches += 1;
            self.responses += batch.responses();
            self.sums.add(&message.agency, &batch);
        }
        Ok(())
    }

    fn count_noisy(&mut self, place: &Place, agency: &AgencyCode, policy: &Policy, summary: NoisySummary) -> Result<(), Fault> {
        for batch in summary.batches {
            let questionnaire = self.published(place, batch.edition())?;
            let batch = batch.check(&questionnaire, policy.k(), policy).map_err(|unsound| place.fault(unsound))?;
            self.batches += 1;
            self.responses += batch.as_raw().responses;
            self.noisy.add(agency, &batch);
        }
        Ok(())
    }

    fn published(&self, place: &Place, edition: Edition) -> Result<Arc<Questionnaire>, Fault> {
        let known = self.editions.get(&edition).cloned();
        known.ok_or_else(|| place.fault(format!("{edition} was never published")))
    }

    /// Which tiles are left to be checked, once all pages have been read.
    #[must_use]
    pub fn upper_tiles(&self) -> Vec<TilePath> {
        self.tree.upper_tiles()
    }

    /// Checks a tile above the leaves.
    ///
    /// # Errors
    /// Where one of its hashes is not that of the messages below it.
    pub fn upper_tile(&self, path: TilePath, served: &[u8]) -> Result<(), Fault> {
        self.tree.check_upper(path, served)
    }

    /// Checks the checkpoint's root, and what is published at every level.
    ///
    /// # Errors
    /// The first thing that does not hold.
    pub fn finish(&self, checkpoint: &Checkpoint, published: &Figures) -> Result<Report, Fault> {
        self.tree.check_root(checkpoint)?;
        let figures = figures::check(&self.sums, &self.noisy, &Dimensions::of(&self.editions), published)?;
        let (messages, streams) = (self.tree.size(), self.streams.len());
        Ok(Report { messages, streams, batches: self.batches, responses: self.responses, figures })
    }
}

fn instant(seconds: i64) -> Option<Timestamp> {
    Timestamp::from_second(seconds).ok()
}

fn place(index: u64, message: Option<&Message>) -> Place {
    let position = message.map(|message| (message.position.stream, message.position.epoch, message.position.sequence));
    Place { index, agency: message.map(|message| message.agency.clone()), position }
}
