//! The aggregator without its listeners: a request comes in as the wire carries it, and the real stages answer it. What is
//! written here anew is what its handlers do: extract, call once, reply.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gradimento_aggregator::enrolment::{KeyPairRequest, Welcome, enrol};
use gradimento_aggregator::http::HttpProblem;
use gradimento_aggregator::peer::{PeerCertificate, registered};
use gradimento_aggregator::readmission;
use gradimento_aggregator::registry::{Agency, Certificate, StreamState};
use gradimento_aggregator::renewal::{recovery, renewed};
use gradimento_aggregator::store::sqlite::SqliteStore;
use gradimento_aggregator::store::{Accepted, NewKeys, Renewed, Store as _};
use gradimento_aggregator::vault::Vault;
use gradimento_aggregator::verify::{self, Editions};
use gradimento_collector::renewal::{RECOVERIES, RENEWALS};
use gradimento_collector::wire::{Reply, Request};
use gradimento_common::assignment::{Assigned, Assignment};
use gradimento_common::clock::{Clock as _, ManualClock};
use gradimento_common::disclosure::Policy;
use gradimento_common::encoding::{base64url, sha256};
use gradimento_common::enrolment::{CertificateRequests, EnrolmentReply};
use gradimento_common::ids::{AgencyCode, StreamId};
use gradimento_common::jose::{Thumbprint, TokenKind};
use gradimento_common::message::ServiceKind;
use gradimento_common::modi::{CONTENT_TYPE, Presented};
use gradimento_common::problem::ProblemType;
use gradimento_common::receipt::ReceiptReply;
use jiff::Timestamp;
use rand::SeedableRng as _;
use rand::rngs::StdRng;

use crate::disk;
use crate::form;

/// The `aud` of every token.
pub const AUDIENCE: &str = "https://aggregator.example";

/// One aggregator; what a restart keeps, and what it does not.
pub struct Aggregator {
    /// Its database, which a crash replaces by what it left on the disk.
    pub store: SqliteStore,
    /// Where that is.
    pub database: PathBuf,
    /// Its keys.
    pub vault: Arc<Vault>,
    /// Its clock.
    pub clock: Arc<ManualClock>,
    /// Under which it took batches; the last is in force.
    policies: Vec<Policy>,
    /// When it was restored last.
    pub restored: Option<Timestamp>,
    /// What may be answered.
    pub editions: Editions,
    rng: RefCell<StdRng>,
}

impl Aggregator {
    /// An aggregator on this database.
    pub fn open(database: PathBuf, vault: Arc<Vault>, clock: Arc<ManualClock>, seed: u64) -> Self {
        let store = SqliteStore::open(&database).unwrap();
        let rng = RefCell::new(StdRng::seed_from_u64(seed));
        let mut new =
            Self { store, database, vault, clock, policies: Vec::new(), restored: None, editions: Editions::new(), rng };
        new.adopt(5, 1);
        new.publish(1);
        new
    }

    /// Goes on with another database file, as after a crash or a restore: what is not in it, and not in the configuration, is gone.
    pub fn start_again_with(&mut self, database: PathBuf) {
        self.store = SqliteStore::open(&database).unwrap();
        self.database = database;
        // Whoever restores a backup publishes again what has been published since, and tells of policies: they are not only there.
        (1..=self.newest()).for_each(|version| self.publish(version));
        for policy in &self.policies {
            self.store.remember_policy(*policy).unwrap();
        }
    }

    /// The policy in force.
    pub fn policy(&self) -> Policy {
        *self.policies.last().unwrap()
    }

    /// Puts another policy in force.
    pub fn adopt(&mut self, k: u32, r: u32) {
        let version = self.policies.last().map_or(1, |policy| policy.version() + 1);
        let policy = Policy::new(version, k, r).unwrap();
        assert_eq!(self.store.remember_policy(policy).unwrap(), policy);
        self.policies.push(policy);
    }

    /// The newest version of the questionnaire.
    pub fn newest(&self) -> u32 {
        self.editions.keys().map(|edition| edition.version).max().unwrap_or_default()
    }

    /// Publishes a version, unless it is published already.
    pub fn publish(&mut self, version: u32) {
        let (document, questionnaire) = form::version(version);
        let edition = questionnaire.edition();
        if self.store.questionnaires().unwrap().iter().all(|(known, _)| *known != edition) {
            let token = self.vault.signer.sign_bytes(TokenKind::Questionnaire, document.as_bytes()).unwrap();
            self.store.put_questionnaire(&edition, &token).unwrap();
        }
        self.editions.insert(edition, questionnaire);
    }

    /// Approves an agency and gives it certificates for a new stream, as for a join token that it redeems.
    pub fn enlist(&self, code: &str, secret: [u8; 32], requests: &CertificateRequests) -> EnrolmentReply {
        let agency: AgencyCode = code.parse().unwrap();
        let (name, category, territory) = (code.to_owned(), "C16".to_owned(), "IT".to_owned());
        self.store.put_agency(&Agency { code: agency.clone(), name, category, territory, fiscal_code: None }).unwrap();
        let (hash, now) = (sha256(&secret), self.clock.now());
        self.store.put_invitation(hash, &agency, now.as_second() + 3_600).unwrap();
        let keys = KeyPairRequest::parse(requests).unwrap();
        let issue = |agency: &Agency| {
            enrol(&self.vault.authority, &self.welcome(), agency, &keys, now, &mut *self.rng.borrow_mut()).ok()
        };
        serde_json::from_str(&self.store.redeem(hash, keys.binding(), now, &issue).unwrap()).unwrap()
    }

    fn welcome(&self) -> Welcome {
        Welcome {
            messages_url: AUDIENCE.to_owned(),
            audience: AUDIENCE.to_owned(),
            aggregator_seal: self.vault.seal.clone(),
            ledger_key: self.vault.ledger.verifier().to_string(),
        }
    }

    /// Revokes a stream.
    pub fn revoke(&self, stream: StreamId) {
        self.store.set_stream_state(stream, StreamState::Revoked, self.clock.now()).unwrap();
    }

    /// Answers a request of whoever holds this certificate.
    pub fn answer(&self, certificate: &PeerCertificate, request: &Request) -> Reply {
        let now = self.clock.now();
        let answered = match request.path.as_str() {
            "/rest/cx/v1/messages" => self.message(certificate, request, now),
            RENEWALS => self.renewal(certificate, request, now),
            RECOVERIES => self.recovery(request, now),
            path => self.document(certificate, path, request),
        };
        let (status, etag, body) = answered
            .unwrap_or_else(|HttpProblem(problem)| (problem.kind().status(), None, serde_json::to_vec(&problem).unwrap()));
        Reply { status, date: Some(now), retry_after: None, etag, body }
    }

    fn message(&self, certificate: &PeerCertificate, request: &Request, now: Timestamp) -> Answer {
        let peer = registered(&self.store, self.restored, certificate, now)?;
        let remembered = self.store.policies()?;
        let policy =
            |version| Ok(remembered.iter().copied().find(|policy| policy.version() == version).unwrap_or(self.policy()));
        let message = verify::message(presented(request), &peer, AUDIENCE, now, &self.editions, policy, self.seal(request))?;
        let accepted = self.store.accept(&message, now, &|receipt| receipt.sign(&self.vault.signer).ok())?;
        let (status, receipt) = match accepted {
            Accepted::New(receipt) => (201, receipt),
            Accepted::Before(receipt) => (200, receipt),
        };
        Ok((status, None, serde_json::to_vec(&ReceiptReply { receipt }).unwrap()))
    }

    fn renewal(&self, certificate: &PeerCertificate, request: &Request, now: Timestamp) -> Answer {
        let peer = registered(&self.store, self.restored, certificate, now)?;
        let keys = keys(request.body.as_deref().unwrap_or_default())?;
        let issue = |agency: &Agency| self.renewed(agency, peer.stream, &keys, now);
        Ok((201, None, self.store.renew(peer.stream, new_keys(&keys), now, &issue)?.into_bytes()))
    }

    fn recovery(&self, request: &Request, now: Timestamp) -> Answer {
        let recovery = recovery(presented(request), AUDIENCE, now, self.seal(request))?;
        let keys = keys(recovery.proof().body())?;
        let issue = |agency: &Agency| self.renewed(agency, recovery.stream(), &keys, now);
        Ok((201, None, self.store.recover(&recovery, new_keys(&keys), now, &issue)?.into_bytes()))
    }

    fn renewed(&self, agency: &Agency, stream: StreamId, keys: &KeyPairRequest, now: Timestamp) -> Option<Renewed> {
        renewed(&self.vault.authority, agency, stream, keys, now, &mut *self.rng.borrow_mut()).ok()
    }

    fn seal(&self, request: &Request) -> impl FnOnce(Thumbprint) -> Result<Option<Certificate>, HttpProblem> {
        let (root, signature) = (self.vault.authority.root_der(), presented(request).signature);
        move |thumbprint| Ok(readmission::seal(&self.store, self.restored, root, signature, thumbprint)?)
    }

    fn document(&self, certificate: &PeerCertificate, path: &str, request: &Request) -> Answer {
        if path.starts_with("/rest/cx/v1/streams/") {
            return self.stream(certificate, path);
        }
        if let Some((_, version)) = path.rsplit_once('/').filter(|(start, _)| start.contains("/questionnaires/")) {
            let wanted = self.store.questionnaires()?.into_iter().find(|(edition, _)| edition.version.to_string() == version);
            return wanted.map(|(_, token)| (200, None, token.into_bytes())).ok_or_else(|| ProblemType::NotFound.into());
        }
        let document = serde_json::to_vec(&self.assignment(certificate.0.name.agency.clone())).unwrap();
        let etag = format!("W/\"{}\"", base64url(&sha256(&document)));
        if request.headers.iter().any(|(name, value)| *name == "If-None-Match" && *value == etag) {
            return Ok((304, None, Vec::new()));
        }
        let token = self.vault.signer.sign_bytes(TokenKind::Assignment, &document).unwrap();
        Ok((200, Some(etag), token.into_bytes()))
    }

    /// Where the collector's own stream ends, and what has been counted of it.
    fn stream(&self, certificate: &PeerCertificate, path: &str) -> Answer {
        let stream = registered(&self.store, self.restored, certificate, self.clock.now())?.stream;
        let body = if path.ends_with("/head") {
            serde_json::to_vec(&self.store.head(stream)?)
        } else {
            serde_json::to_vec(&self.store.stream_totals(stream)?)
        };
        Ok((200, None, body.unwrap()))
    }

    fn assignment(&self, agency: AgencyCode) -> Assignment {
        let edition = self.editions.keys().max_by_key(|edition| edition.version).unwrap().clone();
        Assignment {
            agency,
            policy: self.policy(),
            seal_interval_seconds: 3_600,
            heartbeat_interval_seconds: 24 * 3_600,
            questionnaires: vec![Assigned { service_type: ServiceKind::Transaction, edition }],
        }
    }
}

type Answer = Result<(u16, Option<String>, Vec<u8>), HttpProblem>;

fn presented(request: &Request) -> Presented<'_> {
    let header = |name: &str| request.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
    Presented {
        authorization: header("Authorization"),
        digest: header("Digest"),
        signature: header("Agid-JWT-Signature"),
        content_type: Some(CONTENT_TYPE),
        content_encoding: None,
        body: request.body.as_deref().unwrap_or_default(),
    }
}

fn keys(body: &[u8]) -> Result<KeyPairRequest, HttpProblem> {
    let requests = serde_json::from_slice(body).map_err(|_| ProblemType::BodyMalformed)?;
    KeyPairRequest::parse(&requests).map_err(|_| ProblemType::CertificateRequestInvalid.into())
}

fn new_keys(keys: &KeyPairRequest) -> NewKeys<'_> {
    NewKeys { binding: keys.binding(), seal_point: keys.seal_point() }
}

/// A copy of the database as it stands.
pub fn image(aggregator: &Aggregator, folder: &Path) -> PathBuf {
    let path = disk::fresh_path(folder, "aggregator");
    disk::copy(&aggregator.database, &path);
    path
}
