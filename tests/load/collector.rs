//! The collector that is measured: the release binary in a process of its own, set up and joined as an agency would.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use gradimento_tests::{Aggregator, free_address};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use crate::Failure;
use crate::answers::SERVICE;
use crate::client::get;
use crate::process::{Process, run};

/// How long it may take to start before something is wrong.
const START_MAX: Duration = Duration::from_secs(30);
/// How often it is asked whether it has started: finer than what is told, milliseconds.
const POLL: Duration = Duration::from_micros(500);

/// A running collector.
pub struct Collector {
    /// Its process.
    pub process: Process,
    /// Where citizens come in.
    pub public: SocketAddr,
    /// From its start to its first answer of any kind.
    pub answers_after: Duration,
    /// From its start to the first `/status` that says it can take responses.
    pub ready_after: Duration,
    /// Size of its binary, in bytes.
    pub binary_bytes: u64,
    admin: SocketAddr,
    _aggregator: Aggregator,
    _folder: TempDir,
}

impl Collector {
    /// Sets one up by this program's own commands and starts it, beside an aggregator in this process.
    pub async fn start(binary: &Path) -> Result<Self, Failure> {
        let aggregator = Aggregator::start().await;
        let folder = tempfile::tempdir()?;
        let (public, admin) = (free_address(), free_address());
        let text = format!(
            "data = {:?}\n[agency]\nname = 'Ente di prova'\n[public]\naddress = '{public}'\n[admin]\naddress = '{admin}'\n\
             [[services]]\nid = '{SERVICE}'\nname = 'Prova'\ntype = 'transaction'\n",
            folder.path().join("data")
        );
        let path = folder.path().join("collector.toml");
        std::fs::write(&path, text)?;
        let path = path.to_string_lossy();
        run(binary, &["--config", &path, "init"]).await?;
        run(binary, &["--config", &path, "join", &aggregator.invite("inps", [1; 32], 1).to_string()]).await?;
        let start = Instant::now();
        let process = Process::start(binary, &["--config", &path, "serve"])?;
        let answers_after = until(start, public, |_| true).await?;
        let ready_after = until(start, public, |status| status == 200).await?;
        let binary_bytes = std::fs::metadata(binary)?.len();
        Ok(Self { process, public, answers_after, ready_after, binary_bytes, admin, _aggregator: aggregator, _folder: folder })
    }

    /// How many commits there were so far, and how many responses were in them.
    pub async fn commits(&self) -> Result<(f64, f64), Failure> {
        let (_, text) = get(self.admin, "/metrics").await?;
        let value = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse::<f64>().ok());
        let (count, sum) =
            (value("gradimento_collector_commit_responses_count"), value("gradimento_collector_commit_responses_sum"));
        count.zip(sum).ok_or_else(|| "the collector does not tell its commits".into())
    }
}

async fn until(start: Instant, address: SocketAddr, good: impl Fn(u16) -> bool) -> Result<Duration, Failure> {
    while start.elapsed() < START_MAX {
        if get(address, "/status").await.is_ok_and(|(status, _)| good(status)) {
            return Ok(start.elapsed());
        }
        sleep(POLL).await;
    }
    Err("the collector does not start".into())
}
