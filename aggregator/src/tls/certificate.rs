//! The certificate that a listener presents, exchangeable while it runs.

use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::crypto::CryptoProvider;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer};

use super::TlsFault;

#[derive(Debug)]
pub(super) struct CurrentCertificate {
    current: ArcSwap<CertifiedKey>,
    provider: Arc<CryptoProvider>,
}

impl CurrentCertificate {
    pub(super) fn new(
        chain: &[Vec<u8>],
        key: &PrivatePkcs8KeyDer<'_>,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Self, TlsFault> {
        let current = ArcSwap::from_pointee(certified(chain, key, provider)?);
        Ok(Self { current, provider: provider.clone() })
    }

    pub(super) fn replace(&self, chain: &[Vec<u8>], key: &PrivatePkcs8KeyDer<'_>) -> Result<(), TlsFault> {
        self.current.store(Arc::new(certified(chain, key, &self.provider)?));
        Ok(())
    }
}

impl ResolvesServerCert for CurrentCertificate {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current.load_full())
    }
}

/// Fails where the key is not the leaf's, so that a wrong pair is refused before it can take a listener down.
fn certified(chain: &[Vec<u8>], key: &PrivatePkcs8KeyDer<'_>, provider: &CryptoProvider) -> Result<CertifiedKey, TlsFault> {
    let chain = chain.iter().map(|der| CertificateDer::from(der.clone())).collect();
    Ok(CertifiedKey::from_der(chain, key.clone_key().into(), provider)?)
}
