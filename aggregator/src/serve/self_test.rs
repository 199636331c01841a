//! One call to our own message listener before anybody else is let in. A certificate that is lost between the handshake and
//! the handler is lost without a word (`on_connect` after the address, a wrong downcast): every collector would be told that it
//! has none. A throw-away certificate of our own authority that no registry knows must be told exactly that.

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use gradimento_common::ids::StreamId;
use gradimento_common::problem::ProblemType;
use jiff::Timestamp;
use rcgen::{CertificateParams, KeyPair};
use rustls::crypto::ring;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use rustls_pki_types::{PrivatePkcs8KeyDer, ServerName};
use thiserror::Error;

use crate::pki::{Authority, AuthorityFault, CertificateRequest, CollectorSubject, Issued, Purpose, RequestFault};

/// A handshake and a reply from ourselves take milliseconds.
const TIMEOUT: Duration = Duration::from_secs(5);
/// More than any reply to this call.
const REPLY_BYTES_MAX: u64 = 16 * 1024;

/// Why the message listener is not fit to be opened.
#[derive(Debug, Error)]
pub enum SelfTestFault {
    /// The throw-away certificate could not be made.
    #[error("no certificate for the self-test: {0}")]
    Authority(#[from] AuthorityFault),
    /// Its request could not be made.
    #[error("no request for the self-test: {0}")]
    Request(#[from] RequestFault),
    /// Its key could not be made.
    #[error("no key for the self-test: {0}")]
    Key(#[from] rcgen::Error),
    /// TLS would not begin.
    #[error("the message listener does not speak TLS with its own collectors: {0}")]
    Tls(#[from] rustls::Error),
    /// The call did not come through.
    #[error("the message listener does not answer: {0}")]
    Connection(#[from] std::io::Error),
    /// The handler did not see the certificate, or something else answers at this address.
    #[error("the message listener does not recognise its peers; it answered: {0}")]
    Answer(String),
}

/// A certificate for one call.
pub(super) struct Stranger {
    issued: Issued,
    key: PrivatePkcs8KeyDer<'static>,
}

impl Stranger {
    /// Has our own authority certify a key that nobody registers.
    pub(super) fn issue(authority: &Authority, now: Timestamp) -> Result<Self, SelfTestFault> {
        let key = KeyPair::generate()?;
        let request = CertificateRequest::parse(CertificateParams::default().serialize_request(&key)?.der())?;
        let agency = "self_test".parse().map_err(|_| SelfTestFault::Answer("no name".to_owned()))?;
        let stream = StreamId::from_random(rand::random());
        let subject = CollectorSubject { agency, name: String::new(), fiscal_code: None, stream };
        let issued = authority.issue_collector(Purpose::Tls, &request, &subject, rand::random(), now)?;
        Ok(Self { issued, key: PrivatePkcs8KeyDer::from(key.serialize_der()) })
    }

    /// Calls the listener at this address, whose certificate is below `root_der`. Blocks.
    pub(super) fn call(&self, root_der: &[u8], address: SocketAddr) -> Result<(), SelfTestFault> {
        let mut roots = RootCertStore::empty();
        roots.add(root_der.to_vec().into())?;
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let builder = builder.with_safe_default_protocol_versions()?.with_root_certificates(roots);
        let chain = self.issued.chain.iter().cloned().map(Into::into).collect();
        let config = builder.with_client_auth_cert(chain, self.key.clone_key().into())?;
        let name = ServerName::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST).into());
        let connection = ClientConnection::new(Arc::new(config), name)?;
        let answer = exchange(StreamOwned::new(connection, connect(address)?))?;
        let expected = ProblemType::PeerUnknown;
        if answer.contains(&format!(" {} ", expected.status())) && answer.contains(&expected.uri()) {
            return Ok(());
        }
        Err(SelfTestFault::Answer(answer.lines().next().unwrap_or_default().chars().take(80).collect()))
    }
}

fn connect(address: SocketAddr) -> Result<TcpStream, std::io::Error> {
    // A listener on every address is also on this one, which stands in its certificate.
    let ip = if address.ip().is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { address.ip() };
    let stream = TcpStream::connect_timeout(&SocketAddr::new(ip, address.port()), TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    Ok(stream)
}

fn exchange(mut stream: StreamOwned<ClientConnection, TcpStream>) -> Result<String, std::io::Error> {
    let nobody = StreamId::from_random([0; 16]);
    write!(stream, "GET /rest/cx/v1/streams/{nobody}/head HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    let read = stream.take(REPLY_BYTES_MAX).read_to_end(&mut answer);
    // Whoever closes without the last word of TLS has still answered.
    if answer.is_empty() {
        read?;
    }
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[cfg(test)]
mod tests;
