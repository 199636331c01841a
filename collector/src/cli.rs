//! The commands of `gradimento-collector`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};
use gradimento_common::clock::Clock;
use gradimento_common::enrolment::JoinToken;
use gradimento_common::ids::ServiceId;
use gradimento_common::questionnaire::SHIPPED;

use crate::backup::backup;
use crate::bearer::Bearer;
use crate::config::Config;
use crate::doctor::examine;
use crate::enrolment::join;
use crate::identity::{Identity, Membership, file};
use crate::import::{Format, import, report};
use crate::installation::database;
use crate::intake::tokens::TokenKey;
use crate::poster::{Format as PaperFormat, Languages, Poster, address};
use crate::restore::restore;
use crate::serve;
use crate::store::Store;
use crate::store::imported::totals;

/// EX_USAGE of sysexits.h: what was asked for, or the configuration, is wrong.
const USAGE: u8 = 64;

/// Citizens answer here, and what they answered stays here.
#[derive(Debug, Parser)]
#[command(name = "gradimento-collector", version)]
pub struct Arguments {
    /// The configuration file.
    #[arg(long, default_value = "/etc/gradimento/collector.toml")]
    config: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes the data folder: database and keys.
    Init,
    /// Joins the survey with the token that Istat handed out. Safe to repeat where no answer came.
    Join {
        /// The token, from `gradimento1.` to its last character.
        token: JoinToken,
    },
    /// Runs the collector.
    Serve,
    /// Copies database and identity into a new folder, while the collector serves. The copy holds answers and secret keys.
    Backup {
        /// The folder to be made.
        folder: PathBuf,
    },
    /// Puts a backup in place. The collector must not be serving; afterwards it opens a new epoch by itself.
    Restore {
        /// The folder that `backup` made.
        folder: PathBuf,
        /// Where there is an installation already: moves it aside first.
        #[arg(long)]
        force: bool,
    },
    /// Looks the installation over and says what needs attention.
    Doctor,
    /// Prints the key with which a back end makes the tickets of a service itself. Whoever has it can make any number of them.
    TicketKey {
        /// The service.
        #[arg(long)]
        service: ServiceId,
    },
    /// Makes a poster that leads to a service's questionnaire.
    Poster {
        /// The service.
        #[arg(long)]
        service: ServiceId,
        /// The paper: `a4` or `a6`.
        #[arg(long, default_value = "a4")]
        format: PaperFormat,
        /// One or two languages, the first in larger type.
        #[arg(long, default_value = "it,en")]
        languages: Languages,
        /// The file to write: its ending, `.svg` or `.pdf`, decides what it becomes.
        #[arg(long)]
        out: PathBuf,
    },
    /// Counts past ratings from another component's export. They stand apart from all answers, and are never sent.
    Import {
        /// The service to which they belong.
        #[arg(long)]
        service: ServiceId,
        /// Whose export it is: `wordpress` or `plone`.
        #[arg(long)]
        format: Format,
        /// The file, as CSV.
        file: PathBuf,
    },
    /// Says what has been imported for a service.
    Imported {
        /// The service.
        #[arg(long)]
        service: ServiceId,
    },
}

type Failure = Box<dyn std::error::Error>;

/// Runs one command.
pub async fn run(arguments: Arguments, clock: Arc<dyn Clock>) -> ExitCode {
    let config = match read_config(&arguments.config) {
        Ok(config) => config,
        Err(error) => return fail(&error, USAGE),
    };
    match execute(arguments.command, &config, clock).await {
        Ok(status) => status,
        Err(error) => fail(&error, 1),
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
async fn execute(command: Command, config: &Config, clock: Arc<dyn Clock>) -> Result<ExitCode, Failure> {
    match command {
        Command::Init => {
            init(config)?;
            println!("{} is ready. Next: gradimento-collector join TOKEN", config.data.display());
        }
        Command::Join { token } => {
            let membership = enlist(config, &token).await?;
            println!("{} has joined, stream {}.", membership.reply.agency, membership.reply.stream);
        }
        Command::Serve => {
            let running = serve::start(config, clock)?;
            tracing::info!(public = running.public_url, admin = running.admin_url, "serving");
            until_asked_to_stop().await?;
            running.stop().await;
        }
        Command::TicketKey { service } => println!("{}", ticket_key(config, &service)?),
        Command::Poster { service, format, languages, out } => {
            print_poster(config, &service, format, languages, &out)?;
            println!("{} is ready to be printed.", out.display());
        }
        Command::Import { service, format, file } => {
            let ratings = import_file(config, &service, format, &file).await?;
            println!("{ratings} past ratings of {service} are counted.");
        }
        Command::Imported { service } => println!("{}", imported(config, &service)?),
        Command::Backup { folder } => {
            backup(&config.data, &folder)?;
            println!("{} holds a backup: answers and secret keys. Keep it as safe as the collector itself.", folder.display());
        }
        Command::Restore { folder, force } => {
            if let Some(aside) = restore(&folder, &config.data, force)? {
                println!("What was there before is in {}.", aside.display());
            }
            println!("{} is restored. Next: gradimento-collector serve", config.data.display());
            println!("Tickets from before count no more; back ends that make their own need a new `ticket-key`.");
        }
        Command::Doctor => {
            let findings = examine(config, clock.as_ref()).await;
            findings.iter().for_each(|finding| println!("{finding}"));
            return Ok(ExitCode::from(u8::from(findings.iter().any(|finding| !finding.well))));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Makes the data folder.
///
/// # Errors
/// Where it has been made before, or cannot be written.
pub fn init(config: &Config) -> Result<(), Failure> {
    std::fs::create_dir_all(&config.data).map_err(|error| format!("{}: {error}", config.data.display()))?;
    if Identity::read(&config.data)?.is_some() {
        return Err(format!("{} exists: this collector has been set up before", file(&config.data).display()).into());
    }
    Store::open(&database(&config.data))?;
    Bearer::ensure(&config.data)?;
    Ok(Identity::generate()?.keep(&config.data)?)
}

/// The ticket key of a service of this collector, as text.
fn ticket_key(config: &Config, service: &ServiceId) -> Result<String, Failure> {
    known_service(config, service)?;
    let identity = Identity::read(&config.data)?.ok_or("run `gradimento-collector init` first")?;
    Ok(TokenKey::new(&identity.token_secret).ticket_key(service).to_text())
}

fn known_service(config: &Config, service: &ServiceId) -> Result<(), Failure> {
    let known = config.services.iter().any(|entry| entry.id == *service);
    known.then_some(()).ok_or_else(|| format!("the configuration has no service `{service}`").into())
}

/// Joins with the keys of this installation, and keeps what is answered.
///
/// # Errors
/// Where `init` has not been run, it has joined before, or the aggregator cannot be reached or refuses.
pub async fn enlist(config: &Config, token: &JoinToken) -> Result<Membership, Failure> {
    let identity = Identity::read(&config.data)?.ok_or("run `gradimento-collector init` first")?;
    if let Some(membership) = identity.membership {
        return Err(format!("this collector has joined already, as {}", membership.reply.agency).into());
    }
    let membership = Membership { aggregator: token.url.clone(), reply: join(token, &identity.keys).await? };
    Identity { membership: Some(membership.clone()), ..identity }.keep(&config.data)?;
    Ok(membership)
}

/// Imports an export for a service of this collector. What such files hold are answers to the component's questionnaire.
async fn import_file(config: &Config, service: &ServiceId, format: Format, path: &Path) -> Result<u64, Failure> {
    known_service(config, service)?;
    let [component, _] = SHIPPED;
    let questionnaire = serde_json::from_str(component)?;
    let file = std::fs::File::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let store = Store::open(&database(&config.data))?;
    Ok(import(&store, &questionnaire, service, format, file).await?)
}

/// What has been imported for a service of this collector.
fn imported(config: &Config, service: &ServiceId) -> Result<String, Failure> {
    known_service(config, service)?;
    let store = Store::open(&database(&config.data))?;
    Ok(report(service, &store.read(|connection| totals(connection, service))?))
}

/// Writes a poster for a service of this collector.
fn print_poster(
    config: &Config,
    service: &ServiceId,
    format: PaperFormat,
    languages: Languages,
    out: &Path,
) -> Result<(), Failure> {
    let entry = config.services.iter().find(|entry| entry.id == *service);
    let entry = entry.ok_or_else(|| format!("the configuration has no service `{service}`"))?;
    let public_url = config.public.url.clone().unwrap_or_else(|| format!("http://{}", config.public.address));
    let address = address(&public_url, service);
    let poster = Poster { agency: &config.agency.name, service: &entry.name, address: &address, languages, format };
    let document = match out.extension().and_then(|ending| ending.to_str()) {
        Some("svg") => poster.svg()?.into_bytes(),
        Some("pdf") => poster.pdf()?,
        _ => return Err("name a file that ends in .svg or .pdf".into()),
    };
    Ok(std::fs::write(out, document).map_err(|error| format!("{}: {error}", out.display()))?)
}

/// Ctrl-C, or the service manager's SIGTERM.
async fn until_asked_to_stop() -> std::io::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}
