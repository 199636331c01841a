//! A running aggregator whose clock can be moved on.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use awc::Client;
use awc::http::Method;
use awc::http::header::HeaderMap;
use gradimento_aggregator::clock::SystemClock;
use gradimento_aggregator::config::Config;
use gradimento_aggregator::registry::Agency;
use gradimento_aggregator::serve::{self, Running};
use gradimento_aggregator::vault;
use gradimento_common::clock::Clock;
use gradimento_common::encoding::sha256;
use gradimento_common::problem::MEDIA_TYPE;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tempfile::TempDir;

/// The machine's clock, so many hours on.
#[derive(Default)]
pub struct MovedClock(AtomicI64);

impl Clock for MovedClock {
    fn now(&self) -> Timestamp {
        SystemClock.now() + SignedDuration::from_hours(self.0.load(Ordering::Relaxed))
    }
}

pub struct Office {
    pub running: Running,
    clock: Arc<MovedClock>,
    pub folder: TempDir,
}

/// A reply, whole.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// The slug of the problem document that this must be.
    pub fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), MEDIA_TYPE, "{}", self.text());
        let document = self.json();
        assert_eq!(document["status"], self.status);
        document["type"].as_str().unwrap().trim_start_matches("/problems/").to_owned()
    }
}

pub async fn call(client: &Client, method: Method, url: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Reply {
    let request = headers.iter().fold(client.request(method, url), |request, header| request.insert_header(*header));
    let mut reply = request.send_body(body).await.unwrap();
    let body = reply.body().limit(4 << 20).await.unwrap().to_vec();
    Reply { status: reply.status().as_u16(), headers: reply.headers().clone(), body }
}

impl Office {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "data = {:?}\n[public]\naddress = '127.0.0.1:0'\ntls = false\n[messages]\naddress = '127.0.0.1:0'\n\
             [admin]\naddress = '127.0.0.1:0'",
            folder.path()
        );
        let config = Config::read(&text, []).unwrap();
        let clock = Arc::new(MovedClock::default());
        vault::create(&config.data, &config.survey.ledger, clock.now()).unwrap();
        let running = serve::start(&config, clock.clone()).await.unwrap();
        Self { running, clock, folder }
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn move_on(&self, days: i64) {
        self.clock.0.fetch_add(24 * days, Ordering::Relaxed);
    }

    /// Approves an agency and yields the secret of a join token for it, in hexadecimal.
    pub fn invite(&self, code: &str) -> String {
        let (name, category, territory) = (code.to_owned(), "C16".to_owned(), "IT".to_owned());
        let agency = Agency { code: code.parse().unwrap(), name, category, territory, fiscal_code: None };
        let secret: [u8; 32] = rand::random();
        let expires = (self.now() + SignedDuration::from_hours(72)).as_second();
        self.running.office.store.put_agency(&agency).unwrap();
        self.running.office.store.put_invitation(sha256(&secret), &agency.code, expires).unwrap();
        gradimento_common::encoding::hex(&secret)
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.get_with(path, &[]).await
    }

    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        self.public(Method::GET, path, headers, Vec::new()).await
    }

    pub async fn public(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Reply {
        call(&Client::default(), method, &format!("{}{path}", self.running.public_url), headers, body).await
    }

    pub async fn admin(&self, path: &str) -> Reply {
        call(&Client::default(), Method::GET, &format!("{}{path}", self.running.admin_url), &[], Vec::new()).await
    }
}
