//! The ledger for anybody who wants to check it: checkpoint and tiles in the C2SP formats.

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpResponse, web};
use gradimento_common::checkpoint::{Checkpoint, sign};
use gradimento_common::merkle::Hash;
use gradimento_common::merkle::bundles::encode_bundle;
use gradimento_common::merkle::tile_path::TilePath;
use gradimento_common::merkle::tiles::{TILE_WIDTH, TileId, Width, edge_tiles, encode_tile, frontier_from_tiles};
use gradimento_common::problem::ProblemType;

use super::Office;
use super::refusal::{HttpProblem, blocking};
use crate::store::{Store, StoreError};

pub(super) async fn checkpoint(office: web::Data<Office>) -> Result<HttpResponse, HttpProblem> {
    let note = blocking(move || {
        let (size, root) = head(office.store.as_ref())?;
        let checkpoint = Checkpoint::new(&office.survey.ledger, size, root).map_err(|error| HttpProblem::internal(&error))?;
        Ok(sign(&checkpoint, &office.ledger))
    });
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header((CACHE_CONTROL, "no-cache"))
        .body(note.await?))
}

/// Size and root of the ledger's tree, from the hashes along its right edge.
pub fn head(store: &dyn Store) -> Result<(u64, Hash), StoreError> {
    let size = store.ledger_size()?;
    let edge = edge_tiles(size).into_iter().map(|(tile, width)| hashes(store, tile, width)).collect::<Result<Vec<_>, _>>()?;
    let frontier = frontier_from_tiles(size, &edge).map_err(|_| StoreError::Contradiction("the ledger's tiles have holes"))?;
    Ok((size, frontier.root()))
}

pub(super) async fn tile(office: web::Data<Office>, path: web::Path<String>) -> Result<HttpResponse, HttpProblem> {
    let path: TilePath = format!("tile/{path}").parse().map_err(|_| ProblemType::NotFound)?;
    let (body, full) = blocking(move || {
        let size = office.store.ledger_size()?;
        match path {
            TilePath::Hashes { tile, width } if fits(tile, width, size) => {
                Ok((encode_tile(&hashes(office.store.as_ref(), tile, width)?), width == Width::Full))
            }
            TilePath::Entries { index, width } if fits(TileId { level: 0, index }, width, size) => {
                let bodies = office.store.bodies(index * TILE_WIDTH, width.hashes() as u64)?;
                let bundle = encode_bundle(&bodies).map_err(|error| HttpProblem::internal(&error))?;
                Ok((bundle, width == Width::Full))
            }
            _ => Err(ProblemType::NotFound.into()),
        }
    })
    .await?;
    // A full tile never changes; a partial one is superseded.
    let cache = if full { "public, max-age=31536000, immutable" } else { "public, max-age=60" };
    Ok(HttpResponse::Ok().content_type("application/octet-stream").insert_header((CACHE_CONTROL, cache)).body(body))
}

/// Whether a tree of this size has that tile at least as wide as asked: partial tiles of earlier sizes stay available.
fn fits(tile: TileId, asked: Width, size: u64) -> bool {
    tile.width(size).is_some_and(|present| asked.hashes() <= present.hashes())
}

fn hashes(store: &dyn Store, tile: TileId, width: Width) -> Result<Vec<Hash>, StoreError> {
    store.row_hashes(tile.level, tile.index * TILE_WIDTH, width.hashes() as u64)
}
