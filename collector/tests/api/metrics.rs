//! What the operator's monitoring reads.

use crate::desk::{Collector, stars};
use crate::sealing::{boundary, editions};
use gradimento_collector::store::outbox::keep_receipt;
use jiff::SignedDuration;

#[actix_web::test]
async fn the_operator_sees_what_waits_what_was_sealed_how_it_was_sent_and_what_ends() {
    let collector = Collector::start();
    for n in 0..14 {
        assert_eq!(collector.answer(n, stars(5)).await.status, 201);
    }
    collector.answer(0, stars(5)).await;
    assert_eq!(collector.answer(14, stars(6)).await.status, 422);
    let metrics = &collector.desk.metrics;
    metrics.sealed(boundary(&collector, editions(), 1).await.unwrap());
    ["unreachable", "unreachable", "delivered"].iter().for_each(|outcome| metrics.pushed(outcome));
    metrics.set_certificate_end(collector.now() + SignedDuration::from_hours(29 * 24 + 23));
    collector.clock.advance(SignedDuration::from_secs(7_200));
    let text = collector.metrics().await;
    for line in [
        "responses_total{service=\"prova\",assurance=\"open\",outcome=\"stored\"} 14",
        "responses_total{service=\"prova\",assurance=\"open\",outcome=\"counted_before\"} 1",
        "refusals_total{problem=\"answers-invalid\"} 1",
        "pool_responses{service=\"prova\",questionnaire=\"national-core\",version=\"1\",assurance=\"open\"} 2",
        "batches_sealed_total 1",
        "responses_sealed_total 12",
        "pushes_total{outcome=\"unreachable\"} 2",
        "pushes_total{outcome=\"delivered\"} 1",
        "outbox_messages 1",
        "outbox_oldest_seconds 7200",
        "outbox_refused 0",
        "certificate_days_left 29",
        "commit_responses_sum 15.0",
        "flood_suspected{service=\"prova\"} 0",
    ] {
        let line = format!("gradimento_collector_{line}");
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
    assert!(text.ends_with("# EOF\n"));

    collector.desk.store.write(|tx| keep_receipt(tx, 1, 1, "a receipt")).await.unwrap();
    collector.clock.advance(SignedDuration::from_hours(30 * 24));
    let text = collector.metrics().await;
    for line in ["outbox_messages 0", "outbox_oldest_seconds 0", "certificate_days_left -1"] {
        let line = format!("gradimento_collector_{line}");
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
}
