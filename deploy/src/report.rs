//! The closing report of a replay: what was sent, what is in the ledger, what waits, and whether the counts agree.
#![allow(clippy::print_stdout, reason = "the report is what was asked for")]

use std::collections::BTreeMap;

use gradimento_collector::store::{pool, sent};
use serde_json::Value;

use crate::Failure;
use crate::aggregator::Aggregator;
use crate::collector::Collector;
use crate::ratings::{Ratings, Subject};

type Stars = BTreeMap<Subject, [u64; 5]>;

/// Where every rating is.
pub(crate) struct Settled {
    sealed: BTreeMap<Subject, u64>,
    ledger: Stars,
    pools: Stars,
    national: Vec<Value>,
}

impl Settled {
    /// Reads the ledger's figures from the aggregator's public interface, and from the collectors' databases what they sealed
    /// and what waits.
    pub(crate) async fn read(aggregator: &Aggregator, collectors: &[Collector]) -> Result<Self, Failure> {
        let mut ledger = Stars::new();
        for item in indicators(aggregator, "service").await? {
            let name = |key: &str| item.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
            let sum = ledger.entry(Subject { agency: name("agency"), service: name("service") }).or_default();
            for (star, sum) in (1..).zip(sum) {
                *sum += item.pointer(&format!("/counts/overall/{star}")).and_then(Value::as_u64).unwrap_or_default();
            }
        }
        let (mut sealed, mut pools) = (BTreeMap::new(), Stars::new());
        for collector in collectors {
            let (store, agency) = (&collector.running.desk.store, &collector.body.code);
            for (key, n) in store.read(sent::totals)? {
                *sealed.entry(Subject { agency: agency.clone(), service: key.service.to_string() }).or_default() += n;
            }
            for ((service, star), n) in store.read(pool::waiting_overall)? {
                let sum = pools.entry(Subject { agency: agency.clone(), service }).or_default();
                let place = star.parse::<usize>().ok().and_then(|star| sum.get_mut(star.checked_sub(1)?));
                *place.ok_or("a pool holds a rating that is none")? += n;
            }
        }
        Ok(Self { sealed, ledger, pools, national: indicators(aggregator, "country").await? })
    }
}

async fn indicators(aggregator: &Aggregator, level: &str) -> Result<Vec<Value>, Failure> {
    let url = format!("{}/rest/cx/v1/indicators?level={level}", aggregator.public());
    let mut reply = awc::Client::default().get(url).send().await.map_err(|error| error.to_string())?;
    let mut body: Value = reply.json().await?;
    match body.get_mut("items").map(Value::take) {
        Some(Value::Array(items)) => Ok(items),
        _ => Err("the indicators have no items".into()),
    }
}

/// Prints the report. `true` where for every service and star the ledger and the pool together hold what the file holds,
/// and the ledger holds what was sealed.
pub(crate) fn report(ratings: &Ratings, sent: u64, settled: &Settled) -> bool {
    let (expected, nothing) = (ratings.counts(), [0; 5]);
    println!("\n{:<12} {:<18} {:>5} {:>9} {:>9} {:>9}", "agency", "service", "stars", "file", "ledger", "pool");
    let mut agreed = sent == expected.values().flatten().sum::<u64>();
    for (subject, counts) in &expected {
        let ledger = settled.ledger.get(subject).unwrap_or(&nothing);
        let pool = settled.pools.get(subject).unwrap_or(&nothing);
        for (star, ((file, ledger), pool)) in (1..).zip(counts.iter().zip(ledger).zip(pool)) {
            let same = *file == ledger + pool;
            agreed &= same;
            let mark = if same { "" } else { "  DIFFERS" };
            println!("{:<12} {:<18} {star:>5} {file:>9} {ledger:>9} {pool:>9}{mark}", subject.agency, subject.service);
        }
    }
    let sum = |stars: &Stars| expected.keys().filter_map(|subject| stars.get(subject)).flatten().sum::<u64>();
    let (ledger, pools) = (sum(&settled.ledger), sum(&settled.pools));
    let sealed: u64 = expected.keys().filter_map(|subject| settled.sealed.get(subject)).sum();
    agreed &= sealed == ledger;
    println!("sent {sent}, sealed {sealed}, waiting in pools {pools}, in the ledger {ledger}");
    settled.national.iter().for_each(print_figure);
    println!("{}", if agreed { "Every count agrees." } else { "Some counts do not agree." });
    agreed
}

fn print_figure(figure: &Value) {
    let text = |pointer: &str| figure.pointer(pointer).map(ToString::to_string).unwrap_or_default();
    let number = |pointer: &str| figure.pointer(pointer).and_then(Value::as_f64).unwrap_or(f64::NAN);
    println!(
        "national, {} {} {}: n = {}, score {:.2} (95 % {:.2} to {:.2}), 4 or 5 stars {:.2} % ({:.2} to {:.2})",
        text("/questionnaire"),
        text("/assurance"),
        text("/period"),
        text("/responses"),
        number("/score"),
        number("/score_interval/0"),
        number("/score_interval/1"),
        number("/top2_share") * 100.0,
        number("/top2_interval/0") * 100.0,
        number("/top2_interval/1") * 100.0,
    );
}
