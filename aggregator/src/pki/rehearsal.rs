//! An authority with a server and collectors, for the tests of everything that meets certificates.

use gradimento_common::ids::StreamId;
use jiff::Timestamp;
use rcgen::{CertificateParams, KeyPair};
use rustls_pki_types::PrivatePkcs8KeyDer;

use super::{Authority, AuthorityFiles, CertificateRequest, CollectorSubject, Issued, IssuedWithKey, Purpose};

pub(crate) struct Rehearsal {
    files: AuthorityFiles,
    pub(crate) authority: Authority,
    pub(crate) now: Timestamp,
}

pub(crate) struct Collector {
    pub(crate) issued: Issued,
    pub(crate) key: PrivatePkcs8KeyDer<'static>,
}

impl Rehearsal {
    pub(crate) fn new() -> Self {
        let now = real_now();
        let files = Authority::create(now).unwrap();
        Self { authority: Authority::from_files(&files).unwrap(), files, now }
    }

    /// The same root with a new issuing authority.
    pub(crate) fn rotated(&self) -> Self {
        let files = Authority::replace_issuing(&self.files, self.now).unwrap();
        Self { authority: Authority::from_files(&files).unwrap(), files, now: self.now }
    }

    pub(crate) fn server(&self) -> IssuedWithKey {
        self.authority.issue_server(&["localhost".into(), "127.0.0.1".into()], [9; 16], self.now).unwrap()
    }

    pub(crate) fn collector(&self, serial: u8) -> Collector {
        self.collector_at(Purpose::Tls, serial, self.now)
    }

    pub(crate) fn collector_at(&self, purpose: Purpose, serial: u8, now: Timestamp) -> Collector {
        let key = KeyPair::generate().unwrap();
        let request = CertificateParams::default().serialize_request(&key).unwrap();
        let request = CertificateRequest::parse(request.der()).unwrap();
        let issued = self.authority.issue_collector(purpose, &request, &subject(), [serial; 16], now).unwrap();
        Collector { issued, key: PrivatePkcs8KeyDer::from(key.serialize_der()) }
    }
}

pub(crate) fn subject() -> CollectorSubject {
    let name = "Istituto Nazionale della Previdenza Sociale".to_owned();
    let stream = StreamId::from_random([7; 16]);
    CollectorSubject { agency: "inps".parse().unwrap(), name, fiscal_code: Some("80078750587".into()), stream }
}

#[expect(clippy::disallowed_methods, reason = "rustls reads the real clock, so that what it checks must be made by the same")]
fn real_now() -> Timestamp {
    Timestamp::now()
}
