//! Putting a backup in place. What comes out of it does not know what has been sent since, so it is marked before it can be used;
//! `epoch` does the rest once the aggregator is reached.

use std::ffi::OsString;
use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use crate::backup::{BackupError, at, keep_private, sync_folder};
use crate::identity::{Identity, file};
use crate::installation::database;
use crate::mint;
use crate::store::copy::{copy, is_in_use, mark_restored};

/// Puts the backup in `folder` into the data folder. An installation that is there already is moved aside where `force` says so,
/// to the folder that is returned.
///
/// Form tokens and tickets that were handed out before are not recognised afterwards: which of them have counted since the backup
/// is not known, and nobody may count twice. Back ends that make tickets themselves need the new key.
///
/// # Errors
/// Where the backup is not whole, there is an installation already, or a process uses it.
pub fn restore(folder: &Path, data: &Path, force: bool) -> Result<Option<PathBuf>, BackupError> {
    let identity = Identity::read(folder)?.ok_or_else(|| BackupError::NotThere(folder.to_owned()))?;
    fs::create_dir_all(data).map_err(at(data))?;
    let there: Vec<PathBuf> = installed(data).into_iter().filter(|path| path.exists()).collect();
    if !there.is_empty() && !force {
        return Err(BackupError::Occupied(data.to_owned()));
    }
    if database(data).exists() && is_in_use(&database(data)) {
        return Err(BackupError::InUse(database(data)));
    }
    let new = suffixed(&database(data), ".new");
    for leftover in [new.clone(), suffixed(&new, "-wal"), suffixed(&new, "-shm")] {
        if leftover.exists() {
            fs::remove_file(&leftover).map_err(at(&leftover))?;
        }
    }
    copy(&database(folder), &new)?;
    mark_restored(&new)?;
    keep_private(&new)?;
    let aside = if there.is_empty() { None } else { Some(move_aside(&there, data)?) };
    fs::rename(&new, database(data)).map_err(at(data))?;
    // Last: without it, whatever else is there is no collector.
    Identity { token_secret: rand::random(), ..identity }.keep(data)?;
    Ok(aside)
}

/// Every file that belongs to an installation.
fn installed(data: &Path) -> [PathBuf; 5] {
    let database = database(data);
    [file(data), mint::folder(data), suffixed(&database, "-wal"), suffixed(&database, "-shm"), database]
}

fn suffixed(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

fn move_aside(there: &[PathBuf], data: &Path) -> Result<PathBuf, BackupError> {
    let aside = data.join(format!("before-restore-{:016x}", rand::random::<u64>()));
    DirBuilder::new().mode(0o700).create(&aside).map_err(at(&aside))?;
    for path in there.iter().filter(|path| path.exists()) {
        fs::rename(path, aside.join(path.file_name().unwrap_or_default())).map_err(at(path))?;
    }
    sync_folder(&aside)?;
    sync_folder(data)?;
    Ok(aside)
}
