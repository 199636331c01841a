//! Who this collector is: its keys, the secret under which it makes tokens, and what the aggregator said when it joined. One
//! file, replaced as a whole, so that a crash leaves the old identity or the new one.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use gradimento_common::encoding::{base64, from_base64};
use gradimento_common::enrolment::EnrolmentReply;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::enrolment::Keys;

/// Where it is kept, in the data folder.
#[must_use]
pub fn file(folder: &Path) -> PathBuf {
    folder.join("identity.json")
}

/// The keys and what belongs to them. There is no `Debug`: everything in it is secret.
pub struct Identity {
    /// The keys in use, or, before joining, the keys that will ask.
    pub keys: Keys,
    /// Under which form tokens and tickets are made.
    pub token_secret: [u8; 32],
    /// Membership, once joined.
    pub membership: Option<Membership>,
    /// New keys for which certificates have been asked: kept before they are sent, so that a lost reply costs nothing.
    pub next_keys: Option<Keys>,
}

/// What the aggregator said, and where it was found.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Membership {
    /// The aggregator's public address, without a path, as the join token named it.
    pub aggregator: String,
    /// Its reply; the certificates in it are replaced at each renewal.
    pub reply: EnrolmentReply,
}

/// Why the identity cannot be read or kept.
#[derive(Debug, Error)]
pub enum IdentityError {
    /// The file system.
    #[error("{path}: {error}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What happened.
        error: io::Error,
    },
    /// It is not what was written.
    #[error("{0} is damaged: restore it from a backup, or join again with a new token")]
    Damaged(PathBuf),
    /// The keys cannot be made.
    #[error("the system cannot make keys")]
    Keys,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    keys: WrittenKeys,
    token_secret: String,
    membership: Option<Membership>,
    next_keys: Option<WrittenKeys>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenKeys {
    tls: String,
    seal: String,
}

impl WrittenKeys {
    fn of(keys: &Keys) -> Self {
        Self { tls: base64(&keys.tls_pkcs8()), seal: base64(&keys.seal_pkcs8()) }
    }

    fn read(&self) -> Option<Keys> {
        Keys::from_pkcs8(&from_base64(&self.tls)?, &from_base64(&self.seal)?).ok()
    }
}

impl Identity {
    /// A new one, with fresh keys and a fresh secret, that has not joined yet.
    ///
    /// # Errors
    /// Where the system has no randomness.
    pub fn generate() -> Result<Self, IdentityError> {
        let keys = Keys::generate().map_err(|_| IdentityError::Keys)?;
        Ok(Self { keys, token_secret: rand::random(), membership: None, next_keys: None })
    }

    /// Reads the identity of an installation; `None` where there is none yet.
    ///
    /// # Errors
    /// Where the file is there and cannot be read.
    pub fn read(folder: &Path) -> Result<Option<Self>, IdentityError> {
        let path = file(folder);
        match fs::read(&path) {
            Ok(bytes) => Self::from_bytes(&bytes).map(Some).ok_or(IdentityError::Damaged(path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(IdentityError::File { path, error }),
        }
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let written: Written = serde_json::from_slice(bytes).ok()?;
        let next_keys = match written.next_keys {
            Some(keys) => Some(keys.read()?),
            None => None,
        };
        Some(Self {
            keys: written.keys.read()?,
            token_secret: from_base64(&written.token_secret)?.try_into().ok()?,
            membership: written.membership,
            next_keys,
        })
    }

    /// Keeps it: written beside the old one, synced, then put in its place.
    ///
    /// # Errors
    /// Where the folder cannot be written; the old one stays.
    pub fn keep(&self, folder: &Path) -> Result<(), IdentityError> {
        let (path, beside) = (file(folder), folder.join("identity.json.new"));
        let written = Written {
            keys: WrittenKeys::of(&self.keys),
            token_secret: base64(&self.token_secret),
            membership: self.membership.clone(),
            next_keys: self.next_keys.as_ref().map(WrittenKeys::of),
        };
        let bytes = serde_json::to_vec(&written).map_err(|_| IdentityError::Damaged(path.clone()))?;
        replace(&beside, &path, &bytes).map_err(|error| IdentityError::File { path, error })
    }
}

pub(crate) fn replace(beside: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(beside, path)?;
    // The rename itself is durable once the folder is.
    path.parent().map_or(Ok(()), |folder| fs::File::open(folder)?.sync_all())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn an_identity_is_kept_and_read_back_by_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Identity::read(folder.path()).unwrap().is_none());
        let mut identity = Identity::generate().unwrap();
        identity.next_keys = Some(Keys::generate().unwrap());
        identity.keep(folder.path()).unwrap();
        let back = Identity::read(folder.path()).unwrap().unwrap();
        assert_eq!(back.keys.tls_pkcs8(), identity.keys.tls_pkcs8());
        assert_eq!(back.token_secret, identity.token_secret);
        assert_eq!(back.next_keys.unwrap().seal_pkcs8(), identity.next_keys.unwrap().seal_pkcs8());
        let mode = fs::metadata(file(folder.path())).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_identity_is_told_and_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(file(folder.path()), b"{}").unwrap();
        assert!(matches!(Identity::read(folder.path()), Err(IdentityError::Damaged(_))));
    }
}
