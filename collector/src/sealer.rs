//! Seals at the boundaries of the clock, under the terms in force.

use std::time::Duration;

use actix_web::web;
use gradimento_common::disclosure::Policy;

use crate::breakdown;
use crate::http::Desk;
use crate::seal::{Sealed, step, until_boundary};
use crate::sensitive;
use crate::store::StoreError;
use crate::store::outbox::Origin;

/// What seals.
pub struct Sealer {
    desk: web::Data<Desk>,
    origin: Origin,
}

impl Sealer {
    /// Seals what the desk's store holds, into messages of `origin`.
    #[must_use]
    pub fn new(desk: web::Data<Desk>, origin: Origin) -> Self {
        Self { desk, origin }
    }

    /// How long it is to the next boundary; `None` while no terms are known.
    #[must_use]
    pub fn until_boundary(&self) -> Option<Duration> {
        let terms = self.desk.survey.terms()?;
        Some(until_boundary(self.desk.clock.now(), terms.seal_interval, self.origin.stream))
    }

    /// One boundary: as many turns as it takes, each a transaction of its own, and citizens have theirs in between. Nothing is
    /// sealed while no terms are known.
    ///
    /// # Errors
    /// Where the store fails; the turn that failed has changed nothing.
    pub async fn step(&self) -> Result<Sealed, StoreError> {
        let Some(terms) = self.desk.survey.terms() else { return Ok(Sealed::default()) };
        let mut boundary = Sealed::default();
        loop {
            let turn = self.turn(terms.policy).await?;
            boundary = boundary.and(turn);
            if !turn.is_full(&terms.policy) {
                break;
            }
        }
        self.break_down(terms.policy).await?;
        Ok(boundary)
    }

    async fn turn(&self, policy: Policy) -> Result<Sealed, StoreError> {
        let (origin, editions, now) = (self.origin.clone(), self.desk.survey.editions(), self.desk.clock.now());
        let services = self.desk.survey.services().into_iter().map(|surveyed| surveyed.service).collect::<Vec<_>>();
        let work = move |tx: &rusqlite::Transaction<'_>| {
            // In the same transaction: no boundary sees a service under another rule than that of the configuration.
            sensitive::mark(tx, &services)?;
            step(tx, &origin, &editions, policy, now, &mut rand::rng())
        };
        let sealed = self.desk.store.write(work).await?;
        self.desk.metrics.sealed(sealed);
        Ok(sealed)
    }

    async fn break_down(&self, policy: Policy) -> Result<(), StoreError> {
        let (editions, now) = (self.desk.survey.editions(), self.desk.clock.now());
        let released = breakdown::step(&self.desk.store, &self.origin, &editions, policy, now, &mut rand::rng()).await?;
        if released > 0 {
            tracing::info!(released, "breakdowns of a month that is over");
        }
        Ok(())
    }
}
