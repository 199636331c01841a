//! How an agency joins: one token, one use. The token carries the fingerprint of the root, so that first contact is
//! authenticated, and its redemption is bound to the keys that were sent, so that a lost reply costs nothing.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::encoding::{base64url, from_base64url, from_hex, hex};
use crate::ids::{AgencyCode, StreamId};

const PREFIX: &str = "gradimento1.";

/// What Istat hands to an agency. `Debug` hides the secret.
#[derive(Clone, PartialEq, Eq)]
pub struct JoinToken {
    /// The aggregator's public address, without a path.
    pub url: String,
    /// Who is invited.
    pub agency: AgencyCode,
    /// SHA-256 of the root certificate's DER.
    pub root: [u8; 32],
    /// What is redeemed; stored hashed by the aggregator.
    pub secret: [u8; 32],
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    url: String,
    agency: AgencyCode,
    root: String,
    secret: String,
}

/// Text that is not a join token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("this is not a join token: it must be copied whole, from `{PREFIX}` to its last character")]
pub struct NotAJoinToken;

impl fmt::Display for JoinToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (url, agency) = (self.url.clone(), self.agency.clone());
        let written = Written { url, agency, root: hex(&self.root), secret: hex(&self.secret) };
        let json = serde_json::to_vec(&written).map_err(|_| fmt::Error)?;
        write!(f, "{PREFIX}{}", base64url(&json))
    }
}

impl FromStr for JoinToken {
    type Err = NotAJoinToken;
    fn from_str(text: &str) -> Result<Self, NotAJoinToken> {
        let json = text.trim().strip_prefix(PREFIX).and_then(from_base64url).ok_or(NotAJoinToken)?;
        let written: Written = serde_json::from_slice(&json).map_err(|_| NotAJoinToken)?;
        let bytes = |text: &str| from_hex(text).and_then(|bytes| bytes.try_into().ok()).ok_or(NotAJoinToken);
        let (root, secret) = (bytes(&written.root)?, bytes(&written.secret)?);
        Ok(Self { url: written.url, agency: written.agency, root, secret })
    }
}

impl fmt::Debug for JoinToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinToken").field("url", &self.url).field("agency", &self.agency).finish_non_exhaustive()
    }
}

/// Two certificate requests (PKCS #10, DER in base64), one for each key. Both keys are new; the same pair may be sent again after a
/// lost reply. Sent as it is to `POST /rest/cx/v1/renewals` (over mutual TLS) and, signed like a message with the last seal key
/// after its certificate has expired, to `POST /rest/cx/v1/recoveries` of the public interface. Both answer [`Certificates`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateRequests {
    /// For the key that authenticates the connection.
    pub tls: String,
    /// For the key that signs messages.
    pub seal: String,
}

/// The body of `POST /rest/cx/v1/enrolments`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrolmentRequest {
    /// The join token's secret, in hexadecimal.
    pub secret: String,
    /// The keys that want certificates.
    pub requests: CertificateRequests,
}

/// Certificates for both keys: each a chain in DER, base64, leaf first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificates {
    /// For the connection.
    pub tls: Vec<String>,
    /// For messages.
    pub seal: Vec<String>,
}

/// The reply to an enrolment; the same again for the same keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrolmentReply {
    /// Who has joined.
    pub agency: AgencyCode,
    /// The stream that belongs to this installation.
    pub stream: StreamId,
    /// Both chains.
    pub certificates: Certificates,
    /// The root certificate, DER in base64; its fingerprint must be that of the token.
    pub root: String,
    /// Where messages go, without a path.
    pub messages_url: String,
    /// The `aud` of every token.
    pub audience: String,
    /// The certificate under which receipts, questionnaires and assignments are signed, DER in base64.
    pub aggregator_seal: String,
    /// The ledger's verifier key (C2SP signed-note).
    pub ledger_key: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_join_token_is_copied_whole_or_not_at_all() {
        let url = "https://aggregator.example".to_owned();
        let token = JoinToken { url, agency: "inps".parse().unwrap(), root: [1; 32], secret: [2; 32] };
        let text = token.to_string();
        assert_eq!(format!(" {text}\n").parse::<JoinToken>(), Ok(token.clone()));
        for cut in [1, 5, 50] {
            assert!(text.chars().take(text.len() - cut).collect::<String>().parse::<JoinToken>().is_err());
        }
        assert!(!format!("{token:?}").contains("0202"));
    }
}
