//! The demo: an aggregator and its collectors on loopback, with real enrolment and mutual TLS between them, on SQLite in a
//! folder of their own. Ctrl-C ends it.
#![allow(clippy::print_stdout, reason = "the demo speaks to the person who started it")]

mod aggregator;
mod bodies;
mod collector;
mod demo;
mod ratings;
mod replay;
mod report;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use tempfile::TempDir;
use tokio::signal::unix::{Signal, SignalKind, signal};

use demo::Demo;
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
    // Before there is a folder that would be left behind.
    let mut stop = Stop::listen()?;
    let ratings = match &arguments.replay {
        Some(file) => Some(Ratings::read(file, arguments.per_thousand)?),
        None => None,
    };
    let (folder, _temporary) = folder(arguments.data.as_deref())?;
    let mut demo = Demo::default();
    let agreed = tokio::select! {
        agreed = demo.play(&folder, ratings.as_ref()) => agreed,
        // A replay that was cut short has not shown that its counts agree.
        () = stop.asked() => Ok(ratings.is_none()),
    };
    demo.stop().await;
    Ok(if agreed? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
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

/// Ctrl-C, or SIGTERM.
struct Stop {
    interrupt: Signal,
    terminate: Signal,
}

impl Stop {
    fn listen() -> std::io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Comes to its end once somebody asks.
    async fn asked(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => (),
            _ = self.terminate.recv() => (),
        }
    }
}
