//! Measurements of the real programs, each against what this machine gives without them, in one run: `intake`, citizens'
//! responses at a collector, and `messages`, collectors' messages at the aggregator. Rounds alternate, because machines have
//! moods; what is compared was measured within seconds. `boundary` tells how long citizens wait while a large pool is sealed.
//! `against` compares the collector with another build of it, for example that of an earlier commit (`tests/load/against`).

mod against;
mod answers;
mod bare;
mod boundary;
mod client;
mod collector;
mod dropped;
mod intake;
mod ledger;
mod messages;
mod process;
mod report;
mod sender;

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

const USAGE: &str = "usage: load (intake | messages | boundary | against COLLECTOR) [rounds, default 5] \
                     [seconds of each measurement, default 5]";

type Failure = Box<dyn std::error::Error>;

/// How much is measured.
#[derive(Debug, Clone, Copy)]
struct Extent {
    rounds: usize,
    span: Duration,
}

#[actix_web::main]
#[expect(clippy::print_stderr, reason = "a command tells its user what went wrong")]
async fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let outcome = match words.split_first() {
        Some((&"intake", numbers)) => run(intake::run, numbers).await,
        Some((&"messages", numbers)) => run(messages::run, numbers).await,
        Some((&"boundary", numbers)) => run(boundary::run, numbers).await,
        Some((&"against", [other, numbers @ ..])) => {
            run(async |extent| against::run(extent, Path::new(other)).await, numbers).await
        }
        // What this program starts as a process of its own.
        Some((&"dropped", [])) => dropped::serve().await,
        _ => Err(USAGE.into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(measure: impl AsyncFnOnce(Extent) -> Result<(), Failure>, numbers: &[&str]) -> Result<(), Failure> {
    let number = |position: usize| numbers.get(position).map_or(Ok(5), |word| word.parse::<u32>());
    let (Ok(rounds), Ok(seconds), true) = (number(0), number(1), numbers.len() <= 2) else { return Err(USAGE.into()) };
    measure(Extent { rounds: rounds.max(1) as usize, span: Duration::from_secs(seconds.max(1).into()) }).await
}
