//! A collector without its listeners: answers go in, messages come out, by the real stages. What is written here anew is what its
//! handlers and loops do around them.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};

use gradimento_aggregator::peer::PeerCertificate;
use gradimento_aggregator::pki::CollectorCertificate;
use gradimento_collector::backup::backup;
use gradimento_collector::breakdown;
use gradimento_collector::bulletin;
use gradimento_collector::documents::Source;
use gradimento_collector::epoch;
use gradimento_collector::identity::{self, Identity, Membership};
use gradimento_collector::installation;
use gradimento_collector::intake::submission::{SubmissionKey, WithdrawalCode};
use gradimento_collector::intake::tokens::TokenKey;
use gradimento_collector::intake::{Response, accept};
use gradimento_collector::member::{Member, Validity};
use gradimento_collector::push::{Courier, Step};
use gradimento_collector::renewal;
use gradimento_collector::restore::restore;
use gradimento_collector::seal::{self, Sealed};
use gradimento_collector::sensitive;
use gradimento_collector::store::outbox::Origin;
use gradimento_collector::store::restoring::{self, Phase};
use gradimento_collector::store::withdrawal::{Withdrawal, withdraw};
use gradimento_collector::store::{Outcome, Store, StoreError};
use gradimento_collector::survey::{Survey, Surveyed};
use gradimento_collector::wire::Reply;
use gradimento_common::calendar::Day;
use gradimento_common::clock::{Clock as _, ManualClock};
use gradimento_common::encoding::from_base64;
use gradimento_common::ids::{AgencyCode, ServiceId};
use gradimento_common::message::{Service, ServiceKind};
use jiff::{SignedDuration, Timestamp};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use crate::aggregator::{AUDIENCE, Aggregator};
use crate::disk;
use crate::form;
use crate::op::{Line, SERVICES};
use crate::template;
use crate::wire::{Post, Wire};

/// How long tickets are good here.
const TICKET_LIFE: SignedDuration = SignedDuration::from_hours(24 * 60);

/// One collector; what a restart keeps, and what it does not.
pub struct Collector {
    /// Whose it is.
    pub agency: AgencyCode,
    /// Its database and what is read from it.
    pub store: Store,
    /// What it asks, and under which terms.
    pub survey: Survey,
    /// What sends.
    pub courier: Courier,
    folder: PathBuf,
    identity: Identity,
    tokens: TokenKey,
    source: Source,
    certificate: PeerCertificate,
    validity: Validity,
    clock: Arc<ManualClock>,
    rng: StdRng,
}

/// What a citizen sends.
#[derive(Debug, Clone)]
pub struct Submission {
    /// To which service.
    pub service: ServiceId,
    /// In answer to which version.
    pub version: u32,
    /// Which marks it leaves.
    pub coordinate: u16,
    /// By what it is told from others.
    pub mark: Mark,
    /// The ticket, where there is one.
    pub ticket: Option<String>,
}

/// By what a submission is known when it is sent again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// The token of its form.
    Form(String),
    /// A key that its sender has drawn, and when. The same one at another service is another submission.
    Own(String, Timestamp),
}

/// What a citizen is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// That the response counts.
    Counts,
    /// That the ticket was used.
    TicketSpent,
    /// That it is not taken: the form is too old, or is another one now.
    Refused,
    /// Nothing, or that something went wrong.
    Nothing,
}

/// The services of an agency.
pub fn services(agency: &AgencyCode) -> Vec<Service> {
    let (name, kind) = (|n| format!("Servizio {n}"), ServiceKind::Transaction);
    (0..SERVICES)
        .map(|n| Service { id: service(n), name: name(n), kind, sensitive: is_sensitive(agency, &service(n)) })
        .collect()
}

/// Whether to have answered about a service says something about a person: the colder one of the second agency.
pub fn is_sensitive(agency: &AgencyCode, id: &ServiceId) -> bool {
    agency.key() == template::agency(1) && *id == service(1)
}

/// The service of this number.
pub fn service(n: u8) -> ServiceId {
    format!("servizio-{n}").parse().unwrap()
}

/// Makes the folder of a collector that has joined.
pub fn enlist(aggregator: &Aggregator, code: &str, secret: [u8; 32], folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    let identity = Identity::generate().unwrap();
    let reply = aggregator.enlist(code, secret, &identity.keys.requests().unwrap());
    let membership = Some(Membership { aggregator: AUDIENCE.to_owned(), reply });
    Identity { membership, ..identity }.keep(folder).unwrap();
}

impl Collector {
    /// Opens the installation in `folder`.
    pub fn open(folder: PathBuf, clock: Arc<ManualClock>, seed: u64) -> Self {
        let identity = Identity::read(&folder).unwrap().unwrap();
        let certificate = tls_certificate(&identity);
        let Member { agency, stream, audience, aggregator, signer, validity, .. } = Member::of(&identity).unwrap();
        let store = Store::open(&installation::database(&folder)).unwrap();
        let surveyed =
            services(&agency).into_iter().map(|service| Surveyed { service, questionnaire: None, origins: Vec::new() });
        let origin = Origin { agency: agency.clone(), stream };
        let source = Source { agency: agency.clone(), aggregator: aggregator.clone() };
        let (survey, tokens) = (Survey::new(surveyed), TokenKey::new(&identity.token_secret));
        let courier = Courier { origin, audience, signer, aggregator, clock: clock.clone(), server_ahead: 0 };
        let rng = StdRng::seed_from_u64(seed);
        let new = Self { agency, store, survey, courier, folder, identity, tokens, source, certificate, validity, clock, rng };
        new.adopt();
        new
    }

    /// Where the database is.
    pub fn database(&self) -> PathBuf {
        installation::database(&self.folder)
    }

    fn adopt(&self) {
        if let Some((assignment, editions)) = self.source.known(&self.store).unwrap() {
            self.survey.adopt(&assignment, editions, (0, 0));
        }
    }

    /// The version that a service asks at present.
    pub fn asked(&self, service: &ServiceId) -> Option<u32> {
        Some(self.survey.service(service)?.questionnaire?.edition().version)
    }

    /// A form of this service, filled in, in answer to `version`.
    pub fn fill_in(&mut self, service: ServiceId, version: u32, coordinate: u16, ticketed: bool) -> Submission {
        let mark = Mark::Form(self.tokens.issue_form_token(&service, self.clock.now(), &mut self.rng));
        let until = Day::of(self.clock.now() + TICKET_LIFE);
        let ticket = ticketed.then(|| self.tokens.issue_ticket(&service, until, &mut self.rng));
        Submission { service, version, coordinate, mark, ticket }
    }

    /// A key as a program draws it.
    pub fn own_mark(&mut self) -> Mark {
        Mark::Own(format!("{:032x}", self.rng.random::<u128>()), self.clock.now())
    }

    fn key(&self, submission: &Submission) -> Option<SubmissionKey> {
        match &submission.mark {
            Mark::Form(token) => self.tokens.submission(&submission.service, token, self.clock.now()).ok(),
            Mark::Own(key, _) => SubmissionKey::from_header(key),
        }
    }

    fn accepted(&self, submission: &Submission) -> Option<Response> {
        let questionnaire = self.survey.service(&submission.service)?.questionnaire?;
        let raw = form::response(submission.version, submission.coordinate, submission.ticket.as_deref());
        let raw = serde_json::from_str(&raw).unwrap();
        let today = Day::of(self.clock.now());
        let ticket = submission.ticket.as_deref().map(|ticket| self.tokens.ticket(&submission.service, ticket, today));
        let ticket = ticket.transpose().ok()?;
        accept(&raw, &submission.service, &questionnaire, &self.key(submission)?, ticket, today).ok()
    }

    /// Takes a submission as the listener does.
    pub async fn take(&self, submission: &Submission) -> Told {
        let Some(response) = self.accepted(submission) else { return Told::Refused };
        told(self.store.store(response).await)
    }

    /// Takes two submissions that arrive while the disk is busy with something else.
    pub async fn take_at_once(&self, one: &Submission, two: &Submission) -> (Told, Told) {
        let (release, released) = mpsc::channel::<()>();
        let busy = self.store.write(move |_| {
            // Ends when the other two wait.
            let _ = released.recv();
            Ok(())
        });
        let (busy, one, two, ()) = tokio::join!(busy, self.take(one), self.take(two), async { drop(release) });
        busy.unwrap();
        (one, two)
    }

    /// Takes a response back, as its citizen would: with the code.
    pub async fn withdraw(&self, code: &str) -> Withdrawal {
        let row = WithdrawalCode::parse(code).unwrap().row_key();
        self.store.write(move |transaction| withdraw(transaction, &row)).await.unwrap()
    }

    /// One seal boundary; `None` while no terms are known or where the disk refuses.
    pub async fn seal(&mut self) -> Option<Sealed> {
        let work = self.sealing()?;
        self.store.write(work).await.ok()
    }

    fn sealing(&mut self) -> Option<impl FnOnce(&rusqlite::Transaction<'_>) -> Result<Sealed, StoreError> + Send + 'static> {
        let terms = self.survey.terms()?;
        let (origin, editions, now) = (self.courier.origin.clone(), self.survey.editions(), self.clock.now());
        let (mut rng, services) = (StdRng::from_rng(&mut self.rng), services(&self.agency));
        Some(move |transaction: &rusqlite::Transaction<'_>| {
            sensitive::mark(transaction, &services)?;
            seal::step(transaction, &origin, &editions, terms.policy, now, &mut rng)
        })
    }

    /// What follows the seal at a boundary: breakdowns of months that are over. Yields how many left; `None` where the disk
    /// refuses.
    pub async fn break_down(&mut self) -> Option<u64> {
        let Some(terms) = self.survey.terms() else { return Some(0) };
        let (origin, editions, now) = (self.courier.origin.clone(), self.survey.editions(), self.clock.now());
        breakdown::step(&self.store, &origin, &editions, terms.policy, now, &mut self.rng).await.ok()
    }

    /// Says what is to be said; whether there was something.
    pub async fn speak(&self) -> bool {
        let Some(terms) = self.survey.terms() else { return false };
        let (origin, now) = (self.courier.origin.clone(), self.clock.now());
        let due = self.store.read(|connection| bulletin::due(connection, &services(&self.agency), &terms, now)).unwrap();
        let Some(payload) = due else { return false };
        self.store.write(move |transaction| bulletin::say(transaction, &origin, payload, &terms, now)).await.is_ok()
    }

    fn wire<'a>(&self, aggregator: &'a Aggregator, post: &'a Post, line: Line) -> Wire<'a> {
        Wire { aggregator, post, certificate: self.certificate.clone(), line }
    }

    /// One step of the courier, or after a restore one into the new epoch; `None` where the disk refuses.
    pub async fn push(&mut self, aggregator: &Aggregator, post: &Post, line: Line) -> Option<Step> {
        let wire = self.wire(aggregator, post, line);
        if let Some(terms) = self.survey.terms()
            && let Some(progress) =
                epoch::step(&mut self.courier, &wire, &self.store, terms.policy, &mut self.rng).await.ok()?
        {
            return Some(progress.as_step());
        }
        self.courier.step(&wire, &self.store, &mut self.rng).await.ok()
    }

    /// Asks what to ask; whether something is new.
    pub async fn pull(&self, aggregator: &Aggregator, post: &Post, line: Line) -> bool {
        let new = self.source.pull(&self.wire(aggregator, post, line), &self.store).await.unwrap_or_default();
        if new {
            self.adopt();
        }
        new
    }

    /// Whether it was restored and has not yet asked what its former self sent.
    pub fn is_to_resume(&self) -> bool {
        matches!(self.store.read(restoring::phase).unwrap(), Some(Phase::Begun))
    }

    /// Whether new certificates are due.
    pub fn renewal_is_due(&self) -> bool {
        self.validity.is_renewal_due(self.courier.server_time())
    }

    /// Asks for new certificates, the way that is open; whether they are in use.
    pub async fn renew(&mut self, aggregator: &Aggregator, post: &Post, line: Line) -> bool {
        let requests = renewal::requests(&mut self.identity, &self.folder).unwrap();
        let wire = self.wire(aggregator, post, line);
        let reply = if self.validity.is_over(self.courier.server_time()) {
            renewal::recover(&mut self.courier, &wire, &requests, &mut self.rng).await
        } else {
            renewal::ask(&wire, requests).await.map_err(Into::into)
        };
        reply.is_ok_and(|reply| self.adopt_certificates(&reply))
    }

    fn adopt_certificates(&mut self, reply: &Reply) -> bool {
        if renewal::keys_are_used(reply) {
            self.identity.next_keys = None;
            self.identity.keep(&self.folder).unwrap();
        }
        let Ok((identity, member)) = renewal::adopt(&self.identity, &self.folder, reply) else { return false };
        self.certificate = tls_certificate(&identity);
        (self.identity, self.courier.signer, self.validity) = (identity, member.signer, member.validity);
        true
    }

    /// A backup, as the command makes it.
    pub fn back_up(&self, folder: &Path) -> PathBuf {
        let target = disk::fresh_path(folder, "backup");
        backup(&self.folder, &target).unwrap();
        target
    }

    /// Puts a backup in the place of the installation, which is lost.
    pub fn restore(&mut self, backup: &Path, folder: &Path) {
        let home = disk::fresh_path(folder, "restored");
        restore(backup, &home, false).unwrap();
        self.start_again_in(home);
    }

    /// The installation as it would be found if the process were killed now. Copied in the writer's own turn: nobody writes
    /// meanwhile.
    pub async fn image(&self, folder: &Path) -> PathBuf {
        let copy = self.image_of_files(folder);
        let (from, to) = (self.database(), installation::database(&copy));
        let copied = self.store.write(move |_| {
            disk::copy(&from, &to);
            Ok(())
        });
        copied.await.unwrap();
        copy
    }

    /// The same, if it were killed when all of a seal boundary is written and nothing of it is committed.
    pub async fn image_while_sealing(&mut self, folder: &Path) -> Option<PathBuf> {
        let copy = self.image_of_files(folder);
        let (from, to) = (self.database(), installation::database(&copy));
        let sealing = self.sealing()?;
        let killed = self.store.write(move |transaction| {
            sealing(transaction)?;
            disk::copy(&from, &to);
            Err::<(), _>(StoreError::Ended)
        });
        assert!(killed.await.is_err());
        Some(copy)
    }

    fn image_of_files(&self, folder: &Path) -> PathBuf {
        let copy = disk::fresh_path(folder, self.agency.key().as_str());
        fs::create_dir(&copy).unwrap();
        fs::copy(identity::file(&self.folder), identity::file(&copy)).unwrap();
        copy
    }

    /// Starts again in another folder, as after a crash: what was only in memory is gone.
    pub fn start_again_in(&mut self, folder: PathBuf) {
        let (clock, seed) = (self.clock.clone(), rand::Rng::next_u64(&mut self.rng));
        *self = Self::open(folder, clock, seed);
    }

    /// The code with which a submission can be withdrawn.
    pub fn code(&self, submission: &Submission) -> Option<String> {
        Some(self.key(submission)?.withdrawal_code(&submission.service).as_str().to_owned())
    }
}

fn told(outcome: Result<Outcome, StoreError>) -> Told {
    match outcome {
        Ok(Outcome::Stored | Outcome::CountedBefore) => Told::Counts,
        Ok(Outcome::TicketSpent) => Told::TicketSpent,
        Err(_) => Told::Nothing,
    }
}

fn tls_certificate(identity: &Identity) -> PeerCertificate {
    let chain = &identity.membership.as_ref().unwrap().reply.certificates.tls;
    PeerCertificate(CollectorCertificate::parse(&from_base64(&chain[0]).unwrap()).unwrap())
}
