//! Handshakes over loopback: what the pitfalls are about happens on the wire.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use jiff::SignedDuration;
use rustls::client::Resumption;
use rustls::server::ServerSessionMemoryCache;
use rustls::{
    ClientConfig, ClientConnection, HandshakeKind, RootCertStore, ServerConnection, StreamOwned, SupportedProtocolVersion,
};
use rustls_pki_types::{CertificateDer, ServerName};

use super::*;
use crate::pki::Purpose;
use crate::pki::rehearsal::{Collector, Rehearsal};

fn messages(rehearsal: &Rehearsal) -> MessagesTls {
    let server = rehearsal.server();
    let crl = rehearsal.authority.crl(&[], 1, rehearsal.now).unwrap();
    MessagesTls::new(rehearsal.authority.root_der(), &server.issued.chain, &server.key, &crl).unwrap()
}

/// A client that would resume if it were allowed to: rustls's default keeps sessions in memory.
fn client(
    rehearsal: &Rehearsal,
    collector: Option<&Collector>,
    version: &'static SupportedProtocolVersion,
) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(rehearsal.authority.root_der().to_vec().into()).unwrap();
    let builder = ClientConfig::builder_with_provider(provider()).with_protocol_versions(&[version]).unwrap();
    let builder = builder.with_root_certificates(roots);
    let mut config = match collector {
        Some(Collector { issued, key }) => {
            let chain = issued.chain.iter().cloned().map(CertificateDer::from).collect();
            builder.with_client_auth_cert(chain, key.clone_key().into()).unwrap()
        }
        None => builder.with_no_client_auth(),
    };
    config.resumption = Resumption::in_memory_sessions(8);
    Arc::new(config)
}

/// One connection on which the server says a word. `Err` where either end refuses.
fn connect(server: &Arc<ServerConfig>, client: &Arc<ClientConfig>) -> Result<(HandshakeKind, Vec<u8>), std::io::Error> {
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
    let accepted = accepting.join().unwrap();
    accepted.and(read)?;
    assert_eq!(heard, b"ok");
    let leaf = stream.conn.peer_certificates().unwrap()[0].to_vec();
    Ok((stream.conn.handshake_kind().unwrap(), leaf))
}

fn timed(stream: TcpStream) -> TcpStream {
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

/// Why the server refused the client's certificate: that it did is not enough, a broken test refuses too.
fn refusal(outcome: Result<(HandshakeKind, Vec<u8>), std::io::Error>) -> String {
    let error = outcome.unwrap_err();
    error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()).unwrap().to_string()
}

const VERSIONS: [&SupportedProtocolVersion; 2] = [&TLS12, &TLS13];

#[test]
fn a_collector_connects_and_nobody_without_a_certificate_for_connections_does() {
    let rehearsal = Rehearsal::new();
    let server = Arc::new(messages(&rehearsal).server_config());
    let (collector, seal) = (rehearsal.collector(1), rehearsal.collector_at(Purpose::Seal, 2, rehearsal.now));
    let stranger = Rehearsal::new().collector(1);
    let expired = rehearsal.collector_at(Purpose::Tls, 3, rehearsal.now - SignedDuration::from_hours(31 * 24));
    let early = rehearsal.collector_at(Purpose::Tls, 4, rehearsal.now + SignedDuration::from_hours(1));
    for version in VERSIONS {
        connect(&server, &client(&rehearsal, Some(&collector), version)).unwrap();
        let refusal = |collector| refusal(connect(&server, &client(&rehearsal, collector, version)));
        assert_eq!(refusal(None), "peer sent no certificates");
        assert!(refusal(Some(&stranger)).contains("UnknownIssuer"));
        for (why, refused) in [("extended key usage", &seal), ("expired", &expired), ("not valid yet", &early)] {
            let said = refusal(Some(refused));
            assert!(said.contains(why), "{said}");
        }
    }
}

#[test]
fn a_revoked_collector_does_not_come_back_by_resumption() {
    for version in VERSIONS {
        let rehearsal = Rehearsal::new();
        let collector = rehearsal.collector(1);
        let tls = messages(&rehearsal);
        let strict = Arc::new(tls.server_config());
        let mut config = tls.server_config();
        config.session_storage = ServerSessionMemoryCache::new(8);
        config.send_tls13_tickets = 2;
        let resuming = Arc::new(config);
        let (client, control) = (client(&rehearsal, Some(&collector), version), client(&rehearsal, Some(&collector), version));
        connect(&strict, &client).unwrap();
        connect(&resuming, &control).unwrap();

        let revoked = [(collector.issued.serial, rehearsal.now)];
        tls.replace_crl(&rehearsal.authority.crl(&revoked, 2, rehearsal.now).unwrap()).unwrap();
        assert!(refusal(connect(&strict, &client)).contains("Revoked"));
        // With rustls's defaults the same revoked client is let in, which is why they are off.
        assert_eq!(connect(&resuming, &control).unwrap().0, HandshakeKind::Resumed);
    }
}

#[test]
fn sessions_are_never_resumed_on_either_listener() {
    let rehearsal = Rehearsal::new();
    let (server, collector) = (rehearsal.server(), rehearsal.collector(1));
    let public = PublicTls::new(&server.chain_with_root, &server.key).unwrap();
    for config in [messages(&rehearsal).server_config(), public.server_config()] {
        let config = Arc::new(config);
        for version in VERSIONS {
            let client = client(&rehearsal, Some(&collector), version);
            for _ in 0..3 {
                assert_eq!(connect(&config, &client).unwrap().0, HandshakeKind::Full);
            }
        }
    }
}

#[test]
fn an_expired_revocation_list_refuses_everybody_until_a_fresh_one_comes() {
    let rehearsal = Rehearsal::new();
    let (tls, collector) = (messages(&rehearsal), rehearsal.collector(1));
    let (server, client) = (Arc::new(tls.server_config()), client(&rehearsal, Some(&collector), &TLS13));
    connect(&server, &client).unwrap();
    let stale = rehearsal.now - SignedDuration::from_hours(8 * 24);
    tls.replace_crl(&rehearsal.authority.crl(&[], 2, stale).unwrap()).unwrap();
    let said = refusal(connect(&server, &client));
    assert!(said.contains("revocation list"), "{said}");
    tls.replace_crl(&rehearsal.authority.crl(&[], 3, rehearsal.now).unwrap()).unwrap();
    connect(&server, &client).unwrap();
}

#[test]
fn a_list_revokes_those_it_names_and_those_alone() {
    let rehearsal = Rehearsal::new();
    let tls = messages(&rehearsal);
    let server = Arc::new(tls.server_config());
    // Serials whose first byte would be negative, zero or short if it were written as it is.
    let collectors: Vec<_> = [0x00, 0x01, 0x7f, 0x80, 0xff].map(|serial| rehearsal.collector(serial)).into();
    for revoked in &collectors {
        let list = [(revoked.issued.serial, rehearsal.now)];
        tls.replace_crl(&rehearsal.authority.crl(&list, 2, rehearsal.now).unwrap()).unwrap();
        for collector in &collectors {
            let is_listed = collector.issued.serial == revoked.issued.serial;
            let outcome = connect(&server, &client(&rehearsal, Some(collector), &TLS13));
            assert_eq!(outcome.is_err(), is_listed);
        }
    }
}

#[test]
fn a_list_that_is_not_ours_changes_nothing() {
    let rehearsal = Rehearsal::new();
    let (tls, collector) = (messages(&rehearsal), rehearsal.collector(1));
    let (server, client) = (Arc::new(tls.server_config()), client(&rehearsal, Some(&collector), &TLS13));
    assert!(matches!(tls.replace_crl(b"no list"), Err(TlsFault::RevocationList(_))));
    let (foreign, named) = (Rehearsal::new(), [(collector.issued.serial, rehearsal.now)]);
    tls.replace_crl(&foreign.authority.crl(&named, 2, foreign.now).unwrap()).unwrap();
    connect(&server, &client).unwrap();
}

#[test]
fn the_issuing_authority_is_replaced_without_locking_anybody_out() {
    let old = Rehearsal::new();
    let (tls, new) = (messages(&old), old.rotated());
    let server = Arc::new(tls.server_config());
    let (before, after) = (old.collector(1), new.collector(2));
    let [before_client, after_client] = [&before, &after].map(|collector| client(&old, Some(collector), &TLS13));
    connect(&server, &before_client).unwrap();
    assert!(refusal(connect(&server, &after_client)).contains("UnknownRevocationStatus"));
    tls.replace_crl(&new.authority.crl(&[], 1, new.now).unwrap()).unwrap();
    let presented = new.server();
    tls.replace_certificate(&presented.issued.chain, &presented.key).unwrap();
    connect(&server, &before_client).unwrap();
    connect(&server, &after_client).unwrap();
    // Either issuer still revokes, each its own.
    tls.replace_crl(&old.authority.crl(&[(before.issued.serial, old.now)], 2, old.now).unwrap()).unwrap();
    assert!(refusal(connect(&server, &before_client)).contains("Revoked"));
    connect(&server, &after_client).unwrap();
}

#[test]
fn a_certificate_is_replaced_without_restart() {
    let rehearsal = Rehearsal::new();
    let (first, second, collector) = (rehearsal.server(), rehearsal.server(), rehearsal.collector(1));
    let crl = rehearsal.authority.crl(&[], 1, rehearsal.now).unwrap();
    let root = rehearsal.authority.root_der();
    let tls = MessagesTls::new(root, &first.issued.chain, &first.key, &crl).unwrap();
    let (server, client) = (Arc::new(tls.server_config()), client(&rehearsal, Some(&collector), &TLS13));
    assert_eq!(connect(&server, &client).unwrap().1, first.issued.der);
    assert!(tls.replace_certificate(&second.issued.chain, &first.key).is_err());
    assert!(tls.replace_certificate(&[], &second.key).is_err());
    assert_eq!(connect(&server, &client).unwrap().1, first.issued.der);
    tls.replace_certificate(&second.issued.chain, &second.key).unwrap();
    assert_eq!(connect(&server, &client).unwrap().1, second.issued.der);
}
