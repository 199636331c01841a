//! One of the demo's collectors.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::web;
use gradimento_collector::clock::SystemClock;
use gradimento_collector::enrolment::{Keys, Membership, join};
use gradimento_collector::http::{Desk, serve};
use gradimento_collector::intake::tokens::TokenKey;
use gradimento_collector::push::Courier;
use gradimento_collector::store::Store;
use gradimento_collector::store::outbox::Origin;
use gradimento_collector::survey::{Survey, Surveyed};
use gradimento_collector::tls::messages_config;
use gradimento_collector::work::{pushing, sealing};
use gradimento_common::disclosure::{K_DEFAULT, Policy, R_DEFAULT};
use gradimento_common::encoding::from_base64;
use gradimento_common::enrolment::JoinToken;
use gradimento_common::jose::{SealKey, Signer};
use gradimento_common::message::{Service, ServiceKind};
use gradimento_common::questionnaire::{Questionnaire, SHIPPED};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rustls_pki_types::PrivatePkcs8KeyDer;
use serde_json::{Value, json};

use crate::Failure;

/// Seconds between seal boundaries: long enough to see answers wait, short enough to see them leave.
const SEAL_INTERVAL: Duration = Duration::from_secs(3);

pub(crate) struct Running {
    pub(crate) name: &'static str,
    pub(crate) service: &'static str,
    pub(crate) public: String,
    agency: &'static str,
    database: PathBuf,
}

pub(crate) async fn start(folder: &Path, token: &JoinToken, agency: [&'static str; 6]) -> Result<Running, Failure> {
    let [code, name, _, _, service, service_name] = agency;
    let member = join(token, Keys::generate()?, &awc::Client::default()).await?;
    let [_, national_core] = SHIPPED;
    let questionnaire: Arc<Questionnaire> = Arc::new(serde_json::from_str(national_core)?);
    let database = folder.join(format!("{code}.sqlite"));
    let service_entry = Service { id: service.parse()?, name: service_name.to_owned(), kind: ServiceKind::Transaction };
    let desk = web::Data::new(Desk {
        store: Store::open(&database)?,
        survey: Survey::new([Surveyed { service: service_entry, questionnaire: Some(Arc::clone(&questionnaire)) }]),
        tokens: TokenKey::new(&rand::random()),
        clock: Arc::new(SystemClock),
        rng: Mutex::new(StdRng::from_rng(&mut rand::rng())),
        agency_name: name.to_owned(),
    });
    let (server, addresses) = serve(desk.clone(), ([127, 0, 0, 1], 0).into(), 1)?;
    actix_web::rt::spawn(server);
    let origin = Origin { agency: code.parse()?, stream: member.reply.stream, epoch: 1 };
    let editions = BTreeMap::from([(questionnaire.edition(), questionnaire)]);
    let policy = Policy::new(1, K_DEFAULT, R_DEFAULT)?;
    actix_web::rt::spawn(sealing(desk.clone(), origin, editions, policy, SEAL_INTERVAL));
    let (courier, client) = courier(&member)?;
    actix_web::rt::spawn(pushing(desk, courier, client));
    let address = addresses.first().ok_or("the public listener has no address")?;
    Ok(Running { name, service, public: format!("http://{address}"), agency: code, database })
}

fn courier(member: &Membership) -> Result<(Courier, awc::Client), Failure> {
    let reply = &member.reply;
    let decode = |chain: &[String]| chain.iter().map(|der| from_base64(der)).collect::<Option<Vec<_>>>();
    let tls_chain = decode(&reply.certificates.tls).ok_or("a certificate cannot be read")?;
    let seal_chain = decode(&reply.certificates.seal).ok_or("a certificate cannot be read")?;
    let config = messages_config(&member.root, &tls_chain, &PrivatePkcs8KeyDer::from(member.keys.tls_pkcs8()))?;
    let client = awc::Client::builder().connector(awc::Connector::new().rustls_0_23(Arc::new(config))).finish();
    let courier = Courier {
        url: format!("{}/rest/cx/v1/messages", reply.messages_url),
        audience: reply.audience.clone(),
        stream: reply.stream,
        epoch: 1,
        signer: Signer::new(SealKey::from_pkcs8(&member.keys.seal_pkcs8())?, &seal_chain)?,
        aggregator: member.aggregator_key()?,
        clock: Arc::new(SystemClock),
        server_ahead: AtomicI64::new(0),
    };
    Ok((courier, client))
}

impl Running {
    pub(crate) fn endpoints(&self) -> Value {
        let services = json!([{"id": self.service, "questionnaire": "national-core"}]);
        json!({"agency": self.agency, "public": self.public, "database": self.database, "services": services})
    }
}
