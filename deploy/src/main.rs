//! The demo: an aggregator and three collectors on loopback, with real enrolment and mutual TLS between them, on SQLite in a
//! folder of their own. Ctrl-C ends it.
#![allow(clippy::print_stdout, reason = "the demo speaks to the person who started it")]

mod aggregator;
mod collector;

use std::path::PathBuf;

use clap::Parser;
use serde_json::json;

/// An aggregator and three collectors on this machine.
#[derive(Parser)]
#[command(name = "gradimento-demo")]
struct Arguments {
    /// The folder for databases; a fresh temporary one where none is given.
    #[arg(long)]
    data: Option<PathBuf>,
}

pub(crate) type Failure = Box<dyn std::error::Error>;

/// Who takes part: codice IPA, name, category, territory, one service with its name.
pub(crate) const AGENCIES: [[&str; 6]; 3] = [
    ["inps", "INPS", "C16", "IT", "pensioni-online", "Domanda di pensione online"],
    ["inail", "INAIL", "C16", "IT", "denuncia-infortunio", "Denuncia di infortunio"],
    ["c_h501", "Roma Capitale", "L6", "058091", "anagrafe-online", "Anagrafe online"],
];

#[actix_web::main]
async fn main() -> Result<(), Failure> {
    tracing_subscriber::fmt().with_max_level(tracing_subscriber::filter::LevelFilter::WARN).init();
    let arguments = Arguments::parse();
    let (folder, _temporary) = match arguments.data {
        Some(folder) => (folder, None),
        None => {
            let temporary = tempfile::tempdir()?;
            (temporary.path().to_owned(), Some(temporary))
        }
    };
    std::fs::create_dir_all(&folder)?;
    let aggregator = aggregator::start(&folder)?;
    let mut collectors = Vec::new();
    for agency in AGENCIES {
        collectors.push(collector::start(&folder, &aggregator.invite(agency)?, agency).await?);
    }
    println!("{:<14} {}/", "Istat", aggregator.public());
    for collector in &collectors {
        println!("{:<14} {}/s/{}", collector.name, collector.public, collector.service);
    }
    let collectors: Vec<_> = collectors.iter().map(collector::Running::endpoints).collect();
    let endpoints = json!({"aggregator": aggregator.endpoints(), "collectors": collectors, "logins": []});
    std::fs::write(folder.join("endpoints.json"), endpoints.to_string())?;
    println!("Everything is in {}. Ctrl-C ends the demo.", folder.display());
    tokio::signal::ctrl_c().await?;
    Ok(())
}
