//! How a collector is set up: one TOML file, every key overridable by the environment, all mistakes told at once.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;

use gradimento_common::ids::ServiceId;
use gradimento_common::message::{Service, ServiceKind};
use gradimento_common::settings::{Mistakes, Settings};
use serde::Deserialize;

use crate::gate::Rates;
use crate::origins::WebOrigin;

/// Services of one agency. Their catalogue must fit in one message: each takes at most 64 + 200 + 60 bytes, 150 of them 49 kB.
const SERVICES_MAX: usize = 150;
/// Longest name of a service, in characters: what fits on a poster.
const SERVICE_NAME_CHARS_MAX: usize = 100;

/// Largest rate of a service, in answers a minute: ten times what any collector stores.
const RATE_MAX: u32 = 10_000_000;

/// Longest retention that can be declared, in months: a century.
const RETENTION_MONTHS_MAX: u32 = 1_200;

/// Everything that can be set.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the database and the keys are. Key `data`, required.
    pub data: PathBuf,
    /// Who asks.
    pub agency: Agency,
    /// Where citizens come in.
    pub public: Public,
    /// Key `admin.address`, default `127.0.0.1:9080`: where the agency's own staff and monitoring come in. Never to be exposed.
    pub admin: SocketAddr,
    /// The agency's own, stricter disclosure rules.
    pub disclosure: Disclosure,
    /// Key `tickets.unlinkable`, default false: whether tickets are signed blindly too, so that not even the agency can tie one
    /// to an answer.
    pub unlinkable: bool,
    /// `[[services]]`, one or more.
    pub services: Vec<ServiceEntry>,
}

/// `[agency]`.
#[derive(Debug, Clone)]
pub struct Agency {
    /// Key `name`, required: what citizens call the agency.
    pub name: String,
    /// Key `contact`: an e-mail address or a page, for the privacy notice and the accessibility statement.
    pub contact: Option<String>,
    /// What it declares to citizens.
    pub notices: Notices,
}

/// What the agency declares on the privacy notice and the accessibility statement; part of `[agency]`.
#[derive(Debug, Clone, Default)]
pub struct Notices {
    /// Key `privacy_officer`: an e-mail address or a page, where its data protection officer is reached.
    pub privacy_officer: Option<String>,
    /// Key `retention_months`, default 0 (not said): for how many months it keeps answers and suggestions, by its own rules. It
    /// is said to citizens; nothing is deleted because of it.
    pub retention_months: Option<u32>,
    /// Key `accessibility_declaration`: the address of its declaration on AgID's own form, with `https://`.
    pub accessibility_declaration: Option<String>,
}

/// `[public]`.
#[derive(Debug, Clone)]
pub struct Public {
    /// Key `address`, default `127.0.0.1:8080`. TLS is the business of the agency's web server in front.
    pub address: SocketAddr,
    /// Key `url`: under which citizens know this listener, without a path. Default: the address with `http://`.
    pub url: Option<String>,
    /// Key `workers`, default 1: threads that read requests. One serves some 10,000 responses a second.
    pub workers: u32,
}

/// `[disclosure]`: raises the numbers of Istat's policy; lower ones have no effect.
#[derive(Debug, Clone, Copy)]
pub struct Disclosure {
    /// Key `k`, default 0: people in a batch.
    pub k: u32,
    /// Key `r`, default 0: responses held back.
    pub r: u32,
}

/// One of `[[services]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceEntry {
    /// Key `id`: in addresses and figures, never changed afterwards.
    pub id: ServiceId,
    /// Key `name`: what citizens call it.
    pub name: String,
    /// Key `type`: `information_page`, `transaction` or `app`; decides what is asked.
    #[serde(rename = "type")]
    pub kind: ServiceKind,
    /// Key `sensitive`, default false: whether batches of this service leave with noise, because to have answered about it says
    /// something about a person.
    #[serde(default)]
    pub sensitive: bool,
    /// Key `origins`: sites that may carry the component for this service, such as `https://www.comune.example.it`.
    #[serde(default)]
    pub origins: Vec<String>,
    /// Key `usual_per_minute`, default 600: open answers in a busy minute. While more arrive, a flood is suspected: those that
    /// bring no proof of work are counted apart, and the agency is told.
    pub usual_per_minute: Option<u32>,
    /// Key `budget_per_minute`, default 600000: open answers that are taken in a minute. Of more, only those with a proof of
    /// work.
    pub budget_per_minute: Option<u32>,
}

impl ServiceEntry {
    /// The service as Istat's catalogue knows it.
    #[must_use]
    pub fn service(&self) -> Service {
        Service { id: self.id.clone(), name: self.name.clone(), kind: self.kind, sensitive: self.sensitive }
    }

    /// How many open answers it takes.
    #[must_use]
    pub fn rates(&self) -> Rates {
        let (usual, default) = (self.usual_per_minute, Rates::default());
        let budget_per_minute = self.budget_per_minute.unwrap_or(default.budget_per_minute);
        // Whoever sets a small budget only means that nothing above it is usual.
        Rates { usual_per_minute: usual.unwrap_or(default.usual_per_minute).min(budget_per_minute), budget_per_minute }
    }

    /// The origins of the pages that may carry the component; the configuration was refused if any of them is none.
    #[must_use]
    pub fn pages(&self) -> Vec<WebOrigin> {
        self.origins.iter().filter_map(|origin| origin.parse().ok()).collect()
    }
}

impl Config {
    /// Reads the configuration from the file's text and the environment.
    ///
    /// # Errors
    /// All mistakes together.
    pub fn read(text: &str, environment: impl IntoIterator<Item = (String, String)>) -> Result<Self, Mistakes> {
        let mut settings = Settings::new(text, environment);
        let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
        let config = Self {
            data: PathBuf::from(settings.text("data", None)),
            agency: Agency {
                name: settings.text("agency.name", None),
                contact: settings.optional_text("agency.contact"),
                notices: Notices::read(&mut settings),
            },
            public: Public {
                address: settings.parsed("public.address", Some("127.0.0.1:8080")).unwrap_or(loopback),
                url: settings.optional_text("public.url"),
                workers: settings.number("public.workers", 1, 1..=64).max(1),
            },
            admin: settings.parsed("admin.address", Some("127.0.0.1:9080")).unwrap_or(loopback),
            disclosure: Disclosure {
                k: settings.number("disclosure.k", 0, 0..=10_000),
                r: settings.number("disclosure.r", 0, 0..=1_000),
            },
            unlinkable: settings.flag("tickets.unlinkable", false),
            services: settings.list("services"),
        };
        check_services(&config.services, &mut settings);
        settings.finish()?;
        Ok(config)
    }
}

impl Notices {
    fn read(settings: &mut Settings) -> Self {
        let key = "agency.accessibility_declaration";
        let declaration = settings.optional_text(key);
        if declaration.as_ref().is_some_and(|address| !address.starts_with("https://")) {
            settings.mistake::<()>(key, "must be an address that begins with https://");
        }
        Self {
            privacy_officer: settings.optional_text("agency.privacy_officer"),
            retention_months: Some(settings.number("agency.retention_months", 0, 0..=RETENTION_MONTHS_MAX)).filter(|n| *n > 0),
            accessibility_declaration: declaration,
        }
    }
}

fn check_services(services: &[ServiceEntry], settings: &mut Settings) {
    if !(1..=SERVICES_MAX).contains(&services.len()) {
        settings.mistake::<()>("services", &format!("must be 1 to {SERVICES_MAX} tables `[[services]]`, each sound"));
    }
    let mut seen = BTreeSet::new();
    for service in services {
        let key = format!("services `{}`", service.id);
        if service.id.is_other() {
            settings.mistake::<()>(&key, "is reserved for small pools at the end of a month");
        }
        if !seen.insert(&service.id) {
            settings.mistake::<()>(&key, "stands there twice");
        }
        if !(1..=SERVICE_NAME_CHARS_MAX).contains(&service.name.trim().chars().count()) {
            settings.mistake::<()>(&key, &format!("needs a name of 1 to {SERVICE_NAME_CHARS_MAX} characters"));
        }
        if [service.usual_per_minute, service.budget_per_minute].into_iter().flatten().any(|n| !(1..=RATE_MAX).contains(&n)) {
            settings.mistake::<()>(&key, &format!("must have rates of 1 to {RATE_MAX} a minute"));
        }
        for origin in &service.origins {
            if origin.parse::<WebOrigin>().is_err() {
                settings
                    .mistake::<()>(&key, &format!("names `{origin}`, which is not an origin such as https://www.example.it"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_configuration_is_sound() {
        let config = Config::read(include_str!("../../deploy/collector.toml"), []).unwrap();
        assert_eq!(config.services.len(), 2);
        assert_eq!(config.public.workers, 1);
    }

    #[test]
    fn what_the_agency_declares_is_read_and_silence_stays_silence() {
        let start = "data = 'd'\n[agency]\nname = 'Ente'\n";
        let service = "[[services]]\nid = 'a'\nname = 'A'\ntype = 'app'\n";
        let notices = |declared: &str| Config::read(&format!("{start}{declared}\n{service}"), []).unwrap().agency.notices;
        let silent = notices("");
        assert!(silent.privacy_officer.is_none() && silent.accessibility_declaration.is_none());
        assert_eq!((silent.retention_months, notices("retention_months = 24").retention_months), (None, Some(24)));
        assert_eq!(notices("privacy_officer = 'rpd@ente.example'").privacy_officer.as_deref(), Some("rpd@ente.example"));
    }

    #[test]
    fn every_mistake_is_told_at_once() {
        let text = "[agency]\naccessibility_declaration = 'www.agid.gov.it'\n[public]\naddress = 'x'\n[[services]]\nid = 'other'\nname = ''\ntype = 'app'\norigins = ['example.it/']\n\
                    usual_per_minute = 0\n[[services]]\nid = 'Ä'\nname = 'b'\ntype = 'app'";
        let told = Config::read(text, []).unwrap_err().to_string();
        for part in [
            "data is required",
            "agency.name is required",
            "agency.accessibility_declaration must be",
            "public.address",
            "services (2)",
            "`other` is reserved",
            "needs a name",
            "not an origin",
            "must have rates",
        ] {
            assert!(told.contains(part), "{part}: {told}");
        }
    }
}
