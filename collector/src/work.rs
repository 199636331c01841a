//! The loops that run beside the listeners: one seals at each boundary, one sends, one keeps documents and certificates fresh.
//! Each is a step and a wait.

use std::rc::Rc;
use std::time::Duration;

use rand::Rng;
use tokio::sync::Mutex;
use tokio::time::sleep;

use crate::correspondent::Correspondent;
use crate::push::{RETRY_MAX, Step, backoff};
use crate::sealer::Sealer;

/// How often the outbox is looked at while nothing waits there.
const IDLE: Duration = Duration::from_secs(1);
/// How often documents are asked for. All 23,735 bodies of the index would make 80 conditional requests a second.
const UPKEEP: Duration = Duration::from_secs(5 * 60);
/// How soon again after a failure.
const UPKEEP_RETRY: Duration = Duration::from_secs(30);
/// How long the sealer waits for the first assignment.
const UNASSIGNED: Duration = Duration::from_secs(1);

/// Seals at every boundary, for ever.
pub async fn sealing(sealer: Sealer) {
    loop {
        let Some(wait) = sealer.until_boundary() else {
            sleep(UNASSIGNED).await;
            continue;
        };
        sleep(wait).await;
        match sealer.step().await {
            Ok(sealed) if sealed.batches > 0 => {
                tracing::info!(batches = sealed.batches, responses = sealed.responses, messages = sealed.messages, "sealed");
            }
            Ok(_) => (),
            Err(error) => tracing::error!(%error, "nothing was sealed at this boundary"),
        }
    }
}

/// Sends what waits, for ever.
pub async fn pushing(correspondent: Rc<Mutex<Correspondent>>) {
    let mut pace = Pace::default();
    loop {
        let step = push(&correspondent).await;
        let wait = pace.after(step.as_ref(), &mut rand::rng());
        sleep(wait).await;
    }
}

async fn push(correspondent: &Mutex<Correspondent>) -> Option<Step> {
    let mut correspondent = correspondent.lock().await;
    if let Err(error) = correspondent.speak().await {
        tracing::error!(%error, "nothing could be said about this collector");
    }
    correspondent.push().await.inspect_err(|error| tracing::error!(%error, "the outbox cannot be read")).ok()
}

/// Keeps certificates and documents fresh, for ever.
pub async fn upkeep(correspondent: Rc<Mutex<Correspondent>>) {
    loop {
        let well = look_after(&mut *correspondent.lock().await).await;
        sleep(if well { UPKEEP } else { UPKEEP_RETRY }).await;
    }
}

async fn look_after(correspondent: &mut Correspondent) -> bool {
    let renewed = correspondent.renew().await;
    let renewed = renewed.inspect_err(|error| tracing::error!(%error, "certificates were not renewed"));
    let pulled = correspondent.pull().await;
    let pulled = pulled.inspect_err(|error| tracing::warn!(%error, "no documents from the aggregator; the known ones stay"));
    renewed.is_ok() && pulled.is_ok()
}

/// How long to wait after a step, by how many have failed in a row.
#[derive(Debug, Default)]
pub struct Pace {
    failures: u32,
}

impl Pace {
    /// The wait after `step`; after `None`, our own store failed.
    pub fn after(&mut self, step: Option<&Step>, rng: &mut impl Rng) -> Duration {
        let asked = match step {
            Some(Step::Delivered | Step::Resumed(_) | Step::Restoring) => return self.well(Duration::ZERO),
            Some(Step::Idle) => return self.well(IDLE),
            // A message that is refused is tried again, for the aggregator may be mended; but a person is needed first.
            Some(Step::Quarantined(_) | Step::Superseded) => Some(RETRY_MAX),
            Some(Step::ClockCorrected) if self.failures == 0 => Some(Duration::ZERO),
            Some(Step::Unreachable(asked)) => *asked,
            Some(Step::ClockCorrected | Step::Refused(_)) | None => None,
        };
        self.failures = self.failures.saturating_add(1);
        if asked == Some(Duration::ZERO) { Duration::ZERO } else { backoff(self.failures, asked, rng) }
    }

    fn well(&mut self, wait: Duration) -> Duration {
        self.failures = 0;
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    #[test]
    fn failures_slow_the_pace_and_a_success_ends_them() {
        let (mut pace, mut rng) = (Pace::default(), StdRng::seed_from_u64(1));
        assert_eq!(pace.after(Some(&Step::Delivered), &mut rng), Duration::ZERO);
        assert_eq!(pace.after(Some(&Step::ClockCorrected), &mut rng), Duration::ZERO);
        assert!(pace.after(Some(&Step::ClockCorrected), &mut rng) >= IDLE);
        let waits: Vec<_> = (0..200).map(|_| pace.after(Some(&Step::Unreachable(None)), &mut rng)).collect();
        assert!(waits.iter().all(|wait| (IDLE..=RETRY_MAX).contains(wait)));
        assert!(waits.iter().max().unwrap() > &(RETRY_MAX / 2));
        let asked = Step::Unreachable(Some(RETRY_MAX * 2));
        assert_eq!(pace.after(Some(&asked), &mut rng), RETRY_MAX * 2);
        assert_eq!(pace.after(Some(&Step::Idle), &mut rng), IDLE);
        assert!(pace.after(None, &mut rng) <= Duration::from_secs(2));
        assert!(pace.after(Some(&Step::Quarantined(422)), &mut rng) >= RETRY_MAX);
    }
}
