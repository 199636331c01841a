//! `gradimento-collector`.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser as _;
use gradimento_collector::cli::{Arguments, run};
use gradimento_collector::clock::SystemClock;

#[actix_web::main]
async fn main() -> ExitCode {
    // First of all: whoever asks rustls for a default gets ring.
    let installed = rustls::crypto::ring::default_provider().install_default();
    let level = tracing_subscriber::EnvFilter::try_from_env("GRADIMENTO_LOG");
    let level = level.unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(level).with_writer(std::io::stderr).init();
    if installed.is_err() {
        tracing::warn!("another cryptography provider was installed first");
    }
    run(Arguments::parse(), Arc::new(SystemClock)).await
}
