//! One of the demo's collectors: the real one, set up, joined and started as an agency would.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use gradimento_collector::cli::{enlist, init};
use gradimento_collector::clock::SystemClock;
use gradimento_collector::config::Config;
use gradimento_collector::installation::database;
use gradimento_collector::serve::{self, Running};
use gradimento_common::enrolment::JoinToken;
use serde_json::{Value, json};

use crate::Failure;
use crate::bodies::Body;

/// How long a new collector may take to learn what to ask. Loopback needs milliseconds.
const READY: Duration = Duration::from_secs(10);

pub(crate) struct Collector {
    pub(crate) body: Body,
    pub(crate) running: Running,
    database: PathBuf,
}

impl Collector {
    pub(crate) async fn start(folder: &Path, body: Body, token: &JoinToken) -> Result<Self, Failure> {
        let config = Config::read(&configuration(&folder.join(&body.code), &body), [])?;
        init(&config)?;
        enlist(&config, token).await?;
        let running = serve::start(&config, Arc::new(SystemClock))?;
        let collector = Self { body, running, database: database(&config.data) };
        collector.until_ready().await?;
        Ok(collector)
    }

    async fn until_ready(&self) -> Result<(), Failure> {
        let step = Duration::from_millis(20);
        for _ in 0..READY.as_millis() / step.as_millis() {
            if self.running.desk.survey.services().iter().all(|surveyed| surveyed.questionnaire.is_some()) {
                return Ok(());
            }
            tokio::time::sleep(step).await;
        }
        Err(format!("{}: no questionnaire arrived", self.body.code).into())
    }

    /// Where citizens find a service.
    pub(crate) fn page(&self, service: &str) -> String {
        format!("{}/s/{service}", self.running.public_url)
    }

    pub(crate) fn endpoints(&self) -> Value {
        let services = self.running.desk.survey.services().into_iter().map(|surveyed| {
            let questionnaire = surveyed.questionnaire.map(|questionnaire| questionnaire.edition().questionnaire);
            json!({"id": surveyed.service.id, "questionnaire": questionnaire})
        });
        json!({
            "agency": self.body.code,
            "public": self.running.public_url,
            "admin": self.running.admin_url,
            "database": self.database,
            "services": services.collect::<Vec<_>>(),
        })
    }
}

fn configuration(folder: &Path, body: &Body) -> String {
    let mut text = format!(
        "data = {folder:?}\n[agency]\nname = {:?}\n[public]\naddress = '127.0.0.1:0'\n[admin]\naddress = '127.0.0.1:0'\n",
        body.name
    );
    for service in &body.services {
        let kind = service.kind.as_str();
        text.push_str(&format!("[[services]]\nid = {:?}\nname = {:?}\ntype = {kind:?}\n", service.id, service.name));
    }
    text
}
