//! From a citizen's answer to the national figure.

use gradimento_collector::push::Step;
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
