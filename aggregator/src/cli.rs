//! The commands of `gradimento-aggregator`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};
use gradimento_common::clock::Clock;
use gradimento_common::disclosure::Policy;
use gradimento_common::disclosure::fraction::Fraction;
use gradimento_common::encoding::{hex, sha256};
use gradimento_common::enrolment::JoinToken;
use gradimento_common::ids::{AgencyCode, StreamId};
use gradimento_common::limits::JOIN_TOKEN_HOURS;
use jiff::SignedDuration;
use tokio::signal::unix::SignalKind;

use crate::audit::{self, AuditError, Report};
use crate::config::Config;
use crate::registry::Agency;
use crate::store::Store;
use crate::{serve, vault};

/// EX_USAGE of sysexits.h: what was asked for, or the configuration, is wrong.
const USAGE: u8 = 64;
/// EX_UNAVAILABLE: what should be checked could not be read, so that nothing is known about it.
const UNAVAILABLE: u8 = 69;

/// Out of signed summaries, the national picture.
#[derive(Debug, Parser)]
#[command(name = "gradimento-aggregator", version)]
pub struct Arguments {
    /// The configuration file.
    #[arg(long, default_value = "/etc/gradimento/aggregator.toml")]
    config: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes the data folder: authority, keys, database, questionnaires.
    Init,
    /// Runs the aggregator.
    Serve,
    /// Approves an agency, or changes what is known of it.
    Agency {
        /// Its codice IPA.
        code: AgencyCode,
        /// What it is called.
        #[arg(long)]
        name: String,
        /// Its category in the index of public bodies, for example L6.
        #[arg(long)]
        category: String,
        /// Its territory in Istat's list CL_ITTER107, for example ITE4.
        #[arg(long, default_value = "IT")]
        territory: String,
        /// Its codice fiscale.
        #[arg(long)]
        fiscal_code: Option<String>,
    },
    /// Lists agencies and their collectors.
    Agencies,
    /// Prints a join token for an approved agency: good for one collector, for 72 hours.
    Invite {
        /// The agency's codice IPA.
        code: AgencyCode,
    },
    /// Checks everything that an aggregator publishes, from public data alone, and names the first thing that does not hold.
    /// Anybody can run it: it needs no configuration.
    Verify(audit::Arguments),
    /// Copies the database into a new file, while the aggregator serves. Keys and authority are not in it.
    Backup {
        /// The file to be made.
        file: PathBuf,
    },
    /// Puts a copy that `backup` made in the place of the database, while nothing serves; collectors then send again what it does
    /// not have. The former database is kept beside it.
    Restore {
        /// The copy.
        file: PathBuf,
    },
    /// Remembers a policy that was in force once, so that what was sealed under it is taken: after a restore from a copy older than
    /// that policy.
    Policy {
        /// Its number.
        version: u32,
        /// Its k.
        k: u32,
        /// Its r.
        r: u32,
        /// Its epsilon.
        #[arg(default_value = "1")]
        epsilon: Fraction,
    },
    /// Lets the collectors of an agency recover again after their certificates have expired, twice each.
    Approve {
        /// The agency's codice IPA.
        code: AgencyCode,
    },
    /// Opens the quarantined streams of an agency again, after a person has found out why there were two bodies for one number.
    /// What the ledger has counts; the other body stays kept beside it.
    Release {
        /// The agency's codice IPA.
        code: AgencyCode,
    },
    /// Revokes all collectors of an agency and its unused join tokens, at once and for ever.
    Revoke {
        /// The agency's codice IPA.
        code: AgencyCode,
    },
}

type Failure = Box<dyn std::error::Error>;

/// Runs one command.
pub async fn run(arguments: Arguments, clock: Arc<dyn Clock>) -> ExitCode {
    if let Command::Verify(asked) = &arguments.command {
        return verify(asked).await;
    }
    let config = match read_config(&arguments.config) {
        Ok(config) => config,
        Err(error) => return fail(&error, USAGE),
    };
    match execute(arguments.command, &config, clock).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error, 1),
    }
}

#[expect(clippy::print_stdout, reason = "what a command was asked for goes to standard output")]
async fn verify(asked: &audit::Arguments) -> ExitCode {
    match audit::run(asked).await {
        Ok(Ok(Report { messages, streams, batches, responses, figures })) => {
            println!(
                "holds: {messages} messages of {streams} streams, {batches} batches of {responses} people, {figures} figures"
            );
            ExitCode::SUCCESS
        }
        Ok(Err(error @ AuditError::Fault(_))) => fail(&error.into(), 1),
        Ok(Err(error @ AuditError::Unreachable { .. })) => fail(&error.into(), UNAVAILABLE),
        Err(error) => fail(&error, USAGE),
    }
}

#[expect(clippy::print_stderr, reason = "a command tells its user what went wrong")]
fn fail(error: &Failure, status: u8) -> ExitCode {
    eprintln!("{error}");
    ExitCode::from(status)
}

fn read_config(path: &Path) -> Result<Config, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(Config::read(&text, std::env::vars())?)
}

#[expect(clippy::print_stdout, reason = "what a command was asked for goes to standard output")]
async fn execute(command: Command, config: &Config, clock: Arc<dyn Clock>) -> Result<(), Failure> {
    let store = || vault::store(&config.data);
    match command {
        Command::Init => {
            let vault = vault::create(&config.data, &config.survey.ledger, clock.now())?;
            println!("root {}", hex(&vault.authority.root_fingerprint()));
            println!("ledger {}", vault.ledger.verifier());
            println!("Keep root.key somewhere else: serving does not need it.");
        }
        Command::Serve => {
            let running = serve::start(config, clock).await?;
            let serve::Running { public_url, messages_url, admin_url, .. } = &running;
            tracing::info!(public = public_url, messages = messages_url, admin = admin_url, "serving");
            told_to_end().await?;
            running.stop().await;
        }
        Command::Agency { code, name, category, territory, fiscal_code } => {
            store()?.put_agency(&Agency { code, name, category, territory, fiscal_code })?;
        }
        Command::Agencies => print!("{}", listing(&store()?)?),
        Command::Invite { code } => println!("{}", invite(config, &store()?, code, clock.as_ref())?),
        // Needs no configuration: see `run`.
        Command::Verify(_) => (),
        Command::Backup { file } => vault::backup(&config.data, &file)?,
        Command::Restore { file } => match vault::restore(&config.data, &file, clock.now())? {
            Some(aside) => println!("restored; the former database is in {}", aside.display()),
            None => println!("restored"),
        },
        Command::Policy { version, k, r, epsilon } => {
            let policy = Policy::new(version, k, r)?.with_epsilon(epsilon)?;
            serve::remember(&store()?, policy)?;
            println!("remembered {policy}");
        }
        Command::Approve { code } => println!("approved {}", store()?.approve_recoveries(&code)?),
        Command::Release { code } => print!("{}", each("released", &store()?.release(&code, clock.now())?)),
        Command::Revoke { code } => print!("{}", each("revoked", &store()?.revoke(&code, clock.now())?)),
    }
    Ok(())
}

fn each(done: &str, streams: &[StreamId]) -> String {
    streams.iter().map(|stream| format!("{done} {stream}\n")).collect()
}

/// Ctrl-C, or what service managers and containers send.
async fn told_to_end() -> std::io::Result<()> {
    let mut terminate = tokio::signal::unix::signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}

fn listing(store: &dyn Store) -> Result<String, Failure> {
    let mut lines = String::new();
    for agency in store.agencies()? {
        lines.push_str(&format!("{}\t{}\t{}\t{}\n", agency.code, agency.category, agency.territory, agency.name));
        for (stream, state) in store.streams(&agency.code)? {
            let next = store.head(stream)?.map_or(0, |head| head.expected_sequence);
            lines.push_str(&format!("\t{stream}\t{state:?}\tnext message {next}\n"));
        }
    }
    Ok(lines)
}

/// Makes a join token; only its hash is kept.
///
/// # Errors
/// Where the agency has not been approved.
pub fn invite(config: &Config, store: &dyn Store, code: AgencyCode, clock: &dyn Clock) -> Result<JoinToken, Failure> {
    let agency = store.agency(&code)?.ok_or_else(|| format!("{code} has not been approved: see `agency`"))?;
    let vault = vault::open(&config.data, &config.survey.ledger)?;
    let scheme = if config.public.tls { "https" } else { "http" };
    let url = config.public.url.clone().unwrap_or_else(|| format!("{scheme}://{}", config.public.address));
    let secret: [u8; 32] = rand::random();
    let expires = clock.now() + SignedDuration::from_hours(JOIN_TOKEN_HOURS);
    store.put_invitation(sha256(&secret), &agency.code, expires.as_second())?;
    Ok(JoinToken { url, agency: agency.code, root: vault.authority.root_fingerprint(), secret })
}
