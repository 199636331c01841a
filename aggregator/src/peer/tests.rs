use std::net::TcpListener;
use std::sync::Arc;

use actix_web::{App, HttpServer, test, web};
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;

use super::*;
use crate::pki::rehearsal::{Collector, Rehearsal, subject};
use crate::tls::MessagesTls;

async fn whoami(peer: PeerCertificate) -> String {
    format!("{} {}", peer.0.name.stream, peer.0.thumbprint)
}

#[actix_web::test]
async fn without_a_certificate_the_extractor_refuses() {
    let app = test::init_service(App::new().route("/", web::get().to(whoami))).await;
    let reply = test::call_service(&app, test::TestRequest::get().to_request()).await;
    assert_eq!(reply.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(reply.headers().get("content-type").unwrap(), "application/problem+json");
    let problem: serde_json::Value = test::read_body_json(reply).await;
    assert_eq!(problem["type"], "/problems/client-certificate-missing");
    assert_eq!(problem["status"], 401);
}

#[actix_web::test]
async fn something_that_is_not_the_tls_stream_leaves_no_certificate() {
    let mut extensions = Extensions::new();
    remember_certificate(&"a plain connection", &mut extensions);
    assert!(!extensions.contains::<ConnectionCertificate>());
}

#[actix_web::test]
async fn other_certificates_are_no_peers() {
    let rehearsal = Rehearsal::new();
    let seal = rehearsal.collector_at(Purpose::Seal, 1, rehearsal.now).issued.der;
    for der in [seal, rehearsal.server().issued.der, rehearsal.authority.root_der().to_vec(), b"no".to_vec()] {
        assert_eq!(peer(&ConnectionCertificate(der)), None);
    }
    let collector = rehearsal.collector(1).issued;
    assert_eq!(peer(&ConnectionCertificate(collector.der)).unwrap().0.thumbprint, collector.thumbprint);
}

fn tls(rehearsal: &Rehearsal) -> MessagesTls {
    let server = rehearsal.server();
    let crl = rehearsal.authority.crl(&[], 1, rehearsal.now).unwrap();
    MessagesTls::new(rehearsal.authority.root_der(), &server.issued.chain, &server.key, &crl).unwrap()
}

fn client(rehearsal: &Rehearsal, collector: Option<&Collector>) -> awc::Client {
    let mut roots = RootCertStore::empty();
    roots.add(rehearsal.authority.root_der().to_vec().into()).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().unwrap().with_root_certificates(roots);
    let config = match collector {
        Some(Collector { issued, key }) => {
            let chain = issued.chain.iter().cloned().map(CertificateDer::from).collect();
            builder.with_client_auth_cert(chain, key.clone_key().into()).unwrap()
        }
        None => builder.with_no_client_auth(),
    };
    awc::Client::builder().connector(awc::Connector::new().rustls_0_23(Arc::new(config))).finish()
}

#[actix_web::test]
async fn a_collector_is_called_by_its_own_name_and_nobody_else_gets_in() {
    let rehearsal = Rehearsal::new();
    let tls = tls(&rehearsal);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}/", listener.local_addr().unwrap().port());
    let server = HttpServer::new(|| App::new().route("/", web::get().to(whoami)))
        .workers(1)
        .disable_signals()
        .on_connect(remember_certificate)
        .listen_rustls_0_23(listener, tls.server_config())
        .unwrap()
        .run();
    let handle = server.handle();
    actix_web::rt::spawn(server);

    let collector = rehearsal.collector(1);
    let mut reply = client(&rehearsal, Some(&collector)).get(&url).send().await.unwrap();
    assert_eq!(reply.status(), StatusCode::OK);
    let expected = format!("{} {}", subject().stream, collector.issued.thumbprint);
    assert_eq!(reply.body().await.unwrap(), expected);
    assert!(client(&rehearsal, None).get(&url).send().await.is_err());

    // Revoked, and let in no more by the same server; the connection that is open must be refused by the handler.
    let revoked = [(collector.issued.serial, rehearsal.now)];
    tls.replace_crl(&rehearsal.authority.crl(&revoked, 2, rehearsal.now).unwrap()).unwrap();
    assert!(client(&rehearsal, Some(&collector)).get(&url).send().await.is_err());
    handle.stop(false).await;
}

#[actix_web::test]
async fn a_server_without_on_connect_refuses_every_collector() {
    let rehearsal = Rehearsal::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}/", listener.local_addr().unwrap().port());
    let server = HttpServer::new(|| App::new().route("/", web::get().to(whoami)))
        .workers(1)
        .disable_signals()
        .listen_rustls_0_23(listener, tls(&rehearsal).server_config())
        .unwrap()
        .on_connect(remember_certificate)
        .run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    let reply = client(&rehearsal, Some(&rehearsal.collector(1))).get(&url).send().await.unwrap();
    assert_eq!(reply.status(), StatusCode::UNAUTHORIZED, "on_connect after the listener has no effect");
    handle.stop(false).await;
}
