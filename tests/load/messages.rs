//! Collectors' messages at the aggregator, over mutual TLS, against verifying the same signatures and inserting the same rows.

use std::collections::BTreeMap;
use std::time::Duration;

use gradimento_aggregator::clock::SystemClock;
use gradimento_aggregator::config::Config;
use gradimento_aggregator::registry::{Agency, Certificate};
use gradimento_aggregator::store::Store as _;
use gradimento_aggregator::store::sqlite::SqliteStore;
use gradimento_aggregator::vault;
use gradimento_aggregator::verify::{self, Editions, NotSound, Peer};
use gradimento_common::clock::Clock as _;
use gradimento_common::disclosure::{K_DEFAULT, Policy, R_DEFAULT};
use gradimento_common::encoding::sha256;
use gradimento_common::enrolment::JoinToken;
use gradimento_tests::free_address;
use jiff::SignedDuration;
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use crate::answers::{Sample, national_core, samples};
use crate::client::get;
use crate::ledger::Bare;
use crate::process::{Process, binary, cpu_seconds, machine_load};
use crate::report::{Series, line};
use crate::sender::{Prepared, Sender};
use crate::{Extent, Failure};

/// Collectors that send at the same moment, each over a connection of its own.
const COLLECTORS: u8 = 8;
/// Messages that each prepares for every second that a round shall last: signed tokens live for two minutes only.
const MESSAGES_PER_SECOND: u64 = 40;
const START_MAX: Duration = Duration::from_secs(30);

struct Aggregator {
    process: Process,
    tokens: Vec<JoinToken>,
    store: SqliteStore,
    _folder: TempDir,
}

#[derive(Default)]
struct Rounds {
    delivered: Series,
    verified: Series,
    inserted: Series,
    expected: Series,
    server_cpu: Series,
    client_cpu: Series,
}

/// Measures and prints.
pub async fn run(extent: Extent) -> Result<(), Failure> {
    let (before, samples, aggregator) = (machine_load(), samples()?, Aggregator::start().await?);
    let mut senders = Vec::new();
    for token in &aggregator.tokens {
        senders.push(Sender::join(token).await?);
    }
    let peers: Vec<Peer> = senders.iter().map(Sender::peer).collect();
    let folder = tempfile::tempdir()?;
    let bare = Bare::create(&folder.path().join("bare.sqlite"), &peers)?;
    let mut rounds = Rounds::default();
    let count = MESSAGES_PER_SECOND * extent.span.as_secs();
    for _ in 0..extent.rounds {
        senders = rounds.measure(&aggregator, senders, &bare, &samples, count).await?;
    }
    rounds.print(extent, count);
    line("load of the machine before and after", &format!("{before}, {}", machine_load()));
    Ok(())
}

impl Rounds {
    async fn measure(
        &mut self,
        aggregator: &Aggregator,
        mut senders: Vec<Sender>,
        bare: &Bare,
        samples: &[Sample],
        count: u64,
    ) -> Result<Vec<Sender>, Failure> {
        let now = SystemClock.now();
        let prepared = senders.iter_mut().map(|sender| sender.prepare(count, samples, now)).collect::<Result<Vec<_>, _>>()?;
        let peers: Vec<Peer> = senders.iter().map(Sender::peer).collect();
        let verified = verified(aggregator, &senders, &prepared)?;
        let inserted = bare.fill(&peers, &prepared)?;
        let total = (count * senders.len() as u64) as f64;
        let (start, server, client) = (Instant::now(), aggregator.process.cpu_seconds(), cpu_seconds("self"));
        let senders = deliver(senders, prepared).await?;
        self.delivered.push(total / start.elapsed().as_secs_f64());
        self.server_cpu.push((aggregator.process.cpu_seconds() - server) / total * 1e6);
        self.client_cpu.push((cpu_seconds("self") - client) / total * 1e6);
        self.verified.push(verified);
        self.inserted.push(inserted);
        self.expected.push(1.0 / (1.0 / verified + 1.0 / inserted));
        Ok(senders)
    }

    fn print(&self, extent: Extent, count: u64) {
        let what = format!("medians of {} rounds, {COLLECTORS} collectors, {count} messages each", extent.rounds);
        line(&what, "   median   (lowest to highest)");
        line("m  messages/s in the ledger, over mutual TLS", &self.delivered.shown(0));
        line("v  the same messages/s verified, on one thread", &self.verified.shown(0));
        line("i  the same rows/s straight into SQLite, one transaction each", &self.inserted.shown(0));
        line("e  verifying, then inserting: 1 / (1/v + 1/i)", &self.expected.shown(0));
        line("m/e", &self.delivered.over(&self.expected).shown(2));
        line("processor time of the aggregator for one message, us", &self.server_cpu.shown(0));
        line("processor time of the collectors for one message, us", &self.client_cpu.shown(0));
    }
}

async fn deliver(senders: Vec<Sender>, prepared: Vec<Vec<Prepared>>) -> Result<Vec<Sender>, Failure> {
    let streams = senders.into_iter().zip(prepared).map(|(sender, messages)| {
        actix_web::rt::spawn(async move { sender.send(&messages).await.map(|()| sender).map_err(|error| error.to_string()) })
    });
    let streams: Vec<_> = streams.collect();
    let mut senders = Vec::new();
    for stream in streams {
        senders.push(stream.await??);
    }
    Ok(senders)
}

/// Verifies what has been prepared, as the aggregator does before it asks its database; yields messages per second.
fn verified(aggregator: &Aggregator, senders: &[Sender], prepared: &[Vec<Prepared>]) -> Result<f64, Failure> {
    let questionnaire = national_core()?;
    let editions: Editions = BTreeMap::from([(questionnaire.edition(), questionnaire)]);
    let policy = Policy::at_least_floor(1, K_DEFAULT, R_DEFAULT);
    let (start, mut count) = (Instant::now(), 0);
    for (sender, messages) in senders.iter().zip(prepared) {
        let (peer, certificate) = (sender.peer(), aggregator.store.certificate(sender.seal())?);
        for message in messages {
            let seal = |_| Ok::<Option<Certificate>, NotSound>(certificate.clone());
            let now = SystemClock.now();
            let sound = verify::message(message.present(), &peer, sender.audience(), now, &editions, |_| Ok(policy), seal)?;
            drop(std::hint::black_box(sound));
            count += 1;
        }
    }
    Ok(f64::from(count) / start.elapsed().as_secs_f64())
}

impl Aggregator {
    /// The release binary, set up, with an invitation for each collector.
    async fn start() -> Result<Self, Failure> {
        let binary = binary("gradimento-aggregator")?;
        let folder = tempfile::tempdir()?;
        let (public, messages, admin) = (free_address(), free_address(), free_address());
        let text = format!(
            "data = {:?}\n[public]\naddress = '{public}'\ntls = false\n[messages]\naddress = '{messages}'\n\
             [admin]\naddress = '{admin}'\n",
            folder.path().join("data")
        );
        let config = Config::read(&text, [])?;
        let vault = vault::create(&config.data, &config.survey.ledger, SystemClock.now())?;
        let store = SqliteStore::open(&vault::database(&config.data))?;
        let (url, root) = (format!("http://{public}"), vault.authority.root_fingerprint());
        let tokens = (0..COLLECTORS).map(|n| invite(&store, n, &url, root)).collect::<Result<Vec<_>, _>>()?;
        let path = folder.path().join("aggregator.toml");
        std::fs::write(&path, text)?;
        let process = Process::start(&binary, &["--config", &path.to_string_lossy(), "serve"])?;
        let start = Instant::now();
        while get(public, "/status").await.is_err() {
            if start.elapsed() > START_MAX {
                return Err("the aggregator does not start".into());
            }
            sleep(Duration::from_millis(20)).await;
        }
        Ok(Self { process, tokens, store, _folder: folder })
    }
}

fn invite(store: &SqliteStore, n: u8, url: &str, root: [u8; 32]) -> Result<JoinToken, Failure> {
    let name = format!("ente_{n}");
    let (code, category, territory) = (name.parse()?, "C16".to_owned(), "IT".to_owned());
    let agency = Agency { code, name, category, territory, fiscal_code: None };
    store.put_agency(&agency)?;
    let (secret, expires) = ([n + 1; 32], SystemClock.now() + SignedDuration::from_hours(1));
    store.put_invitation(sha256(&secret), &agency.code, expires.as_second())?;
    Ok(JoinToken { url: url.to_owned(), agency: agency.code, root, secret })
}
