//! TLS of the collector, which is always the one that connects: to the message interface with its own certificate, and, before
//! it has one, to the public interface of an aggregator of which it knows nothing but the fingerprint in the join token.
//!
//! The cryptography is ring's, by name: a process-wide default would be whatever came first.

use std::sync::Arc;

use gradimento_common::encoding::sha256;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, VerifierBuilderError, WantsClientCert, WebPkiServerVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::version::{TLS12, TLS13};
use rustls::{
    CertificateError, ClientConfig, ConfigBuilder, DigitallySignedStruct, Error, RootCertStore, SignatureScheme, WantsVerifier,
};
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use thiserror::Error as ThisError;

/// Why connections cannot be prepared: what was stored at enrolment cannot be used.
#[derive(Debug, ThisError)]
#[error("the certificates or the key of this collector cannot be used")]
pub struct TlsFault(#[from] Error);

/// For the message interface: mutual TLS, trusting that one root, without resumption.
///
/// # Errors
/// Where the root is no certificate, the chain is empty or the key is not its leaf's.
pub fn messages_config(
    root_der: &[u8],
    client_chain: &[Vec<u8>],
    client_key: &PrivatePkcs8KeyDer<'_>,
) -> Result<ClientConfig, TlsFault> {
    let builder = builder()?.with_root_certificates(only(root_der)?);
    let chain = client_chain.iter().map(|der| CertificateDer::from(der.clone())).collect();
    Ok(finish(builder.with_client_auth_cert(chain, client_key.clone_key().into())?))
}

/// For the public interface once the root is known: that one root, no certificate of our own.
///
/// # Errors
/// Where the root is no certificate.
pub fn public_config(root_der: &[u8]) -> Result<ClientConfig, TlsFault> {
    Ok(finish(builder()?.with_root_certificates(only(root_der)?).with_no_client_auth()))
}

/// For first contact: the server must present, behind its own certificate, one with this SHA-256, and must verify (names and
/// dates included) with that one as its only anchor.
///
/// # Errors
/// Where rustls refuses its own defaults.
pub fn first_contact_config(root_fingerprint: [u8; 32]) -> Result<ClientConfig, TlsFault> {
    let verifier = Arc::new(FirstContact { root_fingerprint, provider: provider() });
    let builder: ConfigBuilder<ClientConfig, WantsClientCert> =
        builder()?.dangerous().with_custom_certificate_verifier(verifier);
    Ok(finish(builder.with_no_client_auth()))
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn builder() -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, Error> {
    ClientConfig::builder_with_provider(provider()).with_protocol_versions(&[&TLS13, &TLS12])
}

fn finish(mut config: ClientConfig) -> ClientConfig {
    config.resumption = Resumption::disabled();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config
}

fn only(root_der: &[u8]) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(root_der.to_vec()))?;
    Ok(roots)
}

/// Trusts a fingerprint until the root is known.
#[derive(Debug)]
struct FirstContact {
    root_fingerprint: [u8; 32],
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for FirstContact {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let root = intermediates.iter().find(|certificate| sha256(certificate) == self.root_fingerprint);
        let root = root.ok_or(Error::InvalidCertificate(CertificateError::UnknownIssuer))?;
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(only(root)?), self.provider.clone()).build();
        let unusable = |fault: VerifierBuilderError| Error::General(fault.to_string());
        verifier.map_err(unusable)?.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests;
