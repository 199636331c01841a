//! A collector for the browser tests of the component, with a service of each questionnaire that may stand on the pages of
//! the origins given: `component FOLDER ORIGIN...`. It writes its address to `FOLDER/address` once it answers.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use actix_web::web;
use gradimento_collector::clock::SystemClock;
use gradimento_collector::config::Notices;
use gradimento_collector::gate::{Gate, Rates};
use gradimento_collector::http::{Desk, serve};
use gradimento_collector::intake::tokens::TokenKey;
use gradimento_collector::metrics::Metrics;
use gradimento_collector::origins::WebOrigin;
use gradimento_collector::store::Store;
use gradimento_collector::survey::{Survey, Surveyed};
use gradimento_common::ids::ServiceId;
use gradimento_common::message::{Service, ServiceKind};
use gradimento_common::questionnaire::{Questionnaire, SHIPPED};
use rand::SeedableRng as _;
use rand::rngs::StdRng;

/// A question of every kind; neither shipped questionnaire has faces, scales or yes and no.
const EVERY_KIND: &str = include_str!("every-kind.json");

type Failure = Box<dyn std::error::Error>;

#[actix_web::main]
async fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("which folder?")?);
    let origins = arguments.map(|origin| origin.parse()).collect::<Result<Vec<WebOrigin>, _>>()?;
    let [designers_italia, national_core] = SHIPPED;
    let desk = web::Data::new(Desk {
        store: Store::open(&folder.join("collector.sqlite"))?,
        survey: Survey::new([
            surveyed("pagine", ServiceKind::InformationPage, designers_italia, &origins)?,
            surveyed("pratiche", ServiceKind::Transaction, designers_italia, &origins)?,
            surveyed("altro-questionario", ServiceKind::Transaction, national_core, &origins)?,
            surveyed("affollato", ServiceKind::InformationPage, designers_italia, &origins)?,
            surveyed("affollato-anch-esso", ServiceKind::Transaction, national_core, &origins)?,
            surveyed("tutto", ServiceKind::Transaction, EVERY_KIND, &origins)?,
            surveyed("altrove", ServiceKind::InformationPage, designers_italia, &[])?,
        ]),
        tokens: TokenKey::new(&rand::random()),
        mint: None,
        gate: Gate::new(crowded()?),
        clock: Arc::new(SystemClock),
        rng: Mutex::new(StdRng::from_rng(&mut rand::rng())),
        agency_name: "Comune di Esempio".to_owned(),
        notices: Notices::default(),
        contact: None,
        public_url: None,
        metrics: Metrics::default(),
    });
    let (server, addresses) = serve(desk, ([127, 0, 0, 1], 0).into(), 1)?;
    let address = addresses.first().ok_or("the listener has no address")?;
    // Written beside and put in place whole, for somebody waits for it.
    let written = folder.join("address.new");
    std::fs::write(&written, format!("http://{address}"))?;
    std::fs::rename(written, folder.join("address"))?;
    Ok(server.await?)
}

/// Services that take one answer in a minute, so that a test need not send a flood.
fn crowded() -> Result<Vec<(ServiceId, Rates)>, Failure> {
    let rates = Rates { usual_per_minute: 1, budget_per_minute: 1 };
    ["affollato", "affollato-anch-esso"].into_iter().map(|id| Ok((id.parse()?, rates))).collect()
}

fn surveyed(id: &str, kind: ServiceKind, questionnaire: &str, origins: &[WebOrigin]) -> Result<Surveyed, Failure> {
    let service = Service { id: id.parse()?, name: format!("Servizio {id}"), kind, sensitive: false };
    let questionnaire: Arc<Questionnaire> = Arc::new(serde_json::from_str(questionnaire)?);
    Ok(Surveyed { service, questionnaire: Some(questionnaire), origins: origins.to_vec() })
}
