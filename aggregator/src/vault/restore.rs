//! Putting a copy of the database in its place. The log of the former database must not stay: SQLite would replay it into the copy.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::{VaultError, at, database, sync_folder};
use crate::store::StoreError;
use crate::store::sqlite::SqliteStore;

/// Says when the database was restored last.
const RESTORED: &str = "restored";

/// Puts a copy of `file` in the place of the database, once it is known to be whole and an aggregator's. Yields the folder that
/// holds the former one, where there was one.
///
/// # Errors
/// Where the copy cannot be used, or something serves; nothing has changed then.
pub fn restore(folder: &Path, file: &Path, now: Timestamp) -> Result<Option<PathBuf>, VaultError> {
    let place = database(folder);
    let new = suffixed(&place, ".new");
    let leftovers = [new.clone(), suffixed(&new, "-journal")];
    for leftover in leftovers.iter().filter(|path| path.exists()) {
        fs::remove_file(leftover).map_err(at(leftover))?;
    }
    if !file.exists() {
        return Err(VaultError::Missing(file.to_owned()));
    }
    SqliteStore::recognise(file)?;
    SqliteStore::copy(file, &new)?;
    fs::set_permissions(&new, Permissions::from_mode(0o600)).map_err(at(&new))?;
    fs::File::open(&new).and_then(|file| file.sync_all()).map_err(at(&new))?;
    remember(folder, now)?;
    let exchanged = exchange(folder, &place, &new, now);
    if exchanged.is_err() {
        let _ = fs::remove_file(&new);
    }
    exchanged
}

/// When the database was restored last; `None` where it never was. What its registry has lost is taken back from those who show
/// that they had it before.
///
/// # Errors
/// Where the file that says so cannot be read.
pub fn restored(folder: &Path) -> Result<Option<Timestamp>, VaultError> {
    let path = folder.join(RESTORED);
    match fs::read_to_string(&path) {
        Ok(text) => text.trim().parse().map(Some).map_err(|_| VaultError::Restored(path)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(at(&path)(error)),
    }
}

/// Written before the copy is in place: a start after a crash in between is told of a restore too many, not too few.
fn remember(folder: &Path, now: Timestamp) -> Result<(), VaultError> {
    let (path, new) = (folder.join(RESTORED), folder.join(format!("{RESTORED}.new")));
    let written = fs::write(&new, format!("{now}\n")).and_then(|()| fs::File::open(&new)?.sync_all());
    written.and_then(|()| fs::rename(&new, &path)).map_err(at(&path))?;
    sync_folder(folder)
}

fn exchange(folder: &Path, place: &Path, new: &Path, now: Timestamp) -> Result<Option<PathBuf>, VaultError> {
    if !place.exists() {
        fs::rename(new, place).map_err(at(place))?;
        return sync_folder(folder).map(|()| None);
    }
    // Held until the copy is in place, so that nothing starts on the former one meanwhile.
    let _alone = SqliteStore::alone(place).map_err(|error| match error {
        StoreError::Busy => VaultError::InUse(place.to_owned()),
        error => error.into(),
    })?;
    let aside = folder.join(format!("before-restore-{}", now.strftime("%Y%m%dT%H%M%SZ")));
    DirBuilder::new().mode(0o700).create(&aside).map_err(at(&aside))?;
    // A second name and not another place: at no moment is there no database, for which a start could make an empty one.
    let kept = aside.join(place.file_name().unwrap_or_default());
    fs::hard_link(place, &kept).map_err(at(&kept))?;
    for path in ["-wal", "-shm"].map(|suffix| suffixed(place, suffix)).iter().filter(|path| path.exists()) {
        fs::rename(path, aside.join(path.file_name().unwrap_or_default())).map_err(at(path))?;
    }
    sync_folder(&aside)?;
    fs::rename(new, place).map_err(at(place))?;
    sync_folder(folder).map(|()| Some(aside))
}

fn suffixed(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}
