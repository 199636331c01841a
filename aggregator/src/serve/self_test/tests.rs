use std::net::TcpListener;

use actix_web::{App, HttpServer, web};

use super::*;
use crate::peer::{PeerCertificate, remember_certificate};
use crate::pki::rehearsal::Rehearsal;
use crate::tls::MessagesTls;

async fn head(_peer: PeerCertificate) -> &'static str {
    "let in"
}

/// What the self-test says of a listener that keeps its clients' certificates, or does not, and knows everybody.
async fn tested(rehearsal: &Rehearsal, stranger: Stranger, remembers: bool) -> SelfTestFault {
    let server = rehearsal.server();
    let crl = rehearsal.authority.crl(&[], 1, rehearsal.now).unwrap();
    let root = rehearsal.authority.root_der().to_vec();
    let tls = MessagesTls::new(&root, &server.issued.chain, &server.key, &crl).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = HttpServer::new(|| App::new().route("/rest/cx/v1/streams/{stream}/head", web::get().to(head)));
    let server = server.workers(1).disable_signals();
    let server = if remembers { server.on_connect(remember_certificate) } else { server };
    let server = server.listen_rustls_0_23(listener, tls.server_config()).unwrap().run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    let fault = web::block(move || stranger.call(&root, address)).await.unwrap().unwrap_err();
    handle.stop(false).await;
    fault
}

#[actix_web::test]
async fn a_listener_that_loses_certificates_or_knows_everybody_fails() {
    let rehearsal = Rehearsal::new();
    let stranger = || Stranger::issue(&rehearsal.authority, rehearsal.now).unwrap();
    for (remembers, status) in [(false, "401 Unauthorized"), (true, "200 OK")] {
        let fault = tested(&rehearsal, stranger(), remembers).await;
        assert!(matches!(&fault, SelfTestFault::Answer(answer) if answer.ends_with(status)), "{fault}");
    }
}

#[actix_web::test]
async fn a_listener_that_refuses_our_own_collectors_fails() {
    let (rehearsal, other) = (Rehearsal::new(), Rehearsal::new());
    let foreign = Stranger::issue(&other.authority, other.now).unwrap();
    let fault = tested(&rehearsal, foreign, true).await;
    assert!(matches!(fault, SelfTestFault::Connection(_)), "{fault}");
}
