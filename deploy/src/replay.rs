//! Sends every rating of a file as a citizen would, one POST each, and waits until all of them are settled: in the ledger, or in
//! a pool that is too small to leave.

use std::collections::BTreeMap;
use std::time::Duration;

use awc::http::StatusCode;
use futures_util::StreamExt as _;
use futures_util::stream;
use gradimento_collector::store::{outbox, pool};
use gradimento_common::encoding::hex;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::Failure;
use crate::aggregator::Aggregator;
use crate::collector::Collector;
use crate::ratings::Ratings;
use crate::report::{Settled, report};

/// Requests under way at once: what keeps a collector's group commits full without queueing for long.
const CONCURRENT: usize = 64;
/// How often one rating is tried before the replay gives up; the same key counts once.
const TRIES_MAX: u32 = 60;
/// Between two tries, and between two looks at the pools.
const PAUSE: Duration = Duration::from_millis(500);

/// How long what was sent may take to settle. Boundaries are seconds apart and the aggregator is next door; but a message that
/// was refused once may wait a quarter of an hour.
const SETTLED: Duration = Duration::from_secs(20 * 60);

/// Replays the file and prints the report. `true` where every count agrees.
pub(crate) async fn replay(ratings: &Ratings, aggregator: &Aggregator, collectors: &[Collector]) -> Result<bool, Failure> {
    let addresses: BTreeMap<&str, &str> =
        collectors.iter().map(|c| (c.body.code.as_str(), c.running.public_url.as_str())).collect();
    let total: u64 = ratings.counts().values().flatten().sum();
    let bar = ProgressBar::new(total).with_style(style()?);
    let client = awc::Client::builder().timeout(Duration::from_secs(30)).finish();
    let sending = ratings.each().map(|(agency, service, stars)| {
        let base = addresses.get(agency).copied().unwrap_or_default();
        let (client, bar) = (&client, &bar);
        async move {
            let sent = send(client, &format!("{base}/rest/cx/v1/services/{service}/responses"), stars).await;
            bar.inc(1);
            sent
        }
    });
    let mut sent = 0u64;
    let mut sending = stream::iter(sending).buffer_unordered(CONCURRENT);
    while let Some(outcome) = sending.next().await {
        outcome?;
        sent += 1;
    }
    drop(sending);
    bar.finish();
    match tokio::time::timeout(SETTLED, futures_util::future::try_join_all(collectors.iter().map(until_settled))).await {
        Ok(settled) => drop(settled?),
        // The counts will not agree, and say where.
        Err(_) => tracing::error!("after {} seconds something still waits to leave", SETTLED.as_secs()),
    }
    let settled = Settled::read(aggregator, collectors).await?;
    Ok(report(ratings, sent, &settled))
}

fn style() -> Result<ProgressStyle, Failure> {
    Ok(ProgressStyle::with_template("{bar:40} {human_pos}/{human_len} ratings, {per_sec}, {eta} left")?)
}

async fn send(client: &awc::Client, url: &str, stars: u8) -> Result<(), Failure> {
    let key = hex(&rand::random::<[u8; 16]>());
    let body = json!({"questionnaire": "national-core", "version": 1, "answers": {"overall": stars}, "language": "it"});
    let mut last = String::new();
    for _ in 0..TRIES_MAX {
        match client.post(url).insert_header(("Idempotency-Key", key.as_str())).send_json(&body).await {
            Ok(reply) if reply.status() == StatusCode::CREATED => return Ok(()),
            Ok(reply) if reply.status().is_client_error() => return Err(format!("{url}: {}", reply.status()).into()),
            Ok(reply) => last = reply.status().to_string(),
            Err(error) => last = error.to_string(),
        }
        tokio::time::sleep(PAUSE).await;
    }
    Err(format!("{url}: {last}").into())
}

/// Waits until no pool is large enough to leave and every message has its receipt.
async fn until_settled(collector: &Collector) -> Result<(), Failure> {
    let desk = &collector.running.desk;
    loop {
        let terms = desk.survey.terms().ok_or("a collector has no terms")?;
        let enough = u64::from(terms.policy.k()) + u64::from(terms.policy.r());
        let month = gradimento_common::calendar::Day::of(desk.clock.now()).month();
        let (pools, backlog) = desk.store.read(|db| Ok((pool::sizes(db, month)?, outbox::backlog(db)?)))?;
        if pools.iter().all(|pool| pool.waiting < enough) && backlog.waiting == 0 {
            return Ok(());
        }
        tokio::time::sleep(PAUSE).await;
    }
}
