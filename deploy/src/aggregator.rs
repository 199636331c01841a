//! The demo's aggregator.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use gradimento_aggregator::clock::SystemClock;
use gradimento_aggregator::config::Config;
use gradimento_aggregator::registry::Agency;
use gradimento_aggregator::{serve, vault};
use gradimento_common::clock::Clock as _;
use gradimento_common::encoding::sha256;
use gradimento_common::enrolment::JoinToken;
use gradimento_common::limits::JOIN_TOKEN_HOURS;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::Failure;

pub(crate) struct Running {
    running: serve::Running,
    folder: PathBuf,
}

pub(crate) fn start(folder: &Path) -> Result<Running, Failure> {
    let folder = folder.join("aggregator");
    let text = format!(
        "data = {folder:?}\n[public]\naddress = '127.0.0.1:0'\ntls = false\n[messages]\naddress = '127.0.0.1:0'\n\
         [survey]\nseal_interval_seconds = 3"
    );
    let config = Config::read(&text, [])?;
    vault::create(&config.data, &config.survey.ledger, SystemClock.now())?;
    Ok(Running { running: serve::start(&config, Arc::new(SystemClock))?, folder })
}

impl Running {
    pub(crate) fn invite(&self, [code, name, category, territory, ..]: [&str; 6]) -> Result<JoinToken, Failure> {
        let agency = Agency {
            code: code.parse()?,
            name: name.to_owned(),
            category: category.to_owned(),
            territory: territory.to_owned(),
            fiscal_code: None,
        };
        let store = &self.running.office.store;
        store.put_agency(&agency)?;
        let secret: [u8; 32] = rand::random();
        let expires = SystemClock.now() + SignedDuration::from_hours(JOIN_TOKEN_HOURS);
        store.put_invitation(sha256(&secret), &agency.code, expires.as_second())?;
        let root = self.running.office.authority.root_fingerprint();
        Ok(JoinToken { url: self.public().to_owned(), agency: agency.code, root, secret })
    }

    pub(crate) fn public(&self) -> &str {
        &self.running.public_url
    }

    pub(crate) fn endpoints(&self) -> Value {
        let (messages, public) = (&self.running.messages_url, &self.running.public_url);
        let (database, root) = (vault::database(&self.folder), self.folder.join("root.pem"));
        json!({"public": public, "messages": messages, "database": database, "root_certificate": root})
    }
}
