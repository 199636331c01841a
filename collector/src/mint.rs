//! The mint of unlinkable tickets: an RSA key for each service and month, made when it is first asked for, kept in a file of
//! its own that only the collector's user reads, and deleted when no ticket of it can be spent any more. A key signs what a
//! browser has blinded; what it signed it never sees. One key for everybody in a month is what makes tickets alike.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use gradimento_common::calendar::{Day, Month};
use gradimento_common::ids::ServiceId;
use rsa::hazmat::rsa_decrypt_and_check;
use rsa::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _};
use rsa::traits::PublicKeyParts as _;
use rsa::{BoxedUint, PrivateKey};
use thiserror::Error;

use crate::intake::unlinkable::{MonthKey, is_current};

/// Bits of a key. It lives four months, and forging is all that breaking it would allow: who answered stays hidden whatever
/// becomes of the key.
const KEY_BITS: usize = 2048;

type Keys = BTreeMap<(ServiceId, Month), Arc<Signer>>;

/// Where the keys are, in the data folder. A restored backup starts without them: which of their tickets have been spent since
/// is not known.
#[must_use]
pub fn folder(data: &Path) -> PathBuf {
    data.join("unlinkable")
}

/// The keys of this installation.
pub struct Mint {
    folder: PathBuf,
    keys: Mutex<Keys>,
}

/// A month's key.
pub struct Signer {
    secret: PrivateKey,
    public: MonthKey,
}

/// Why there is no key, or no signature.
#[derive(Debug, Error)]
pub enum MintError {
    /// The folder of the keys.
    #[error("the keys of unlinkable tickets: {0}")]
    File(#[from] io::Error),
    /// What is in a file is no key.
    #[error("a key of unlinkable tickets is damaged, or cannot be made")]
    Key,
    /// What is to be signed is not a number below the key's modulus: the sender's to mend.
    #[error("not a blinded message of this key")]
    NotBlinded,
}

impl Mint {
    /// The mint whose keys are in the data folder.
    #[must_use]
    pub fn new(data: &Path) -> Self {
        Self { folder: folder(data), keys: Mutex::default() }
    }

    /// The key of a service's present month, made where there is none yet: that takes a second or so, once.
    ///
    /// # Errors
    /// Where it cannot be made or kept.
    pub fn present(&self, service: &ServiceId, today: Day) -> Result<Arc<Signer>, MintError> {
        let month = today.month();
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = self.find(&mut keys, service, month)? {
            return Ok(key);
        }
        self.forget_old(today)?;
        let secret = PrivateKey::new(&mut rand::rng(), KEY_BITS).map_err(|_| MintError::Key)?;
        self.keep(&self.file(service, month), secret.to_pkcs8_der().map_err(|_| MintError::Key)?.as_bytes())?;
        let key = Arc::new(Signer::new(secret));
        keys.insert((service.clone(), month), Arc::clone(&key));
        Ok(key)
    }

    /// The key of any month, if there is one. None is made for somebody who only says that he has a ticket.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn known(&self, service: &ServiceId, month: Month) -> Result<Option<Arc<Signer>>, MintError> {
        self.find(&mut self.keys.lock().unwrap_or_else(PoisonError::into_inner), service, month)
    }

    fn find(&self, keys: &mut Keys, service: &ServiceId, month: Month) -> Result<Option<Arc<Signer>>, MintError> {
        if let Some(key) = keys.get(&(service.clone(), month)) {
            return Ok(Some(Arc::clone(key)));
        }
        let der = match fs::read(self.file(service, month)) {
            Ok(der) => der,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let key = Arc::new(Signer::new(PrivateKey::from_pkcs8_der(&der).map_err(|_| MintError::Key)?));
        keys.insert((service.clone(), month), Arc::clone(&key));
        Ok(Some(key))
    }

    fn file(&self, service: &ServiceId, month: Month) -> PathBuf {
        self.folder.join(format!("{service}.{month}.der"))
    }

    /// Written beside its place and synced, then put there: what is there is whole, and has been there since it was first
    /// shown.
    fn keep(&self, path: &Path, der: &[u8]) -> io::Result<()> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        let beside = path.with_extension("new");
        let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
        file.write_all(der)?;
        file.sync_all()?;
        fs::rename(&beside, path)?;
        fs::File::open(&self.folder)?.sync_all()
    }

    /// Deletes the keys of months that are over for good.
    fn forget_old(&self, today: Day) -> io::Result<()> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        for path in entries.map(|entry| entry.map(|entry| entry.path())) {
            let path = path?;
            let month = path.file_stem().and_then(|stem| stem.to_str()?.rsplit('.').next()?.parse::<Month>().ok());
            if month.is_some_and(|month| month < today.month() && !is_current(month, today)) {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }
}

impl Signer {
    fn new(secret: PrivateKey) -> Self {
        let public = MonthKey { n: secret.n_bytes().into_vec(), e: secret.e_bytes().into_vec() };
        Self { secret, public }
    }

    /// The half that everybody may know.
    #[must_use]
    pub fn public(&self) -> &MonthKey {
        &self.public
    }

    /// Signs what was blinded (RFC 9474 section 4.3): the private operation, blinded once more against whoever measures its
    /// time, and checked against a fault that would give the key away.
    ///
    /// # Errors
    /// Where it is not a blinded message of this key.
    pub fn sign(&self, blinded: &[u8]) -> Result<Vec<u8>, MintError> {
        let length = self.secret.size();
        if blinded.len() != length {
            return Err(MintError::NotBlinded);
        }
        let number = BoxedUint::from_be_slice(blinded, self.secret.n_bits_precision()).map_err(|_| MintError::NotBlinded)?;
        let signed = rsa_decrypt_and_check(&self.secret, Some(&mut rand::rng()), &number).map_err(|_| MintError::NotBlinded)?;
        let bytes = signed.to_be_bytes();
        // A number takes whole words; a signature is as long as the modulus.
        let mut signature = vec![0; length.saturating_sub(bytes.len())];
        signature.extend(bytes.iter().skip(bytes.len().saturating_sub(length)));
        Ok(signature)
    }
}

impl std::fmt::Debug for Mint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mint({}, ..)", self.folder.display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_key_stays_for_its_month_and_is_deleted_when_it_is_over_for_good() {
        let folder = tempfile::tempdir().unwrap();
        let (service, november): (ServiceId, Day) = ("a".parse().unwrap(), "2026-11-24".parse().unwrap());
        let made = Mint::new(folder.path()).present(&service, november).unwrap();
        let file = folder.path().join("unlinkable/a.2026-11.der");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        let again = Mint::new(folder.path());
        assert_eq!(again.present(&service, november.later_by(6)).unwrap().public(), made.public());
        assert!(again.known(&service, "2026-10".parse().unwrap()).unwrap().is_none());
        again.forget_old("2027-03-02".parse().unwrap()).unwrap();
        assert!(file.exists());
        again.forget_old("2027-03-03".parse().unwrap()).unwrap();
        assert!(!file.exists());
        assert!(matches!(made.sign(&[0xff; 256]), Err(MintError::NotBlinded)), "no number below the modulus");
        assert!(made.sign(&[1; 255]).is_err());
    }
}
