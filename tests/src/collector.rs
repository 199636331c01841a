//! A collector that seals and sends when it is told to.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::web;
use gradimento_collector::backup::backup;
use gradimento_collector::cli::{enlist, init};
use gradimento_collector::config::Config;
use gradimento_collector::correspondent::Correspondent;
use gradimento_collector::http::{Desk, serve};
use gradimento_collector::installation::{Installation, database};
use gradimento_collector::push::Step;
use gradimento_collector::restore::restore;
use gradimento_collector::seal::Sealed;
use gradimento_collector::sealer::Sealer;
use gradimento_collector::store::open_reader;
use gradimento_common::enrolment::JoinToken;
use gradimento_common::ids::StreamId;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::SkewedClock;

/// Numbers of answers, so that no two collectors of a test send the same one.
static ANSWERS: AtomicU64 = AtomicU64::new(0);

/// A running collector of one agency with the services `prova` and `altra`.
pub struct Collector {
    /// Its stream.
    pub stream: StreamId,
    /// What speaks to the aggregator.
    pub correspondent: Correspondent,
    /// What seals.
    pub sealer: Sealer,
    /// What its handlers share.
    pub desk: web::Data<Desk>,
    /// Its configuration.
    pub config: Config,
    /// Its clock.
    pub clock: SkewedClock,
    public: SocketAddr,
    _folder: TempDir,
}

impl Collector {
    /// Sets a collector up, has it join and starts its public listener.
    pub async fn join(token: &JoinToken, clock: SkewedClock) -> Self {
        let (folder, config) = machine();
        init(&config).unwrap();
        enlist(&config, token).await.unwrap();
        Self::open(folder, config, clock)
    }

    /// Puts a backup in place on a new machine, and starts there.
    pub fn restored(backup: &Path, clock: SkewedClock) -> Self {
        let (folder, config) = machine();
        restore(backup, &config.data, false).unwrap();
        Self::open(folder, config, clock)
    }

    fn open(folder: TempDir, config: Config, clock: SkewedClock) -> Self {
        let Installation { desk, sealer, correspondent } = Installation::open(&config, Arc::new(clock.clone())).unwrap();
        let (server, public) = serve(desk.clone(), "127.0.0.1:0".parse().unwrap(), 1).unwrap();
        actix_web::rt::spawn(server);
        let (stream, public) = (correspondent.stream(), public[0]);
        Self { stream, correspondent, sealer, desk, config, clock, public, _folder: folder }
    }

    /// Ends what seals and what speaks, wherever they are, and starts them on whatever the folder holds.
    pub fn restart(&mut self) {
        let Installation { desk, sealer, correspondent } = self.reopen();
        (self.desk, self.sealer, self.correspondent) = (desk, sealer, correspondent);
    }

    /// A backup, taken now.
    pub fn backup(&self) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        backup(&self.config.data, &folder.path().join("backup")).unwrap();
        folder
    }

    /// What a query for one number finds in its database.
    pub fn number(&self, sql: &str) -> u64 {
        number(&self.database(), sql)
    }

    /// What a new start of this installation would work with.
    pub fn reopen(&self) -> Installation {
        Installation::open(&self.config, Arc::new(self.clock.clone())).unwrap()
    }

    /// Its database file.
    pub fn database(&self) -> PathBuf {
        database(&self.config.data)
    }

    /// Its public address, without a path.
    pub fn url(&self) -> String {
        format!("http://{}", self.public)
    }

    /// `n` citizens give `stars` stars each to `prova`.
    pub async fn answers(&mut self, n: u64, stars: u8) {
        self.answers_about("prova", n, stars).await;
    }

    /// `n` citizens give `stars` stars each to a service.
    pub async fn answers_about(&self, service: &str, n: u64, stars: u8) {
        for _ in 0..n {
            let response = json!({"questionnaire": "national-core", "version": 1, "answers": {"overall": stars}});
            assert_eq!(self.answer_about(service, &response).await, 201);
        }
    }

    /// One citizen sends a response to `prova`; yields the status.
    pub async fn answer(&mut self, response: &Value) -> u16 {
        self.answer_about("prova", response).await
    }

    /// One citizen sends a response to a service; yields the status.
    pub async fn answer_about(&self, service: &str, response: &Value) -> u16 {
        let n = ANSWERS.fetch_add(1, Ordering::SeqCst) + 1;
        let key = format!("{:032x}", u128::from(n).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835));
        let url = format!("{}/rest/cx/v1/services/{service}/responses", self.url());
        let request = awc::Client::default().post(url).insert_header(("Idempotency-Key", key));
        request.send_json(response).await.unwrap().status().as_u16()
    }

    /// One seal boundary.
    pub async fn seal(&self) -> Sealed {
        self.sealer.step().await.unwrap()
    }

    /// One step of the courier, over a connection that stays open.
    pub async fn push(&mut self) -> Step {
        self.correspondent.push().await.unwrap()
    }
}

/// A folder for the data of a collector, and the configuration that names it.
fn machine() -> (TempDir, Config) {
    let folder = tempfile::tempdir().unwrap();
    let service = |id: &str| format!("[[services]]\nid = '{id}'\nname = '{id}'\ntype = 'transaction'\n");
    let text = format!(
        "data = {:?}\n[agency]\nname = 'Ente di prova'\n{}{}",
        folder.path().join("data"),
        service("prova"),
        service("altra")
    );
    (folder, Config::read(&text, []).unwrap())
}

/// What a query for one number finds in a database file.
pub fn number(database: &Path, sql: &str) -> u64 {
    open_reader(database).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
}
