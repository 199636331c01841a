//! Anybody can check the sum.

use gradimento_collector::push::Step;
use gradimento_common::checkpoint::{NoteVerifier, open};
use gradimento_common::clock::Clock as _;
use gradimento_common::merkle::bundles::decode_bundle;
use gradimento_common::merkle::{Frontier, leaf_hash};
use gradimento_common::message::Message;
use gradimento_tests::Aggregator;

use crate::verifying::within_a_month;

#[actix_web::test]
async fn anybody_can_check_the_ledger_against_its_checkpoint() {
    let aggregator = Aggregator::start().await;
    let mut inps = aggregator.collector("inps", 1, within_a_month(aggregator.clock.now())).await;
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
    let verifier: NoteVerifier = aggregator.office().welcome.ledger_key.parse().unwrap();
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
    assert!(status == 200 && page.contains("100,0") && page.contains("n&nbsp;=&nbsp;34"), "{page}");
}
