//! `verify`, as anybody runs it: no configuration, no data folder, only what is published and what was known before.

use std::path::{Path, PathBuf};

use clap::Args;
use gradimento_common::checkpoint::NoteVerifier;
use rustls::crypto::ring;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;

use super::auditor::{Auditor, Report};
use super::fetch::{AuditError, Library};
use super::seals::Seals;

/// Checks everything that an aggregator publishes, from public data alone, and names the first thing that does not hold.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("anchor").required(true).multiple(true).args(["root", "ledger_key"]))]
pub struct Arguments {
    /// The aggregator's public address.
    #[arg(long)]
    url: String,
    /// The root certificate, in PEM, from a place that you trust. All signatures are held against it.
    #[arg(long)]
    root: Option<PathBuf>,
    /// The ledger's verifier key (C2SP signed-note), from a place that you trust. Alone, it says nothing about who signed the
    /// messages.
    #[arg(long)]
    ledger_key: Option<String>,
    /// The certificate, in PEM, under which the address itself speaks TLS. Default: the root.
    #[arg(long)]
    tls_root: Option<PathBuf>,
    /// A checkpoint that was kept: the ledger must have grown out of it.
    #[arg(long)]
    checkpoint: Option<PathBuf>,
    /// Where to keep the present checkpoint, once everything holds.
    #[arg(long)]
    keep: Option<PathBuf>,
}

type Failure = Box<dyn std::error::Error>;

/// Runs the audit. The outer error is of what was given; the inner one of what was found.
///
/// # Errors
/// Where a file cannot be read or written, or is not what it should be.
pub async fn run(arguments: &Arguments) -> Result<Result<Report, AuditError>, Failure> {
    let root = arguments.root.as_deref().map(certificate).transpose()?;
    let key = arguments.ledger_key.as_deref().map(str::parse::<NoteVerifier>).transpose()?;
    let earlier = arguments.checkpoint.as_deref().map(text).transpose()?;
    let tls_root = arguments.tls_root.as_deref().map(certificate).transpose()?.or_else(|| root.clone());
    let tls = match (arguments.url.starts_with("https://"), tls_root) {
        (true, Some(root)) => Some(tls(root)?),
        (true, None) => return Err("an https address needs --root or --tls-root".into()),
        (false, _) => None,
    };
    let library = Library::new(&arguments.url, tls);
    let audited = audit(&library, Seals { root }, key, earlier.as_deref()).await;
    if let (Ok((_, note)), Some(path)) = (&audited, &arguments.keep) {
        std::fs::write(path, note).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(audited.map(|(report, _)| report))
}

/// Audits what a library holds.
///
/// # Errors
/// The first thing that does not hold, or cannot be read.
pub async fn audit(
    library: &Library,
    seals: Seals,
    key: Option<NoteVerifier>,
    earlier: Option<&str>,
) -> Result<(Report, String), AuditError> {
    let statement = library.text("/rest/cx/v1/ledger").await?;
    let mut auditor = Auditor::new(seals, key, &statement, earlier)?;
    library.audit(&mut auditor).await
}

fn text(path: &Path) -> Result<String, Failure> {
    Ok(std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?)
}

fn certificate(path: &Path) -> Result<Vec<u8>, Failure> {
    let certificate = CertificateDer::from_pem_slice(text(path)?.as_bytes());
    Ok(certificate.map_err(|_| format!("{} is not a certificate in PEM", path.display()))?.to_vec())
}

fn tls(root: Vec<u8>) -> Result<ClientConfig, Failure> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(root))?;
    let builder = ClientConfig::builder_with_provider(ring::default_provider().into());
    Ok(builder.with_protocol_versions(&[&TLS13, &TLS12])?.with_root_certificates(roots).with_no_client_auth())
}
