//! A collector that seals and sends when it is told to.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use actix_web::web;
use gradimento_collector::cli::{enlist, init};
use gradimento_collector::config::Config;
use gradimento_collector::correspondent::Correspondent;
use gradimento_collector::http::{Desk, serve};
use gradimento_collector::installation::{Installation, database};
use gradimento_collector::push::Step;
use gradimento_collector::seal::Sealed;
use gradimento_collector::sealer::Sealer;
use gradimento_common::enrolment::JoinToken;
use gradimento_common::ids::StreamId;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::SkewedClock;

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
    /// Its clock.
    pub clock: SkewedClock,
    public: SocketAddr,
    sent: u64,
    _folder: TempDir,
}

impl Collector {
    /// Sets a collector up, has it join and starts its public listener.
    pub async fn join(token: &JoinToken, clock: SkewedClock) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "data = {:?}\n[agency]\nname = 'Ente di prova'\n[[services]]\nid = 'prova'\nname = 'Prova'\ntype = 'transaction'",
            folder.path()
        );
        let config = Config::read(&text, []).unwrap();
        init(&config).unwrap();
        enlist(&config, token).await.unwrap();
        let Installation { desk, sealer, correspondent } = Installation::open(&config, Arc::new(clock.clone())).unwrap();
        let (server, public) = serve(desk.clone(), "127.0.0.1:0".parse().unwrap(), 1).unwrap();
        actix_web::rt::spawn(server);
        let (stream, public) = (correspondent.stream(), public[0]);
        Self { stream, correspondent, sealer, desk, config, clock, public, sent: 0, _folder: folder }
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
