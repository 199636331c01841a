//! The aggregator's three listeners, as those see them who call: a real server, a real database file, real mutual TLS.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on fails")]

mod breakdowns;
mod description;
mod documents;
mod indicators;
mod listeners;
mod member;
mod metrics;
mod office;
mod renewals;
mod verify;
