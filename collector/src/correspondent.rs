//! Everything that passes between this collector and the aggregator: messages out, documents in, certificates renewed. Each
//! errand is one step that says what happened; the loops around them are in `work`.

use std::path::PathBuf;

use actix_web::web;
use gradimento_common::ids::StreamId;
use gradimento_common::message::Service;

use crate::bulletin;
use crate::documents::{PullError, Source};
use crate::epoch;
use crate::http::Desk;
use crate::identity::Identity;
use crate::member::{Member, Validity};
use crate::push::{Courier, Step};
use crate::renewal::{self, RenewalError};
use crate::store::StoreError;
use crate::store::outbox::Origin;
use crate::wire::Line;

/// One end of the correspondence.
pub struct Correspondent {
    desk: web::Data<Desk>,
    folder: PathBuf,
    identity: Identity,
    courier: Courier,
    source: Source,
    messages: Line,
    public: Line,
    validity: Validity,
    stricter: (u32, u32),
    renewed_on_refusal: bool,
}

/// Where this installation keeps its identity, and which numbers of the policy it raises.
pub struct Household {
    /// The data folder.
    pub folder: PathBuf,
    /// The agency's own k and r.
    pub stricter: (u32, u32),
}

impl Correspondent {
    /// Takes up the correspondence of a member, and adopts what it has learnt before.
    ///
    /// # Errors
    /// Where the store fails or holds documents that are not the aggregator's.
    pub fn new(desk: web::Data<Desk>, household: Household, identity: Identity, member: Member) -> Result<Self, PullError> {
        let source = Source { agency: member.agency.clone(), aggregator: member.aggregator.clone() };
        let (messages, public) = lines(&member);
        let origin = Origin { agency: member.agency, stream: member.stream };
        let (clock, server_ahead) = (desk.clock.clone(), 0);
        let Member { audience, signer, aggregator, validity, .. } = member;
        let courier = Courier { origin, audience, signer, aggregator, clock, server_ahead };
        let Household { folder, stricter } = household;
        let new =
            Self { desk, folder, identity, courier, source, messages, public, validity, stricter, renewed_on_refusal: false };
        new.desk.metrics.set_certificate_end(validity.until);
        new.adopt()?;
        Ok(new)
    }

    /// Whose messages these are.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.courier.origin
    }

    /// Which installation this is.
    #[must_use]
    pub fn stream(&self) -> StreamId {
        self.courier.origin.stream
    }

    /// When the certificates in use are good.
    #[must_use]
    pub fn validity(&self) -> Validity {
        self.validity
    }

    /// Sends the next message; after a restore, goes one step further into the new epoch.
    ///
    /// # Errors
    /// Where our own store fails.
    pub async fn push(&mut self) -> Result<Step, StoreError> {
        let (store, rng) = (&self.desk.store, &mut rand::rng());
        let restored = match self.desk.survey.terms() {
            Some(terms) => epoch::step(&mut self.courier, &self.messages, store, terms.policy, rng).await?,
            None => None,
        };
        let step = match restored {
            Some(progress) => progress.as_step(),
            None => self.courier.step(&self.messages, store, rng).await?,
        };
        self.desk.metrics.pushed(step.name());
        self.answer_refusal(&step).await;
        Ok(step)
    }

    /// A refusal of who we are leads to new certificates, whatever the age of these. Once until something is delivered: an
    /// aggregator that goes on refusing would otherwise be asked for more than a stream may have.
    async fn answer_refusal(&mut self, step: &Step) {
        match step {
            Step::Delivered => self.renewed_on_refusal = false,
            Step::Refused(401 | 403) if !self.renewed_on_refusal => {
                let renewed = self.renew_now().await;
                let renewed = renewed.inspect_err(|error| tracing::error!(%error, "refused, and no new certificates either"));
                self.renewed_on_refusal = renewed.is_ok();
            }
            _ => (),
        }
    }

    /// Asks what to ask, and under which terms. `true` where something is new.
    ///
    /// # Errors
    /// Where nothing could be learnt; what was known stays in force.
    pub async fn pull(&self) -> Result<bool, PullError> {
        let new = self.source.pull(&self.messages, &self.desk.store).await?;
        if new {
            self.adopt()?;
        }
        Ok(new)
    }

    fn adopt(&self) -> Result<(), PullError> {
        if let Some((assignment, editions)) = self.source.known(&self.desk.store)? {
            self.desk.survey.adopt(&assignment, editions, self.stricter);
        }
        Ok(())
    }

    /// Puts into the outbox what is to be said about this collector itself. `true` where there was something.
    ///
    /// # Errors
    /// Where our own store fails.
    pub async fn speak(&self) -> Result<bool, StoreError> {
        let Some(terms) = self.desk.survey.terms() else { return Ok(false) };
        let services: Vec<Service> = self.desk.survey.services().into_iter().map(|surveyed| surveyed.service).collect();
        let (origin, now) = (self.origin().clone(), self.desk.clock.now());
        let due = self.desk.store.read(|connection| bulletin::due(connection, &services, &terms, now))?;
        let Some(payload) = due else { return Ok(false) };
        self.desk.store.write(move |transaction| bulletin::say(transaction, &origin, payload, &terms, now)).await?;
        Ok(true)
    }

    /// Gets new certificates where two thirds of the old ones' life are over, by the server's time. `true` where it was done.
    ///
    /// # Errors
    /// Where it was due and failed; the old ones stay in use.
    pub async fn renew(&mut self) -> Result<bool, RenewalError> {
        if !self.validity.is_renewal_due(self.courier.server_time()) {
            return Ok(false);
        }
        self.renew_now().await.map(|()| true)
    }

    /// Gets new certificates, whatever the old ones' age.
    ///
    /// # Errors
    /// Where it failed; the old ones stay in use.
    pub async fn renew_now(&mut self) -> Result<(), RenewalError> {
        let requests = renewal::requests(&mut self.identity, &self.folder)?;
        let reply = if self.validity.is_over(self.courier.server_time()) {
            renewal::recover(&mut self.courier, &self.public, &requests, &mut rand::rng()).await?
        } else {
            renewal::ask(&self.messages, requests).await?
        };
        if renewal::keys_are_used(&reply) {
            self.identity.next_keys = None;
            self.identity.keep(&self.folder)?;
        }
        let (identity, member) = renewal::adopt(&self.identity, &self.folder, &reply)?;
        (self.messages, self.public) = lines(&member);
        (self.identity, self.courier.signer, self.validity) = (identity, member.signer, member.validity);
        self.desk.metrics.set_certificate_end(self.validity.until);
        tracing::info!(certificate.until = %self.validity.until, "certificates were renewed");
        Ok(())
    }
}

fn lines(member: &Member) -> (Line, Line) {
    let messages = Line::new(&member.messages_url, member.messages_tls.clone());
    (messages, Line::new(&member.aggregator_url, member.public_tls.clone()))
}
