//! Where every history begins: an aggregator and one collector of each agency, joined a moment ago. Made once, for keys and
//! certificates cost more than all that a history does with them.

use std::path::PathBuf;
use std::sync::Arc;

use gradimento_aggregator::vault::{self, Vault};
use gradimento_collector::installation;
use gradimento_collector::store::Store;
use gradimento_common::clock::ManualClock;
use jiff::Timestamp;
use tempfile::TempDir;

use crate::aggregator::Aggregator;
use crate::collector;
use crate::disk;
use crate::op::AGENCIES;

const LEDGER: &str = "aggregator.example/ledger";

/// The agency of this number.
pub fn agency(n: u8) -> String {
    format!("ente_{n}")
}

/// The beginning.
pub struct Template {
    /// The aggregator's keys.
    pub vault: Arc<Vault>,
    folder: TempDir,
}

impl Template {
    /// When histories begin: ten days before a month ends, so that most of them see one end.
    pub fn start() -> Timestamp {
        "2026-11-20T08:00:00Z".parse().unwrap()
    }

    /// Sets everything up.
    pub fn make() -> Self {
        let folder = disk::fresh_folder();
        let vault = Arc::new(vault::create(&folder.path().join("vault"), LEDGER, Self::start()).unwrap());
        let new = Self { vault, folder };
        let clock = Arc::new(ManualClock::at(Self::start()));
        let aggregator = Aggregator::open(new.aggregator(), new.vault.clone(), clock, 0);
        for n in 0..AGENCIES {
            let folder = new.collector(n);
            collector::enlist(&aggregator, &agency(n), [n; 32], &folder);
            // The tables are made here, once.
            drop(Store::open(&installation::database(&folder)).unwrap());
            disk::await_closed(&installation::database(&folder));
        }
        new
    }

    /// The aggregator's database.
    pub fn aggregator(&self) -> PathBuf {
        self.folder.path().join("aggregator.sqlite")
    }

    /// The folder of an agency's collector.
    pub fn collector(&self, n: u8) -> PathBuf {
        self.folder.path().join(agency(n))
    }
}
