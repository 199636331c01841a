//! Certificate requests: what is taken out of one is a P-256 point, and what it asks for beside that is not in the certificate.
//!
//! Input: a request in DER; or, where it does not begin as one, a letter and the part of a request that is signed: the target
//! then signs it, so that hostile contents get past the proof of possession.

#![no_main]

use std::sync::LazyLock;

use gradimento_aggregator::pki::{
    Authority, CertificateRequest, CollectorCertificate, CollectorSubject, Purpose, RequestFault,
};
use gradimento_common::ids::StreamId;
use gradimento_fuzz::NOW;
use gradimento_fuzz::keys::{POINT, asn1_signature};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

/// AlgorithmIdentifier of ecdsa-with-SHA256 (RFC 5758 section 3.2).
const ECDSA_WITH_SHA256: &[u8] = b"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02";
const SEQUENCE: u8 = 0x30;
const BIT_STRING: u8 = 0x03;

fuzz_target!(|input: &[u8]| {
    if input.first() == Some(&SEQUENCE) {
        check(input);
    } else if let Some((_, info)) = input.split_first() {
        // Signing costs a hundred times what reading does: only what is readable is signed.
        if CertificateRequest::parse(&request(info, b"\x30\x06\x02\x01\x01\x02\x01\x01")) == Err(RequestFault::Possession) {
            check(&request(info, &asn1_signature(info)));
        }
    }
});

fn check(der: &[u8]) {
    let Ok(request) = CertificateRequest::parse(der) else { return };
    assert_eq!(request.public_point(), POINT, "possession of a key that only the target holds");
    let issued = issue(&request);
    let read = CollectorCertificate::parse(&issued).expect("it can be read");
    assert_eq!((read.purpose, read.name.stream, read.public_point.as_slice()), (Purpose::Tls, stream(), POINT.as_slice()));
    assert!(issued.len().abs_diff(plain().len()) <= 8, "something that was asked for got into the certificate");
}

/// The certificate of a request that asks for nothing; two of them differ in length by what their signatures do.
fn plain() -> &'static [u8] {
    static PLAIN: LazyLock<Vec<u8>> = LazyLock::new(|| {
        // Version 0, no name, the key, no attributes.
        let key = [
            b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00"
                .as_slice(),
            &POINT,
        ];
        let info = tagged(SEQUENCE, &[b"\x02\x01\x00\x30\x00".as_slice(), &key.concat(), b"\xa0\x00"].concat());
        let request = CertificateRequest::parse(&request(&info, &asn1_signature(&info))).expect("a request");
        issue(&request)
    });
    &PLAIN
}

fn issue(request: &CertificateRequest) -> Vec<u8> {
    let agency = "inps".parse().expect("an agency");
    let subject = CollectorSubject { agency, name: "Ente".into(), fiscal_code: None, stream: stream() };
    authority().issue_collector(Purpose::Tls, request, &subject, [1; 16], now()).expect("it can be issued").der
}

fn stream() -> StreamId {
    StreamId::from_random([7; 16])
}

fn authority() -> &'static Authority {
    static AUTHORITY: LazyLock<Authority> = LazyLock::new(|| {
        let files = Authority::create(now()).expect("an authority");
        Authority::from_files(&files).expect("its own files")
    });
    &AUTHORITY
}

fn now() -> Timestamp {
    Timestamp::from_second(NOW).expect("within range")
}

fn request(info: &[u8], signature: &[u8]) -> Vec<u8> {
    let signature = tagged(BIT_STRING, &[&[0], signature].concat());
    tagged(SEQUENCE, &[info, ECDSA_WITH_SHA256, &signature].concat())
}

fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).expect("inputs are short").to_be_bytes();
    [&[tag, 0x82], length.as_slice(), content].concat()
}
