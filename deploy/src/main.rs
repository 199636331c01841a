//! The demo: an aggregator and its collectors on loopback, with real enrolment and mutual TLS between them, on SQLite in a
//! folder of their own. Ctrl-C ends it.
#![allow(clippy::print_stdout, reason = "the demo speaks to the person who started it")]

mod aggregator;
mod bodies;
mod collector;
mod ratings;
mod replay;
mod report;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use serde_json::json;
use tempfile::TempDir;

use aggregator::Aggregator;
use collector::Collector;
use ratings::Ratings;

/// An aggregator and three collectors on this machine.
#[derive(Parser)]
#[command(name = "gradimento-demo")]
struct Arguments {
    /// The folder for databases, fresh or empty; a temporary one where none is given.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Sends every rating of this file through the citizens' endpoints, waits until all are settled, and ends.
    #[arg(long, value_name = "FILE.csv")]
    replay: Option<PathBuf>,
    /// With --replay: only so many of each count, rounded up, in a thousand.
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..=1000))]
    per_thousand: u64,
}

pub(crate) type Failure = Box<dyn std::error::Error>;

#[actix_web::main]
async fn main() -> ExitCode {
    let level = tracing_subscriber::EnvFilter::try_from_env("GRADIMENTO_LOG");
    let level = level.unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(level).with_writer(std::io::stderr).init();
    match run(&Arguments::parse()).await {
        Ok(status) => status,
        Err(error) => {
            tracing::error!(%error, "the demo ends");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let ratings = match &arguments.replay {
        Some(file) => Some(Ratings::read(file, arguments.per_thousand)?),
        None => None,
    };
    let (folder, _temporary) = folder(arguments.data.as_deref())?;
    let aggregator = Aggregator::start(&folder).await?;
    let mut collectors = Vec::new();
    for body in bodies::pilot().into_iter().chain(ratings.iter().flat_map(Ratings::bodies)) {
        let token = aggregator.invite(&body)?;
        collectors.push(Collector::start(&folder, body, &token).await?);
    }
    tell(&folder, &aggregator, &collectors)?;
    let agreed = match &ratings {
        Some(ratings) => replay::replay(ratings, &aggregator, &collectors).await?,
        None => {
            println!(
                "127,006 real ratings can be sent:  cargo run --release -- --replay deploy/data/public-app-ratings-replay.csv"
            );
            println!("Ctrl-C ends the demo.");
            until_asked_to_stop().await?;
            true
        }
    };
    for collector in collectors {
        collector.running.stop().await;
    }
    aggregator.stop().await;
    Ok(if agreed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn folder(asked: Option<&Path>) -> Result<(PathBuf, Option<TempDir>), Failure> {
    let Some(folder) = asked else {
        let temporary = tempfile::tempdir()?;
        return Ok((temporary.path().to_owned(), Some(temporary)));
    };
    std::fs::create_dir_all(folder)?;
    if std::fs::read_dir(folder)?.next().is_some() {
        return Err(format!("{} is not empty: the demo needs a fresh folder", folder.display()).into());
    }
    Ok((folder.canonicalize()?, None))
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

/// Ctrl-C, or SIGTERM.
async fn until_asked_to_stop() -> std::io::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}
