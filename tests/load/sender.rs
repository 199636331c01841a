//! A collector's stream as the aggregator sees it: joined like any other, its messages made and signed before they are sent, so
//! that signing is not measured.

use gradimento_aggregator::verify::Peer;
use gradimento_collector::cli::{enlist, init};
use gradimento_collector::config::Config;
use gradimento_collector::identity::Identity;
use gradimento_collector::member::Member;
use gradimento_collector::wire::{Line, Request, Transport as _};
use gradimento_common::batch::{RawBatch, Tally};
use gradimento_common::calendar::Day;
use gradimento_common::disclosure::Policy;
use gradimento_common::enrolment::JoinToken;
use gradimento_common::ids::Assurance;
use gradimento_common::jose::Thumbprint;
use gradimento_common::message::{Message, Payload, Position, Summary};
use gradimento_common::modi::{BodyDigest, CONTENT_TYPE, Presented, SignedHeaders, sign};
use jiff::Timestamp;

use crate::Failure;
use crate::answers::Sample;

/// Services in one message: an agency of middle size that seals every hour.
const SERVICES: usize = 3;

/// Responses in each batch.
const RESPONSES: usize = 40;

/// A stream, its connection, and where it stands.
pub struct Sender {
    member: Member,
    line: Line,
    sent: u64,
    previous: Option<BodyDigest>,
}

/// A message that is ready to be sent.
pub struct Prepared {
    /// Where it stands.
    pub position: Position,
    /// What it says.
    pub batches: Vec<RawBatch>,
    /// Its bytes.
    pub body: Vec<u8>,
    /// Its signatures.
    pub headers: SignedHeaders,
}

impl Prepared {
    /// As it arrives.
    pub fn present(&self) -> Presented<'_> {
        Presented {
            authorization: Some(&self.headers.authorization),
            digest: Some(&self.headers.digest),
            signature: Some(&self.headers.signature),
            content_type: Some(CONTENT_TYPE),
            content_encoding: None,
            body: &self.body,
        }
    }

    fn request(&self) -> Request {
        let headers = vec![
            ("Content-Type", CONTENT_TYPE.to_owned()),
            ("Authorization", self.headers.authorization.clone()),
            ("Digest", self.headers.digest.clone()),
            ("Agid-JWT-Signature", self.headers.signature.clone()),
        ];
        Request { path: "/rest/cx/v1/messages".to_owned(), headers, body: Some(self.body.clone()) }
    }
}

impl Sender {
    /// Joins.
    pub async fn join(token: &JoinToken) -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        let text = format!(
            "data = {:?}\n[agency]\nname = 'Ente'\n[[services]]\nid = 'prova'\nname = 'Prova'\ntype = 'transaction'",
            folder.path()
        );
        let config = Config::read(&text, [])?;
        init(&config)?;
        enlist(&config, token).await?;
        let member = Member::of(&Identity::read(folder.path())?.ok_or("no identity")?)?;
        let line = Line::new(&member.messages_url, member.messages_tls.clone());
        Ok(Self { member, line, sent: 0, previous: None })
    }

    /// Who it is.
    pub fn peer(&self) -> Peer {
        Peer { agency: self.member.agency.clone(), stream: self.member.stream }
    }

    /// For whom its messages are.
    pub fn audience(&self) -> &str {
        &self.member.audience
    }

    /// Under which the registry knows its seal.
    pub fn seal(&self) -> Thumbprint {
        self.member.signer.thumbprint()
    }

    /// Makes and signs its next messages.
    pub fn prepare(&mut self, count: u64, samples: &[Sample], now: Timestamp) -> Result<Vec<Prepared>, Failure> {
        let batches = (0..SERVICES).map(|n| batch(n, samples, now)).collect::<Result<Vec<_>, _>>()?;
        (0..count).map(|_| self.next(batches.clone(), now)).collect()
    }

    fn next(&mut self, batches: Vec<RawBatch>, now: Timestamp) -> Result<Prepared, Failure> {
        self.sent += 1;
        let position = Position { stream: self.member.stream, epoch: 1, sequence: self.sent };
        let message = Message {
            agency: self.member.agency.clone(),
            position,
            previous: self.previous,
            made_at: now,
            policy: Policy::new(1, 10, 2)?,
            payload: Payload::Summary(Summary { batches: batches.clone() }),
        };
        let body = message.to_bytes()?;
        self.previous = Some(BodyDigest::of(&body));
        let headers = sign(&body, &self.member.audience, now, rand::random(), &self.member.signer)?;
        Ok(Prepared { position, batches, body, headers })
    }

    /// Sends them one after the other; each must become an entry.
    pub async fn send(&self, messages: &[Prepared]) -> Result<(), Failure> {
        for message in messages {
            let reply = self.line.send(message.request()).await?;
            if reply.status != 201 {
                return Err(format!("status {}: {}", reply.status, String::from_utf8_lossy(&reply.body)).into());
            }
        }
        Ok(())
    }
}

fn batch(service: usize, samples: &[Sample], now: Timestamp) -> Result<RawBatch, Failure> {
    let first = samples.first().ok_or("no samples")?;
    let questionnaire = first.answers.questionnaire();
    let mut tally = Tally::new(questionnaire);
    samples.iter().cycle().take(RESPONSES).for_each(|sample| tally.add(&sample.answers));
    let edition = questionnaire.edition();
    Ok(RawBatch {
        service: format!("servizio-{service}").parse()?,
        questionnaire: edition.questionnaire,
        version: edition.version,
        assurance: Assurance::Open,
        first_day: Day::of(now),
        last_day: Day::of(now),
        responses: tally.responses(),
        counts: tally.counts(),
    })
}
