//! The harness: an aggregator and collectors as real servers on loopback, with real certificates, real TLS between them and
//! real database files. Sealing and sending happen when a test says so.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use actix_web::web;
use gradimento_aggregator::clock::SystemClock;
use gradimento_aggregator::config::Config as AggregatorConfig;
use gradimento_aggregator::http::Office;
use gradimento_aggregator::registry::Agency;
use gradimento_aggregator::serve::{self, Running};
use gradimento_aggregator::vault;
use gradimento_collector::cli::{enlist, init};
use gradimento_collector::config::Config;
use gradimento_collector::correspondent::Correspondent;
use gradimento_collector::http::{Desk, serve};
use gradimento_collector::installation::{Installation, database};
use gradimento_collector::push::Step;
use gradimento_collector::seal::Sealed;
use gradimento_collector::sealer::Sealer;
use gradimento_common::clock::Clock;
use gradimento_common::encoding::sha256;
use gradimento_common::enrolment::JoinToken;
use gradimento_common::ids::StreamId;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A running aggregator.
pub struct Aggregator {
    /// What its handlers share.
    pub office: web::Data<Office>,
    /// Its public address, without a path.
    pub public: String,
    /// The servers.
    pub running: Running,
    folder: TempDir,
}

/// A running collector of one agency with the service `prova`.
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
    public: SocketAddr,
    sent: u64,
    _folder: TempDir,
}

/// The machine's clock, off by so much.
pub struct SkewedClock(pub SignedDuration);

impl Clock for SkewedClock {
    fn now(&self) -> Timestamp {
        SystemClock.now() + self.0
    }
}

impl Aggregator {
    /// Sets an aggregator up in a folder of its own and starts its listeners on free ports.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "data = {:?}\n[public]\naddress = '127.0.0.1:0'\ntls = false\n[messages]\naddress = '127.0.0.1:0'\n\
             [admin]\naddress = '127.0.0.1:0'",
            folder.path()
        );
        let config = AggregatorConfig::read(&text, []).unwrap();
        vault::create(&config.data, &config.survey.ledger, SystemClock.now()).unwrap();
        let running = serve::start(&config, Arc::new(SystemClock)).await.unwrap();
        Self { office: running.office.clone(), public: running.public_url.clone(), running, folder }
    }

    /// Where its root certificate is.
    pub fn root_certificate(&self) -> PathBuf {
        self.folder.path().join("root.pem")
    }

    /// Its database file.
    pub fn database(&self) -> PathBuf {
        vault::database(self.folder.path())
    }

    /// Approves an agency and makes its join token, good for `hours`.
    pub fn invite(&self, code: &str, secret: [u8; 32], hours: i64) -> JoinToken {
        let (name, category, territory) = (code.to_owned(), "C16".to_owned(), "IT".to_owned());
        let store = &self.office.store;
        store.put_agency(&Agency { code: code.parse().unwrap(), name, category, territory, fiscal_code: None }).unwrap();
        let expires = (SystemClock.now() + SignedDuration::from_hours(hours)).as_second();
        store.put_invitation(sha256(&secret), &code.parse().unwrap(), expires).unwrap();
        let (url, root) = (self.public.clone(), self.office.authority.root_fingerprint());
        JoinToken { url, agency: code.parse().unwrap(), root, secret }
    }

    /// What `/rest/cx/v1/indicators` answers to a query.
    pub async fn indicators(&self, query: &str) -> Vec<Value> {
        let url = format!("{}/rest/cx/v1/indicators?{query}", self.public);
        let body = awc::Client::default().get(url).send().await.unwrap().body().await.unwrap();
        serde_json::from_slice::<Value>(&body).unwrap()["items"].as_array().unwrap().clone()
    }

    /// Has an agency join and starts its collector, whose clock is off by `skew`; it knows what to ask and has announced its
    /// services.
    pub async fn collector(&self, code: &str, n: u8, skew: SignedDuration) -> Collector {
        let mut collector = self.silent_collector(code, n, skew).await;
        assert!(collector.correspondent.pull().await.unwrap());
        assert!(collector.correspondent.speak().await.unwrap());
        if collector.push().await == Step::ClockCorrected {
            assert_eq!(collector.push().await, Step::Delivered);
        }
        collector
    }

    /// Has an agency join and starts its collector, which has not said or asked anything yet.
    pub async fn silent_collector(&self, code: &str, n: u8, skew: SignedDuration) -> Collector {
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "data = {:?}\n[agency]\nname = 'Ente di prova'\n[[services]]\nid = 'prova'\nname = 'Prova'\ntype = 'transaction'",
            folder.path()
        );
        let config = Config::read(&text, []).unwrap();
        init(&config).unwrap();
        enlist(&config, &self.invite(code, [n; 32], 72)).await.unwrap();
        Collector::open(config, Arc::new(SkewedClock(skew)), folder)
    }
}

impl Collector {
    fn open(config: Config, clock: Arc<dyn Clock>, folder: TempDir) -> Self {
        let Installation { desk, sealer, correspondent } = Installation::open(&config, clock).unwrap();
        let (server, public) = serve(desk.clone(), "127.0.0.1:0".parse().unwrap(), 1).unwrap();
        actix_web::rt::spawn(server);
        let (stream, public) = (correspondent.stream(), public[0]);
        Self { stream, correspondent, sealer, desk, config, public, sent: 0, _folder: folder }
    }

    /// Its database file.
    pub fn database(&self) -> PathBuf {
        database(&self.config.data)
    }

    /// Its public address, without a path.
    pub fn url(&self) -> String {
        format!("http://{}", self.public)
    }

    /// `n` citizens give `stars` stars each.
    pub async fn answers(&mut self, n: u64, stars: u8) {
        for _ in 0..n {
            let response = json!({"questionnaire": "national-core", "version": 1, "answers": {"overall": stars}});
            assert_eq!(self.answer(&response).await, 201);
        }
    }

    /// One citizen sends a response; yields the status.
    pub async fn answer(&mut self, response: &Value) -> u16 {
        self.sent += 1;
        let key = format!("{:032x}", u128::from(self.sent).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835));
        let url = format!("{}/rest/cx/v1/services/prova/responses", self.url());
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
