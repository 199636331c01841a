//! Journeys over real servers and real mutual TLS.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on fails")]

mod breakdowns;
mod clocks;
mod figures;
mod joining;
mod ledger;
mod noise;
mod outages;
mod renewing;
mod restoring;
mod verifying;
mod watching;
