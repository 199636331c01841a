//! Joining: two new keys, one token, and what comes back is believed only if it hangs on the root that the token names.

use std::sync::Arc;

use gradimento_common::encoding::{base64, from_base64, hex, sha256};
use gradimento_common::enrolment::{CertificateRequests, EnrolmentReply, EnrolmentRequest, JoinToken};
use gradimento_common::limits::REPLY_BYTES_MAX;
use rcgen::{CertificateParams, KeyPair};
use thiserror::Error;

use crate::tls::first_contact_config;

/// The two private keys of a collector. They never leave it. Kept before the token is sent, so that a lost reply costs
/// nothing: the same keys get the same answer.
pub struct Keys {
    tls: KeyPair,
    seal: KeyPair,
}

/// Why joining failed.
#[derive(Debug, Error)]
pub enum JoinError {
    /// The keys could not be made or read.
    #[error("the keys cannot be made or read: {0}")]
    Keys(#[from] rcgen::Error),
    /// A token is a secret; it goes over TLS, or to this same machine.
    #[error("the token names {0}: it must begin with https://, or lead to this machine")]
    Insecure(String),
    /// Nobody answered.
    #[error("the aggregator cannot be reached: {0}")]
    Unreachable(String),
    /// The aggregator said no.
    #[error("the aggregator refused (status {status}): {title}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// The problem's title.
        title: String,
    },
    /// The answer cannot be believed.
    #[error("the answer cannot be believed: {0}")]
    Foreign(&'static str),
}

impl Keys {
    /// Two new P-256 keys.
    ///
    /// # Errors
    /// Where the system has no randomness.
    pub fn generate() -> Result<Self, JoinError> {
        Ok(Self { tls: KeyPair::generate()?, seal: KeyPair::generate()? })
    }

    /// Keys as they were kept.
    ///
    /// # Errors
    /// Where one of them is not a private key in PKCS #8.
    pub fn from_pkcs8(tls: &[u8], seal: &[u8]) -> Result<Self, JoinError> {
        let read = |der: &[u8]| KeyPair::try_from(der);
        Ok(Self { tls: read(tls)?, seal: read(seal)? })
    }

    /// The key of connections, PKCS #8 DER.
    #[must_use]
    pub fn tls_pkcs8(&self) -> Vec<u8> {
        self.tls.serialize_der()
    }

    /// The key of messages, PKCS #8 DER.
    #[must_use]
    pub fn seal_pkcs8(&self) -> Vec<u8> {
        self.seal.serialize_der()
    }

    /// A certificate request for each key, signed with that key.
    ///
    /// # Errors
    /// Where a request cannot be signed.
    pub fn requests(&self) -> Result<CertificateRequests, JoinError> {
        let request = |key| Ok::<_, JoinError>(base64(CertificateParams::default().serialize_request(key)?.der()));
        Ok(CertificateRequests { tls: request(&self.tls)?, seal: request(&self.seal)? })
    }
}

/// Redeems a join token for these keys. May be called again with the same keys after a lost reply.
///
/// # Errors
/// Where the aggregator cannot be reached, refuses, or answers with another root than the token's.
pub async fn join(token: &JoinToken, keys: &Keys) -> Result<EnrolmentReply, JoinError> {
    check_address(&token.url)?;
    let client = client(token)?;
    let body = EnrolmentRequest { secret: hex(&token.secret), requests: keys.requests()? };
    let url = format!("{}/rest/cx/v1/enrolments", token.url);
    let reply = client.post(url).send_json(&body).await;
    let mut reply = reply.map_err(|error| JoinError::Unreachable(error.to_string()))?;
    let body = reply.body().limit(REPLY_BYTES_MAX).await.map_err(|error| JoinError::Unreachable(error.to_string()))?;
    if !reply.status().is_success() {
        return Err(refusal(reply.status().as_u16(), &body));
    }
    let reply = serde_json::from_slice(&body).map_err(|_| JoinError::Foreign("it is not an enrolment"))?;
    believe(token, reply)
}

fn check_address(url: &str) -> Result<(), JoinError> {
    let local = ["http://127.0.0.1:", "http://localhost:", "http://[::1]:"].iter().any(|start| url.starts_with(start));
    if local || url.starts_with("https://") { Ok(()) } else { Err(JoinError::Insecure(url.to_owned())) }
}

fn refusal(status: u16, body: &[u8]) -> JoinError {
    let document: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let title = document.get("title").and_then(|title| title.as_str()).unwrap_or("no reason given");
    JoinError::Refused { status, title: title.to_owned() }
}

/// First contact over TLS is authenticated by the fingerprint in the token.
fn client(token: &JoinToken) -> Result<awc::Client, JoinError> {
    if !token.url.starts_with("https://") {
        return Ok(awc::Client::default());
    }
    let tls = first_contact_config(token.root).map_err(|error| JoinError::Unreachable(error.to_string()))?;
    Ok(awc::Client::builder().connector(awc::Connector::new().rustls_0_23(Arc::new(tls))).finish())
}

fn believe(token: &JoinToken, reply: EnrolmentReply) -> Result<EnrolmentReply, JoinError> {
    let root = from_base64(&reply.root).ok_or(JoinError::Foreign("its root is not a certificate"))?;
    if sha256(&root) != token.root {
        return Err(JoinError::Foreign("its root is not the one that the token names"));
    }
    if reply.agency != token.agency {
        return Err(JoinError::Foreign("it is for another agency"));
    }
    Ok(reply)
}
