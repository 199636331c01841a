//! From a join token and two certificate requests to a member: what is issued, and what is answered.

use gradimento_common::encoding::{base64, from_base64, sha256};
use gradimento_common::enrolment::{CertificateRequests, Certificates, EnrolmentReply};
use gradimento_common::ids::StreamId;
use gradimento_common::jose::SealPublicKey;
use jiff::Timestamp;
use rand::Rng;
use thiserror::Error;

use crate::pki::{Authority, AuthorityFault, CertificateRequest, CollectorSubject, Issued, Purpose, RequestFault};
use crate::registry::{Agency, Certificate, StreamState};
use crate::store::Enrolled;

/// What every new member is told about the aggregator.
#[derive(Debug, Clone)]
pub struct Welcome {
    /// Where messages go, without a path.
    pub messages_url: String,
    /// The `aud` of every token.
    pub audience: String,
    /// The certificate under which receipts are signed, DER.
    pub aggregator_seal: Vec<u8>,
    /// The ledger's verifier key (C2SP signed-note).
    pub ledger_key: String,
}

/// Two keys that want certificates, each proved to be its sender's.
#[derive(Debug)]
pub struct KeyPairRequest {
    tls: CertificateRequest,
    seal: CertificateRequest,
}

/// Why two requests are not taken.
#[derive(Debug, Error)]
pub enum RequestRefusal {
    /// Not base64.
    #[error("a certificate request is not base64")]
    Encoding,
    /// One of them is wrong in itself.
    #[error(transparent)]
    Request(#[from] RequestFault),
    /// One key for both purposes.
    #[error("the two keys must be different")]
    SameKey,
}

impl KeyPairRequest {
    /// Reads both requests; of each only the public key is kept.
    ///
    /// # Errors
    /// Where one is not a request for a P-256 key signed with that key, or both are for the same key.
    pub fn parse(requests: &CertificateRequests) -> Result<Self, RequestRefusal> {
        let read = |text: &str| -> Result<CertificateRequest, RequestRefusal> {
            Ok(CertificateRequest::parse(&from_base64(text).ok_or(RequestRefusal::Encoding)?)?)
        };
        let (tls, seal) = (read(&requests.tls)?, read(&requests.seal)?);
        if tls.public_point() == seal.public_point() { Err(RequestRefusal::SameKey) } else { Ok(Self { tls, seal }) }
    }

    /// The key that wants to sign messages, an uncompressed point.
    #[must_use]
    pub fn seal_point(&self) -> &[u8] {
        self.seal.public_point()
    }

    /// What a redeemed token or a renewal is bound to: a hash of both keys.
    #[must_use]
    pub fn binding(&self) -> [u8; 32] {
        sha256(&[self.tls.spki_sha256(), self.seal.spki_sha256()].concat())
    }
}

/// Issues both certificates of a new stream of `agency`.
///
/// # Errors
/// Where the authority cannot issue.
pub fn enrol(
    authority: &Authority,
    welcome: &Welcome,
    agency: &Agency,
    request: &KeyPairRequest,
    now: Timestamp,
    rng: &mut impl Rng,
) -> Result<Enrolled, AuthorityFault> {
    let stream = StreamId::from_random(random(rng));
    let (chains, certificates) = issue_pair(authority, agency, stream, request, now, rng)?;
    let reply = EnrolmentReply {
        agency: agency.code.clone(),
        stream,
        certificates: chains,
        root: base64(authority.root_der()),
        messages_url: welcome.messages_url.clone(),
        audience: welcome.audience.clone(),
        aggregator_seal: base64(&welcome.aggregator_seal),
        ledger_key: welcome.ledger_key.clone(),
    };
    Ok(Enrolled { stream, certificates, reply: serde_json::to_string(&reply).unwrap_or_default() })
}

/// Issues certificates for both keys: as they are answered, and as they are registered.
///
/// # Errors
/// Where the authority cannot issue.
pub(crate) fn issue_pair(
    authority: &Authority,
    agency: &Agency,
    stream: StreamId,
    request: &KeyPairRequest,
    now: Timestamp,
    rng: &mut impl Rng,
) -> Result<(Certificates, Vec<Certificate>), AuthorityFault> {
    let subject = CollectorSubject {
        agency: agency.code.clone(),
        name: agency.name.clone(),
        fiscal_code: agency.fiscal_code.clone(),
        stream,
    };
    let tls = authority.issue_collector(Purpose::Tls, &request.tls, &subject, random(rng), now)?;
    let seal = authority.issue_collector(Purpose::Seal, &request.seal, &subject, random(rng), now)?;
    let chain = |issued: &Issued| issued.chain.iter().map(|der| base64(der)).collect();
    let certificates = vec![certificate(agency, stream, Purpose::Tls, &tls), certificate(agency, stream, Purpose::Seal, &seal)];
    Ok((Certificates { tls: chain(&tls), seal: chain(&seal) }, certificates))
}

fn certificate(agency: &Agency, stream: StreamId, purpose: Purpose, issued: &Issued) -> Certificate {
    Certificate {
        thumbprint: issued.thumbprint,
        agency: agency.code.clone(),
        stream,
        purpose,
        serial: issued.serial,
        key: SealPublicKey::from_point(&issued.public_point),
        not_before: issued.not_before.as_second(),
        not_after: issued.not_after.as_second(),
        state: StreamState::Open,
    }
}

fn random(rng: &mut impl Rng) -> [u8; 16] {
    let mut bytes = [0; 16];
    rng.fill_bytes(&mut bytes);
    bytes
}
