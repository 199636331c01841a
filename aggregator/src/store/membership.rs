//! What joining, renewing and recovering ask of the store, and why it says no.

use gradimento_common::ids::{AgencyCode, StreamId};
use thiserror::Error;

use super::StoreError;
use crate::registry::{Agency, Certificate};

/// What comes into being when a join token is redeemed.
#[derive(Debug, Clone)]
pub struct Enrolled {
    /// The new stream.
    pub stream: StreamId,
    /// Its first certificates.
    pub certificates: Vec<Certificate>,
    /// What is answered, now and to every repetition.
    pub reply: String,
}

/// Why a join token is not redeemed.
#[derive(Debug, Error)]
pub enum NotRedeemed {
    /// There is no such token.
    #[error("the join token is not known")]
    Unknown,
    /// It is too old.
    #[error("the join token has expired")]
    Expired,
    /// Other keys redeemed it.
    #[error("the join token was redeemed with other keys")]
    Used {
        /// Whose token it is.
        agency: AgencyCode,
        /// How often that has happened with it by now.
        times: u32,
    },
    /// A key was certified before.
    #[error("a key has a certificate already")]
    KeyUsed,
    /// Certificates could not be issued.
    #[error("certificates could not be issued")]
    Issuing,
    /// Ours.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A new pair of certificates for an existing stream.
#[derive(Debug, Clone)]
pub struct Renewed {
    /// Both of them.
    pub certificates: Vec<Certificate>,
    /// What is answered, now and to every repetition.
    pub reply: String,
}

/// Two keys for which a stream wants certificates.
#[derive(Debug, Clone, Copy)]
pub struct NewKeys<'a> {
    /// The hash of both.
    pub binding: [u8; 32],
    /// The one for messages, an uncompressed point.
    pub seal_point: &'a [u8],
}

/// Why a stream gets no new certificates.
#[derive(Debug, Error)]
pub enum NotRenewed {
    /// The stream was revoked, for ever.
    #[error("the stream was revoked")]
    Revoked,
    /// A key was certified before, for another stream or in another pair.
    #[error("a key has a certificate already")]
    KeyUsed,
    /// It has as many as it may have, until the first of them expires (seconds since the Unix epoch).
    #[error("the stream has too many valid certificates")]
    TooMany {
        /// When the oldest expires.
        until: i64,
    },
    /// The attempt's token was used before.
    #[error("the token was used before")]
    Replayed,
    /// A newer seal certificate was issued than the one that signs.
    #[error("a newer seal certificate was issued to this stream")]
    Superseded,
    /// The last seal certificate is still valid: renewal is the way.
    #[error("the last certificates are still valid")]
    Early,
    /// It has recovered as often as it may.
    #[error("the stream has recovered too often")]
    Exhausted,
    /// Certificates could not be issued.
    #[error("certificates could not be issued")]
    Issuing,
    /// Ours.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Issues a new pair for a stream of an agency; the authority stays outside the store.
pub type Renew<'a> = &'a dyn Fn(&Agency) -> Option<Renewed>;

/// Issues what an agency gets for its join token; the authority stays outside the store.
pub type Enrol<'a> = &'a dyn Fn(&Agency) -> Option<Enrolled>;
