//! Which clients may connect: rustls's own verifier, behind a pointer, so that a new revocation list takes effect at the next
//! handshake.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::CryptoProvider;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{VerifierBuilderError, WebPkiClientVerifier};
use rustls::{CertRevocationListError, DigitallySignedStruct, DistinguishedName, Error, RootCertStore, SignatureScheme};
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer, UnixTime};
use webpki::{BorrowedCertRevocationList, CertRevocationList};

use super::TlsFault;

#[derive(Debug)]
pub(super) struct CurrentClients {
    // Twice behind a pointer: what is exchanged must have a size.
    current: ArcSwap<Arc<dyn ClientCertVerifier>>,
    lists: Mutex<Lists>,
    roots: Arc<RootCertStore>,
    hints: Vec<DistinguishedName>,
    provider: Arc<CryptoProvider>,
}

/// The current revocation list of each issuer, by the issuer's name: of two lists of one issuer webpki believes the first
/// (webpki #488). While the issuing authority is being replaced there are two issuers.
type Lists = BTreeMap<Vec<u8>, CertificateRevocationListDer<'static>>;

impl CurrentClients {
    pub(super) fn new(root_der: &[u8], crl_der: &[u8], provider: &Arc<CryptoProvider>) -> Result<Self, TlsFault> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(root_der.to_vec()))?;
        let (hints, roots) = (roots.subjects(), Arc::new(roots));
        let lists = with_list(&Lists::new(), crl_der)?;
        let current = ArcSwap::from_pointee(verifier(&roots, &lists, provider)?);
        Ok(Self { current, lists: Mutex::new(lists), roots, hints, provider: provider.clone() })
    }

    pub(super) fn replace_crl(&self, crl_der: &[u8]) -> Result<(), TlsFault> {
        // Held until the verifier is in place, so that of two lists that arrive together neither is lost.
        let mut lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
        let next = with_list(&lists, crl_der)?;
        self.current.store(Arc::new(verifier(&self.roots, &next, &self.provider)?));
        *lists = next;
        Ok(())
    }
}

fn with_list(lists: &Lists, crl_der: &[u8]) -> Result<Lists, TlsFault> {
    let unreadable = |_| VerifierBuilderError::InvalidCrl(CertRevocationListError::ParseError);
    let list = CertRevocationList::from(BorrowedCertRevocationList::from_der(crl_der).map_err(unreadable)?);
    let mut lists = lists.clone();
    lists.insert(list.issuer().to_vec(), CertificateRevocationListDer::from(crl_der.to_vec()));
    Ok(lists)
}

/// The lists are the issuing authority's and speak of leaves. The issuing authority itself would stand on a list of the root,
/// whose key is offline and could not sign one every week; with both levels checked, its status would be unknown and every
/// client refused. So only leaves are looked up. A list past its end refuses everybody, which rustls does only when told; and
/// there is always at least one list, because with none rustls looks nothing up.
fn verifier(
    roots: &Arc<RootCertStore>,
    lists: &Lists,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, TlsFault> {
    Ok(WebPkiClientVerifier::builder_with_provider(roots.clone(), provider.clone())
        .with_crls(lists.values().cloned())
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
