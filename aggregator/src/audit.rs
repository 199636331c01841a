//! Anybody's check of everything that is published, from public data alone: signatures, chains, the tree and its tiles, earlier
//! checkpoints, batches, and every figure computed again. `auditor` thinks; `fetch` reads; `command` is what is typed.

mod auditor;
mod command;
mod fault;
mod fetch;
mod figures;
mod noisy;
pub mod published;
mod seals;
mod streams;
mod sums;
mod tree;

pub use auditor::{Auditor, Page, Report};
pub use command::{Arguments, audit, run};
pub use fault::{Fault, Place};
pub use fetch::{AuditError, Library};
pub use seals::Seals;
