//! What a collector says to the aggregator. Bytes are made once and then stored, sent, signed, hashed and archived as they
//! are; they are verified before they are parsed and never written a second time.

use jiff::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use thiserror::Error;

use crate::batch::RawBatch;
use crate::batch::noisy::RawNoisyBatch;
use crate::breakdown::RawBreakdowns;
use crate::disclosure::{Policy, PoolKey};
use crate::epoch::EpochOpen;
use crate::ids::{AgencyCode, ServiceId, StreamId};
use crate::modi::BodyDigest;

/// The version of this format.
pub const SCHEMA: &str = "gradimento/message/1";

/// Where a message stands in its stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The stream.
    pub stream: StreamId,
    /// From 1; one more after each restore from a backup.
    pub epoch: u32,
    /// From 1, by one.
    pub sequence: u64,
}

/// A message.
#[derive(Debug, Clone)]
pub struct Message {
    /// Whose it is.
    pub agency: AgencyCode,
    /// Where it stands.
    pub position: Position,
    /// Digest of the body before it in the same epoch; none for the first.
    pub previous: Option<BodyDigest>,
    /// When it was made, by the collector's clock. Informative: it decides nothing.
    pub made_at: Timestamp,
    /// The policy under which its batches were sealed.
    pub policy: Policy,
    /// What it says.
    pub payload: Payload,
}

/// What a message says.
#[derive(Debug, Clone)]
pub enum Payload {
    /// Batches.
    Summary(Summary),
    /// Batches of sensitive services, with noise.
    NoisySummary(NoisySummary),
    /// The cross-tables of one service and month.
    Breakdowns(RawBreakdowns),
    /// The agency's services.
    Catalogue(Catalogue),
    /// That the collector is alive and has nothing to say: silence differs from loss.
    Heartbeat(Heartbeat),
    /// That the collector was restored from a backup and begins a new epoch.
    EpochOpen(EpochOpen),
}

impl Payload {
    /// Whether it says how people answered.
    #[must_use]
    pub fn counts_people(&self) -> bool {
        match self {
            Self::Summary(_) | Self::NoisySummary(_) | Self::Breakdowns(_) => true,
            Self::Catalogue(_) | Self::Heartbeat(_) | Self::EpochOpen(_) => false,
        }
    }
}

/// Batches sealed at one boundary.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// One batch or more.
    pub batches: Vec<RawBatch>,
}

/// Batches of sensitive services sealed at one boundary. A kind of its own: whoever adds up exact counts never meets these.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoisySummary {
    /// One batch or more.
    pub batches: Vec<RawNoisyBatch>,
}

/// All services of the agency; replaces the list before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// The services.
    pub services: Vec<Service>,
}

/// One digital service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Its id.
    pub id: ServiceId,
    /// What citizens call it.
    pub name: String,
    /// What kind of service it is.
    #[serde(rename = "type")]
    pub kind: ServiceKind,
    /// Whether its batches carry noise, because to have answered about it says something about a person.
    #[serde(default, skip_serializing_if = "std::ops::Not::not", deserialize_with = "only_true")]
    pub sensitive: bool,
}

/// What is archived as it came has one spelling: `false` is not written.
fn only_true<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    if bool::deserialize(deserializer)? {
        Ok(true)
    } else {
        Err(D::Error::custom("`sensitive` is written where it is true only"))
    }
}

/// What kind of service: with the agency's category it decides what is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceKind {
    /// A page that informs.
    InformationPage,
    /// Something that a citizen gets done online.
    Transaction,
    /// A mobile application.
    App,
}

impl ServiceKind {
    /// The word used on the wire and in tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InformationPage => "information_page",
            Self::Transaction => "transaction",
            Self::App => "app",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::InformationPage, Self::Transaction, Self::App].into_iter().find(|kind| kind.as_str() == name)
    }
}

/// A sign of life.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Heartbeat {
    /// Version of the collector's software.
    pub software: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope {
    schema: String,
    agency: AgencyCode,
    stream: StreamId,
    epoch: u32,
    sequence: u64,
    previous: Option<BodyDigest>,
    kind: String,
    made_at: Timestamp,
    policy: Policy,
    payload: Box<RawValue>,
}

/// Why bytes are not a message.
#[derive(Debug, Error)]
pub enum MessageFault {
    /// They do not have the shape of one.
    #[error("not a message: {0}")]
    Shape(#[from] serde_json::Error),
    /// Another schema or a kind that this version does not know.
    #[error("schema or kind `{0}` is not known")]
    Unknown(String),
    /// The parts contradict each other.
    #[error("{0}")]
    Contradiction(&'static str),
}

impl Payload {
    /// The kind's name on the wire.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Summary(_) => "summary",
            Self::NoisySummary(_) => "noisy_summary",
            Self::Breakdowns(_) => "breakdowns",
            Self::Catalogue(_) => "catalogue",
            Self::Heartbeat(_) => "heartbeat",
            Self::EpochOpen(_) => "epoch_open",
        }
    }

    /// How many responses leave with it, by key: those of its batches, exact or noisy.
    #[must_use]
    pub fn sealed(&self) -> Vec<(PoolKey, u64)> {
        let key = |service: &ServiceId, edition, assurance| PoolKey { service: service.clone(), edition, assurance };
        match self {
            Self::Summary(summary) => {
                summary.batches.iter().map(|b| (key(&b.service, b.edition(), b.assurance), b.responses)).collect()
            }
            Self::NoisySummary(summary) => {
                summary.batches.iter().map(|b| (key(&b.service, b.edition(), b.assurance), b.responses)).collect()
            }
            Self::Breakdowns(_) | Self::Catalogue(_) | Self::Heartbeat(_) | Self::EpochOpen(_) => Vec::new(),
        }
    }

    fn to_raw(&self) -> Result<Box<RawValue>, serde_json::Error> {
        match self {
            Self::Summary(payload) => serde_json::value::to_raw_value(payload),
            Self::NoisySummary(payload) => serde_json::value::to_raw_value(payload),
            Self::Breakdowns(payload) => serde_json::value::to_raw_value(payload),
            Self::Catalogue(payload) => serde_json::value::to_raw_value(payload),
            Self::Heartbeat(payload) => serde_json::value::to_raw_value(payload),
            Self::EpochOpen(payload) => serde_json::value::to_raw_value(payload),
        }
    }

    fn parse(kind: &str, raw: &RawValue) -> Result<Self, MessageFault> {
        match kind {
            "summary" => Ok(Self::Summary(serde_json::from_str(raw.get())?)),
            "noisy_summary" => Ok(Self::NoisySummary(serde_json::from_str(raw.get())?)),
            "breakdowns" => Ok(Self::Breakdowns(serde_json::from_str(raw.get())?)),
            "catalogue" => Ok(Self::Catalogue(serde_json::from_str(raw.get())?)),
            "heartbeat" => Ok(Self::Heartbeat(serde_json::from_str(raw.get())?)),
            "epoch_open" => Ok(Self::EpochOpen(serde_json::from_str(raw.get())?)),
            _ => Err(MessageFault::Unknown(kind.chars().take(40).collect())),
        }
    }
}

impl Message {
    /// Writes the message, once.
    ///
    /// # Errors
    /// Where serde cannot write it, which its types exclude.
    pub fn to_bytes(&self) -> Result<Vec<u8>, MessageFault> {
        let envelope = Envelope {
            schema: SCHEMA.to_owned(),
            agency: self.agency.clone(),
            stream: self.position.stream,
            epoch: self.position.epoch,
            sequence: self.position.sequence,
            previous: self.previous,
            kind: self.payload.kind().to_owned(),
            made_at: self.made_at,
            policy: self.policy,
            payload: self.payload.to_raw()?,
        };
        Ok(serde_json::to_vec(&envelope)?)
    }

    /// Reads a message. Call it on verified bytes only.
    ///
    /// # Errors
    /// Where the bytes are not a message of this schema.
    pub fn parse(body: &[u8]) -> Result<Self, MessageFault> {
        let envelope: Envelope = serde_json::from_slice(body)?;
        if envelope.schema != SCHEMA {
            return Err(MessageFault::Unknown(envelope.schema.chars().take(40).collect()));
        }
        if envelope.epoch == 0 || envelope.sequence == 0 {
            return Err(MessageFault::Contradiction("epoch and sequence begin at 1"));
        }
        if (envelope.sequence == 1) != envelope.previous.is_none() {
            return Err(MessageFault::Contradiction("`previous` is null in the first message and in no other"));
        }
        if (envelope.epoch > 1 && envelope.sequence == 1) != (envelope.kind == "epoch_open") {
            return Err(MessageFault::Contradiction("`epoch_open` begins every epoch but the first, and stands nowhere else"));
        }
        let position = Position { stream: envelope.stream, epoch: envelope.epoch, sequence: envelope.sequence };
        Ok(Self {
            agency: envelope.agency,
            position,
            previous: envelope.previous,
            made_at: envelope.made_at,
            policy: envelope.policy,
            payload: Payload::parse(&envelope.kind, &envelope.payload)?,
        })
    }
}

/// The end of a stream as the aggregator knows it; answers `GET /rest/cx/v1/streams/{stream}/head`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// The stream's present epoch.
    pub epoch: u32,
    /// The next sequence number.
    pub expected_sequence: u64,
    /// Digest of the last accepted body; null before the first.
    pub previous: Option<BodyDigest>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(sequence: u64, previous: Option<BodyDigest>) -> Message {
        let position = Position { stream: StreamId::from_random([7; 16]), epoch: 1, sequence };
        let payload = Payload::Heartbeat(Heartbeat { software: "0.1.0".into() });
        Message {
            agency: "inps".parse().unwrap(),
            position,
            previous,
            made_at: "2026-11-24T10:00:00Z".parse().unwrap(),
            policy: Policy::new(1, 10, 2).unwrap(),
            payload,
        }
    }

    #[test]
    fn a_message_survives_the_wire() {
        let bytes = message(2, Some(BodyDigest::of(b"before"))).to_bytes().unwrap();
        let back = Message::parse(&bytes).unwrap();
        assert_eq!(back.position.sequence, 2);
        assert_eq!(back.previous, Some(BodyDigest::of(b"before")));
        assert_eq!(back.to_bytes().unwrap(), bytes);
    }

    #[test]
    fn an_epoch_after_the_first_begins_with_its_opening_and_nothing_else_does() {
        let open = || Payload::EpochOpen(EpochOpen { last: None });
        let at = |epoch, sequence, payload| {
            let mut message = message(sequence, (sequence > 1).then(|| BodyDigest::of(b"before")));
            (message.position.epoch, message.payload) = (epoch, payload);
            Message::parse(&message.to_bytes().unwrap())
        };
        let alive = || Payload::Heartbeat(Heartbeat { software: "0".into() });
        assert!(at(2, 1, open()).is_ok() && at(2, 2, alive()).is_ok());
        assert!(at(1, 1, open()).is_err() && at(2, 2, open()).is_err() && at(2, 1, alive()).is_err());
    }

    #[test]
    fn a_flag_has_one_spelling() {
        let read = |rest: &str| serde_json::from_str::<Service>(&format!(r#"{{"id":"s","name":"S","type":"app"{rest}}}"#));
        assert!(!read("").unwrap().sensitive && read(r#","sensitive":true"#).unwrap().sensitive);
        assert!(read(r#","sensitive":false"#).is_err() && read(r#","sensitive":null"#).is_err());
    }

    #[test]
    fn contradictory_or_foreign_messages_are_refused() {
        let text = String::from_utf8(message(1, None).to_bytes().unwrap()).unwrap();
        for (from, to) in [
            ("\"sequence\":1", "\"sequence\":2"),
            ("\"sequence\":1", "\"sequence\":0"),
            ("\"epoch\":1", "\"epoch\":0"),
            ("message/1", "message/2"),
            ("heartbeat", "heartbreak"),
            ("\"k\":10", "\"k\":3"),
            ("\"epoch\":1", "\"epoch\":1,\"epoch\":1"),
            ("\"epoch\":1", "\"epoch\":1,\"extra\":1"),
        ] {
            assert!(Message::parse(text.replacen(from, to, 1).as_bytes()).is_err(), "{from} -> {to}");
        }
    }
}
