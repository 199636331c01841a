//! Everything that runs: an aggregator and its collectors, in one folder. What has been started is kept here, so that it can be
//! stopped wherever somebody interrupts.

use std::path::Path;

use serde_json::json;

use crate::Failure;
use crate::aggregator::Aggregator;
use crate::bodies;
use crate::collector::Collector;
use crate::ratings::Ratings;
use crate::replay;

#[derive(Default)]
pub(crate) struct Demo {
    aggregator: Option<Aggregator>,
    collectors: Vec<Collector>,
}

impl Demo {
    /// Starts everything and replays `ratings`; without any, goes on until it is dropped. `true` where every count agrees.
    pub(crate) async fn play(&mut self, folder: &Path, ratings: Option<&Ratings>) -> Result<bool, Failure> {
        let aggregator = self.aggregator.insert(Aggregator::start(folder).await?);
        for body in bodies::pilot().into_iter().chain(ratings.into_iter().flat_map(Ratings::bodies)) {
            let token = aggregator.invite(&body)?;
            self.collectors.push(Collector::start(folder, body, &token).await?);
        }
        tell(folder, aggregator, &self.collectors)?;
        let Some(ratings) = ratings else {
            println!(
                "127,006 real ratings can be sent:  cargo run --release -- --replay deploy/data/public-app-ratings-replay.csv"
            );
            println!("Ctrl-C ends the demo.");
            return std::future::pending().await;
        };
        replay::replay(ratings, aggregator, &self.collectors).await
    }

    /// Ends whatever has been started, letting requests finish.
    pub(crate) async fn stop(self) {
        for collector in self.collectors {
            collector.running.stop().await;
        }
        if let Some(aggregator) = self.aggregator {
            aggregator.stop().await;
        }
    }
}

/// Says where everything is: to the person, and, last of all, in `endpoints.json`.
fn tell(folder: &Path, aggregator: &Aggregator, collectors: &[Collector]) -> Result<(), Failure> {
    println!("{:<36} {}/", "Istat", aggregator.public());
    for collector in collectors {
        for service in &collector.body.services {
            println!("{:<36} {}", format!("{}: {}", collector.body.name, service.id), collector.page(&service.id));
        }
    }
    println!("Everything is in {}.", folder.display());
    let endpoints = json!({
        "aggregator": aggregator.endpoints(),
        "root_certificate": aggregator.root_certificate(),
        "collectors": collectors.iter().map(Collector::endpoints).collect::<Vec<_>>(),
        "logins": [],
    });
    let beside = folder.join("endpoints.json.new");
    std::fs::write(&beside, serde_json::to_vec_pretty(&endpoints)?)?;
    Ok(std::fs::rename(beside, folder.join("endpoints.json"))?)
}
