//! Who takes part: agencies, their collectors' streams, and the certificates that speak for them.

use gradimento_common::ids::{AgencyCode, StreamId};
use gradimento_common::jose::{SealPublicKey, Thumbprint};

use crate::pki::Purpose;

/// A public body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agency {
    /// Its codice IPA.
    pub code: AgencyCode,
    /// What it is called.
    pub name: String,
    /// Its category in the index of public bodies: `C16`, `L6`.
    pub category: String,
    /// Its territory, as a code of Istat's list CL_ITTER107: `IT`, `ITE4`, `058091`.
    pub territory: String,
    /// Its codice fiscale, where it is known.
    pub fiscal_code: Option<String>,
}

/// A certificate that was issued to a collector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// SHA-256 of its DER.
    pub thumbprint: Thumbprint,
    /// Whose it is.
    pub agency: AgencyCode,
    /// Of which stream.
    pub stream: StreamId,
    /// What it is for.
    pub purpose: Purpose,
    /// Its serial, as revocation lists name it.
    pub serial: [u8; 16],
    /// Its public key.
    pub key: SealPublicKey,
    /// First second of its validity, since the Unix epoch.
    pub not_before: i64,
    /// Last second of its validity.
    pub not_after: i64,
    /// What may be taken from its stream at present.
    pub state: StreamState,
}

/// Whether a stream's messages are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamState {
    /// They are.
    Open,
    /// Not until a person has looked at a contradiction.
    Quarantined,
    /// Never again.
    Revoked,
}
