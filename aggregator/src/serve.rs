//! A running aggregator: its three listeners, tested once before anybody is let in.

mod fresh;
mod self_test;

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use actix_web::dev::{Server, ServerHandle};
use actix_web::rt::task::JoinHandle;
use actix_web::web;
use arc_swap::ArcSwap;
use gradimento_common::clock::Clock;
use gradimento_common::disclosure::Policy;
use gradimento_common::jose::{SealPublicKey, Token, TokenKind};
use gradimento_common::questionnaire::Questionnaire;
use jiff::Timestamp;
use thiserror::Error;

use crate::config::Config;
use crate::enrolment::Welcome;
use crate::http::{Office, serve_admin, serve_messages, serve_public};
use crate::metrics::{Expiries, Metrics};
use crate::pki::{AuthorityFault, IssuedWithKey};
use crate::store::{Store, StoreError};
use crate::tls::{MessagesTls, PublicTls, TlsFault};
use crate::vault::{self, Vault, VaultError};
use crate::verify::Editions;
use fresh::{Fresh, crl_end, crl_number};
pub use self_test::SelfTestFault;
use self_test::Stranger;

/// Why an aggregator does not start. The operator's to mend.
#[derive(Debug, Error)]
pub enum StartError {
    /// Its folder.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// Its database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Its policy has the number of another.
    #[error("the policy's number is that of {0}: a changed policy needs another")]
    PolicyTaken(Policy),
    /// Its certificates.
    #[error(transparent)]
    Authority(#[from] AuthorityFault),
    /// TLS.
    #[error(transparent)]
    Tls(#[from] TlsFault),
    /// The message listener would refuse everybody, or let nobody be known.
    #[error(transparent)]
    SelfTest(#[from] SelfTestFault),
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
    /// Where the operator looks, without a path.
    pub admin_url: String,
    /// What the handlers share.
    pub office: web::Data<Office>,
    servers: Vec<ServerHandle>,
    fresh: Option<JoinHandle<()>>,
}

impl Running {
    /// Ends all listeners, letting requests finish, and everything beside them.
    pub async fn stop(self) {
        if let Some(fresh) = &self.fresh {
            fresh.abort();
        }
        for server in self.servers {
            server.stop(true).await;
        }
    }
}

/// Starts the listeners of `config` on the present runtime, and returns once the message listener is known to recognise its
/// peers.
///
/// # Errors
/// What must be mended first.
pub async fn start(config: &Config, clock: Arc<dyn Clock>) -> Result<Running, StartError> {
    let now = clock.now();
    let [public, messages, admin] = [config.public.address, config.messages.address, config.admin.address].map(open);
    let ((public, public_at), (messages, messages_at), (admin, admin_at)) = (public?, messages?, admin?);
    let office = web::Data::new(office(config, clock, public_at, messages_at)?);
    let names = server_names(config, messages_at);
    let server = office.authority.issue_server(&names, rand::random(), now)?;
    office.expiries.set_server_certificate(server.issued.not_after);
    let messages_tls = messages_tls(&office, &server, now)?;
    let public_tls = if config.public.tls { Some(PublicTls::new(&server.chain_with_root, &server.key)?) } else { None };
    let servers = [
        serve_public(office.clone(), public_tls.as_ref(), public)?,
        serve_messages(office.clone(), &messages_tls, messages)?,
        serve_admin(office.clone(), admin)?,
    ];
    let mut running = Running {
        public_url: office.public_url.clone(),
        messages_url: office.welcome.messages_url.clone(),
        admin_url: format!("http://{admin_at}"),
        office,
        servers: servers.iter().map(Server::handle).collect(),
        fresh: None,
    };
    for server in servers {
        actix_web::rt::spawn(server);
    }
    if let Err(fault) = test_messages(&running.office, messages_at, now).await {
        running.stop().await;
        return Err(fault);
    }
    let fresh = Fresh { messages: messages_tls, public: public_tls, names };
    running.fresh = Some(actix_web::rt::spawn(fresh.keep(running.office.clone())));
    Ok(running)
}

fn open(address: SocketAddr) -> std::io::Result<(TcpListener, SocketAddr)> {
    let listener =
        TcpListener::bind(address).map_err(|error| std::io::Error::new(error.kind(), format!("{address}: {error}")))?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

fn office(config: &Config, clock: Arc<dyn Clock>, public: SocketAddr, messages: SocketAddr) -> Result<Office, StartError> {
    let Vault { authority, signer, seal, ledger } = vault::open(&config.data, &config.survey.ledger)?;
    let store: Arc<dyn Store> = Arc::new(vault::store(&config.data)?);
    let messages_url = config.messages.url.clone().unwrap_or_else(|| format!("https://{messages}"));
    let scheme = if config.public.tls { "https" } else { "http" };
    let welcome = Welcome {
        audience: messages_url.clone(),
        messages_url,
        aggregator_seal: seal,
        ledger_key: ledger.verifier().to_string(),
    };
    remember(store.as_ref(), config.survey.policy)?;
    Ok(Office {
        restored: vault::restored(&config.data)?,
        editions: ArcSwap::from_pointee(editions(store.as_ref(), &signer.public())?),
        public_url: config.public.url.clone().unwrap_or_else(|| format!("{scheme}://{public}")),
        survey: config.survey.clone(),
        metrics: Metrics::default(),
        expiries: Expiries::default(),
        store,
        clock,
        signer,
        authority,
        welcome,
        ledger,
    })
}

/// Remembers a policy under its number, for ever.
///
/// # Errors
/// Where another has that number.
pub fn remember(store: &dyn Store, policy: Policy) -> Result<(), StartError> {
    let remembered = store.remember_policy(policy)?;
    if remembered == policy { Ok(()) } else { Err(StartError::PolicyTaken(remembered)) }
}

/// Off the event loop, on which the listener that is called lives.
async fn test_messages(office: &Office, address: SocketAddr, now: Timestamp) -> Result<(), StartError> {
    let stranger = Stranger::issue(&office.authority, now)?;
    let root = office.authority.root_der().to_vec();
    let called = web::block(move || stranger.call(&root, address)).await;
    Ok(called.map_err(std::io::Error::other)??)
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

fn messages_tls(office: &Office, server: &IssuedWithKey, now: Timestamp) -> Result<MessagesTls, StartError> {
    let crl = office.authority.crl(&office.store.revoked()?, crl_number(now), now)?;
    office.expiries.set_revocation_list(crl_end(now));
    Ok(MessagesTls::new(office.authority.root_der(), &server.issued.chain, &server.key, &crl)?)
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
