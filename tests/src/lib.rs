//! The harness: an aggregator and collectors as real servers on loopback, with real certificates, real TLS between them and
//! real database files.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex};

use actix_web::web;
use gradimento_aggregator::clock::SystemClock;
use gradimento_aggregator::config::Config;
use gradimento_aggregator::http::Office;
use gradimento_aggregator::registry::Agency;
use gradimento_aggregator::serve::{self, Running};
use gradimento_aggregator::vault;
use gradimento_collector::enrolment::{Keys, join};
use gradimento_collector::http::{Desk, serve};
use gradimento_collector::intake::tokens::TokenKey;
use gradimento_collector::push::{Courier, Step};
use gradimento_collector::seal::{Sealed, step};
use gradimento_collector::store::Store;
use gradimento_collector::store::outbox::Origin;
use gradimento_collector::survey::{Survey, Surveyed};
use gradimento_collector::tls::messages_config;
use gradimento_common::clock::Clock;
use gradimento_common::disclosure::Policy;
use gradimento_common::encoding::{from_base64, sha256};
use gradimento_common::enrolment::JoinToken;
use gradimento_common::ids::StreamId;
use gradimento_common::jose::{SealKey, Signer};
use gradimento_common::message::{Service, ServiceKind};
use gradimento_common::questionnaire::{Questionnaire, SHIPPED};
use jiff::{SignedDuration, Timestamp};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rustls_pki_types::PrivatePkcs8KeyDer;
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
    _folder: TempDir,
}

/// A running collector of one agency with the service `prova`.
pub struct Collector {
    /// Its stream.
    pub stream: StreamId,
    /// What sends its messages.
    pub courier: Courier,
    /// What its handlers share.
    pub desk: web::Data<Desk>,
    /// Its database file.
    pub database: PathBuf,
    origin: Origin,
    client: awc::Client,
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

/// The national core.
pub fn national_core() -> Arc<Questionnaire> {
    Arc::new(serde_json::from_str(SHIPPED[1]).unwrap())
}

impl Aggregator {
    /// Sets an aggregator up in a folder of its own and starts its listeners on free ports.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "data = {:?}\n[public]\naddress = '127.0.0.1:0'\ntls = false\n[messages]\naddress = '127.0.0.1:0'",
            folder.path()
        );
        let config = Config::read(&text, []).unwrap();
        vault::create(&config.data, &config.survey.ledger, SystemClock.now()).unwrap();
        let running = serve::start(&config, Arc::new(SystemClock)).unwrap();
        Self { office: running.office.clone(), public: running.public_url.clone(), running, _folder: folder }
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

    /// Has an agency join and starts its collector, whose clock is off by `skew`.
    pub async fn collector(&self, code: &str, n: u8, skew: SignedDuration) -> Collector {
        let token = self.invite(code, [n; 32], 72);
        let member = join(&token, Keys::generate().unwrap(), &awc::Client::default()).await.unwrap();
        let reply = &member.reply;
        let chain = |chain: &[String]| chain.iter().map(|der| from_base64(der).unwrap()).collect::<Vec<_>>();
        let key = PrivatePkcs8KeyDer::from(member.keys.tls_pkcs8());
        let config = messages_config(&member.root, &chain(&reply.certificates.tls), &key).unwrap();
        let client = awc::Client::builder().connector(awc::Connector::new().rustls_0_23(Arc::new(config))).finish();
        let clock: Arc<dyn Clock> = Arc::new(SkewedClock(skew));
        let seal = SealKey::from_pkcs8(&member.keys.seal_pkcs8()).unwrap();
        let courier = Courier {
            url: format!("{}/rest/cx/v1/messages", reply.messages_url),
            audience: reply.audience.clone(),
            stream: reply.stream,
            epoch: 1,
            signer: Signer::new(seal, &chain(&reply.certificates.seal)).unwrap(),
            aggregator: member.aggregator_key().unwrap(),
            clock: Arc::clone(&clock),
            server_ahead: AtomicI64::new(0),
        };
        let origin = Origin { agency: code.parse().unwrap(), stream: reply.stream, epoch: 1 };
        Collector::start(courier, client, origin, clock)
    }
}

impl Collector {
    fn start(courier: Courier, client: awc::Client, origin: Origin, clock: Arc<dyn Clock>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("collector.sqlite");
        let service = Service { id: "prova".parse().unwrap(), name: "Prova".into(), kind: ServiceKind::Transaction };
        let desk = web::Data::new(Desk {
            store: Store::open(&database).unwrap(),
            survey: Survey::new([Surveyed { service, questionnaire: Some(national_core()) }]),
            tokens: TokenKey::new(&[7; 32]),
            clock,
            rng: Mutex::new(StdRng::seed_from_u64(1)),
            agency_name: "Ente di prova".into(),
        });
        let (server, public) = serve(desk.clone(), "127.0.0.1:0".parse().unwrap(), 1).unwrap();
        actix_web::rt::spawn(server);
        let (stream, public) = (courier.stream, public[0]);
        Self { stream, courier, desk, database, origin, client, public, sent: 0, _folder: folder }
    }

    /// `n` citizens give `stars` stars each.
    pub async fn answers(&mut self, n: u64, stars: u8) {
        for _ in 0..n {
            self.sent += 1;
            let body = json!({"questionnaire": "national-core", "version": 1, "answers": {"overall": stars}});
            let url = format!("http://{}/rest/cx/v1/services/prova/responses", self.public);
            let key = format!("{:032x}", u128::from(self.sent).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835));
            let request = awc::Client::default().post(url).insert_header(("Idempotency-Key", key));
            assert_eq!(request.send_json(&body).await.unwrap().status().as_u16(), 201);
        }
    }

    /// One seal boundary.
    pub async fn seal(&self) -> Sealed {
        let (origin, now, policy) = (self.origin.clone(), self.desk.clock.now(), Policy::new(1, 10, 2).unwrap());
        let editions = BTreeMap::from([(national_core().edition(), national_core())]);
        let work = move |tx: &rusqlite::Transaction<'_>| step(tx, &origin, &editions, policy, now, &mut rand::rng());
        self.desk.store.write(work).await.unwrap()
    }

    /// One step of the courier, over a connection that stays open.
    pub async fn push(&self) -> Step {
        self.courier.step(&self.client, &self.desk.store, &mut rand::rng()).await.unwrap()
    }
}
