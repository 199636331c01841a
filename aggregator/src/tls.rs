//! TLS of the aggregator's two listeners: one for messages, where every peer shows a certificate, and one for everybody else.
//!
//! actix-web takes a `ServerConfig` by value and never gives it back, so that what must change while the server runs
//! (certificate, revocation list) is behind it, where it can be exchanged. Sessions are never resumed: on resumption rustls
//! does not ask the client verifier, and a collector revoked meanwhile would come back. The cryptography is ring's, by name: a
//! process-wide default would be whatever came first.

mod certificate;
mod client;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};
use rustls::server::{NoServerSessionStorage, ServerConfig, VerifierBuilderError, WantsServerCert};
use rustls::version::{TLS12, TLS13};
use rustls::{ConfigBuilder, WantsVerifier};
use rustls_pki_types::PrivatePkcs8KeyDer;
use thiserror::Error;

use certificate::CurrentCertificate;
use client::CurrentClients;

/// Why a listener cannot have what it was given. The operator's fault, or ours.
#[derive(Debug, Error)]
pub enum TlsFault {
    /// The chain is empty, the key is not its leaf's, or the root is no certificate.
    #[error("the certificate or its key cannot be used")]
    Certificate(#[from] rustls::Error),
    /// The revocation list cannot be read.
    #[error("the revocation list cannot be used")]
    RevocationList(#[from] VerifierBuilderError),
}

/// The listener for messages: mutual TLS, always.
#[derive(Debug)]
pub struct MessagesTls {
    config: ServerConfig,
    clients: Arc<CurrentClients>,
    certificate: Arc<CurrentCertificate>,
}

impl MessagesTls {
    /// A listener that presents `chain` (leaf first) and accepts the clients below `root_der` whose issuer's list (`crl_der`)
    /// does not name them.
    ///
    /// # Errors
    /// See [`TlsFault`].
    pub fn new(root_der: &[u8], chain: &[Vec<u8>], key: &PrivatePkcs8KeyDer<'_>, crl_der: &[u8]) -> Result<Self, TlsFault> {
        let provider = provider();
        let clients = Arc::new(CurrentClients::new(root_der, crl_der, &provider)?);
        let certificate = Arc::new(CurrentCertificate::new(chain, key, &provider)?);
        let config = finish(builder(&provider)?.with_client_cert_verifier(clients.clone()), certificate.clone());
        Ok(Self { config, clients, certificate })
    }

    /// What the server is to be bound with. Replacements reach every copy.
    #[must_use]
    pub fn server_config(&self) -> ServerConfig {
        self.config.clone()
    }

    /// Lets the next handshake check against this list, which takes the place of the last one of the same issuer. While the
    /// issuing authority is being replaced, the lists of both are kept up to date by this one call.
    ///
    /// # Errors
    /// Where the list cannot be read; the last one stays.
    pub fn replace_crl(&self, crl_der: &[u8]) -> Result<(), TlsFault> {
        self.clients.replace_crl(crl_der)
    }

    /// Presents this chain from the next handshake on.
    ///
    /// # Errors
    /// Where the chain is empty or the key is not its leaf's; the last one stays.
    pub fn replace_certificate(&self, chain: &[Vec<u8>], key: &PrivatePkcs8KeyDer<'_>) -> Result<(), TlsFault> {
        self.certificate.replace(chain, key)
    }
}

/// The public listener: no client certificates.
#[derive(Debug)]
pub struct PublicTls {
    config: ServerConfig,
    certificate: Arc<CurrentCertificate>,
}

impl PublicTls {
    /// A listener that presents `chain`, leaf first and with the root at its end, for callers who know only its fingerprint.
    ///
    /// # Errors
    /// Where the chain is empty or the key is not its leaf's.
    pub fn new(chain: &[Vec<u8>], key: &PrivatePkcs8KeyDer<'_>) -> Result<Self, TlsFault> {
        let provider = provider();
        let certificate = Arc::new(CurrentCertificate::new(chain, key, &provider)?);
        let config = finish(builder(&provider)?.with_no_client_auth(), certificate.clone());
        Ok(Self { config, certificate })
    }

    /// What the server is to be bound with. Replacements reach every copy.
    #[must_use]
    pub fn server_config(&self) -> ServerConfig {
        self.config.clone()
    }

    /// Presents this chain from the next handshake on.
    ///
    /// # Errors
    /// Where the chain is empty or the key is not its leaf's; the last one stays.
    pub fn replace_certificate(&self, chain: &[Vec<u8>], key: &PrivatePkcs8KeyDer<'_>) -> Result<(), TlsFault> {
        self.certificate.replace(chain, key)
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn builder(provider: &Arc<CryptoProvider>) -> Result<ConfigBuilder<ServerConfig, WantsVerifier>, rustls::Error> {
    ServerConfig::builder_with_provider(provider.clone()).with_protocol_versions(&[&TLS13, &TLS12])
}

fn finish(builder: ConfigBuilder<ServerConfig, WantsServerCert>, certificate: Arc<CurrentCertificate>) -> ServerConfig {
    let mut config = builder.with_cert_resolver(certificate);
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    config.max_early_data_size = 0;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config
}
