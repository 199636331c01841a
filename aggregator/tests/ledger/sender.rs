//! A collector's end of the wire: it signs messages as a collector does.

use std::collections::BTreeMap;
use std::sync::Arc;

use gradimento_aggregator::pki::Purpose;
use gradimento_aggregator::registry::{Agency, Certificate, StreamState};
use gradimento_aggregator::store::{Accepted, Refused, Store};
use gradimento_aggregator::verify::{self, Editions, NotSound, Peer};
use gradimento_common::batch::{RawBatch, Tally};
use gradimento_common::disclosure::Policy;
use gradimento_common::ids::{Assurance, StreamId};
use gradimento_common::jose::{SealKey, Signer, Thumbprint};
use gradimento_common::message::{Message, Payload, Position, Summary};
use gradimento_common::modi::{BodyDigest, CONTENT_TYPE, Presented, sign};
use gradimento_common::questionnaire::{Questionnaire, SHIPPED};
use gradimento_common::response::Answers;
use jiff::Timestamp;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};

pub const AUDIENCE: &str = "https://aggregator.example";

pub fn now() -> Timestamp {
    "2026-11-24T10:00:00Z".parse().unwrap()
}

pub fn signer(certificate: &[u8]) -> Signer {
    let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &ring::rand::SystemRandom::new()).unwrap();
    Signer::new(SealKey::from_pkcs8(key.as_ref()).unwrap(), &[certificate.to_vec()]).unwrap()
}

pub fn editions() -> Editions {
    let questionnaire: Questionnaire = serde_json::from_str(SHIPPED[1]).unwrap();
    BTreeMap::from([(questionnaire.edition(), Arc::new(questionnaire))])
}

/// A batch of the national core with these numbers of 1 to 5 stars.
pub fn batch(service: &str, stars: [u64; 5]) -> RawBatch {
    let questionnaire = editions().into_values().next().unwrap();
    let mut tally = Tally::new(&questionnaire);
    for (i, n) in stars.into_iter().enumerate() {
        let answers = serde_json::from_value(serde_json::json!({"overall": i + 1})).unwrap();
        (0..n).for_each(|_| tally.add(&Answers::check(&questionnaire, &answers).unwrap()));
    }
    let day = "2026-11-24".parse().unwrap();
    RawBatch {
        service: service.parse().unwrap(),
        questionnaire: "national-core".parse().unwrap(),
        version: 1,
        assurance: Assurance::Open,
        first_day: day,
        last_day: day,
        responses: tally.responses(),
        counts: tally.counts(),
    }
}

pub struct Sender {
    pub stream: StreamId,
    signer: Arc<Signer>,
    peer: Peer,
    attempts: std::cell::Cell<u8>,
}

#[derive(Debug)]
pub enum Failed {
    NotSound(NotSound),
    Refused(Refused),
}

impl From<NotSound> for Failed {
    fn from(error: NotSound) -> Self {
        Self::NotSound(error)
    }
}

impl Sender {
    /// Registers an agency with one stream and its seal certificate.
    pub fn join(store: &dyn Store, code: &str, n: u8) -> Self {
        let agency = code.parse().unwrap();
        let (name, category, territory) = (code.to_owned(), "C16".to_owned(), "IT".to_owned());
        store.put_agency(&Agency { code: code.parse().unwrap(), name, category, territory, fiscal_code: None }).unwrap();
        let stream = StreamId::from_random([n; 16]);
        store.open_stream(&agency, stream).unwrap();
        let signer = Arc::new(signer(&[n]));
        let certificate = Certificate {
            thumbprint: Thumbprint::of(&[n]),
            agency: code.parse().unwrap(),
            stream,
            purpose: Purpose::Seal,
            serial: [n; 16],
            key: signer.public(),
            not_before: 0,
            not_after: i64::from(u32::MAX),
            state: StreamState::Open,
        };
        store.put_certificate(&certificate).unwrap();
        Self { stream, signer, peer: Peer { agency, stream }, attempts: std::cell::Cell::new(0) }
    }

    /// The same collector, whose attempts are numbered from `attempts`.
    pub fn clone_of(other: &Self, attempts: u8) -> Self {
        let (signer, peer) = (Arc::clone(&other.signer), other.peer.clone());
        Self { stream: other.stream, signer, peer, attempts: std::cell::Cell::new(attempts) }
    }

    pub fn body(&self, sequence: u64, previous: Option<&[u8]>, batches: Vec<RawBatch>) -> Vec<u8> {
        self.body_of(1, sequence, previous, Payload::Summary(Summary { batches }))
    }

    pub fn body_of(&self, epoch: u32, sequence: u64, previous: Option<&[u8]>, payload: Payload) -> Vec<u8> {
        let message = Message {
            agency: self.peer.agency.clone(),
            position: Position { stream: self.stream, epoch, sequence },
            previous: previous.map(BodyDigest::of),
            made_at: now(),
            policy: Policy::new(1, 10, 2).unwrap(),
            payload,
        };
        message.to_bytes().unwrap()
    }

    pub fn send(&self, store: &dyn Store, body: &[u8]) -> Result<Accepted, Failed> {
        self.attempts.set(self.attempts.get() + 1);
        self.send_as(store, body, [self.attempts.get(); 16])
    }

    pub fn send_as(&self, store: &dyn Store, body: &[u8], jti: [u8; 16]) -> Result<Accepted, Failed> {
        self.send_under(Policy::new(1, 10, 2).unwrap(), store, body, jti)
    }

    /// The same where the aggregator has this policy by now; bodies name the first one.
    pub fn send_under(&self, in_force: Policy, store: &dyn Store, body: &[u8], jti: [u8; 16]) -> Result<Accepted, Failed> {
        let headers = sign(body, AUDIENCE, now(), jti, &self.signer).unwrap();
        let request = Presented {
            authorization: Some(&headers.authorization),
            digest: Some(&headers.digest),
            signature: Some(&headers.signature),
            content_type: Some(CONTENT_TYPE),
            content_encoding: None,
            body,
        };
        let lookup = |thumbprint| Ok::<_, Failed>(store.certificate(thumbprint).unwrap());
        let remembered = |version| {
            let remembered = store.policies().unwrap().into_iter().find(|policy| policy.version() == version);
            Ok::<_, Failed>(remembered.unwrap_or(in_force))
        };
        let sound = verify::message(request, &self.peer, AUDIENCE, now(), &editions(), remembered, lookup)?;
        let aggregator = signer(b"aggregator");
        store.accept(&sound, now(), &|receipt| receipt.sign(&aggregator).ok()).map_err(Failed::Refused)
    }
}
