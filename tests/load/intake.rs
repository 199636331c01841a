//! Citizens' responses: (a) made durable by the collector, (b) inserted into SQLite without it, (c) parsed and dropped.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::time::Duration;

use tokio::time::sleep;

use crate::answers::{Sample, samples};
use crate::bare::Bare;
use crate::client::{Post, saturate};
use crate::collector::Collector;
use crate::process::{Process, binary, cpu_seconds, machine_load};
use crate::report::{Series, line};
use crate::{Extent, Failure};

/// Citizens who answer at the same moment.
pub const CONNECTIONS: usize = 64;
/// After this long without load the collector has tidied up, and its memory is that of an idle one.
const REST: Duration = Duration::from_secs(3);

/// What is measured.
struct Bench {
    samples: Vec<Sample>,
    posts: Vec<Post>,
    collector: Collector,
    bare: Bare,
    dropping: (Process, SocketAddr),
}

#[derive(Default)]
struct Rounds {
    collector: Series,
    bare: Series,
    bare_64: Series,
    dropped: Series,
    p50: Series,
    p99: Series,
    group: Series,
    collector_cpu: Series,
    bare_cpu: Series,
    dropped_cpu: Series,
    client_cpu: Series,
}

/// Measures and prints.
pub async fn run(extent: Extent) -> Result<(), Failure> {
    let (before, samples, folder) = (machine_load(), samples()?, tempfile::tempdir()?);
    let posts = samples.iter().map(Post::of).collect();
    let bare = Bare::create(&folder.path().join("bare.sqlite"))?;
    let mut bench = Bench {
        samples,
        posts,
        collector: Collector::start(&binary("gradimento-collector")?).await?,
        bare,
        dropping: dropping()?,
    };
    sleep(REST).await;
    let idle = bench.collector.process.megabytes("VmRSS");
    let mut rounds = Rounds::default();
    for _ in 0..extent.rounds {
        rounds.through_the_collector(&bench, extent.span).await?;
        rounds.straight_into_sqlite(&mut bench, extent.span)?;
        rounds.parsed_and_dropped(&bench, extent.span).await?;
    }
    let peak = bench.collector.process.megabytes("VmHWM");
    sleep(REST).await;
    let after = bench.collector.process.megabytes("VmRSS");
    rounds.print(extent);
    line("its memory idle (aim: under 32), at its peak, after the load", &format!("{idle:.1} MB, {peak:.1} MB, {after:.1} MB"));
    let Collector { answers_after, ready_after, binary_bytes, .. } = bench.collector;
    let started = format!("{} ms, {} ms", answers_after.as_millis(), ready_after.as_millis());
    line("from its start to any answer, to ready", &started);
    line("its binary (aim: under 15 MB)", &format!("{:.1} MB", binary_bytes as f64 / 1e6));
    line("load of the machine before and after", &format!("{before}, {}", machine_load()));
    Ok(())
}

impl Rounds {
    async fn through_the_collector(&mut self, bench: &Bench, span: Duration) -> Result<(), Failure> {
        let Bench { collector, posts, .. } = bench;
        let cpu = || (collector.process.cpu_seconds(), cpu_seconds("self"));
        let (commits, before) = (collector.commits().await?, cpu());
        let load = saturate(collector.public, CONNECTIONS, span, posts).await?;
        let (after, commits_after) = (cpu(), collector.commits().await?);
        self.collector.push(load.rate());
        self.p50.push(load.percentile(0.50));
        self.p99.push(load.percentile(0.99));
        self.collector_cpu.push((after.0 - before.0) / load.accepted as f64 * 1e6);
        self.client_cpu.push((after.1 - before.1) / load.accepted as f64 * 1e6);
        self.group.push((commits_after.1 - commits.1) / (commits_after.0 - commits.0));
        Ok(())
    }

    fn straight_into_sqlite(&mut self, bench: &mut Bench, span: Duration) -> Result<(), Failure> {
        let before = cpu_seconds("self");
        let rate = bench.bare.fill(&bench.samples, 256, span)?;
        self.bare_cpu.push((cpu_seconds("self") - before) / (rate * span.as_secs_f64()) * 1e6);
        self.bare.push(rate);
        self.bare_64.push(bench.bare.fill(&bench.samples, CONNECTIONS, span)?);
        Ok(())
    }

    async fn parsed_and_dropped(&mut self, bench: &Bench, span: Duration) -> Result<(), Failure> {
        let (process, address) = &bench.dropping;
        let before = process.cpu_seconds();
        let load = saturate(*address, CONNECTIONS, span, &bench.posts).await?;
        self.dropped_cpu.push((process.cpu_seconds() - before) / load.accepted as f64 * 1e6);
        self.dropped.push(load.rate());
        Ok(())
    }

    fn print(&self, extent: Extent) {
        let what = format!("medians of {} rounds, {} s each", extent.rounds, extent.span.as_secs());
        line(&what, "   median   (lowest to highest)");
        line("a  durable responses/s over HTTP, 64 connections", &self.collector.shown(0));
        line("b  the same rows/s straight into SQLite, 256 a transaction", &self.bare.shown(0));
        line("b' the same, 64 a transaction: as many as can wait in a", &self.bare_64.shown(0));
        line("c  the same requests/s parsed and dropped", &self.dropped.shown(0));
        line("a/b (aim: 0.7 or more)", &self.collector.over(&self.bare).shown(2));
        line("a/b'", &self.collector.over(&self.bare_64).shown(2));
        line("a/c", &self.collector.over(&self.dropped).shown(2));
        line("latency in a, p50, ms", &self.p50.shown(2));
        line("latency in a, p99, ms (aim: under 25)", &self.p99.shown(2));
        line("responses in one commit of a, mean", &self.group.shown(1));
        line("processor time of a, us for one response", &self.collector_cpu.shown(1));
        line("processor time of b, us for one row", &self.bare_cpu.shown(1));
        line("processor time of c, us for one request", &self.dropped_cpu.shown(1));
        line("processor time of the load client in a, us for one response", &self.client_cpu.shown(1));
    }
}

fn dropping() -> Result<(Process, SocketAddr), Failure> {
    let mut process = Process::start(&std::env::current_exe()?, &["dropped"])?;
    let mut address = String::new();
    BufReader::new(process.0.stdout.take().ok_or("no output")?).read_line(&mut address)?;
    Ok((process, address.trim().parse()?))
}
