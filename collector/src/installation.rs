//! An installation opened: its database, its identity and its services put together, ready to listen and to work.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use actix_web::web;
use gradimento_common::clock::Clock;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use thiserror::Error;

use crate::config::Config;
use crate::correspondent::{Correspondent, Household};
use crate::documents::PullError;
use crate::gate::Gate;
use crate::http::Desk;
use crate::identity::{Identity, IdentityError};
use crate::intake::tokens::TokenKey;
use crate::member::{Member, NotAMember};
use crate::metrics::Metrics;
use crate::mint::Mint;
use crate::sealer::Sealer;
use crate::store::{Store, StoreError};
use crate::survey::{Survey, Surveyed};

/// Where the database is.
#[must_use]
pub fn database(folder: &Path) -> PathBuf {
    folder.join("collector.sqlite")
}

/// What a collector is made of.
pub struct Installation {
    /// What the handlers share.
    pub desk: web::Data<Desk>,
    /// What seals.
    pub sealer: Sealer,
    /// What speaks to the aggregator.
    pub correspondent: Correspondent,
}

/// Why a collector does not start. The operator's to mend.
#[derive(Debug, Error)]
pub enum StartError {
    /// `init` has not been run.
    #[error("{0} holds no collector: run `gradimento-collector init`")]
    NotThere(PathBuf),
    /// Its identity.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// Its membership.
    #[error(transparent)]
    Member(#[from] NotAMember),
    /// Its database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The documents in it.
    #[error(transparent)]
    Documents(#[from] PullError),
    /// A listener.
    #[error("a listener cannot be opened: {0}")]
    Listener(#[from] std::io::Error),
}

impl Installation {
    /// Opens what `config` describes.
    ///
    /// # Errors
    /// What must be mended first.
    pub fn open(config: &Config, clock: Arc<dyn Clock>) -> Result<Self, StartError> {
        let identity = Identity::read(&config.data)?.ok_or_else(|| StartError::NotThere(config.data.clone()))?;
        let member = Member::of(&identity)?;
        let store = Store::open(&database(&config.data))?;
        let services = config.services.iter().map(|entry| Surveyed {
            service: entry.service(),
            questionnaire: None,
            origins: entry.pages(),
        });
        let desk = web::Data::new(Desk {
            store,
            survey: Survey::new(services),
            tokens: TokenKey::new(&identity.token_secret),
            mint: config.unlinkable.then(|| Mint::new(&config.data)),
            gate: Gate::new(config.services.iter().map(|entry| (entry.id.clone(), entry.rates()))),
            clock,
            rng: Mutex::new(StdRng::from_rng(&mut rand::rng())),
            agency_name: config.agency.name.clone(),
            contact: config.agency.contact.clone(),
            notices: config.agency.notices.clone(),
            public_url: config.public.url.clone(),
            metrics: Metrics::default(),
        });
        let household = Household { folder: config.data.clone(), stricter: (config.disclosure.k, config.disclosure.r) };
        let correspondent = Correspondent::new(desk.clone(), household, identity, member)?;
        let sealer = Sealer::new(desk.clone(), correspondent.origin().clone());
        Ok(Self { desk, sealer, correspondent })
    }
}
