//! One token, one use, and who may speak afterwards.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use gradimento_aggregator::registry::StreamState;
use gradimento_aggregator::store::Store as _;
use gradimento_aggregator::store::sqlite::SqliteStore;
use gradimento_collector::enrolment::{JoinError, Keys, join};
use gradimento_collector::identity::Identity;
use gradimento_collector::member::Member;
use gradimento_collector::push::Step;
use gradimento_common::clock::Clock as _;
use gradimento_tests::Aggregator;
use jiff::SignedDuration;
use rustls::{ClientConnection, StreamOwned};

#[actix_web::test]
async fn a_revoked_collector_is_refused_on_the_next_request_of_an_open_connection() {
    let aggregator = Aggregator::start().await;
    let mut inps = aggregator.collector("inps", 1, SignedDuration::ZERO).await;
    for _ in 0..2 {
        inps.answers(12, 5).await;
        inps.seal().await;
    }
    assert_eq!(inps.push().await, Step::Delivered);
    let identity = Identity::read(&inps.config.data).unwrap().unwrap();
    let member = Member::of(&identity).unwrap();
    let mut connection = Connection::open(&member);
    assert!(connection.ask_for_head().starts_with("HTTP/1.1 200 "));
    // As the command `revoke` does it: another program, with a connection of its own to the same file.
    let elsewhere = SqliteStore::open(&aggregator.database()).unwrap();
    for (stream, _) in elsewhere.streams(&member.agency).unwrap() {
        elsewhere.set_stream_state(stream, StreamState::Revoked, aggregator.clock.now()).unwrap();
    }
    let refused = connection.ask_for_head();
    assert!(refused.starts_with("HTTP/1.1 403 ") && refused.contains("/problems/peer-revoked"), "{refused}");
    assert_eq!(inps.push().await, Step::Refused(403));
    assert_eq!(aggregator.office().store.ledger_size().unwrap(), 2);
}

/// One TLS connection with a collector's certificate: one socket, one handshake, whatever is asked on it.
struct Connection {
    stream: StreamOwned<ClientConnection, TcpStream>,
    request: String,
}

impl Connection {
    fn open(member: &Member) -> Self {
        let authority = member.messages_url.strip_prefix("https://").unwrap();
        let tls = ClientConnection::new(Arc::new(member.messages_tls.clone()), "127.0.0.1".try_into().unwrap()).unwrap();
        let socket = TcpStream::connect(authority).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let request = format!("GET /rest/cx/v1/streams/{}/head HTTP/1.1\r\nHost: {authority}\r\n\r\n", member.stream);
        Self { stream: StreamOwned::new(tls, socket), request }
    }

    /// Sends a request and reads its reply whole; an end of the connection is a failure.
    fn ask_for_head(&mut self) -> String {
        self.stream.write_all(self.request.as_bytes()).unwrap();
        let (mut reply, mut byte) = (Vec::new(), [0]);
        let mut whole = None;
        while whole.is_none_or(|whole| reply.len() < whole) {
            self.stream.read_exact(&mut byte).unwrap();
            reply.extend(byte);
            if whole.is_none() && reply.ends_with(b"\r\n\r\n") {
                let head = String::from_utf8(reply.clone()).unwrap().to_ascii_lowercase();
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
                whole = Some(reply.len() + length.parse::<usize>().unwrap());
            }
        }
        String::from_utf8(reply).unwrap()
    }
}

#[actix_web::test]
async fn a_join_token_is_redeemed_by_one_pair_of_keys_and_a_lost_reply_costs_nothing() {
    let aggregator = Aggregator::start().await;
    let token = aggregator.invite("inps", [9; 32], 72);
    let (keys, others) = (Keys::generate().unwrap(), Keys::generate().unwrap());
    let first = join(&token, &keys).await.unwrap();
    assert_eq!(join(&token, &keys).await.unwrap(), first);
    let other = join(&token, &others).await;
    assert!(matches!(other, Err(JoinError::Refused { status: 409, .. })));
    let expired = aggregator.invite("inail", [8; 32], -1);
    let late = join(&expired, &others).await;
    assert!(matches!(late, Err(JoinError::Refused { status: 403, .. })));
    let mut forged = aggregator.invite("c_h501", [7; 32], 72);
    forged.secret = [6; 32];
    assert!(matches!(join(&forged, &others).await, Err(JoinError::Refused { status: 403, .. })));
    let mut elsewhere = aggregator.invite("agid", [5; 32], 72);
    elsewhere.root = [0; 32];
    assert!(matches!(join(&elsewhere, &others).await, Err(JoinError::Foreign(_))));
    elsewhere.url = "http://aggregator.example".into();
    assert!(matches!(join(&elsewhere, &others).await, Err(JoinError::Insecure(_))));
}
