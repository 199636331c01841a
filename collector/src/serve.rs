//! A running collector: its listeners, and the loops beside them.

use std::rc::Rc;
use std::sync::Arc;

use actix_web::dev::ServerHandle;
use actix_web::rt::task::JoinHandle;
use actix_web::web;
use gradimento_common::clock::Clock;
use tokio::sync::Mutex;

use crate::bearer::Bearer;
use crate::config::Config;
use crate::http::{Desk, admin, serve};
use crate::installation::{Installation, StartError};
use crate::work;

/// A running collector.
pub struct Running {
    /// Where citizens come in, without a path.
    pub public_url: String,
    /// Where the agency's staff and monitoring come in, without a path.
    pub admin_url: String,
    /// What the handlers share.
    pub desk: web::Data<Desk>,
    servers: Vec<ServerHandle>,
    loops: Vec<JoinHandle<()>>,
}

impl Running {
    /// Ends loops and listeners, letting requests finish.
    pub async fn stop(self) {
        for work in &self.loops {
            work.abort();
        }
        for server in self.servers {
            server.stop(true).await;
        }
        if let Err(error) = self.desk.store.tidy().await {
            tracing::warn!(%error, "tidying up at the end failed; the next start does it");
        }
    }
}

/// Starts the listeners and the loops of `config` on the present runtime.
///
/// # Errors
/// What must be mended first.
pub fn start(config: &Config, clock: Arc<dyn Clock>) -> Result<Running, StartError> {
    let Installation { desk, sealer, correspondent } = Installation::open(config, clock)?;
    let (public, public_addresses) = serve(desk.clone(), config.public.address, config.public.workers as usize)?;
    let (admin, admin_addresses) = admin::serve(desk.clone(), Bearer::ensure(&config.data)?, config.admin)?;
    let at = |addresses: &[_]| addresses.first().map(|address: &std::net::SocketAddr| format!("http://{address}"));
    let public_url = config.public.url.clone().or_else(|| at(&public_addresses)).unwrap_or_default();
    let admin_url = at(&admin_addresses).unwrap_or_default();
    let servers = vec![public.handle(), admin.handle()];
    let correspondent = Rc::new(Mutex::new(correspondent));
    actix_web::rt::spawn(public);
    actix_web::rt::spawn(admin);
    let loops = vec![
        actix_web::rt::spawn(work::sealing(sealer)),
        actix_web::rt::spawn(work::upkeep(correspondent.clone())),
        actix_web::rt::spawn(work::pushing(correspondent)),
    ];
    Ok(Running { public_url, admin_url, desk, servers, loops })
}
