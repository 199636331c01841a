//! What an attacker finds who holds the database file.

use std::time::Duration;

use crate::desk::{Collector, key, response};
use gradimento_collector::intake::submission::SubmissionKey;
use serde_json::json;

/// How long the writer is given to tidy up, on a machine that does much else.
const TIDY_SECONDS_MAX: u32 = 30;
/// SQLite's default.
const PAGE_BYTES: usize = 4_096;

fn position(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

#[actix_web::test]
async fn the_raw_file_holds_no_trace_of_the_sender_and_no_order_of_arrival() {
    let collector = Collector::start();
    let agent = ("User-Agent", "Mozilla/5.0 TraceableBrowser");
    for n in 0..60 {
        let mut body = response(json!({"overall": 3}));
        body["suggestion"] = json!(format!("parere numero {n}"));
        let headers =
            [("Content-Type", "application/json"), ("Idempotency-Key", &*key(n)), agent, ("X-Forwarded-For", "203.0.113.77")];
        let reply = collector.post("/rest/cx/v1/services/prova/responses", &headers, body.to_string()).await;
        assert_eq!(reply.status, 201);
    }
    // The writer tidies up once it has had nothing to do for a second.
    let log = || std::fs::read(collector.database.with_extension("sqlite-wal")).unwrap_or_default().len();
    for _ in 0..TIDY_SECONDS_MAX * 10 {
        if log() == 0 {
            break;
        }
        actix_web::rt::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(log(), 0, "bytes in the write-ahead log after {TIDY_SECONDS_MAX} seconds");
    let file = std::fs::read(&collector.database).unwrap();
    for trace in ["TraceableBrowser", "203.0.113.77", "127.0.0.1", "10:00"] {
        assert_eq!(position(&file, trace.as_bytes()), None, "{trace}");
    }
    let mut rows: Vec<(usize, [u8; 16])> = (0..60)
        .map(|n| {
            let code = SubmissionKey::from_header(&key(n)).unwrap().withdrawal_code(&"prova".parse().unwrap());
            assert_eq!(position(&file, code.as_str().as_bytes()), None);
            assert_eq!(position(&file, key(n).as_bytes()), None);
            (position(&file, code.row_key().as_bytes()).unwrap(), *code.row_key().as_bytes())
        })
        .collect();
    // Within a page SQLite writes from the end towards the start. Where rows were written in the order of their random keys,
    // their places say nothing that the keys do not; anything else would be an order of arrival.
    rows.sort_unstable();
    let same_page = |pair: &[(usize, [u8; 16])]| pair[0].0 / PAGE_BYTES == pair[1].0 / PAGE_BYTES;
    let neighbours: Vec<_> = rows.windows(2).filter(|pair| same_page(pair)).collect();
    assert!(neighbours.len() > 40);
    assert!(neighbours.iter().all(|pair| pair[0].1 > pair[1].1), "rows of a page do not stand in the order of their keys");
}

#[actix_web::test]
async fn personal_data_in_a_suggestion_never_reaches_the_disk() {
    let collector = Collector::start();
    let data = ["RSSMRA85T10A562S", "333 1234567", "mario.rossi@provider.it"];
    let mut body = response(json!({"overall": 2}));
    body["suggestion"] = json!(format!("Il mio cf è {}, chiamatemi al {} o {}.", data[0], data[1], data[2]));
    assert_eq!(collector.answer(1, body).await.status, 201);
    let text = "Il mio cf è [codice fiscale], chiamatemi al [telefono] o [e-mail].";
    assert_eq!(collector.count(&format!("suggestion_today WHERE text = '{text}'")), 1);
    // At once, while the write-ahead log still holds every page that was written.
    let log = std::fs::read(collector.database.with_extension("sqlite-wal")).unwrap();
    let bytes = [log, std::fs::read(&collector.database).unwrap()].concat();
    assert!(position(&bytes, b"[codice fiscale]").is_some());
    for datum in data {
        assert_eq!(position(&bytes, datum.as_bytes()), None, "{datum}");
    }
}

#[actix_web::test]
async fn a_suggestion_stands_in_its_own_table_only() {
    let collector = Collector::start();
    let mut body = response(json!({"overall": 3}));
    body["suggestion"] = json!("frase-inconfondibile");
    assert_eq!(collector.answer(1, body).await.status, 201);
    assert_eq!(collector.count("suggestion_today WHERE text = 'frase-inconfondibile'"), 1);
    assert_eq!(collector.count("pool WHERE answers LIKE '%frase%'"), 0);
    assert_eq!(collector.count("suggestion_today s JOIN pool p ON s.key = p.key"), 0);
}
