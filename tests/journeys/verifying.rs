//! Anybody can check everything, and is told exactly what was altered: one byte of the aggregator's own file at a time.

use gradimento_aggregator::audit::{self, AuditError, Library, Report, Seals};
use gradimento_collector::store::outbox;
use gradimento_common::calendar::Day;
use gradimento_common::checkpoint::NoteVerifier;
use gradimento_common::clock::Clock as _;
use gradimento_common::disclosure::Policy;
use gradimento_common::message::{Heartbeat, Message, Payload, Position};
use gradimento_common::modi::BodyDigest;
use gradimento_common::receipt::Receipt;
use gradimento_tests::{Aggregator, Collector};
use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use rusqlite::types::Value;

pub(crate) async fn verify(aggregator: &Aggregator, earlier: Option<&str>) -> Result<(Report, String), AuditError> {
    let library = Library::new(&aggregator.public, None);
    let seals = Seals { root: Some(aggregator.office().authority.root_der().to_vec()) };
    audit::audit(&library, seals, None, earlier).await
}

pub(crate) async fn told(aggregator: &Aggregator) -> String {
    verify(aggregator, None).await.unwrap_err().to_string()
}

/// Alters one value in the aggregator's file.
pub(crate) struct Altered {
    file: Connection,
    table: &'static str,
    column: &'static str,
    row: String,
    before: Value,
}

impl Altered {
    pub(crate) fn new(
        aggregator: &Aggregator,
        table: &'static str,
        column: &'static str,
        row: &str,
        change: impl Fn(Value) -> Value,
    ) -> Self {
        let file = Connection::open(aggregator.database()).unwrap();
        let sql = format!("SELECT {column} FROM {table} WHERE {row} LIMIT 1");
        let before: Value = file.query_row(&sql, [], |found| found.get(0)).unwrap();
        let altered = Self { file, table, column, row: row.to_owned(), before };
        altered.set(&change(altered.before.clone()));
        altered
    }

    fn set(&self, value: &Value) {
        let sql = format!("UPDATE {} SET {} = ?1 WHERE {}", self.table, self.column, self.row);
        assert_eq!(self.file.execute(&sql, [value]).unwrap(), 1);
    }
}

impl Drop for Altered {
    fn drop(&mut self) {
        self.set(&self.before);
    }
}

/// One bit of the byte at `position`, counted from the end where it is negative.
pub(crate) fn flip(position: isize) -> impl Fn(Value) -> Value {
    let at = move |length: usize| if position < 0 { length - position.unsigned_abs() } else { position.unsigned_abs() };
    move |value| match value {
        Value::Blob(mut bytes) => {
            let at = at(bytes.len());
            bytes[at] ^= 1;
            Value::Blob(bytes)
        }
        Value::Text(text) => {
            // Stays text: one character of base64url for another.
            let mut bytes = text.into_bytes();
            let at = at(bytes.len());
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            Value::Text(String::from_utf8(bytes).unwrap())
        }
        Value::Integer(n) => Value::Integer(n + 1),
        other => other,
    }
}

/// How far back collectors live. Figures are by month, and where one ends in Rome within the hour, or has just ended, a test would
/// have them of two. The aggregator stays in the present: its replies carry the machine's own date.
pub(crate) fn within_a_month(now: Timestamp) -> SignedDuration {
    let (hour, month) = (SignedDuration::from_hours(1), |at| Day::of(at).month());
    if month(now - hour) == month(now + hour) { SignedDuration::ZERO } else { -hour * 2 }
}

#[test]
fn no_test_spans_the_end_of_a_month() {
    for now in ["2026-11-30T22:30:00Z", "2026-11-30T23:00:00Z", "2026-11-30T23:59:59Z", "2026-11-15T12:00:00Z"] {
        let now: Timestamp = now.parse().unwrap();
        let then = now + within_a_month(now);
        assert_eq!(Day::of(then).month(), Day::of(then + SignedDuration::from_mins(59)).month(), "{now}");
    }
}

/// Three agencies with two batches each.
async fn three() -> (Aggregator, Vec<Collector>) {
    let aggregator = Aggregator::start().await;
    let mut collectors = Vec::new();
    for (n, code) in [(1, "inps"), (2, "inail"), (3, "c_h501")] {
        let mut collector = aggregator.collector(code, n, within_a_month(aggregator.clock.now())).await;
        for stars in [n, 5] {
            collector.answers(12, stars).await;
            collector.seal().await;
            collector.push().await;
        }
        collectors.push(collector);
    }
    (aggregator, collectors)
}

#[actix_web::test]
async fn what_is_published_holds_and_everything_in_it_was_read() {
    let (aggregator, _collectors) = three().await;
    let (report, note) = verify(&aggregator, None).await.unwrap();
    assert_eq!((report.messages, report.streams, report.batches, report.responses), (9, 3, 6, 66));
    // Country, one category, one territory, three agencies with a service each.
    assert_eq!(report.figures, 9);
    verify(&aggregator, Some(&note)).await.unwrap();
    let library = Library::new(&aggregator.public, None);
    let key: NoteVerifier = aggregator.office().welcome.ledger_key.parse().unwrap();
    audit::audit(&library, Seals::default(), Some(key), Some(&note)).await.unwrap();
    let foreign = Aggregator::start().await;
    let seals = Seals { root: Some(foreign.office().authority.root_der().to_vec()) };
    let refused = audit::audit(&library, seals, None, None).await.unwrap_err().to_string();
    assert!(refused.contains("not signed by its issuer"), "{refused}");
}

#[actix_web::test]
async fn a_ledger_with_a_restored_collector_in_it_holds() {
    let (aggregator, mut collectors) = three().await;
    let kept = collectors[0].backup();
    collectors[0].answers(12, 2).await;
    collectors[0].seal().await;
    collectors[0].push().await;
    let mut inps = Collector::restored(&kept.path().join("backup"), collectors[0].clock.clone());
    inps.answers(12, 3).await;
    for _ in 0..8 {
        inps.push().await;
    }
    inps.seal().await;
    inps.push().await;
    let (report, _) = verify(&aggregator, None).await.unwrap();
    assert_eq!((report.streams, report.responses), (3, 66 + 12 + 10));
}

#[actix_web::test]
async fn one_altered_byte_of_any_message_or_its_proof_names_that_message() {
    let (aggregator, _collectors) = three().await;
    let bodies = aggregator.office().store.bodies(0, 9).unwrap();
    for (index, body) in bodies.iter().enumerate() {
        let message = Message::parse(body).unwrap();
        let (stream, sequence) = (message.position.stream, message.position.sequence);
        let row = format!("leaf_index = {index}");
        let anywhere = (index * 131 % body.len()) as isize;
        for (column, position) in [
            ("body", 0),
            ("body", anywhere),
            ("body", -1),
            ("signature", 40),
            ("signature", -40),
            ("signature", 1_200),
            ("receipt", 40),
            ("receipt", -40),
            ("receipt", -120),
        ] {
            let _altered = Altered::new(&aggregator, "entry", column, &row, flip(position));
            let told = told(&aggregator).await;
            assert!(told.contains(&format!("message {index}")), "{column} {position}: {told}");
            // What still can be read of it is named too.
            if column != "body" {
                let names = format!("agency {}, stream {stream}, epoch 1, sequence {sequence}", message.agency);
                assert!(told.contains(&names), "{column} {position}: {told}");
            }
        }
        let _altered = Altered::new(&aggregator, "entry", "received_at", &row, |_| Value::Integer(1_000_000_000));
        assert!(told(&aggregator).await.contains(&format!("message {index}")));
    }
    verify(&aggregator, None).await.unwrap();
}

#[actix_web::test]
async fn a_receipt_that_the_aggregator_signed_for_something_else_is_noticed() {
    let (aggregator, _collectors) = three().await;
    let body = aggregator.office().store.bodies(4, 1).unwrap().remove(0);
    let position = Message::parse(&body).unwrap().position;
    let (digest, now) = (BodyDigest::of(&body), aggregator.office().clock.now());
    for receipt in [
        Receipt::new(position, BodyDigest::of(b"other bytes"), 4, now),
        Receipt::new(position, digest, 5, now),
        Receipt::new(Position { sequence: 7, ..position }, digest, 4, now),
        Receipt::new(position, digest, 4, now + SignedDuration::from_hours(24 * 40)),
    ] {
        let receipt = receipt.sign(&aggregator.office().signer).unwrap();
        let _altered = Altered::new(&aggregator, "entry", "receipt", "leaf_index = 4", |_| Value::Text(receipt.clone()));
        let told = told(&aggregator).await;
        assert!(told.contains("message 4, "), "{told}");
    }
}

#[actix_web::test]
async fn two_messages_that_changed_places_are_noticed() {
    let (aggregator, _collectors) = three().await;
    let file = Connection::open(aggregator.database()).unwrap();
    file.execute_batch(
        "UPDATE entry SET leaf_index = 99 WHERE leaf_index = 4; UPDATE entry SET leaf_index = 4 WHERE leaf_index = 5;
         UPDATE entry SET leaf_index = 5 WHERE leaf_index = 99;",
    )
    .unwrap();
    assert!(told(&aggregator).await.contains("message 4"));
}

#[actix_web::test]
async fn altered_figures_and_questionnaires_are_named() {
    let (aggregator, collectors) = three().await;
    let month = Day::of(collectors[0].clock.now()).month();
    let of_inail = "rollup = (SELECT id FROM rollup WHERE agency = 'inail') AND question = 'overall' AND option = '2'";
    {
        let _altered = Altered::new(&aggregator, "rollup_count", "n", of_inail, flip(0));
        let told = told(&aggregator).await;
        assert!(told.contains(&format!("indicator country, national-core 1, open, {month}: overall, 2: published")), "{told}");
    }
    {
        let _altered = Altered::new(&aggregator, "rollup", "responses", "agency = 'c_h501'", flip(0));
        let told = told(&aggregator).await;
        assert!(told.contains("indicator country") && told.contains("responses: published"), "{told}");
    }
    {
        // Moved from one agency's service to another: the country's sum is the same.
        let _altered = Altered::new(&aggregator, "rollup", "service", "agency = 'inps'", |_| Value::Text("altra".into()));
        let told = told(&aggregator).await;
        assert!(told.contains("indicator service inps altra, national-core 1, open"), "{told}");
    }
    {
        let _altered = Altered::new(&aggregator, "rollup", "period", "agency = 'inps'", |_| Value::Text("2020-01".into()));
        let told = told(&aggregator).await;
        assert!(told.contains("indicator country, national-core 1, open, 2020-01"), "{told}");
    }
    for position in [40, 5_000, -40] {
        let _altered = Altered::new(&aggregator, "questionnaire", "token", "id = 'national-core'", flip(position));
        let told = told(&aggregator).await;
        assert!(told.contains("questionnaire national-core 1"), "{told}");
    }
    verify(&aggregator, None).await.unwrap();
}

#[actix_web::test]
async fn altered_tiles_a_truncated_and_a_rewritten_ledger_are_named() {
    let (aggregator, mut collectors) = three().await;
    let inps = &mut collectors[0];
    let origin = inps.correspondent.origin().clone();
    let alive = move |tx: &rusqlite::Transaction<'_>| {
        for _ in 0..260 {
            let payload = Payload::Heartbeat(Heartbeat { software: "0".into() });
            outbox::append(tx, &origin, payload, Policy::new(1, 10, 2).unwrap(), Timestamp::UNIX_EPOCH)?;
        }
        Ok(())
    };
    inps.desk.store.write(alive).await.unwrap();
    while inps.push().await != gradimento_collector::push::Step::Idle {}
    let (report, note) = verify(&aggregator, None).await.unwrap();
    assert_eq!(report.messages, 269);
    for (index, expected) in [(0, "tile/0/000: hash 0 "), (255, "tile/0/000: hash 255 "), (260, "tile/0/001.p/13: hash 4 ")] {
        let _altered = Altered::new(&aggregator, "entry", "leaf_hash", &format!("leaf_index = {index}"), flip(9));
        let told = told(&aggregator).await;
        assert!(told.contains(expected), "{told}");
    }
    {
        let _altered = Altered::new(&aggregator, "tile_root", "hash", "level = 1 AND tile = 0", flip(31));
        let told = told(&aggregator).await;
        assert!(told.contains("tile/1/000.p/1: hash 0 "), "{told}");
    }
    verify(&aggregator, Some(&note)).await.unwrap();
    let file = Connection::open(aggregator.database()).unwrap();
    file.execute("DELETE FROM entry WHERE leaf_index >= 266", []).unwrap();
    let truncated = verify(&aggregator, Some(&note)).await.unwrap_err().to_string();
    assert!(truncated.contains("truncated: it has 266 messages, and an earlier checkpoint has 269"), "{truncated}");
    // Grown again, out of other messages.
    let inail = &mut collectors[1];
    for _ in 0..4 {
        let origin = inail.correspondent.origin().clone();
        let payload = Payload::Heartbeat(Heartbeat { software: "0".into() });
        let said = move |tx: &rusqlite::Transaction<'_>| {
            outbox::append(tx, &origin, payload, Policy::new(1, 10, 2).unwrap(), Timestamp::UNIX_EPOCH)
        };
        inail.desk.store.write(said).await.unwrap();
        inail.push().await;
    }
    verify(&aggregator, None).await.unwrap();
    let rewritten = verify(&aggregator, Some(&note)).await.unwrap_err().to_string();
    assert!(rewritten.contains("rewritten: its first 269 messages"), "{rewritten}");
}
