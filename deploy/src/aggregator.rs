//! The demo's aggregator.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use actix_web::web;
use arc_swap::ArcSwap;
use gradimento_aggregator::clock::SystemClock;
use gradimento_aggregator::enrolment::Welcome;
use gradimento_aggregator::http::{Office, serve_messages, serve_public};
use gradimento_aggregator::pki::Authority;
use gradimento_aggregator::registry::Agency;
use gradimento_aggregator::store::sqlite::SqliteStore;
use gradimento_aggregator::tls::MessagesTls;
use gradimento_common::clock::Clock as _;
use gradimento_common::encoding::sha256;
use gradimento_common::enrolment::JoinToken;
use gradimento_common::jose::{SealKey, Signer};
use gradimento_common::limits::JOIN_TOKEN_HOURS;
use gradimento_common::questionnaire::{Questionnaire, SHIPPED};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::Failure;

pub(crate) struct Running {
    pub(crate) public: String,
    office: web::Data<Office>,
    database: PathBuf,
    root: PathBuf,
}

pub(crate) fn start(folder: &Path) -> Result<Running, Failure> {
    let now = SystemClock.now();
    let files = Authority::create(now)?;
    let (database, root) = (folder.join("aggregator.sqlite"), folder.join("root.pem"));
    std::fs::write(&root, &files.root_certificate)?;
    let authority = Authority::from_files(&files)?;
    let seal = authority.issue_own_seal("Gradimento", rand::random(), now)?;
    let server = authority.issue_server(&["localhost".into(), "127.0.0.1".into()], rand::random(), now)?;
    let crl = authority.crl(&[], 1, now)?;
    let tls = MessagesTls::new(authority.root_der(), &server.issued.chain, &server.key, &crl)?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let messages_url = format!("https://{}", listener.local_addr()?);
    let welcome = Welcome {
        audience: messages_url.clone(),
        messages_url,
        aggregator_seal: seal.issued.der.clone(),
        ledger_key: String::new(),
    };
    let editions = SHIPPED.iter().map(|document| {
        let questionnaire: Questionnaire = serde_json::from_str(document)?;
        Ok::<_, serde_json::Error>((questionnaire.edition(), Arc::new(questionnaire)))
    });
    let office = web::Data::new(Office {
        store: Arc::new(SqliteStore::open(&database)?),
        editions: ArcSwap::from_pointee(editions.collect::<Result<BTreeMap<_, _>, _>>()?),
        k: gradimento_common::disclosure::K_DEFAULT,
        clock: Arc::new(SystemClock),
        signer: Signer::new(SealKey::from_pkcs8(seal.key.secret_pkcs8_der())?, &seal.issued.chain)?,
        authority,
        welcome,
    });
    actix_web::rt::spawn(serve_messages(office.clone(), &tls, listener)?);
    let (server, addresses) = serve_public(office.clone(), ([127, 0, 0, 1], 0).into())?;
    actix_web::rt::spawn(server);
    let address = addresses.first().ok_or("the public listener has no address")?;
    Ok(Running { public: format!("http://{address}"), office, database, root })
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
        let store = &self.office.store;
        store.put_agency(&agency)?;
        let secret: [u8; 32] = rand::random();
        let expires = SystemClock.now() + SignedDuration::from_hours(JOIN_TOKEN_HOURS);
        store.put_invitation(sha256(&secret), &agency.code, expires.as_second())?;
        let root = self.office.authority.root_fingerprint();
        Ok(JoinToken { url: self.public.clone(), agency: agency.code, root, secret })
    }

    pub(crate) fn endpoints(&self) -> Value {
        let messages = &self.office.welcome.messages_url;
        json!({"public": self.public, "messages": messages, "database": self.database, "root_certificate": self.root})
    }
}
