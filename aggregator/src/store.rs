//! The port behind which the aggregator's database stands. SQLite is the embedded default; PostgreSQL comes as a second
//! adapter. No SQL outside the adapters.

mod membership;
pub mod sqlite;

use gradimento_common::disclosure::Policy;
use gradimento_common::epoch::StreamTotals;
use gradimento_common::ids::{AgencyCode, Edition, StreamId};
use gradimento_common::jose::Thumbprint;
use gradimento_common::merkle::Hash;
use gradimento_common::message::Head;
use gradimento_common::modi::BodyDigest;
use gradimento_common::receipt::Receipt;
use jiff::Timestamp;
use thiserror::Error;

use crate::publish::Rollup;
use crate::publish::breakdowns::Published;
use crate::publish::noisy::NoisyRollup;
use crate::registry::{Agency, Certificate, StreamState};
use crate::renewal::Recovery;
use crate::verify::SoundMessage;
pub use membership::{Enrol, Enrolled, NewKeys, NotRedeemed, NotRenewed, Renew, Renewed};

/// Why the store did not do what was asked. Ours or the operator's to mend.
#[derive(Debug, Error)]
pub enum StoreError {
    /// Somebody else held the database for as long as we wait.
    #[error("the database is busy")]
    Busy,
    /// The database refused.
    #[error("the database: {0}")]
    Database(rusqlite::Error),
    /// The file fails the database's own check.
    #[error("the database is damaged ({0}): keep a copy of the files as they are, and restore the last backup")]
    Damaged(String),
    /// Answers that were promised would not be safe.
    #[error("the database is not safe: {0}")]
    Unsafe(String),
    /// Something in the database contradicts itself.
    #[error("the database contradicts itself: {0}")]
    Contradiction(&'static str),
    /// A receipt could not be signed.
    #[error("a receipt could not be signed")]
    Signing,
}

/// `SQLITE_IOERR_SHORT_READ`: a file ends before what it is known to hold.
const SHORT_READ: i32 = 522;

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => Self::Busy,
            Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase) => Self::Damaged(error.to_string()),
            _ if error.sqlite_error().is_some_and(|error| error.extended_code == SHORT_READ) => {
                Self::Damaged(error.to_string())
            }
            _ => Self::Database(error),
        }
    }
}

/// What became of a sound message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Accepted {
    /// It is in the ledger, and so are its batches in the rollups.
    New(String),
    /// It was there already; this is the receipt that it got then.
    Before(String),
}

/// Why the ledger did not take a sound message.
#[derive(Debug, Error)]
pub enum Refused {
    /// The attempt's token was used before.
    #[error("the token was used before")]
    Replayed,
    /// It does not continue the stream.
    #[error("the stream expects another message")]
    Gap(Head),
    /// Another body stands under its number; both are kept, and the stream is quarantined.
    #[error("another message was accepted under this number")]
    Equivocation,
    /// Breakdowns of these cells were released before; another draw of their noise may not be published.
    #[error("breakdowns of this service and month were released before")]
    ReleasedBefore,
    /// The stream is quarantined.
    #[error("the stream is quarantined")]
    Quarantined,
    /// Ours.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Which rollups are wanted; all where nothing is named.
#[derive(Debug, Clone, Default)]
pub struct RollupFilter {
    /// Of this agency.
    pub agency: Option<AgencyCode>,
    /// Of services of this id.
    pub service: Option<String>,
    /// Of answers to this questionnaire, in any version.
    pub questionnaire: Option<String>,
    /// Of answers that came this way, `open` or `ticketed`.
    pub assurance: Option<String>,
    /// Of agencies of this category.
    pub category: Option<String>,
    /// Of agencies in this territory.
    pub territory: Option<String>,
    /// Of this month, `2026-11`.
    pub period: Option<String>,
}

/// Where a stream stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamStanding {
    /// Whose it is.
    pub agency: AgencyCode,
    /// Which one.
    pub stream: StreamId,
    /// What may be taken from it.
    pub state: StreamState,
    /// When its last message entered the ledger, in seconds since the Unix epoch.
    pub last_received: Option<i64>,
}

/// What is kept beside a body of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredProof {
    /// Which leaf.
    pub index: u64,
    /// The body's digest.
    pub digest: BodyDigest,
    /// The `Agid-JWT-Signature` token that came with it.
    pub signature: String,
    /// The receipt that was given for it.
    pub receipt: String,
    /// When it came, in seconds since the Unix epoch.
    pub received_at: i64,
}

/// Signs a receipt; the key stays outside the store.
pub type SignReceipt<'a> = &'a dyn Fn(&Receipt) -> Option<String>;

/// What the aggregator remembers. Calls block: they are made off the event loop.
pub trait Store: Send + Sync {
    /// Adds an agency, or changes what is known of it.
    ///
    /// # Errors
    /// Where the database refuses.
    fn put_agency(&self, agency: &Agency) -> Result<(), StoreError>;

    /// An agency.
    ///
    /// # Errors
    /// Where the database refuses.
    fn agency(&self, code: &AgencyCode) -> Result<Option<Agency>, StoreError>;

    /// Opens a stream for an agency, at epoch 1 and before its first message.
    ///
    /// # Errors
    /// Where the agency is not known or the stream exists.
    fn open_stream(&self, agency: &AgencyCode, stream: StreamId) -> Result<(), StoreError>;

    /// All agencies, in the order of their codes.
    ///
    /// # Errors
    /// Where the database refuses.
    fn agencies(&self) -> Result<Vec<Agency>, StoreError>;

    /// The streams of an agency, with what may be taken from them.
    ///
    /// # Errors
    /// Where the database refuses.
    fn streams(&self, agency: &AgencyCode) -> Result<Vec<(StreamId, StreamState)>, StoreError>;

    /// Sets what may be taken from a stream.
    ///
    /// # Errors
    /// Where the database refuses.
    fn set_stream_state(&self, stream: StreamId, state: StreamState, now: Timestamp) -> Result<(), StoreError>;

    /// Ends all streams of an agency for ever, and its join tokens that nobody has redeemed. Yields the streams that this ended.
    ///
    /// # Errors
    /// Where the database refuses.
    fn revoke(&self, agency: &AgencyCode, now: Timestamp) -> Result<Vec<StreamId>, StoreError>;

    /// Opens the quarantined streams of an agency again; the body that the ledger has is the one that counts. Yields them.
    ///
    /// # Errors
    /// Where the database refuses.
    fn release(&self, agency: &AgencyCode, now: Timestamp) -> Result<Vec<StreamId>, StoreError>;

    /// Every stream with what may be taken from it and when something last was, for whoever watches over the fleet.
    ///
    /// # Errors
    /// Where the database refuses.
    fn fleet(&self) -> Result<Vec<StreamStanding>, StoreError>;

    /// Serials of all certificates of revoked streams, with the instant of revocation.
    ///
    /// # Errors
    /// Where the database refuses.
    fn revoked(&self) -> Result<Vec<([u8; 16], Timestamp)>, StoreError>;

    /// Publishes a questionnaire, for ever: its token is never replaced.
    ///
    /// # Errors
    /// Where that version exists.
    fn put_questionnaire(&self, edition: &Edition, token: &str) -> Result<(), StoreError>;

    /// Every published questionnaire, as it was signed.
    ///
    /// # Errors
    /// Where the database refuses.
    fn questionnaires(&self) -> Result<Vec<(Edition, String)>, StoreError>;

    /// Remembers a policy, for ever, and returns what is remembered under its number: another one, where that was taken.
    ///
    /// # Errors
    /// Where the database refuses.
    fn remember_policy(&self, policy: Policy) -> Result<Policy, StoreError>;

    /// Every policy that is remembered, in the order of their numbers.
    ///
    /// # Errors
    /// Where the database refuses.
    fn policies(&self) -> Result<Vec<Policy>, StoreError>;

    /// Registers a certificate of an existing stream.
    ///
    /// # Errors
    /// Where the stream is not known or the certificate exists.
    fn put_certificate(&self, certificate: &Certificate) -> Result<(), StoreError>;

    /// The certificate of this thumbprint, with the present state of its stream.
    ///
    /// # Errors
    /// Where the database refuses.
    fn certificate(&self, thumbprint: Thumbprint) -> Result<Option<Certificate>, StoreError>;

    /// Takes back a certificate that was issued here and that the registry has lost, with its stream if that is lost too, and
    /// yields what the registry says of it now. `None` where its agency is not known, or its stream is another's.
    ///
    /// # Errors
    /// Where the database refuses, or its key is another stream's.
    fn readmit(&self, certificate: &Certificate) -> Result<Option<Certificate>, StoreError>;

    /// Keeps a join token, by the hash of its secret, until `expires` (seconds since the Unix epoch).
    ///
    /// # Errors
    /// Where the agency is not known.
    fn put_invitation(&self, secret_hash: [u8; 32], agency: &AgencyCode, expires: i64) -> Result<(), StoreError>;

    /// Redeems a join token for these keys, once; the same keys get the same reply again.
    ///
    /// # Errors
    /// Where the token is unknown, expired or bound to other keys; nothing comes into being then.
    fn redeem(&self, secret_hash: [u8; 32], keys: [u8; 32], now: Timestamp, enrol: Enrol<'_>) -> Result<String, NotRedeemed>;

    /// Gives a stream a new pair of certificates; the same keys get the same reply again while its certificates are valid.
    ///
    /// # Errors
    /// Where the stream may not have them; nothing changes then.
    fn renew(&self, stream: StreamId, keys: NewKeys<'_>, now: Timestamp, issue: Renew<'_>) -> Result<String, NotRenewed>;

    /// The same for a stream whose certificates have expired, a few times until a person approves.
    ///
    /// # Errors
    /// Where the stream may not have them; of a refusal only the token's id is kept.
    fn recover(&self, request: &Recovery, keys: NewKeys<'_>, now: Timestamp, issue: Renew<'_>) -> Result<String, NotRenewed>;

    /// Lets the streams of an agency recover again, as often as new ones. Yields how many streams that are.
    ///
    /// # Errors
    /// Where the database refuses.
    fn approve_recoveries(&self, agency: &AgencyCode) -> Result<usize, StoreError>;

    /// The end of a stream.
    ///
    /// # Errors
    /// Where the database refuses.
    fn head(&self, stream: StreamId) -> Result<Option<Head>, StoreError>;

    /// How many responses are in all batches of a stream, by key, and until which month it has released breakdowns.
    ///
    /// # Errors
    /// Where the database refuses.
    fn stream_totals(&self, stream: StreamId) -> Result<StreamTotals, StoreError>;

    /// Puts a message into the ledger and its batches into the rollups, in one transaction, once.
    ///
    /// # Errors
    /// Where the ledger does not take it; only a refusal for equivocation changes anything then.
    fn accept(&self, message: &SoundMessage, now: Timestamp, sign: SignReceipt<'_>) -> Result<Accepted, Refused>;

    /// How many leaves the ledger has.
    ///
    /// # Errors
    /// Where the database refuses.
    fn ledger_size(&self) -> Result<u64, StoreError>;

    /// Up to `count` hashes of row `level` of the ledger's tiles, from `first`: leaf hashes at level 0, roots of full tiles above.
    ///
    /// # Errors
    /// Where the database refuses.
    fn row_hashes(&self, level: u8, first: u64, count: u64) -> Result<Vec<Hash>, StoreError>;

    /// What proves up to `count` entries from leaf `first`.
    ///
    /// # Errors
    /// Where the database refuses.
    fn proofs(&self, first: u64, count: u64) -> Result<Vec<StoredProof>, StoreError>;

    /// Up to `count` bodies from leaf `first`.
    ///
    /// # Errors
    /// Where the database refuses.
    fn bodies(&self, first: u64, count: u64) -> Result<Vec<Vec<u8>>, StoreError>;

    /// The sums of batches, by service and month.
    ///
    /// # Errors
    /// Where the database refuses.
    fn rollups(&self, filter: &RollupFilter) -> Result<Vec<Rollup>, StoreError>;

    /// The sums of noisy batches, by service and month.
    ///
    /// # Errors
    /// Where the database refuses.
    fn noisy_rollups(&self, filter: &RollupFilter) -> Result<Vec<NoisyRollup>, StoreError>;

    /// Breakdowns; of the filter, category and territory are not looked at.
    ///
    /// # Errors
    /// Where the database refuses.
    fn breakdowns(&self, filter: &RollupFilter) -> Result<Vec<Published>, StoreError>;
}
