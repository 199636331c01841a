//! A backup: database and identity of one installation in a folder of their own, whole or not there. May run beside a serving
//! collector.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::identity::{Identity, IdentityError, file, replace};
use crate::installation::database;
use crate::store::StoreError;
use crate::store::copy::copy;

/// Why there is no backup, or why one was not put in place. Nothing has changed then, unless it says so.
#[derive(Debug, Error)]
pub enum BackupError {
    /// The file system.
    #[error("{path}: {error}")]
    File {
        /// Which file or folder.
        path: PathBuf,
        /// What happened.
        error: io::Error,
    },
    /// Something stands where the backup should be made.
    #[error("{0} exists: a backup is never written over")]
    Exists(PathBuf),
    /// There is nothing to be copied.
    #[error("{0} holds no collector")]
    NotThere(PathBuf),
    /// There is an installation where the backup should go.
    #[error("{0} holds a collector already: `--force` moves it aside")]
    Occupied(PathBuf),
    /// A process uses the database.
    #[error("{0} is in use: stop the collector first")]
    InUse(PathBuf),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The identity.
    #[error(transparent)]
    Identity(#[from] IdentityError),
}

pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> BackupError + '_ {
    move |error| BackupError::File { path: path.to_owned(), error }
}

/// Copies the installation in `data` into the new folder `target`: made beside it, synced, and put in its place last.
///
/// # Errors
/// Where there is no installation, `target` exists, or something cannot be written.
pub fn backup(data: &Path, target: &Path) -> Result<(), BackupError> {
    if target.exists() {
        return Err(BackupError::Exists(target.to_owned()));
    }
    if Identity::read(data)?.is_none() {
        return Err(BackupError::NotThere(data.to_owned()));
    }
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let beside = target.with_file_name(format!(".{name}.{:016x}", rand::random::<u64>()));
    let made = fill(data, &beside).and_then(|()| fs::rename(&beside, target).map_err(at(target)));
    if made.is_err() {
        // Half a backup helps nobody; where even this fails, its name says what it is.
        let _ = fs::remove_dir_all(&beside);
    }
    made.and_then(|()| sync_folder(&parent(target)))
}

fn fill(data: &Path, folder: &Path) -> Result<(), BackupError> {
    // Nobody else may look in, not even while it is being written.
    DirBuilder::new().mode(0o700).create(folder).map_err(at(folder))?;
    copy(&database(data), &database(folder))?;
    keep_private(&database(folder))?;
    // After the database: an identity newer than it is of use, while keys older than those in use might have ended.
    let identity = fs::read(file(data)).map_err(at(data))?;
    replace(&folder.join("identity.json.new"), &file(folder), &identity).map_err(at(folder))?;
    Identity::read(folder)?;
    sync_folder(folder)
}

/// Readable by its owner only, and on the disk.
pub(crate) fn keep_private(path: &Path) -> Result<(), BackupError> {
    fs::set_permissions(path, Permissions::from_mode(0o600)).map_err(at(path))?;
    File::open(path).and_then(|file| file.sync_all()).map_err(at(path))
}

pub(crate) fn sync_folder(folder: &Path) -> Result<(), BackupError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(at(folder))
}

fn parent(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}
