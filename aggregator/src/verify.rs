//! From what arrived to what may enter the ledger. Each check leaves its proof in the type: the ledger takes a
//! [`SoundMessage`] and nothing else, and only [`message`] makes one.

use gradimento_common::batch::noisy::NoisyBatch;
use gradimento_common::batch::{Batch, UnsoundBatch};
use gradimento_common::breakdown::{Breakdowns, UnsoundBreakdowns};
use gradimento_common::calendar::{Day, Month};
use gradimento_common::disclosure::Policy;
use gradimento_common::epoch::EpochOpen;
use gradimento_common::ids::{AgencyCode, Edition, StreamId};
use gradimento_common::message::{Catalogue, Message, MessageFault, Payload, Position};
use gradimento_common::modi::{BodyDigest, Presented, Refusal, Verified};
use gradimento_common::questionnaire::Questionnaire;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
use thiserror::Error;

use crate::pki::Purpose;
use crate::registry::{Certificate, StreamState};

/// Every questionnaire that was ever published, by edition.
pub type Editions = BTreeMap<Edition, Arc<Questionnaire>>;

/// The collector at the other end of the connection, as its TLS certificate names it and the registry knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// Its agency.
    pub agency: AgencyCode,
    /// Its stream.
    pub stream: StreamId,
}

/// A message whose sender cannot deny it and whose batches are large enough and add up.
#[derive(Debug)]
pub struct SoundMessage {
    proof: Verified,
    agency: AgencyCode,
    position: Position,
    previous: Option<BodyDigest>,
    content: Content,
}

/// What a sound message says.
#[derive(Debug)]
pub enum Content {
    /// Batches to be added up.
    Batches(Vec<Batch>),
    /// Batches with noise, to be added up apart.
    NoisyBatches(Vec<NoisyBatch>),
    /// Cross-tables of a month.
    Breakdowns(Breakdowns),
    /// The agency's services.
    Catalogue(Catalogue),
    /// A sign of life.
    Heartbeat,
    /// The collector was restored and begins a new epoch.
    EpochOpen(EpochOpen),
}

/// Why a message is refused before the ledger sees it. The sender's to mend.
#[derive(Debug, Error)]
pub enum NotSound {
    /// The tokens or the digest.
    #[error(transparent)]
    Request(#[from] Refusal),
    /// The seal certificate is not registered for this collector.
    #[error("the seal certificate is not registered for this collector")]
    CertificateUnknown,
    /// The seal certificate is not valid at this time.
    #[error("the seal certificate is not valid at this time")]
    CertificateExpired,
    /// The collector was revoked.
    #[error("the collector was revoked")]
    Revoked,
    /// The body is not a message.
    #[error(transparent)]
    Message(#[from] MessageFault),
    /// The message is somebody else's.
    #[error("the message names another agency or stream than the certificate")]
    Foreign,
    /// A batch's questionnaire was never published.
    #[error("{0} was never published")]
    QuestionnaireUnknown(Edition),
    /// The sender's policy is weaker than what is known here under its number, or than the one in force where nothing is.
    #[error("sealed under {}, which is weaker than {}", .named, .known)]
    PolicyWeaker {
        /// In the message.
        named: Policy,
        /// Here.
        known: Policy,
    },
    /// A batch cannot be taken.
    #[error(transparent)]
    Batch(#[from] UnsoundBatch),
    /// Breakdowns cannot be taken.
    #[error(transparent)]
    Breakdowns(#[from] UnsoundBreakdowns),
}

/// Verifies a request of `peer`. `seal` looks a certificate up in the registry; `policy` what is remembered under a number, or else
/// the policy in force.
///
/// # Errors
/// The first check that fails; nothing has been read of the body before its signature holds.
pub fn message<E: From<NotSound>>(
    request: Presented<'_>,
    peer: &Peer,
    audience: &str,
    now: Timestamp,
    editions: &Editions,
    policy: impl FnOnce(u32) -> Result<Policy, E>,
    seal: impl FnOnce(gradimento_common::jose::Thumbprint) -> Result<Option<Certificate>, E>,
) -> Result<SoundMessage, E> {
    let unverified = request.open().map_err(NotSound::from)?;
    let certificate = seal(unverified.signer())?.ok_or(NotSound::CertificateUnknown)?;
    check_certificate(&certificate, peer, now)?;
    let proof = unverified.verify(&certificate.key, audience, now).map_err(NotSound::from)?;
    let message = Message::parse(proof.body()).map_err(NotSound::from)?;
    if message.agency != peer.agency || message.position.stream != peer.stream {
        return Err(NotSound::Foreign.into());
    }
    let known = policy(message.policy.version())?;
    if message.payload.counts_people() && !message.policy.is_as_strict_as(&known) {
        return Err(NotSound::PolicyWeaker { named: message.policy, known }.into());
    }
    let content = content(message.payload, editions, &message.policy, Day::of(message.made_at).month())?;
    Ok(SoundMessage { proof, agency: message.agency, position: message.position, previous: message.previous, content })
}

fn check_certificate(certificate: &Certificate, peer: &Peer, now: Timestamp) -> Result<(), NotSound> {
    if certificate.purpose != Purpose::Seal || certificate.stream != peer.stream || certificate.agency != peer.agency {
        return Err(NotSound::CertificateUnknown);
    }
    if certificate.state == StreamState::Revoked {
        return Err(NotSound::Revoked);
    }
    let valid = (certificate.not_before..=certificate.not_after).contains(&now.as_second());
    if valid { Ok(()) } else { Err(NotSound::CertificateExpired) }
}

/// A batch is judged by the policy that it was sealed under: it is never re-opened, so that a stricter policy of later would stop
/// every stream with messages on their way, for ever. `made` is the month of the message by its own word: a wrong clock must not
/// stop a stream.
fn content(payload: Payload, editions: &Editions, policy: &Policy, made: Month) -> Result<Content, NotSound> {
    let known = |edition: Edition| editions.get(&edition).ok_or(NotSound::QuestionnaireUnknown(edition));
    match payload {
        Payload::Heartbeat(_) => Ok(Content::Heartbeat),
        Payload::EpochOpen(open) => Ok(Content::EpochOpen(open)),
        Payload::Catalogue(catalogue) => Ok(Content::Catalogue(catalogue)),
        Payload::Summary(summary) => {
            let sound = summary.batches.into_iter().map(|batch| {
                let questionnaire = known(batch.edition())?;
                Ok(batch.check(questionnaire, policy.k())?)
            });
            sound.collect::<Result<_, NotSound>>().map(Content::Batches)
        }
        Payload::NoisySummary(summary) => {
            let sound = summary.batches.into_iter().map(|batch| {
                let questionnaire = known(batch.edition())?;
                Ok(batch.check(questionnaire, policy.k(), policy)?)
            });
            sound.collect::<Result<_, NotSound>>().map(Content::NoisyBatches)
        }
        Payload::Breakdowns(breakdowns) => {
            let questionnaire = known(breakdowns.edition())?;
            Ok(Content::Breakdowns(breakdowns.check(questionnaire, policy, made)?))
        }
    }
}

impl SoundMessage {
    /// The signed body and its proof.
    #[must_use]
    pub fn proof(&self) -> &Verified {
        &self.proof
    }

    /// Whose it is.
    #[must_use]
    pub fn agency(&self) -> &AgencyCode {
        &self.agency
    }

    /// Where it stands.
    #[must_use]
    pub fn position(&self) -> Position {
        self.position
    }

    /// Digest of the message that it follows.
    #[must_use]
    pub fn previous(&self) -> Option<BodyDigest> {
        self.previous
    }

    /// What it says.
    #[must_use]
    pub fn content(&self) -> &Content {
        &self.content
    }
}
