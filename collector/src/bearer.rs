//! The secret that the agency's back ends show on the admin listener: one file that only the collector's user and whoever runs
//! the back ends may read. It identifies no citizen and opens no answers; it lets its holder make tickets.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use gradimento_common::encoding::base64url;
use ring::hmac;

/// Where it is kept, in the data folder.
#[must_use]
pub fn file(folder: &Path) -> PathBuf {
    folder.join("admin.token")
}

/// The secret, as far as it is needed to recognise it. `Debug` shows nothing of it.
#[derive(Clone)]
pub struct Bearer {
    key: hmac::Key,
    tag: hmac::Tag,
}

/// Proof that the secret was shown. Made by [`Bearer::check`] only.
#[derive(Debug, Clone, Copy)]
pub struct Authorised(());

impl Bearer {
    /// Recognises this secret.
    #[must_use]
    pub fn new(secret: &str) -> Self {
        // Comparing two MACs under a key of our own takes as long whatever was guessed.
        let key = hmac::Key::new(hmac::HMAC_SHA256, &rand::random::<[u8; 32]>());
        let tag = hmac::sign(&key, secret.as_bytes());
        Self { key, tag }
    }

    /// The secret of an installation; made where there is none yet.
    ///
    /// # Errors
    /// Where the folder cannot be read or written, or the file is empty.
    pub fn ensure(folder: &Path) -> io::Result<Self> {
        let path = file(folder);
        match fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
            Ok(mut new) => {
                writeln!(new, "{}", base64url(&rand::random::<[u8; 32]>()))?;
                new.sync_all()?;
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => (),
            Err(error) => return Err(error),
        }
        let text = fs::read_to_string(&path)?;
        match text.trim() {
            "" => Err(io::Error::other(format!("{} is empty: delete it, and a new secret is made", path.display()))),
            secret => Ok(Self::new(secret)),
        }
    }

    /// Whether an `Authorization` header shows the secret.
    #[must_use]
    pub fn check(&self, header: &str) -> Option<Authorised> {
        let (scheme, shown) = header.split_once(' ')?;
        let shown = Some(shown.trim()).filter(|_| scheme.eq_ignore_ascii_case("bearer"))?;
        hmac::verify(&self.key, shown.as_bytes(), self.tag.as_ref()).ok().map(|()| Authorised(()))
    }
}

impl std::fmt::Debug for Bearer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Bearer(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_secret_is_made_once_for_its_owner_only_and_recognised() {
        let folder = tempfile::tempdir().unwrap();
        Bearer::ensure(folder.path()).unwrap();
        let secret = fs::read_to_string(file(folder.path())).unwrap();
        let bearer = Bearer::ensure(folder.path()).unwrap();
        assert_eq!(fs::metadata(file(folder.path())).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(bearer.check(&format!("Bearer {}", secret.trim())).is_some());
        for wrong in ["", "Bearer ", "Bearer", secret.trim(), &format!("Basic {}", secret.trim()), "Bearer x"] {
            assert!(bearer.check(wrong).is_none(), "{wrong}");
        }
        fs::write(file(folder.path()), "\n").unwrap();
        assert!(Bearer::ensure(folder.path()).is_err());
    }
}
