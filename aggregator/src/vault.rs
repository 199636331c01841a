//! The aggregator's folder: its database, its authority and its keys, made once by `init` and read at every start.

mod create;
mod restore;

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use gradimento_common::checkpoint::NoteSigner;
use gradimento_common::jose::{SealKey, Signer};
use thiserror::Error;

use crate::pki::{Authority, AuthorityFault, AuthorityFiles};
use crate::store::StoreError;
use crate::store::sqlite::SqliteStore;
pub use create::create;
pub use restore::{restore, restored};

/// What an aggregator is, beside its database.
pub struct Vault {
    /// Issues certificates.
    pub authority: Authority,
    /// Signs receipts and documents.
    pub signer: Signer,
    /// The certificate of that signer, DER.
    pub seal: Vec<u8>,
    /// Signs checkpoints.
    pub ledger: NoteSigner,
}

/// Why the folder cannot be made or used.
#[derive(Debug, Error)]
pub enum VaultError {
    /// The file system.
    #[error("{path}: {error}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What happened.
        error: io::Error,
    },
    /// It has been made before.
    #[error("{0} exists: this aggregator has been set up before")]
    Exists(PathBuf),
    /// What should be read is not there.
    #[error("{0} is not there")]
    Missing(PathBuf),
    /// Another process has the database open.
    #[error("{0} is in use: stop the aggregator first")]
    InUse(PathBuf),
    /// Something stands where a backup should be made.
    #[error("{0} exists: a backup is never written over")]
    Taken(PathBuf),
    /// The instant of the last restore.
    #[error("{0} does not say when the database was restored")]
    Restored(PathBuf),
    /// The authority.
    #[error(transparent)]
    Authority(#[from] AuthorityFault),
    /// A key cannot be read.
    #[error("{0} is not a key of this aggregator")]
    Key(&'static str),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

const FILES: [&str; 7] = ["root.pem", "root.key", "issuing.pem", "issuing.key", "seal.der", "seal.key", "ledger.key"];
const DATABASE: &str = "aggregator.sqlite";

/// Where the database is.
#[must_use]
pub fn database(folder: &Path) -> PathBuf {
    folder.join(DATABASE)
}

/// Reads the folder. The root's key need not be there: it belongs off line.
///
/// # Errors
/// Where a file is missing or is not what it should be.
pub fn open(folder: &Path, ledger_name: &str) -> Result<Vault, VaultError> {
    let files = AuthorityFiles {
        root_certificate: text(folder, "root.pem")?,
        root_key: None,
        issuing_certificate: text(folder, "issuing.pem")?,
        issuing_key: text(folder, "issuing.key")?,
    };
    let authority = Authority::from_files(&files)?;
    let seal = read(folder, "seal.der")?;
    let key = SealKey::from_pkcs8(&read(folder, "seal.key")?).map_err(|_| VaultError::Key("seal.key"))?;
    let chain = [seal.clone(), authority.issuing_der().to_vec()];
    let signer = Signer::new(key, &chain).map_err(|_| VaultError::Key("seal.der"))?;
    let ledger = NoteSigner::from_pkcs8(ledger_name, &read(folder, "ledger.key")?);
    Ok(Vault { authority, signer, seal, ledger: ledger.map_err(|_| VaultError::Key("ledger.key"))? })
}

/// Opens the database. One that is missing is not made: an empty ledger would have lost everything, without a word.
///
/// # Errors
/// Where it is missing or cannot be used.
pub fn store(folder: &Path) -> Result<SqliteStore, VaultError> {
    let database = database(folder);
    if database.exists() { Ok(SqliteStore::open(&database)?) } else { Err(VaultError::Missing(database)) }
}

/// Copies the database into the new file `target`: made beside it, synced, and put in its place last. Keys are not in it.
///
/// # Errors
/// Where `target` exists, or something cannot be read or written.
pub fn backup(folder: &Path, target: &Path) -> Result<(), VaultError> {
    if target.exists() {
        return Err(VaultError::Taken(target.to_owned()));
    }
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let beside = target.with_file_name(format!(".{name}.{:016x}", rand::random::<u64>()));
    let made = copy(folder, &beside, target);
    if made.is_err() {
        // Half a copy helps nobody.
        let _ = fs::remove_file(&beside);
    }
    made
}

fn copy(folder: &Path, beside: &Path, target: &Path) -> Result<(), VaultError> {
    SqliteStore::copy(&database(folder), beside)?;
    let durable = || {
        fs::set_permissions(beside, fs::Permissions::from_mode(0o600))?;
        fs::File::open(beside)?.sync_all()?;
        fs::rename(beside, target)?;
        let parent = target.parent().filter(|parent| *parent != Path::new("")).unwrap_or(Path::new("."));
        fs::File::open(parent)?.sync_all()
    };
    durable().map_err(|error| VaultError::File { path: target.to_owned(), error })
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> VaultError + '_ {
    move |error| VaultError::File { path: path.to_owned(), error }
}

fn sync_folder(folder: &Path) -> Result<(), VaultError> {
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(at(folder))
}

fn write(folder: &Path, name: &str, content: &[u8]) -> Result<(), VaultError> {
    let path = folder.join(name);
    let written = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).and_then(|mut file| {
        file.write_all(content)?;
        file.sync_all()
    });
    written.map_err(|error| VaultError::File { path, error })
}

fn read(folder: &Path, name: &str) -> Result<Vec<u8>, VaultError> {
    let path = folder.join(name);
    fs::read(&path).map_err(|error| VaultError::File { path, error })
}

fn text(folder: &Path, name: &'static str) -> Result<String, VaultError> {
    String::from_utf8(read(folder, name)?).map_err(|_| VaultError::Key(name))
}
