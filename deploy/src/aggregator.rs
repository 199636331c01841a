//! The demo's aggregator: the real one, in a folder of its own, sealing every few seconds.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use gradimento_aggregator::cli::invite;
use gradimento_aggregator::clock::SystemClock;
use gradimento_aggregator::config::Config;
use gradimento_aggregator::{serve, vault};
use gradimento_common::clock::Clock as _;
use gradimento_common::enrolment::JoinToken;
use serde_json::{Value, json};

use crate::Failure;
use crate::bodies::Body;

/// Seconds between seal boundaries: long enough to see answers wait, short enough to see them leave.
const SEAL_INTERVAL_SECONDS: u32 = 3;

pub(crate) struct Aggregator {
    running: serve::Running,
    config: Config,
}

impl Aggregator {
    pub(crate) async fn start(folder: &Path) -> Result<Self, Failure> {
        let text = format!(
            "data = {:?}\n[public]\naddress = '127.0.0.1:0'\ntls = false\n[messages]\naddress = '127.0.0.1:0'\n\
             [admin]\naddress = '127.0.0.1:0'\n[survey]\nseal_interval_seconds = {SEAL_INTERVAL_SECONDS}",
            folder.join("aggregator")
        );
        let mut config = Config::read(&text, [])?;
        vault::create(&config.data, &config.survey.ledger, SystemClock.now())?;
        let running = serve::start(&config, Arc::new(SystemClock)).await?;
        // The port is known only now; join tokens name it.
        config.public.url = Some(running.public_url.clone());
        Ok(Self { running, config })
    }

    /// Approves a body and makes its join token.
    pub(crate) fn invite(&self, body: &Body) -> Result<JoinToken, Failure> {
        let (agency, store) = (body.agency()?, self.running.office.store.as_ref());
        store.put_agency(&agency)?;
        invite(&self.config, store, agency.code, &SystemClock)
    }

    pub(crate) fn public(&self) -> &str {
        &self.running.public_url
    }

    pub(crate) fn root_certificate(&self) -> PathBuf {
        self.config.data.join("root.pem")
    }

    pub(crate) fn endpoints(&self) -> Value {
        let serve::Running { public_url: public, messages_url: messages, admin_url: admin, .. } = &self.running;
        json!({"public": public, "messages": messages, "admin": admin, "database": vault::database(&self.config.data)})
    }

    pub(crate) async fn stop(self) {
        self.running.stop().await;
    }
}
