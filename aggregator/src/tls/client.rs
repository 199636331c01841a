//! Which clients may connect: rustls's own verifier, behind a pointer, so that a new revocation list takes effect at the next handshake.

use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::CryptoProvider;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, Error, RootCertStore, SignatureScheme};
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer, UnixTime};

use super::TlsFault;

#[derive(Debug)]
pub(super) struct CurrentClients {
    // Twice behind a pointer: what is exchanged must have a size.
    current: ArcSwap<Arc<dyn ClientCertVerifier>>,
    roots: Arc<RootCertStore>,
    hints: Vec<DistinguishedName>,
    provider: Arc<CryptoProvider>,
}

impl CurrentClients {
    pub(super) fn new(root_der: &[u8], crl_der: &[u8], provider: &Arc<CryptoProvider>) -> Result<Self, TlsFault> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(root_der.to_vec()))?;
        let (hints, roots) = (roots.subjects(), Arc::new(roots));
        let current = ArcSwap::from_pointee(verifier(&roots, crl_der, provider)?);
        Ok(Self { current, roots, hints, provider: provider.clone() })
    }

    pub(super) fn replace_crl(&self, crl_der: &[u8]) -> Result<(), TlsFault> {
        self.current.store(Arc::new(verifier(&self.roots, crl_der, &self.provider)?));
        Ok(())
    }
}

/// The one list is the issuing authority's and speaks of leaves. The issuing authority itself would stand on a list of the root, whose
/// key is offline and could not sign one every week; with both levels checked, its status would be unknown and every client
/// refused. So that only leaves are looked up. A list past its end refuses everybody, which rustls does only when told.
fn verifier(
    roots: &Arc<RootCertStore>,
    crl_der: &[u8],
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, TlsFault> {
    Ok(WebPkiClientVerifier::builder_with_provider(roots.clone(), provider.clone())
        .with_crls([CertificateRevocationListDer::from(crl_der.to_vec())])
        .only_check_end_entity_revocation()
        .enforce_revocation_expiration()
        .build()?)
}

impl ClientCertVerifier for CurrentClients {
    fn offer_client_auth(&self) -> bool {
        true
    }

    fn client_auth_mandatory(&self) -> bool {
        true
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.hints
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.current.load().verify_client_cert(end_entity, intermediates, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.current.load().verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.current.load().verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.current.load().supported_verify_schemes()
    }
}
