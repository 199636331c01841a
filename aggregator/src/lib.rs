//! The aggregator: out of signed summaries alone it makes the national picture, and anybody can check the sum.
//!
//! A message walks through `verify` and the `store`'s ledger, which adds it to the rollups in the same transaction; `publish`
//! makes figures of them.

pub mod audit;
pub mod cli;
pub mod clock;
pub mod config;
pub mod enrolment;
pub mod http;
pub mod metrics;
pub mod peer;
pub mod pki;
pub mod publish;
pub mod readmission;
pub mod registry;
pub mod renewal;
pub mod serve;
pub mod store;
pub mod tls;
pub mod vault;
pub mod verify;
