use jiff::SignedDuration;
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use x509_parser::certificate::X509Certificate;
use x509_parser::oid_registry::Oid;
use x509_parser::prelude::FromDer as _;

use super::super::rehearsal::{Rehearsal, subject};
use super::super::{CertificateFault, CollectorCertificate};
use super::*;

fn parse(der: &[u8]) -> X509Certificate<'_> {
    X509Certificate::from_der(der).unwrap().1
}

fn hostile_request(key: &KeyPair) -> CertificateRequest {
    let mut params = CertificateParams::new(["aggregator.example".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    let other = "urn:x-italian-pa:inail:stream:6f0e0a3c-5f5e-4f5e-8f5e-5f5e5f5e5f5e";
    params.subject_alt_names.push(SanType::URI(other.try_into().unwrap()));
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::Any, ExtendedKeyUsagePurpose::ServerAuth];
    params.distinguished_name.push(DnType::CommonName, "aggregator.example");
    // A request has no field for a lifetime; a private extension is the nearest that it can ask.
    params.custom_extensions.push(rcgen::CustomExtension::from_oid_content(&[2, 5, 29, 16], vec![0x30, 0]));
    CertificateRequest::parse(params.serialize_request(key).unwrap().der()).unwrap()
}

#[test]
fn a_hostile_request_gets_nothing_that_it_asked_for() {
    let rehearsal = Rehearsal::new();
    let key = KeyPair::generate().unwrap();
    let issue = |purpose| {
        let request = hostile_request(&key);
        rehearsal.authority.issue_collector(purpose, &request, &subject(), [0xff; 16], rehearsal.now).unwrap()
    };
    for purpose in [Purpose::Tls, Purpose::Seal] {
        let issued = issue(purpose);
        let certificate = parse(&issued.der);
        assert!(!certificate.is_ca());
        let usage = certificate.key_usage().unwrap().unwrap().value;
        assert!(usage.digital_signature() && !usage.key_cert_sign() && !usage.crl_sign());
        let extended = certificate.extended_key_usage().unwrap().unwrap().value;
        assert!(!extended.any && !extended.server_auth);
        assert_eq!(extended.client_auth, purpose == Purpose::Tls);
        assert!(certificate.get_extension_unique(&Oid::from(&[2, 5, 29, 16]).unwrap()).unwrap().is_none());

        let read = CollectorCertificate::parse(&issued.der).unwrap();
        assert_eq!(read.purpose, purpose);
        assert_eq!((read.name.agency, read.name.stream), (subject().agency, subject().stream));
        assert_eq!(read.public_point, key.public_key_raw());
        assert_eq!((read.not_before, read.not_after), (issued.not_before, issued.not_after));
    }
}

#[test]
fn both_ends_of_the_validity_are_set_and_the_serial_is_positive() {
    let rehearsal = Rehearsal::new();
    for serial in [0x00, 0x01, 0x80, 0xff] {
        let issued = rehearsal.collector(serial).issued;
        let certificate = parse(&issued.der);
        let now = rehearsal.now.as_second();
        assert_eq!(certificate.validity().not_before.timestamp(), now - CERTIFICATE_BACKDATE_MINUTES * 60);
        assert_eq!(certificate.validity().not_after.timestamp(), now + COLLECTOR_CERTIFICATE_DAYS * 86_400);
        assert_eq!(certificate.raw_serial(), issued.serial);
        assert!((1..0x80).contains(&issued.serial[0]));
        let server = rehearsal.server().issued;
        assert_eq!(server.not_before.as_second(), now - 8 * 86_400);
        assert_eq!(server.not_after.as_second(), now + 90 * 86_400);
    }
}

#[test]
fn a_certificate_does_not_outlive_its_issuer() {
    let rehearsal = Rehearsal::new();
    let end = rehearsal.authority.issuing_not_after();
    let late = end - SignedDuration::from_hours(24);
    assert_eq!(rehearsal.collector_at(Purpose::Seal, 1, late).issued.not_after, end);
    let key = KeyPair::generate().unwrap();
    let issued = rehearsal.authority.issue_collector(Purpose::Seal, &hostile_request(&key), &subject(), [1; 16], end);
    assert!(matches!(issued, Err(AuthorityFault::Expired)));
}

#[test]
fn the_subject_is_what_the_register_says() {
    let rehearsal = Rehearsal::new();
    let key = KeyPair::generate().unwrap();
    let long = CollectorSubject { name: "à".repeat(200), ..subject() };
    let issued =
        rehearsal.authority.issue_collector(Purpose::Tls, &hostile_request(&key), &long, [1; 16], rehearsal.now).unwrap();
    let certificate = parse(&issued.der);
    let organization = certificate.subject().iter_organization().next().unwrap().as_str().unwrap();
    assert_eq!(organization, "à".repeat(64));
    let identifier = Oid::from(&[2, 5, 4, 97]).unwrap();
    assert_eq!(certificate.subject().iter_by_oid(&identifier).next().unwrap().as_str().unwrap(), "CF:IT-80078750587");
    let common_name = certificate.subject().iter_common_name().next().unwrap().as_str().unwrap();
    assert_eq!(common_name, subject().stream.to_string());
}

#[test]
fn certificates_of_the_aggregator_do_not_pass_for_a_collectors() {
    let rehearsal = Rehearsal::new();
    let seal = rehearsal.authority.issue_own_seal("Gradimento", [2; 16], rehearsal.now).unwrap();
    assert_eq!(CollectorCertificate::parse(&seal.issued.der), Err(CertificateFault::Name));
    assert_eq!(CollectorCertificate::parse(&rehearsal.server().issued.der), Err(CertificateFault::Name));
    assert_eq!(CollectorCertificate::parse(b"certificate"), Err(CertificateFault::Malformed));
    assert!(!format!("{seal:?}").contains(&format!("{:?}", &seal.key.secret_pkcs8_der()[..8])));
    for wrong in [vec![], vec!["a b".to_owned()], vec!["https://a.example".to_owned()]] {
        assert!(matches!(rehearsal.authority.issue_server(&wrong, [1; 16], rehearsal.now), Err(AuthorityFault::Name(_))));
    }
}
