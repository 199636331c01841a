//! An aggregator that can be stopped and started again at the same addresses, on the same folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use gradimento_aggregator::config::Config;
use gradimento_aggregator::http::Office;
use gradimento_aggregator::registry::Agency;
use gradimento_aggregator::serve::{self, Running};
use gradimento_aggregator::vault;
use gradimento_collector::push::Step;
use gradimento_common::clock::Clock as _;
use gradimento_common::encoding::sha256;
use gradimento_common::enrolment::JoinToken;
use jiff::SignedDuration;
use serde_json::Value;
use tempfile::TempDir;

use crate::{Collector, SkewedClock, free_address};

/// A running aggregator.
pub struct Aggregator {
    /// Its public address, without a path.
    pub public: String,
    /// Its clock.
    pub clock: SkewedClock,
    running: Option<Running>,
    config: Config,
    _folder: TempDir,
}

impl Aggregator {
    /// Sets an aggregator up in a folder of its own and starts its listeners.
    pub async fn start() -> Self {
        Self::start_with("tls = false").await
    }

    /// The same, with a public listener that speaks TLS.
    pub async fn start_over_tls() -> Self {
        Self::start_with("tls = true").await
    }

    async fn start_with(tls: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let [public, messages, admin] = [free_address(), free_address(), free_address()];
        let text = format!(
            "data = {:?}\n[public]\naddress = '{public}'\n{tls}\n[messages]\naddress = '{messages}'\n\
             [admin]\naddress = '{admin}'",
            folder.path()
        );
        let (config, clock) = (Config::read(&text, []).unwrap(), SkewedClock::default());
        vault::create(&config.data, &config.survey.ledger, clock.now()).unwrap();
        let running = serve::start(&config, Arc::new(clock.clone())).await.unwrap();
        let public = running.public_url.clone();
        Self { public, clock, running: Some(running), config, _folder: folder }
    }

    /// Stops all listeners; connections end.
    pub async fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
    }

    /// Starts again, on whatever the folder holds by now.
    pub async fn start_again(&mut self) {
        self.stop().await;
        self.running = Some(serve::start(&self.config, Arc::new(self.clock.clone())).await.unwrap());
    }

    /// Puts a copy of the database in place, as the operator does, and starts again.
    pub async fn restore(&mut self, copy: &Path) {
        self.stop().await;
        vault::restore(&self.config.data, copy, self.clock.now()).unwrap();
        self.start_again().await;
    }

    /// What its handlers share.
    pub fn office(&self) -> &Office {
        &self.running.as_ref().unwrap().office
    }

    /// Its database file.
    pub fn database(&self) -> PathBuf {
        vault::database(&self.config.data)
    }

    /// Approves an agency and makes its join token, good for `hours`.
    pub fn invite(&self, code: &str, secret: [u8; 32], hours: i64) -> JoinToken {
        let (name, category, territory) = (code.to_owned(), "C16".to_owned(), "IT".to_owned());
        let store = &self.office().store;
        store.put_agency(&Agency { code: code.parse().unwrap(), name, category, territory, fiscal_code: None }).unwrap();
        let expires = (self.clock.now() + SignedDuration::from_hours(hours)).as_second();
        store.put_invitation(sha256(&secret), &code.parse().unwrap(), expires).unwrap();
        let (url, root) = (self.public.clone(), self.office().authority.root_fingerprint());
        JoinToken { url, agency: code.parse().unwrap(), root, secret }
    }

    /// What `/rest/cx/v1/indicators` answers to a query.
    pub async fn indicators(&self, query: &str) -> Vec<Value> {
        let url = format!("{}/rest/cx/v1/indicators?{query}", self.public);
        let body = awc::Client::default().get(url).send().await.unwrap().body().await.unwrap();
        serde_json::from_slice::<Value>(&body).unwrap()["items"].as_array().unwrap().clone()
    }

    /// How many people are in the national figures.
    pub async fn national(&self) -> u64 {
        self.indicators("level=country").await.iter().map(|item| item["responses"].as_u64().unwrap()).sum()
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
        Collector::join(&self.invite(code, [n; 32], 72), SkewedClock::off_by(skew)).await
    }
}
