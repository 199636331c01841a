//! What whoever operates a collector sees of it: `/metrics` and `doctor`, while all is well and while it is not.

use gradimento_aggregator::registry::StreamState;
use gradimento_collector::doctor::examine;
use gradimento_collector::push::Step;
use gradimento_common::clock::Clock as _;
use gradimento_tests::{Aggregator, Collector};
use jiff::SignedDuration;

fn metrics(collector: &Collector) -> String {
    collector.desk.metrics.text(&collector.desk.store, collector.clock.now()).unwrap()
}

/// Every one of these lines is there, and nothing else of their series.
fn assert_lines(text: &str, series: &str, lines: &[&str]) {
    let start = format!("gradimento_collector_{series}");
    let found: Vec<_> = text.lines().filter_map(|line| line.strip_prefix(&start)).collect();
    assert_eq!(found, lines, "{series} in\n{text}");
}

async fn doctor(collector: &Collector) -> Vec<String> {
    examine(&collector.config, &collector.clock).await.iter().map(ToString::to_string).collect()
}

#[actix_web::test]
async fn monitoring_sees_what_waits_what_left_how_it_was_received_and_what_ends() {
    let mut aggregator = Aggregator::start().await;
    let mut inps = aggregator.collector("inps", 1, SignedDuration::ZERO).await;
    inps.answers(14, 5).await;
    inps.seal().await;
    aggregator.stop().await;
    assert_eq!(inps.push().await, Step::Unreachable(None));
    let text = metrics(&inps);
    assert_lines(&text, "outbox_messages", &[" 1"]);
    aggregator.start_again().await;
    assert_eq!(inps.push().await, Step::Delivered);
    assert_eq!(inps.push().await, Step::Idle);
    inps.clock.set(SignedDuration::from_hours(1));
    let text = metrics(&inps);
    let prova = "{service=\"prova\",questionnaire=\"national-core\",version=\"1\",assurance=\"open\"} 2";
    assert_lines(&text, "pool_responses", &[prova]);
    assert_lines(&text, "responses_total", &["{service=\"prova\",assurance=\"open\",outcome=\"stored\"} 14"]);
    assert_lines(&text, "batches_sealed_total", &[" 1"]);
    assert_lines(&text, "responses_sealed_total", &[" 12"]);
    assert_lines(&text, "outbox_messages", &[" 0"]);
    assert_lines(&text, "outbox_oldest_seconds", &[" 0"]);
    assert_lines(&text, "outbox_refused", &[" 0"]);
    // Thirty days, begun an hour ago.
    assert_lines(&text, "certificate_days_left", &[" 29"]);
    assert_lines(&text, "commit_responses_sum", &[" 14.0"]);
    // The catalogue and the summary.
    for (outcome, n) in [("delivered", 2), ("unreachable", 1), ("idle", 1)] {
        let line = format!("gradimento_collector_pushes_total{{outcome=\"{outcome}\"}} {n}");
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
    inps.clock.set(SignedDuration::from_hours(31 * 24 + 1));
    assert_lines(&metrics(&inps), "certificate_days_left", &[" -2"]);
}

#[actix_web::test]
async fn a_doctor_who_finds_nothing_says_so_line_by_line() {
    let aggregator = Aggregator::start().await;
    let inps = aggregator.collector("inps", 1, SignedDuration::ZERO).await;
    let address = &aggregator.office().welcome.messages_url;
    let said = doctor(&inps).await;
    let expected = [
        "ok   database      sound, and every answer is on disk before it is acknowledged".to_owned(),
        format!("ok   identity      inps, stream {}", inps.stream),
        said.get(2).cloned().unwrap_or_default(),
        format!("ok   aggregator    {address} knows this collector"),
        said.get(4).cloned().unwrap_or_default(),
        "ok   questionnaires Istat has said what to ask".to_owned(),
        "ok   outbox        every message has its receipt".to_owned(),
    ];
    assert_eq!(said, expected);
    // Thirty days, begun some moments ago: in this second or in another.
    assert!([29, 30].map(|days| format!("ok   certificates  good for {days} more days")).contains(&said[2]), "{said:?}");
    let behind = said[4].strip_prefix("ok   clock         ").unwrap();
    assert!(behind.ends_with(" seconds behind the aggregator's; messages carry the aggregator's time"), "{behind}");
}

#[actix_web::test]
async fn a_doctor_names_whatever_is_not_well() {
    let mut aggregator = Aggregator::start().await;
    let mut inps = aggregator.silent_collector("inps", 1, SignedDuration::ZERO).await;
    assert!(
        doctor(&inps)
            .await
            .contains(&"LOOK questionnaires none yet: they arrive when `serve` reaches the aggregator".to_owned())
    );
    assert!(inps.correspondent.pull().await.unwrap());
    inps.answers(12, 5).await;
    inps.seal().await;
    let ailing = |said: Vec<String>| said.into_iter().filter(|line| line.starts_with("LOOK ")).collect::<Vec<_>>();

    // Its clock runs on, past most of the certificates' life: what waits grows old.
    inps.clock.set(SignedDuration::from_hours(25 * 24 + 1));
    let said = ailing(doctor(&inps).await);
    assert_eq!(said.len(), 3, "{said:?}");
    assert_eq!(said[0], "LOOK certificates  good for 4 more days");
    let words = said[1].strip_prefix("LOOK clock         ").unwrap();
    let behind: i64 = words.split(' ').next().unwrap().parse().unwrap();
    assert!((-26 * 86_400..-24 * 86_400).contains(&behind), "{words}");
    assert_eq!(said[2], "LOOK outbox        1 messages wait, the oldest for 36060 minutes");
    inps.clock.set(SignedDuration::ZERO);

    let address = aggregator.office().welcome.messages_url.clone();
    let store = aggregator.office().store.clone();
    store.set_stream_state(inps.stream, StreamState::Revoked, aggregator.clock.now()).unwrap();
    assert_eq!(ailing(doctor(&inps).await), [format!("LOOK aggregator    {address} refuses this collector (status 403)")]);
    aggregator.stop().await;
    let said = ailing(doctor(&inps).await);
    assert!(matches!(&said[..], [line] if line.starts_with(&format!("LOOK aggregator    {address}: no answer"))), "{said:?}");
}
