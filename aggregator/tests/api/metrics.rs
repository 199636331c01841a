//! What the operator sees.

use crate::member::{Keys, Member};
use crate::office::Office;

#[actix_web::test]
async fn the_operator_sees_messages_streams_requests_and_what_expires() {
    let office = Office::start().await;
    let inps = Member::join(&office, "inps").await;
    let body = inps.heartbeat(1, office.now());
    assert_eq!(inps.send(&body, office.now()).await.status, 201);
    assert_eq!(inps.send(&body, office.now()).await.status, 200);
    assert_eq!(inps.send(&inps.heartbeat(3, office.now()), office.now()).await.status, 409);
    assert_eq!(inps.renew(&Keys::new()).await.status, 201);
    office.get("/nowhere/at-all").await;
    let reply = office.admin("/metrics").await;
    assert!(reply.header("content-type").starts_with("application/openmetrics-text"));
    let text = reply.text();
    for line in [
        "messages_total{outcome=\"accepted\"} 1",
        "messages_total{outcome=\"repeated\"} 1",
        "messages_total{outcome=\"sequence-gap\"} 1",
        "enrolments_total{outcome=\"accepted\"} 1",
        "renewals_total{outcome=\"accepted\"} 1",
        "ledger_size 1.0",
        "streams{state=\"open\"} 1",
        "streams{state=\"revoked\"} 0",
        "http_requests_total{listener=\"messages\",route=\"/rest/cx/v1/messages\",method=\"POST\",status=\"4xx\"} 1",
        "http_requests_total{listener=\"public\",route=\"unknown\",method=\"GET\",status=\"4xx\"} 1",
        "http_request_duration_seconds_count{listener=\"messages\",route=\"/rest/cx/v1/messages\"} 3",
        "# EOF",
    ] {
        let line = if line.starts_with('#') { line.to_owned() } else { format!("gradimento_aggregator_{line}") };
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
    let silence = format!("gradimento_aggregator_stream_silence_seconds{{agency=\"inps\",stream=\"{}\"}}", inps.stream);
    assert!(text.contains(&silence), "{text}");
    assert!(!text.contains("nowhere"), "an address that nobody serves is not a series");
}

#[actix_web::test]
async fn what_expires_is_counted_down() {
    let office = Office::start().await;
    let left = async |of: &str| {
        let text = office.admin("/metrics").await.text();
        let start = format!("gradimento_aggregator_days_left{{of=\"{of}\"}} ");
        text.lines().find_map(|line| line.strip_prefix(&start)).unwrap().parse::<f64>().unwrap().round()
    };
    for (of, days) in
        [("server_certificate", 90.0), ("revocation_list", 7.0), ("issuing_certificate", 1_095.0), ("seal_certificate", 730.0)]
    {
        assert_eq!(left(of).await, days, "{of}");
    }
    office.move_on(8);
    assert_eq!(left("revocation_list").await, -1.0);
}
