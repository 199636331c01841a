//! A collector's public listener without a socket: the same routes, tokens and database as in production.

use std::sync::{Arc, Mutex};

use actix_web::body::to_bytes;
use actix_web::dev::Service as _;
use actix_web::rt::System;
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, web};
use gradimento_collector::gate::Gate;
use gradimento_collector::http::{Desk, routes};
use gradimento_collector::intake::tokens::TokenKey;
use gradimento_collector::metrics::Metrics;
use gradimento_collector::store::Store;
use gradimento_collector::survey::{Survey, Surveyed};
use gradimento_common::clock::ManualClock;
use gradimento_common::ids::ServiceId;
use gradimento_common::message::{Service, ServiceKind};
use jiff::{SignedDuration, Timestamp};
use rand::SeedableRng as _;
use rand::rngs::StdRng;

use crate::{NOW, every_kind};

/// What came back.
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The page or document.
    pub text: String,
}

type Listener = Box<dyn Fn(&str, &str, Vec<u8>) -> Reply>;

/// Sends a body of this media type to the path. The service is called `prova` and asks a questionnaire with every kind of
/// question.
pub fn post(path: &str, media_type: &str, body: Vec<u8>) -> Reply {
    thread_local! {
        // Leaked: a runtime that is dropped together with its thread has nothing left to stand on.
        static LISTENER: &'static Listener = Box::leak(Box::new(start()));
    }
    LISTENER.with(|listener| listener(path, media_type, body))
}

/// A form token: of a minute ago, so that it is not made to wait for its age, or of two days ago.
pub fn form_token(fresh: bool) -> String {
    let issued = now() - if fresh { SignedDuration::from_mins(1) } else { SignedDuration::from_hours(48) };
    tokens().issue_form_token(&service(), issued, &mut StdRng::seed_from_u64(1))
}

fn start() -> Listener {
    let system = System::new();
    let desk = web::Data::new(desk());
    let app = system.block_on(init_service(App::new().app_data(desk).configure(routes)));
    Box::new(move |path, media_type, body| {
        let key = ("Idempotency-Key", "0123456789abcdef0123456789abcdef");
        let request = TestRequest::post().uri(path).insert_header(("Content-Type", media_type)).insert_header(key);
        system.block_on(async {
            let reply = app.call(request.set_payload(body).to_request()).await.expect("a reply");
            let status = reply.status().as_u16();
            let bytes = to_bytes(reply.into_body()).await.unwrap_or_else(|_| panic!("a body"));
            Reply { status, text: String::from_utf8(bytes.to_vec()).expect("replies are text") }
        })
    })
}

fn desk() -> Desk {
    let folder = tempfile::tempdir().expect("a folder").keep();
    let service = Service { id: service(), name: "Prova".into(), kind: ServiceKind::Transaction, sensitive: false };
    Desk {
        store: Store::open(&folder.join("collector.sqlite")).expect("a store"),
        survey: Survey::new([Surveyed { service, questionnaire: Some(Arc::clone(every_kind())), origins: Vec::new() }]),
        tokens: tokens(),
        mint: None,
        gate: Gate::new([]),
        clock: Arc::new(ManualClock::at(now())),
        rng: Mutex::new(StdRng::seed_from_u64(1)),
        agency_name: "Ente di prova".into(),
        notices: Default::default(),
        contact: None,
        public_url: None,
        metrics: Metrics::default(),
    }
}

fn tokens() -> TokenKey {
    TokenKey::new(&[7; 32])
}

fn service() -> ServiceId {
    "prova".parse().expect("a service")
}

fn now() -> Timestamp {
    Timestamp::from_second(NOW).expect("within range")
}
