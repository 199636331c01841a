//! How an aggregator is set up: one TOML file, every key overridable by the environment, all mistakes told at once.

use std::net::SocketAddr;
use std::path::PathBuf;

use gradimento_common::disclosure::fraction::Fraction;
use gradimento_common::disclosure::{K_DEFAULT, K_FLOOR, Policy, R_DEFAULT};
use gradimento_common::settings::{Mistakes, Settings};

/// Everything that can be set.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the database, the authority and the keys are. Key `data`, required.
    pub data: PathBuf,
    /// Who reads and who joins.
    pub public: Public,
    /// Collectors.
    pub messages: Messages,
    /// The operator.
    pub admin: Admin,
    /// What agencies are told to do.
    pub survey: Survey,
}

/// `[public]`.
#[derive(Debug, Clone)]
pub struct Public {
    /// Key `address`, default `127.0.0.1:8080`.
    pub address: SocketAddr,
    /// Key `url`: under which the world knows this listener, without a path. Default: the address with `http://`.
    pub url: Option<String>,
    /// Key `tls`, default true: serve TLS under a certificate of our own authority, which join tokens pin. False where
    /// something in front does the same, and on loopback.
    pub tls: bool,
}

/// `[messages]`.
#[derive(Debug, Clone)]
pub struct Messages {
    /// Key `address`, default `127.0.0.1:8443`.
    pub address: SocketAddr,
    /// Key `url`: under which collectors know this listener, without a path. Default: the address with `https://`.
    pub url: Option<String>,
    /// Key `name`: the DNS name or IP address in the server's certificates, default `localhost`. Loopback is always in them.
    pub name: String,
}

/// `[admin]`.
#[derive(Debug, Clone)]
pub struct Admin {
    /// Key `address`, default `127.0.0.1:9090`. It speaks plain HTTP and asks nobody who he is: an address that others reach
    /// belongs behind something that does both.
    pub address: SocketAddr,
}

/// `[survey]`.
#[derive(Debug, Clone)]
pub struct Survey {
    /// Keys `policy_version` (default 1), `k` (default 10, at least 5) and `r` (default 2).
    pub policy: Policy,
    /// Key `seal_interval_seconds`, default 3600.
    pub seal_interval_seconds: u32,
    /// Key `heartbeat_interval_seconds`, default 86400.
    pub heartbeat_interval_seconds: u32,
    /// Key `ledger`: the ledger's name in checkpoints (C2SP origin), default `gradimento.localhost/ledger`.
    pub ledger: String,
}

impl Config {
    /// Reads the configuration from the file's text and the environment.
    ///
    /// # Errors
    /// All mistakes together.
    pub fn read(text: &str, environment: impl IntoIterator<Item = (String, String)>) -> Result<Self, Mistakes> {
        let mut settings = Settings::new(text, environment);
        let data = PathBuf::from(settings.text("data", None));
        let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
        let public = Public {
            address: settings.parsed("public.address", Some("127.0.0.1:8080")).unwrap_or(loopback),
            url: settings.optional_text("public.url"),
            tls: settings.flag("public.tls", true),
        };
        let messages = Messages {
            address: settings.parsed("messages.address", Some("127.0.0.1:8443")).unwrap_or(loopback),
            url: settings.optional_text("messages.url"),
            name: settings.text("messages.name", Some("localhost")),
        };
        let admin = Admin { address: settings.parsed("admin.address", Some("127.0.0.1:9090")).unwrap_or(loopback) };
        let survey = Survey::read(&mut settings);
        settings.finish()?;
        Ok(Self { data, public, messages, admin, survey })
    }
}

impl Survey {
    /// What a policy of this number is held to: what is remembered of it, or else the one in force.
    #[must_use]
    pub fn policy_of(&self, version: u32, remembered: &[Policy]) -> Policy {
        remembered.iter().copied().find(|policy| policy.version() == version).unwrap_or(self.policy)
    }

    fn read(settings: &mut Settings) -> Self {
        let version = settings.number("survey.policy_version", 1, 1..=u32::MAX);
        let k = settings.number("survey.k", K_DEFAULT, K_FLOOR..=10_000).max(K_FLOOR);
        let r = settings.number("survey.r", R_DEFAULT, 0..=1_000);
        Self {
            policy: with_budget(Policy::at_least_floor(version, k, r), settings),
            seal_interval_seconds: settings.number("survey.seal_interval_seconds", 3_600, 1..=86_400).max(1),
            heartbeat_interval_seconds: settings.number("survey.heartbeat_interval_seconds", 86_400, 1..=604_800).max(1),
            ledger: settings.text("survey.ledger", Some("gradimento.localhost/ledger")),
        }
    }
}

fn with_budget(policy: Policy, settings: &mut Settings) -> Policy {
    let epsilon = settings.parsed::<Fraction>("survey.epsilon", Some("1")).unwrap_or(Fraction::ONE);
    policy.with_epsilon(epsilon).unwrap_or_else(|error| {
        settings.mistake::<()>("survey.epsilon", &error.to_string());
        policy
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_enough() {
        let config = Config::read("data = '/var/lib/gradimento'", []).unwrap();
        assert_eq!((config.survey.policy.k(), config.survey.policy.r(), config.public.tls), (10, 2, true));
    }

    #[test]
    fn the_sample_has_every_key_and_says_the_defaults() {
        let sample = include_str!("../../deploy/aggregator.toml");
        let (read, least) = (Config::read(sample, []).unwrap(), Config::read("data = '/'", []).unwrap());
        let defaults = Config { data: read.data.clone(), ..least };
        assert_eq!(format!("{read:?}"), format!("{defaults:?}"));
        let program = include_str!("config.rs").split("#[cfg(test)]").next().unwrap();
        let keys: Vec<_> = program.split("settings.").skip(1).filter_map(|call| call.split('"').nth(1)).collect();
        assert!(keys.len() > 10, "{keys:?}");
        for key in keys {
            let (section, name) = key.split_once('.').unwrap_or(("", key));
            let of_section = sample.split(&format!("[{section}]")).last().unwrap();
            let lines = of_section.lines().map(|line| line.trim_start_matches("# "));
            assert!(lines.into_iter().any(|line| line.starts_with(&format!("{name} = "))), "{key} is not in the sample");
        }
    }

    #[test]
    fn a_policy_below_the_floor_is_a_mistake_among_others() {
        let text = "[survey]\nk = 4\n[public]\naddress = 'here'\n[mesages]\naddress = 'x'";
        let told = Config::read(text, []).unwrap_err().to_string();
        for part in
            ["data is required", "survey.k must be a whole number from 5", "public.address", "mesages.address is not known"]
        {
            assert!(told.contains(part), "{told}");
        }
    }
}
