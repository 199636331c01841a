//! The ledger on a real database file: once, in order, or refused with nothing changed. One contract for every adapter.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on fails")]

mod breakdowns;
mod contract;
mod epochs;
mod renewals;
mod sender;
