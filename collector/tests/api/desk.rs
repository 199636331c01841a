//! A collector with one service of the national core, one on a municipal site, and one that has no questionnaire yet.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use actix_web::web;
use awc::SendClientRequest;
use gradimento_collector::bearer::Bearer;
use gradimento_collector::config::Notices;
use gradimento_collector::gate::{Gate, Rates};
use gradimento_collector::http::{Desk, admin, serve};
use gradimento_collector::intake::tickets::TICKET_DAYS_MAX;
use gradimento_collector::intake::tokens::TokenKey;
use gradimento_collector::metrics::Metrics;
use gradimento_collector::mint::Mint;
use gradimento_collector::store::{Store, open_reader};
use gradimento_collector::survey::{Survey, Surveyed};
use gradimento_common::calendar::Day;
use gradimento_common::clock::{Clock, ManualClock};
use gradimento_common::ids::ServiceId;
use gradimento_common::message::{Service, ServiceKind};
use gradimento_common::questionnaire::{Questionnaire, SHIPPED};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use tempfile::TempDir;

/// The origin of the pages on which the component of the service `sito` may stand.
pub const SITE: &str = "https://www.comune.example.it";
/// What the back ends of the agency show.
pub const SECRET: &str = "a-secret-for-this-test-only";
pub const NOW: &str = "2026-11-24T10:00:00Z";

pub struct Collector {
    pub desk: web::Data<Desk>,
    pub clock: Arc<ManualClock>,
    pub database: PathBuf,
    address: SocketAddr,
    admin: SocketAddr,
    _folder: TempDir,
}

pub struct Reply {
    pub status: u16,
    pub headers: awc::http::header::HeaderMap,
    pub body: String,
}

impl Reply {
    /// The reply to a request, which carries what every reply carries, whatever was asked and however it went.
    pub async fn to(request: SendClientRequest) -> Self {
        let mut reply = request.await.unwrap();
        let body = reply.body().limit(1_000_000).await.unwrap();
        let (status, headers) = (reply.status().as_u16(), reply.headers().clone());
        let reply = Self { status, headers, body: String::from_utf8_lossy(&body).into_owned() };
        let policy = reply.header("Content-Security-Policy");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{status}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("  "), "{policy}");
        assert_eq!([reply.header("X-Content-Type-Options"), reply.header("Referrer-Policy")], ["nosniff", "no-referrer"]);
        assert_eq!([reply.header("Cache-Control").is_empty(), reply.headers.contains_key("Set-Cookie")], [false, false]);
        reply
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }

    /// Status and problem type, or an empty type.
    pub fn problem(&self) -> (u16, String) {
        (self.status, self.json()["type"].as_str().unwrap_or_default().replace("/problems/", ""))
    }
}

pub fn national_core() -> Arc<Questionnaire> {
    Arc::new(serde_json::from_str(SHIPPED[1]).unwrap())
}

/// A questionnaire with a question of every kind.
pub fn every_kind() -> Arc<Questionnaire> {
    Arc::new(serde_json::from_str(include_str!("../../examples/every-kind.json")).unwrap())
}

pub fn designers_italia() -> Arc<Questionnaire> {
    Arc::new(serde_json::from_str(SHIPPED[0]).unwrap())
}

pub fn key(n: u64) -> String {
    format!("{:032x}", u128::from(n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835))
}

impl Collector {
    pub fn start() -> Self {
        Self::start_behind(Gate::new([]), Some("urp@ente.example".into()), Notices::default())
    }

    /// A collector of an agency that declares this, and gives no contact.
    pub fn start_declaring(notices: Notices) -> Self {
        Self::start_behind(Gate::new([]), None, notices)
    }

    /// A collector of which the service `prova` takes this many open answers in a minute.
    pub fn start_with_budget(per_minute: u32) -> Self {
        let rates = Rates { usual_per_minute: per_minute, budget_per_minute: per_minute };
        let gate = Gate::new([("prova".parse().unwrap(), rates)]);
        Self::start_behind(gate, Some("urp@ente.example".into()), Notices::default())
    }

    fn start_behind(gate: Gate, contact: Option<String>, notices: Notices) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("collector.sqlite");
        let clock = Arc::new(ManualClock::at(NOW.parse().unwrap()));
        let service = |id: &str| Service {
            id: id.parse().unwrap(),
            name: "Prova".into(),
            kind: ServiceKind::Transaction,
            sensitive: false,
        };
        let desk = web::Data::new(Desk {
            store: Store::open(&database).unwrap(),
            survey: Survey::new([
                Surveyed { service: service("prova"), questionnaire: Some(national_core()), origins: Vec::new() },
                Surveyed {
                    service: service("sito"),
                    questionnaire: Some(designers_italia()),
                    origins: vec![SITE.parse().unwrap()],
                },
                Surveyed { service: service("nuovo"), questionnaire: None, origins: Vec::new() },
                Surveyed { service: service("tutto"), questionnaire: Some(every_kind()), origins: Vec::new() },
            ]),
            tokens: TokenKey::new(&[7; 32]),
            mint: Some(Mint::new(folder.path())),
            gate,
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            rng: Mutex::new(StdRng::seed_from_u64(1)),
            agency_name: "Ente di prova".into(),
            contact,
            notices,
            public_url: None,
            metrics: Metrics::default(),
        });
        let (server, addresses) = serve(desk.clone(), "127.0.0.1:0".parse().unwrap(), 1).unwrap();
        actix_web::rt::spawn(server);
        let (server, admin) = admin::serve(desk.clone(), Bearer::new(SECRET), "127.0.0.1:0".parse().unwrap()).unwrap();
        actix_web::rt::spawn(server);
        Self { desk, clock, database, address: addresses[0], admin: admin[0], _folder: folder }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub async fn get(&self, path: &str) -> Reply {
        Reply::to(awc::Client::default().get(self.url(path)).send()).await
    }

    pub async fn get_in(&self, language: &str, path: &str) -> Reply {
        Reply::to(awc::Client::default().get(self.url(path)).insert_header(("Accept-Language", language)).send()).await
    }

    /// As a browser asks for a page that somebody wants to see.
    pub async fn browse(&self, path: &str) -> Reply {
        let accept = ("Accept", "text/html,application/xhtml+xml,*/*;q=0.8");
        Reply::to(awc::Client::default().get(self.url(path)).insert_header(accept).send()).await
    }

    pub async fn post(&self, path: &str, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Reply {
        Self::post_to(self.url(path), headers, body).await
    }

    /// Posts JSON to the admin listener, as the agency's back end.
    pub async fn back_end(&self, path: &str, secret: &str, body: Value) -> Reply {
        let authorization = format!("Bearer {secret}");
        let headers = [("Content-Type", "application/json"), ("Authorization", &*authorization)];
        Self::post_to(format!("http://{}{path}", self.admin), &headers, body.to_string()).await
    }

    pub fn admin_url(&self) -> String {
        format!("http://{}", self.admin)
    }

    pub async fn metrics(&self) -> String {
        Reply::to(awc::Client::default().get(format!("http://{}/metrics", self.admin)).send()).await.body
    }

    async fn post_to(url: String, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Reply {
        let mut request = awc::Client::default().post(url);
        for (name, value) in headers {
            request = request.insert_header((*name, *value));
        }
        Reply::to(request.send_body(body.into())).await
    }

    /// Sends a response under the `n`th idempotency key.
    pub async fn answer(&self, n: u64, response: Value) -> Reply {
        let headers = [("Content-Type", "application/json"), ("Idempotency-Key", &*key(n))];
        self.post("/rest/cx/v1/services/prova/responses", &headers, response.to_string()).await
    }

    pub fn count(&self, table: &str) -> u64 {
        let sql = format!("SELECT COUNT(*) FROM {table}");
        open_reader(&self.database).unwrap().query_row(&sql, [], |row| row.get(0)).unwrap()
    }

    pub fn sum(&self, table: &str) -> u64 {
        let sql = format!("SELECT COALESCE(SUM(n), 0) FROM {table}");
        open_reader(&self.database).unwrap().query_row(&sql, [], |row| row.get(0)).unwrap()
    }

    pub fn tally(&self, question: &str, option: &str) -> u64 {
        let sql = "SELECT COALESCE(SUM(n), 0) FROM tally WHERE question = ?1 AND option = ?2";
        open_reader(&self.database).unwrap().query_row(sql, [question, option], |row| row.get(0)).unwrap()
    }

    /// What its clock says.
    pub fn now(&self) -> jiff::Timestamp {
        self.clock.now()
    }

    /// The last day of a ticket that is issued today.
    pub fn last_day(&self) -> Day {
        Day::of(self.clock.now()).later_by(TICKET_DAYS_MAX)
    }

    pub fn service(&self) -> ServiceId {
        "prova".parse().unwrap()
    }
}

pub fn stars(n: u64) -> Value {
    response(json!({"overall": n}))
}

pub fn response(answers: Value) -> Value {
    json!({"questionnaire": "national-core", "version": 1, "answers": answers})
}
