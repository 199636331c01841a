//! The collector against another build of it, in turns: durable responses per second of each, and what one takes of the other.

use std::path::Path;
use std::time::Duration;

use crate::answers::samples;
use crate::client::{Post, saturate};
use crate::collector::Collector;
use crate::intake::CONNECTIONS;
use crate::process::{binary, machine_load};
use crate::report::{Series, line};
use crate::{Extent, Failure};

#[derive(Default)]
struct Rounds {
    rate: Series,
    p99: Series,
    cpu: Series,
}

/// Measures and prints; `other` is the other build's program.
pub async fn run(extent: Extent, other: &Path) -> Result<(), Failure> {
    let (before, posts) = (machine_load(), samples()?.iter().map(Post::of).collect::<Vec<_>>());
    let (this, other) = (Collector::start(&binary("gradimento-collector")?).await?, Collector::start(other).await?);
    let (mut ours, mut theirs) = (Rounds::default(), Rounds::default());
    for _ in 0..extent.rounds {
        ours.measure(&this, &posts, extent.span).await?;
        theirs.measure(&other, &posts, extent.span).await?;
    }
    let what = format!("medians of {} rounds, {} s each", extent.rounds, extent.span.as_secs());
    line(&what, "   median   (lowest to highest)");
    for (whose, rounds) in [("this", &ours), ("other", &theirs)] {
        line(&format!("{whose}: durable responses/s over HTTP, {CONNECTIONS} connections"), &rounds.rate.shown(0));
        line(&format!("{whose}: latency, p99, ms"), &rounds.p99.shown(2));
        line(&format!("{whose}: processor time, us for one response"), &rounds.cpu.shown(1));
    }
    line("this/other", &ours.rate.over(&theirs.rate).shown(2));
    line("load of the machine before and after", &format!("{before}, {}", machine_load()));
    Ok(())
}

impl Rounds {
    async fn measure(&mut self, collector: &Collector, posts: &[Post], span: Duration) -> Result<(), Failure> {
        let before = collector.process.cpu_seconds();
        let load = saturate(collector.public, CONNECTIONS, span, posts).await?;
        self.cpu.push((collector.process.cpu_seconds() - before) / load.accepted as f64 * 1e6);
        self.rate.push(load.rate());
        self.p99.push(load.percentile(0.99));
        Ok(())
    }
}
