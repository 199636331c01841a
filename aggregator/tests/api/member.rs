//! A collector's end of the wire.

use std::sync::Arc;

use awc::http::Method;
use awc::{Client, Connector};
use gradimento_common::batch::{RawBatch, Tally};
use gradimento_common::disclosure::Policy;
use gradimento_common::encoding::{base64, from_base64};
use gradimento_common::enrolment::{CertificateRequests, Certificates, EnrolmentReply, EnrolmentRequest};
use gradimento_common::ids::{Assurance, StreamId};
use gradimento_common::jose::{SealKey, Signer};
use gradimento_common::message::{Heartbeat, Message, Payload, Position, Summary};
use gradimento_common::modi::{BodyDigest, CONTENT_TYPE, sign};
use gradimento_common::questionnaire::{Questionnaire, SHIPPED};
use gradimento_common::response::Answers;
use jiff::Timestamp;
use rcgen::{CertificateParams, KeyPair};
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::PrivatePkcs8KeyDer;

use crate::office::{Office, Reply, call};

/// Two keys.
pub struct Keys {
    tls: KeyPair,
    seal: KeyPair,
}

impl Keys {
    pub fn new() -> Self {
        Self { tls: KeyPair::generate().unwrap(), seal: KeyPair::generate().unwrap() }
    }

    pub fn requests(&self) -> CertificateRequests {
        let request = |key| base64(CertificateParams::default().serialize_request(key).unwrap().der());
        CertificateRequests { tls: request(&self.tls), seal: request(&self.seal) }
    }

    pub fn body(&self) -> Vec<u8> {
        serde_json::to_vec(&self.requests()).unwrap()
    }
}

pub struct Member {
    pub stream: StreamId,
    pub agency: String,
    audience: String,
    messages: String,
    root: Vec<u8>,
    signer: Signer,
    client: Client,
}

impl Member {
    pub async fn join(office: &Office, code: &str) -> Self {
        let keys = Keys::new();
        let request = EnrolmentRequest { secret: office.invite(code), requests: keys.requests() };
        let body = serde_json::to_vec(&request).unwrap();
        let reply = office.public(Method::POST, "/rest/cx/v1/enrolments", &[("Content-Type", CONTENT_TYPE)], body).await;
        assert_eq!(reply.status, 201, "{}", reply.text());
        let reply: EnrolmentReply = serde_json::from_slice(&reply.body).unwrap();
        let root = from_base64(&reply.root).unwrap();
        let (signer, client) = ends(&root, &keys, &reply.certificates);
        let (stream, agency) = (reply.stream, code.to_owned());
        Self { stream, agency, audience: reply.audience, messages: reply.messages_url, root, signer, client }
    }

    /// The same collector with its next keys.
    pub fn with(&self, keys: &Keys, certificates: &Certificates) -> Self {
        let (signer, client) = ends(&self.root, keys, certificates);
        Self {
            stream: self.stream,
            agency: self.agency.clone(),
            audience: self.audience.clone(),
            messages: self.messages.clone(),
            root: self.root.clone(),
            signer,
            client,
        }
    }

    pub async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        self.call(Method::GET, path, headers, Vec::new()).await
    }

    pub async fn call(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Reply {
        call(&self.client, method, &format!("{}{path}", self.messages), headers, body).await
    }

    pub async fn renew(&self, keys: &Keys) -> Reply {
        self.call(Method::POST, "/rest/cx/v1/renewals", &[("Content-Type", CONTENT_TYPE)], keys.body()).await
    }

    pub async fn recover(&self, office: &Office, keys: &Keys) -> Reply {
        let (body, headers) = self.signed(keys.body(), office.now());
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        office.public(Method::POST, "/rest/cx/v1/recoveries", &headers, body).await
    }

    pub fn heartbeat(&self, sequence: u64, now: Timestamp) -> Vec<u8> {
        self.message(sequence, now, Payload::Heartbeat(Heartbeat { software: "0".into() }))
    }

    /// A first message with one batch of the national core: `n` people give five stars each.
    pub fn summary(&self, service: &str, n: u64, now: Timestamp) -> Vec<u8> {
        self.summary_of(SHIPPED[1], service, n, now)
    }

    /// The same of another questionnaire.
    pub fn summary_of(&self, document: &str, service: &str, n: u64, now: Timestamp) -> Vec<u8> {
        let questionnaire: Arc<Questionnaire> = Arc::new(serde_json::from_str(document).unwrap());
        let mut tally = Tally::new(&questionnaire);
        let answers = serde_json::from_value(serde_json::json!({"overall": 5})).unwrap();
        (0..n).for_each(|_| tally.add(&Answers::check(&questionnaire, &answers).unwrap()));
        let day = "2026-11-24".parse().unwrap();
        let batch = RawBatch {
            service: service.parse().unwrap(),
            questionnaire: questionnaire.edition().questionnaire,
            version: 1,
            assurance: Assurance::Open,
            first_day: day,
            last_day: day,
            responses: tally.responses(),
            counts: tally.counts(),
        };
        self.message(1, now, Payload::Summary(Summary { batches: vec![batch] }))
    }

    pub fn message(&self, sequence: u64, made_at: Timestamp, payload: Payload) -> Vec<u8> {
        let message = Message {
            agency: self.agency.parse().unwrap(),
            position: Position { stream: self.stream, epoch: 1, sequence },
            // Past the first, something that the ledger has never seen.
            previous: (sequence > 1).then(|| BodyDigest::of(b"unknown")),
            made_at,
            policy: Policy::new(1, 10, 2).unwrap(),
            payload,
        };
        message.to_bytes().unwrap()
    }

    pub async fn send(&self, body: &[u8], now: Timestamp) -> Reply {
        let (body, headers) = self.signed(body.to_vec(), now);
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.call(Method::POST, "/rest/cx/v1/messages", &headers, body).await
    }

    fn signed(&self, body: Vec<u8>, now: Timestamp) -> (Vec<u8>, [(&'static str, String); 4]) {
        let headers = sign(&body, &self.audience, now, rand::random(), &self.signer).unwrap();
        let headers = [
            ("Content-Type", CONTENT_TYPE.to_owned()),
            ("Authorization", headers.authorization),
            ("Digest", headers.digest),
            ("Agid-JWT-Signature", headers.signature),
        ];
        (body, headers)
    }
}

fn ends(root: &[u8], keys: &Keys, certificates: &Certificates) -> (Signer, Client) {
    let chain = |chain: &[String]| chain.iter().map(|der| from_base64(der).unwrap()).collect::<Vec<_>>();
    let seal = SealKey::from_pkcs8(&keys.seal.serialize_der()).unwrap();
    let signer = Signer::new(seal, &chain(&certificates.seal)).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(root.to_vec().into()).unwrap();
    let key = PrivatePkcs8KeyDer::from(keys.tls.serialize_der());
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_client_auth_cert(chain(&certificates.tls).into_iter().map(Into::into).collect(), key.into())
        .unwrap();
    (signer, Client::builder().connector(Connector::new().rustls_0_23(Arc::new(config))).finish())
}
