//! Journeys over real servers and real mutual TLS.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

use gradimento_aggregator::registry::StreamState;
use gradimento_collector::enrolment::{JoinError, Keys, join};
use gradimento_collector::push::Step;
use gradimento_common::checkpoint::{NoteVerifier, open};
use gradimento_common::merkle::bundles::decode_bundle;
use gradimento_common::merkle::{Frontier, leaf_hash};
use gradimento_common::message::Message;
use gradimento_tests::Aggregator;
use jiff::SignedDuration;

#[actix_web::test]
async fn answers_become_part_of_the_national_figure_once_k_and_r_wait_and_not_before() {
    let aggregator = Aggregator::start().await;
    let mut inps = aggregator.collector("inps", 1, SignedDuration::ZERO).await;
    inps.answers(11, 4).await;
    assert_eq!(inps.seal().await.batches, 0);
    assert_eq!(inps.push().await, Step::Idle);
    assert!(aggregator.indicators("level=country").await.is_empty());
    inps.answers(1, 4).await;
    assert_eq!(inps.seal().await.responses, 10);
    assert_eq!(inps.push().await, Step::Delivered);
    assert_eq!(inps.push().await, Step::Idle);
    let national = aggregator.indicators("level=country").await;
    assert_eq!(national.len(), 1);
    assert_eq!((national[0]["responses"].as_u64(), national[0]["score"].as_f64()), (Some(10), Some(75.0)));
    assert_eq!(national[0]["counts"]["overall"]["4"].as_u64(), Some(10));
    assert!(aggregator.indicators("level=agency&agency=inail").await.is_empty());
    assert_eq!(aggregator.indicators("level=agency&agency=INPS").await.len(), 1);
}

#[actix_web::test]
async fn a_collector_that_was_cut_off_delivers_everything_on_return_once() {
    let aggregator = Aggregator::start().await;
    let mut inps = aggregator.collector("inps", 1, SignedDuration::ZERO).await;
    for stars in 1..=5 {
        inps.answers(12, stars).await;
        inps.seal().await;
    }
    let mut delivered = 0;
    while inps.push().await == Step::Delivered {
        delivered += 1;
    }
    assert_eq!(delivered, 5);
    let responses = aggregator.indicators("level=country").await[0]["responses"].as_u64();
    assert_eq!(responses, Some(58));
}

#[actix_web::test]
async fn a_collector_whose_clock_is_a_day_off_still_delivers() {
    let aggregator = Aggregator::start().await;
    for (n, hours) in [(1, 25), (2, -25)] {
        let code = format!("ente_{n}");
        let mut collector = aggregator.silent_collector(&code, n, SignedDuration::from_hours(hours)).await;
        assert!(collector.correspondent.pull().await.unwrap());
        assert!(collector.correspondent.speak().await.unwrap());
        assert_eq!(collector.push().await, Step::ClockCorrected);
        assert_eq!(collector.push().await, Step::Delivered);
        collector.answers(12, 5).await;
        collector.seal().await;
        assert_eq!(collector.push().await, Step::Delivered);
    }
}

#[actix_web::test]
async fn a_revoked_collector_is_refused_on_the_next_request_of_an_open_connection() {
    let aggregator = Aggregator::start().await;
    let mut inps = aggregator.collector("inps", 1, SignedDuration::ZERO).await;
    for _ in 0..2 {
        inps.answers(12, 5).await;
        inps.seal().await;
    }
    assert_eq!(inps.push().await, Step::Delivered);
    aggregator.office.store.set_stream_state(inps.stream, StreamState::Revoked, aggregator.office.clock.now()).unwrap();
    assert_eq!(inps.push().await, Step::Refused(403));
    assert_eq!(aggregator.office.store.ledger_size().unwrap(), 2);
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

#[actix_web::test]
async fn anybody_can_check_the_ledger_against_its_checkpoint() {
    let aggregator = Aggregator::start().await;
    let mut inps = aggregator.collector("inps", 1, SignedDuration::ZERO).await;
    for _ in 0..3 {
        inps.answers(12, 5).await;
        inps.seal().await;
        assert_eq!(inps.push().await, Step::Delivered);
    }
    let get = async |path: &str| {
        let mut reply = awc::Client::default().get(format!("{}{path}", aggregator.public)).send().await.unwrap();
        (reply.status().as_u16(), reply.body().await.unwrap())
    };
    let (_, note) = get("/checkpoint").await;
    let verifier: NoteVerifier = aggregator.office.welcome.ledger_key.parse().unwrap();
    let checkpoint = open(std::str::from_utf8(&note).unwrap(), &verifier).unwrap();
    assert_eq!(checkpoint.size(), 4);
    let (_, bundle) = get("/tile/entries/000.p/4").await;
    let bodies = decode_bundle(&bundle).unwrap();
    let tree: Frontier = bodies.iter().map(|body| leaf_hash(body)).collect();
    assert_eq!(&tree.root(), checkpoint.root());
    assert!(Message::parse(bodies[2]).is_ok());
    assert_eq!(get("/tile/0/000.p/3").await.1.len(), 96);
    assert_eq!(get("/tile/0/000.p/5").await.0, 404);
    assert_eq!(get("/tile/0/000").await.0, 404);
    let (status, page) = get("/").await;
    let page = String::from_utf8(page.to_vec()).unwrap();
    assert!(status == 200 && page.contains("100,0") && page.contains("n = 34"), "{page}");
}
