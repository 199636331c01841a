//! Addresses for servers that are stopped and started again, beside other tests that do the same.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU32, Ordering};

/// Below the range from which the system gives ports to whoever asks for any (32768 and up): while a server is stopped,
/// nobody is given its port.
const FIRST: u32 = 10_000;
/// How many there are.
const COUNT: u32 = 22_000;
/// How far apart two processes begin that were started one after the other: more ports than one of them takes.
const STRIDE: u32 = 211;

/// How many this process has taken.
static TAKEN: AtomicU32 = AtomicU32::new(0);

/// An address on loopback that nobody uses, and that this process has not given before.
pub fn free_address() -> SocketAddr {
    let start = std::process::id().wrapping_mul(STRIDE);
    let next = || FIRST + start.wrapping_add(TAKEN.fetch_add(1, Ordering::SeqCst)) % COUNT;
    let mut addresses = (0..COUNT).map(|_| SocketAddr::from((Ipv4Addr::LOCALHOST, u16::try_from(next()).unwrap())));
    addresses.find(|address| TcpListener::bind(address).is_ok()).unwrap()
}
