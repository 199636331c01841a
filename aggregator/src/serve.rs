//! A running aggregator: the listeners, and the two things that change while it runs (revocation list, server certificate).

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::web;
use arc_swap::ArcSwap;
use gradimento_common::clock::Clock;
use gradimento_common::jose::{SealPublicKey, Token, TokenKind};
use gradimento_common::questionnaire::Questionnaire;
use jiff::Timestamp;
use thiserror::Error;

use crate::config::Config;
use crate::enrolment::Welcome;
use crate::http::{Office, serve_messages, serve_public};
use crate::pki::{Authority, AuthorityFault, IssuedWithKey};
use crate::store::sqlite::SqliteStore;
use crate::store::{Store, StoreError};
use crate::tls::{MessagesTls, PublicTls, TlsFault};
use crate::vault::{self, Vault, VaultError};
use crate::verify::Editions;

/// How often the revocation list is made anew where something changed. The registry refuses a revoked collector at once;
/// the list keeps it from connecting at all.
const CRL_CHECK: Duration = Duration::from_secs(30);
/// How often the list and the server's certificate are made anew in any case: well within their 7 and 90 days.
const RENEWAL: Duration = Duration::from_secs(24 * 60 * 60);

/// Why an aggregator does not start. The operator's to mend.
#[derive(Debug, Error)]
pub enum StartError {
    /// Its folder.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// Its database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Its certificates.
    #[error(transparent)]
    Authority(#[from] AuthorityFault),
    /// TLS.
    #[error(transparent)]
    Tls(#[from] TlsFault),
    /// A listener.
    #[error("a listener cannot be opened: {0}")]
    Listener(#[from] std::io::Error),
}

/// A running aggregator.
pub struct Running {
    /// Where the world reads, without a path.
    pub public_url: String,
    /// Where collectors send, without a path.
    pub messages_url: String,
    /// What the handlers share.
    pub office: web::Data<Office>,
    servers: Vec<ServerHandle>,
}

impl Running {
    /// Ends all listeners, letting requests finish.
    pub async fn stop(self) {
        for server in self.servers {
            server.stop(true).await;
        }
    }
}

/// Starts the listeners of `config` on the present runtime.
///
/// # Errors
/// What must be mended first.
pub fn start(config: &Config, clock: Arc<dyn Clock>) -> Result<Running, StartError> {
    let now = clock.now();
    let Vault { authority, signer, seal, ledger } = vault::open(&config.data, &config.survey.ledger)?;
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&vault::database(&config.data))?);
    let listener = TcpListener::bind(config.messages.address)?;
    let address = listener.local_addr()?;
    let messages_url = config.messages.url.clone().unwrap_or_else(|| format!("https://{address}"));
    let welcome = Welcome {
        audience: messages_url.clone(),
        messages_url: messages_url.clone(),
        aggregator_seal: seal,
        ledger_key: ledger.verifier().to_string(),
    };
    let names = server_names(config, address);
    let server = authority.issue_server(&names, rand::random(), now)?;
    let tls = messages_tls(&authority, &server, store.as_ref(), now)?;
    let editions = ArcSwap::from_pointee(editions(store.as_ref(), &signer.public())?);
    let survey = config.survey.clone();
    let office = web::Data::new(Office { store, editions, survey, clock, signer, authority, welcome, ledger });
    let public_tls = if config.public.tls { Some(PublicTls::new(&server.chain_with_root, &server.key)?) } else { None };
    let (public, addresses) = serve_public(office.clone(), config.public.address, public_tls.as_ref())?;
    let scheme = if config.public.tls { "https" } else { "http" };
    let address = addresses.first().map(ToString::to_string).unwrap_or_default();
    let public_url = config.public.url.clone().unwrap_or_else(|| format!("{scheme}://{address}"));
    let messages = serve_messages(office.clone(), &tls, listener)?;
    let servers = vec![public.handle(), messages.handle()];
    actix_web::rt::spawn(public);
    actix_web::rt::spawn(messages);
    actix_web::rt::spawn(keep_fresh(office.clone(), tls, public_tls, names));
    Ok(Running { public_url, messages_url, office, servers })
}

fn server_names(config: &Config, address: SocketAddr) -> Vec<String> {
    let mut names = vec![config.messages.name.clone(), "localhost".to_owned(), "127.0.0.1".to_owned()];
    if !address.ip().is_unspecified() {
        names.push(address.ip().to_string());
    }
    names.sort();
    names.dedup();
    names
}

fn messages_tls(
    authority: &Authority,
    server: &IssuedWithKey,
    store: &dyn Store,
    now: Timestamp,
) -> Result<MessagesTls, StartError> {
    let crl = authority.crl(&store.revoked()?, crl_number(now), now)?;
    Ok(MessagesTls::new(authority.root_der(), &server.issued.chain, &server.key, &crl)?)
}

/// Revocation lists are numbered by the second in which they are made: later lists have larger numbers, across restarts too.
fn crl_number(now: Timestamp) -> u64 {
    u64::try_from(now.as_second()).unwrap_or_default()
}

/// What may be answered: every questionnaire in the database, believed only under our own signature.
fn editions(store: &dyn Store, key: &SealPublicKey) -> Result<Editions, StoreError> {
    let mut editions = BTreeMap::new();
    for (edition, token) in store.questionnaires()? {
        let payload = Token::parse_document(TokenKind::Questionnaire, &token).and_then(|token| token.verify(key));
        let questionnaire = payload.ok().and_then(|payload| serde_json::from_slice::<Questionnaire>(&payload).ok());
        let questionnaire = questionnaire.filter(|questionnaire| questionnaire.edition() == edition);
        let questionnaire = questionnaire.ok_or(StoreError::Contradiction("a questionnaire is not the one that was signed"))?;
        editions.insert(edition, Arc::new(questionnaire));
    }
    Ok(editions)
}

async fn keep_fresh(office: web::Data<Office>, messages: MessagesTls, public: Option<PublicTls>, names: Vec<String>) {
    let mut listed = office.store.revoked().unwrap_or_default();
    let mut made = office.clock.now();
    loop {
        actix_web::rt::time::sleep(CRL_CHECK).await;
        let (now, revoked) = (office.clock.now(), office.store.revoked().unwrap_or_else(|_| listed.clone()));
        let old = now.as_second() - made.as_second() > i64::try_from(RENEWAL.as_secs()).unwrap_or(i64::MAX);
        if revoked == listed && !old {
            continue;
        }
        match refresh(&office, &messages, public.as_ref(), &names, &revoked, old) {
            Ok(()) => (listed, made) = (revoked, if old { now } else { made }),
            Err(error) => tracing::error!(%error, "the revocation list or the server's certificate was not renewed"),
        }
    }
}

fn refresh(
    office: &Office,
    messages: &MessagesTls,
    public: Option<&PublicTls>,
    names: &[String],
    revoked: &[([u8; 16], Timestamp)],
    certificate_too: bool,
) -> Result<(), StartError> {
    let now = office.clock.now();
    messages.replace_crl(&office.authority.crl(revoked, crl_number(now), now)?)?;
    if certificate_too {
        let server = office.authority.issue_server(names, rand::random(), now)?;
        messages.replace_certificate(&server.issued.chain, &server.key)?;
        if let Some(public) = public {
            public.replace_certificate(&server.chain_with_root, &server.key)?;
        }
    }
    Ok(())
}
