//! The folder is made once, and whole: beside its place first, so that whatever ends `init` midway leaves nothing that the next one
//! could not finish.

use std::fs;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;

use gradimento_common::jose::{Signer, TokenKind};
use gradimento_common::questionnaire::{Questionnaire, SHIPPED};
use jiff::Timestamp;
use ring::rand::SystemRandom;
use ring::signature::Ed25519KeyPair;

use super::{DATABASE, FILES, Vault, VaultError, at, open, sync_folder, write};
use crate::pki::Authority;
use crate::store::sqlite::SqliteStore;
use crate::store::{Store as _, StoreError};

/// Where a folder grows. What an earlier attempt left here was never used by anybody.
const GROWING: &str = "init-begun";
/// Where everything is, and goes into its place from file by file.
const GROWN: &str = "init-done";

/// Makes the folder: authority, keys, database, and the shipped questionnaires, signed.
///
/// # Errors
/// Where it has been made before, or cannot be written.
pub fn create(folder: &Path, ledger_name: &str, now: Timestamp) -> Result<Vault, VaultError> {
    fs::create_dir_all(folder).map_err(at(folder))?;
    let grown = folder.join(GROWN);
    if !grown.exists() {
        if let Some(existing) = files().map(|name| folder.join(name)).find(|path| path.exists()) {
            return Err(VaultError::Exists(existing));
        }
        grow(&folder.join(GROWING), ledger_name, now)?;
        fs::rename(folder.join(GROWING), &grown).map_err(at(&grown))?;
        sync_folder(folder)?;
    }
    for name in files().filter(|name| grown.join(name).exists()) {
        fs::rename(grown.join(name), folder.join(name)).map_err(at(&folder.join(name)))?;
    }
    // On the disk before the place that they came from goes.
    sync_folder(folder)?;
    fs::remove_dir(&grown).map_err(at(&grown))?;
    open(folder, ledger_name)
}

fn files() -> impl Iterator<Item = &'static str> {
    FILES.into_iter().chain([DATABASE])
}

fn grow(folder: &Path, ledger_name: &str, now: Timestamp) -> Result<(), VaultError> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(at(folder))?;
    }
    fs::DirBuilder::new().mode(0o700).create(folder).map_err(at(folder))?;
    let files = Authority::create(now)?;
    let authority = Authority::from_files(&files)?;
    let seal = authority.issue_own_seal("Gradimento", rand::random(), now)?;
    let ledger = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| VaultError::Key("ledger.key"))?;
    let root_key = files.root_key.as_deref().unwrap_or_default();
    write(folder, "root.pem", files.root_certificate.as_bytes())?;
    write(folder, "root.key", root_key.as_bytes())?;
    write(folder, "issuing.pem", files.issuing_certificate.as_bytes())?;
    write(folder, "issuing.key", files.issuing_key.as_bytes())?;
    write(folder, "seal.der", &seal.issued.der)?;
    write(folder, "seal.key", seal.key.secret_pkcs8_der())?;
    write(folder, "ledger.key", ledger.as_ref())?;
    publish_shipped(folder, &open(folder, ledger_name)?.signer)?;
    sync_folder(folder)
}

fn publish_shipped(folder: &Path, signer: &Signer) -> Result<(), VaultError> {
    let store = SqliteStore::open(&super::database(folder))?;
    for document in SHIPPED {
        let questionnaire: Questionnaire =
            serde_json::from_str(document).map_err(|_| StoreError::Contradiction("a shipped questionnaire is unsound"))?;
        let token =
            signer.sign_bytes(TokenKind::Questionnaire, document.as_bytes()).map_err(|_| VaultError::Key("seal.key"))?;
        store.put_questionnaire(&questionnaire.edition(), &token)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-10-01T12:00:00Z".parse().unwrap()
    }

    fn root(folder: &Path) -> Result<[u8; 32], VaultError> {
        create(folder, "ledger.example", now()).map(|vault| vault.authority.root_fingerprint())
    }

    #[test]
    fn a_making_that_was_cut_off_while_files_went_into_place_is_finished_and_never_begun_again() {
        for moved in 0..files().count() {
            let folder = tempfile::tempdir().unwrap();
            let made = root(folder.path()).unwrap();
            let grown = folder.path().join(GROWN);
            fs::create_dir(&grown).unwrap();
            for name in files().skip(moved) {
                fs::rename(folder.path().join(name), grown.join(name)).unwrap();
            }
            assert_eq!(root(folder.path()).unwrap(), made);
            assert!(!grown.exists() && super::super::database(folder.path()).exists());
            assert!(matches!(root(folder.path()), Err(VaultError::Exists(_))));
        }
    }

    #[test]
    fn a_making_that_was_cut_off_earlier_begins_anew() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(GROWING)).unwrap();
        fs::write(folder.path().join(GROWING).join("root.pem"), "half").unwrap();
        root(folder.path()).unwrap();
        assert!(!folder.path().join(GROWING).exists());
    }

    #[test]
    fn a_folder_with_any_file_of_an_aggregator_is_left_alone() {
        for name in files() {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join(name), "kept").unwrap();
            assert!(matches!(root(folder.path()), Err(VaultError::Exists(_))), "{name}");
            assert_eq!(fs::read(folder.path().join(name)).unwrap(), b"kept");
        }
    }
}
