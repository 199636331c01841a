//! First contact and mutual TLS over loopback, against servers of an authority made here.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConnection, HandshakeKind, ServerConfig, ServerConnection, StreamOwned};

use super::*;

/// Two levels, as the aggregator makes them; always under the same names, so that only keys tell two of them apart.
struct World {
    root: Vec<u8>,
    issuing: Vec<u8>,
    issuer: Issuer<'static, KeyPair>,
}

struct Leaf {
    chain: Vec<Vec<u8>>,
    key: PrivatePkcs8KeyDer<'static>,
}

impl World {
    fn new() -> Self {
        let (root_key, key) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let root = authority("Root", 1).self_signed(&root_key).unwrap().der().to_vec();
        let issuing = authority("Issuing", 0).signed_by(&key, &Issuer::new(authority("Root", 1), root_key)).unwrap();
        Self { root, issuing: issuing.der().to_vec(), issuer: Issuer::new(authority("Issuing", 0), key) }
    }

    fn leaf(&self, usage: ExtendedKeyUsagePurpose, name: &str, last_year: i32) -> Leaf {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.not_after = date_time_ymd(last_year, 1, 1);
        params.extended_key_usages = vec![usage];
        let der = params.signed_by(&key, &self.issuer).unwrap().der().to_vec();
        Leaf { chain: vec![der, self.issuing.clone(), self.root.clone()], key: key.serialize_der().into() }
    }

    fn server(&self) -> Leaf {
        self.leaf(ExtendedKeyUsagePurpose::ServerAuth, "localhost", 4000)
    }

    fn fingerprint(&self) -> [u8; 32] {
        sha256(&self.root)
    }
}

fn authority(name: &str, path_length: u8) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(path_length));
    params
}

fn listening(leaf: &Leaf, clients: Option<&World>) -> Arc<ServerConfig> {
    let builder = ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions().unwrap();
    let builder = match clients {
        Some(world) => {
            let roots = Arc::new(only(&world.root).unwrap());
            let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider()).build().unwrap();
            builder.with_client_cert_verifier(verifier)
        }
        None => builder.with_no_client_auth(),
    };
    let chain = leaf.chain.iter().cloned().map(CertificateDer::from).collect();
    Arc::new(builder.with_single_cert(chain, leaf.key.clone_key().into()).unwrap())
}

fn connect(server: &Arc<ServerConfig>, client: &Arc<ClientConfig>) -> Result<HandshakeKind, std::io::Error> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = ServerConnection::new(server.clone()).unwrap();
    let accepting = thread::spawn(move || {
        let mut stream = StreamOwned::new(server, timed(listener.accept().unwrap().0));
        let said = stream.write_all(b"ok").and_then(|()| stream.flush());
        stream.conn.send_close_notify();
        said.and_then(|()| stream.flush())
    });
    let connection = ClientConnection::new(client.clone(), ServerName::try_from("localhost").unwrap()).unwrap();
    let mut stream = StreamOwned::new(connection, timed(TcpStream::connect(address).unwrap()));
    let mut heard = Vec::new();
    let read = stream.read_to_end(&mut heard);
    drop(stream.sock.shutdown(std::net::Shutdown::Both));
    let accepted = accepting.join().unwrap();
    read.and(accepted)?;
    assert_eq!(heard, b"ok");
    Ok(stream.conn.handshake_kind().unwrap())
}

fn timed(stream: TcpStream) -> TcpStream {
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

fn first_contact(world: &World) -> Arc<ClientConfig> {
    Arc::new(first_contact_config(world.fingerprint()).unwrap())
}

#[test]
fn first_contact_trusts_the_root_of_the_token_and_no_other_of_the_same_name() {
    let (ours, other) = (World::new(), World::new());
    connect(&listening(&ours.server(), None), &first_contact(&ours)).unwrap();
    assert!(connect(&listening(&other.server(), None), &first_contact(&ours)).is_err());
    // Anybody can present a certificate that is public; only what it signed counts.
    let mut dressed_up = other.server();
    dressed_up.chain[2] = ours.root.clone();
    assert!(connect(&listening(&dressed_up, None), &first_contact(&ours)).is_err());
    dressed_up.chain = vec![dressed_up.chain[0].clone(), ours.issuing.clone(), ours.root.clone()];
    assert!(connect(&listening(&dressed_up, None), &first_contact(&ours)).is_err());
}

#[test]
fn first_contact_still_checks_name_dates_usage_and_that_the_root_is_there() {
    let world = World::new();
    let usage = ExtendedKeyUsagePurpose::ServerAuth;
    let refused = [
        world.leaf(usage.clone(), "elsewhere.example", 4000),
        world.leaf(usage, "localhost", 2020),
        world.leaf(ExtendedKeyUsagePurpose::ClientAuth, "localhost", 4000),
    ];
    for leaf in &refused {
        assert!(connect(&listening(leaf, None), &first_contact(&world)).is_err());
    }
    let mut without_root = world.server();
    without_root.chain.pop();
    assert!(connect(&listening(&without_root, None), &first_contact(&world)).is_err());
}

#[test]
fn messages_go_over_mutual_tls_to_the_one_root_and_are_never_resumed() {
    let (ours, other) = (World::new(), World::new());
    let client = |world: &World, last_year| {
        let leaf = world.leaf(ExtendedKeyUsagePurpose::ClientAuth, "collector", last_year);
        Arc::new(messages_config(&ours.root, &leaf.chain, &leaf.key).unwrap())
    };
    let server = listening(&ours.server(), Some(&ours));
    let collector = client(&ours, 4000);
    for _ in 0..3 {
        assert_eq!(connect(&server, &collector).unwrap(), HandshakeKind::Full);
    }
    assert!(connect(&server, &client(&ours, 2020)).is_err(), "expired");
    assert!(connect(&server, &client(&other, 4000)).is_err(), "a stranger");
    assert!(connect(&listening(&other.server(), Some(&ours)), &collector).is_err(), "another server of the same name");
    assert!(connect(&server, &Arc::new(public_config(&ours.root).unwrap())).is_err(), "no certificate");
    connect(&listening(&ours.server(), None), &Arc::new(public_config(&ours.root).unwrap())).unwrap();
}

#[test]
fn a_key_that_is_not_the_certificates_is_refused_before_it_is_used() {
    let world = World::new();
    let (one, two) = (world.server(), world.server());
    assert!(messages_config(&world.root, &one.chain, &two.key).is_err());
    assert!(messages_config(&world.root, &[], &one.key).is_err());
    assert!(messages_config(b"no root", &one.chain, &one.key).is_err());
}
