//! The two loops that run beside the listener: one seals at each boundary, one sends. Each is a step and a wait.

use std::time::Duration;

use actix_web::web;
use gradimento_common::disclosure::Policy;

use crate::http::Desk;
use crate::push::{Courier, Step, backoff};
use crate::seal::{Editions, step};
use crate::store::outbox::Origin;

/// How often the outbox is looked at while nothing waits there.
const IDLE: Duration = Duration::from_secs(1);

/// Seals at every boundary, for ever.
pub async fn sealing(desk: web::Data<Desk>, origin: Origin, editions: Editions, policy: Policy, interval: Duration) {
    loop {
        actix_web::rt::time::sleep(interval).await;
        let (origin, editions, now) = (origin.clone(), editions.clone(), desk.clock.now());
        let sealed = desk.store.write(move |tx| step(tx, &origin, &editions, policy, now, &mut rand::rng())).await;
        match sealed {
            Ok(sealed) if sealed.batches > 0 => {
                tracing::info!(batches = sealed.batches, responses = sealed.responses, "sealed");
            }
            Ok(_) => (),
            Err(error) => tracing::error!(%error, "nothing was sealed at this boundary"),
        }
    }
}

/// Sends what waits, for ever.
pub async fn pushing(desk: web::Data<Desk>, courier: Courier, client: awc::Client) {
    let mut failures = 0;
    loop {
        let wait = match courier.step(&client, &desk.store, &mut rand::rng()).await {
            Ok(Step::Delivered | Step::Quarantined(_)) => Duration::ZERO,
            Ok(Step::Idle) => IDLE,
            Ok(Step::ClockCorrected) if failures == 0 => Duration::ZERO,
            Ok(Step::Unreachable(asked)) => backoff(failures + 1, asked, &mut rand::rng()),
            Ok(Step::ClockCorrected | Step::Refused(_)) => backoff(failures + 1, None, &mut rand::rng()),
            Err(error) => {
                tracing::error!(%error, "the outbox cannot be read");
                backoff(failures + 1, None, &mut rand::rng())
            }
        };
        failures = if wait <= IDLE && !wait.is_zero() { 0 } else { failures + u32::from(!wait.is_zero()) };
        actix_web::rt::time::sleep(wait).await;
    }
}
