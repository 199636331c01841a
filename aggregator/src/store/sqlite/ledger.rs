//! The ledger: a message enters once, at the end of its stream, together with everything that follows from it.

use gradimento_common::ids::StreamId;
use gradimento_common::merkle::tiles::{full_tile_root, tiles_filled_by};
use gradimento_common::merkle::{Hash, leaf_hash};
use gradimento_common::message::{Head, Position};
use gradimento_common::modi::{BodyDigest, Verified};
use gradimento_common::receipt::Receipt;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Transaction};

use super::{breakdown, noisy, rollup};
use crate::store::{Accepted, Refused, SignReceipt, StoreError};
use crate::verify::{Content, SoundMessage};

/// A full tile's width in C2SP tlog-tiles.
const TILE_WIDTH: u64 = 256;

type Verdict = Result<Accepted, Refused>;

/// Takes or refuses a message. The outer error rolls everything back; a refusal is a result like any other, and what it
/// leaves behind (the token's id, the second body of an equivocation) is committed.
pub(super) fn accept(
    transaction: &Transaction<'_>,
    message: &SoundMessage,
    now: Timestamp,
    sign: SignReceipt<'_>,
) -> Result<Verdict, StoreError> {
    if !remember_token(transaction, message.proof(), now)? {
        return Ok(Err(Refused::Replayed));
    }
    let Position { stream, epoch, sequence } = message.position();
    let (head, state) = head_and_state(transaction, stream)?.ok_or(StoreError::Contradiction("a stream is missing"))?;
    if epoch < head.epoch || (epoch == head.epoch && sequence < head.expected_sequence) {
        // A number of an epoch that is closed may never have been used; then it never will be.
        let before = again(transaction, message, now)?;
        return Ok(before.unwrap_or(Err(Refused::Gap(head))));
    }
    if state != "open" {
        return Ok(Err(Refused::Quarantined));
    }
    let continues = epoch == head.epoch && sequence == head.expected_sequence && message.previous() == head.previous;
    if !continues && !opens(transaction, message, &head)? {
        return Ok(Err(Refused::Gap(head)));
    }
    if let Content::Breakdowns(breakdowns) = message.content()
        && breakdown::is_released(transaction, stream, breakdowns)?
    {
        return Ok(Err(Refused::ReleasedBefore));
    }
    append(transaction, message, now, sign).map(|receipt| Ok(Accepted::New(receipt)))
}

/// Whether the token is seen for the first time.
pub(super) fn remember_token(transaction: &Transaction<'_>, proof: &Verified, now: Timestamp) -> Result<bool, StoreError> {
    transaction.prepare_cached("DELETE FROM token_seen WHERE expires < ?1")?.execute([now.as_second()])?;
    let sql = "INSERT INTO token_seen (jti, expires) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    Ok(transaction.prepare_cached(sql)?.execute((proof.jti(), proof.jti_expires()))? == 1)
}

/// Whether the message opens a later epoch, and the receipt that it quotes is for what stands here. Not always the next one: those
/// between may have been lost with a database, here and there.
fn opens(transaction: &Transaction<'_>, message: &SoundMessage, head: &Head) -> Result<bool, StoreError> {
    let Position { stream, epoch, .. } = message.position();
    let Content::EpochOpen(open) = message.content() else { return Ok(false) };
    if epoch <= head.epoch {
        return Ok(false);
    }
    let Some(last) = &open.last else { return Ok(true) };
    let sql = "SELECT body FROM entry WHERE stream = ?1 AND epoch = ?2 AND sequence = ?3";
    let mut statement = transaction.prepare_cached(sql)?;
    let body: Option<Vec<u8>> =
        statement.query_row((stream.to_string(), last.epoch, last.sequence), |row| row.get(0)).optional()?;
    Ok(body.is_some_and(|body| BodyDigest::of(&body) == last.digest))
}

/// A number that is taken: by the same bytes, then the stored receipt again; by others, then both are kept. `None` where it is
/// not.
fn again(transaction: &Transaction<'_>, message: &SoundMessage, now: Timestamp) -> Result<Option<Verdict>, StoreError> {
    let Position { stream, epoch, sequence } = message.position();
    let key = (stream.to_string(), epoch, sequence);
    let sql = "SELECT body, receipt FROM entry WHERE stream = ?1 AND epoch = ?2 AND sequence = ?3";
    let row = transaction.prepare_cached(sql)?.query_row(key.clone(), |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let Some((body, receipt)): Option<(Vec<u8>, String)> = row else { return Ok(None) };
    if body == message.proof().body() {
        return Ok(Some(Ok(Accepted::Before(receipt))));
    }
    let sql =
        "INSERT INTO equivocation (stream, epoch, sequence, body, signature, received_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let proof = message.proof();
    transaction.execute(sql, (&key.0, key.1, key.2, proof.body(), proof.signature(), now.as_second()))?;
    transaction.execute("UPDATE stream SET state = 'quarantined' WHERE id = ?1 AND state = 'open'", [&key.0])?;
    Ok(Some(Err(Refused::Equivocation)))
}

fn append(
    transaction: &Transaction<'_>,
    message: &SoundMessage,
    now: Timestamp,
    sign: SignReceipt<'_>,
) -> Result<String, StoreError> {
    let index = size(transaction)?;
    let proof = message.proof();
    let Position { stream, epoch, sequence } = message.position();
    let receipt = sign(&Receipt::new(message.position(), proof.digest(), index, now)).ok_or(StoreError::Signing)?;
    let leaf = leaf_hash(proof.body());
    let sql = "INSERT INTO entry (leaf_index, stream, epoch, sequence, body, leaf_hash, signature, received_at, receipt)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    let stream = stream.to_string();
    transaction.prepare_cached(sql)?.execute((
        index,
        &stream,
        epoch,
        sequence,
        proof.body(),
        leaf.as_bytes(),
        proof.signature(),
        now.as_second(),
        &receipt,
    ))?;
    let sql = "UPDATE stream SET epoch = ?2, sequence = ?3, digest = ?4 WHERE id = ?1";
    transaction.prepare_cached(sql)?.execute((&stream, epoch, sequence, proof.digest().as_bytes()))?;
    close_tiles(transaction, index + 1)?;
    match message.content() {
        Content::Batches(batches) => batches.iter().try_for_each(|batch| rollup::add(transaction, message, batch))?,
        Content::NoisyBatches(batches) => {
            batches.iter().try_for_each(|batch| noisy::add(transaction, message, batch))?;
        }
        Content::Breakdowns(breakdowns) => {
            breakdown::add(transaction, message.agency(), message.position().stream, breakdowns)?;
        }
        Content::Catalogue(catalogue) => rollup::replace_services(transaction, message.agency(), catalogue)?,
        Content::Heartbeat | Content::EpochOpen(_) => (),
    }
    Ok(receipt)
}

/// Writes the roots of the tiles that the last leaf has filled.
fn close_tiles(transaction: &Transaction<'_>, tree_size: u64) -> Result<(), StoreError> {
    for tile in tiles_filled_by(tree_size) {
        let hashes = row_hashes(transaction, tile.level, tile.index * TILE_WIDTH, TILE_WIDTH)?;
        let root = full_tile_root(&hashes).ok_or(StoreError::Contradiction("a full tile is not full"))?;
        let sql = "INSERT INTO tile_root (level, tile, hash) VALUES (?1, ?2, ?3)";
        transaction.prepare_cached(sql)?.execute((tile.level + 1, tile.index, root.as_bytes()))?;
    }
    Ok(())
}

pub(super) fn size(connection: &Connection) -> Result<u64, StoreError> {
    let sql = "SELECT COALESCE(MAX(leaf_index) + 1, 0) FROM entry";
    Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

pub(super) fn row_hashes(connection: &Connection, level: u8, first: u64, count: u64) -> Result<Vec<Hash>, StoreError> {
    let sql = if level == 0 {
        "SELECT leaf_hash FROM entry WHERE ?1 = 0 AND leaf_index >= ?2 AND leaf_index < ?3 ORDER BY leaf_index"
    } else {
        "SELECT hash FROM tile_root WHERE level = ?1 AND tile >= ?2 AND tile < ?3 ORDER BY tile"
    };
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map((level, first, first + count), |row| row.get::<_, [u8; 32]>(0))?;
    rows.map(|row| Ok(Hash::from(row?))).collect()
}

pub(super) fn bodies(connection: &Connection, first: u64, count: u64) -> Result<Vec<Vec<u8>>, StoreError> {
    let sql = "SELECT body FROM entry WHERE leaf_index >= ?1 AND leaf_index < ?2 ORDER BY leaf_index";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map((first, first + count), |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn head(connection: &Connection, stream: StreamId) -> Result<Option<Head>, StoreError> {
    Ok(head_and_state(connection, stream)?.map(|(head, _)| head))
}

fn head_and_state(connection: &Connection, stream: StreamId) -> Result<Option<(Head, String)>, StoreError> {
    let sql = "SELECT epoch, sequence, digest, state FROM stream WHERE id = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let row = statement.query_row([stream.to_string()], |row| {
        let digest: Option<[u8; 32]> = row.get(2)?;
        let head =
            Head { epoch: row.get(0)?, expected_sequence: row.get::<_, u64>(1)? + 1, previous: digest.map(BodyDigest::from) };
        Ok((head, row.get(3)?))
    });
    Ok(row.optional()?)
}
