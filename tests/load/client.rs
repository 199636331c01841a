//! A load client as lean as can be: HTTP/1.1 over a bare socket, one thread, requests made of prepared bytes. It shares the
//! machine with what it measures.

use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::Failure;
use crate::answers::{SERVICE, Sample};

/// How long an `Idempotency-Key` is here, in hexadecimal digits.
const KEY_DIGITS: usize = 32;

/// One connection that stays open.
pub struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

/// A POST whose submission key is written in before each sending.
#[derive(Clone)]
pub struct Post {
    bytes: Vec<u8>,
    key_at: usize,
}

/// What a time at full load came to.
pub struct Load {
    /// Responses that were accepted.
    pub accepted: u64,
    /// How long it took.
    pub seconds: f64,
    /// How long each took, in order.
    pub latencies: Vec<Duration>,
}

impl Load {
    /// Accepted responses per second.
    pub fn rate(&self) -> f64 {
        self.accepted as f64 / self.seconds
    }

    /// The latency under which this share of all stayed, in milliseconds.
    pub fn percentile(&self, share: f64) -> f64 {
        let position = (self.latencies.len() as f64 * share) as usize;
        self.latencies.get(position).or(self.latencies.last()).map_or(f64::NAN, |latency| latency.as_secs_f64() * 1e3)
    }
}

impl Post {
    /// The POST that sends a sample.
    pub fn of(sample: &Sample) -> Self {
        let start = format!("POST /rest/cx/v1/services/{SERVICE}/responses HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: ");
        let length = sample.body.len();
        let rest = format!("\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{}", sample.body);
        let bytes = [start.as_bytes(), &[b'0'; KEY_DIGITS], rest.as_bytes()].concat();
        Self { bytes, key_at: start.len() }
    }

    fn with_key(&mut self, key: u128) -> &[u8] {
        let digits = format!("{key:032x}");
        if let Some(place) = self.bytes.get_mut(self.key_at..self.key_at + KEY_DIGITS) {
            place.copy_from_slice(digits.as_bytes());
        }
        &self.bytes
    }
}

impl Connection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, received: Vec::with_capacity(4096) })
    }

    /// Sends a request and reads the reply: status and body.
    pub async fn ask(&mut self, request: &[u8]) -> io::Result<(u16, &[u8])> {
        self.stream.write_all(request).await?;
        self.received.clear();
        loop {
            if self.stream.read_buf(&mut self.received).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if let Some((status, body_at, end)) = frame(&self.received)
                && self.received.len() >= end
            {
                return Ok((status, self.received.get(body_at..end).unwrap_or_default()));
            }
        }
    }
}

/// Asks for a page over a connection of its own.
pub async fn get(address: SocketAddr, path: &str) -> io::Result<(u16, String)> {
    let mut connection = Connection::open(address).await?;
    let (status, body) = connection.ask(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes()).await?;
    Ok((status, String::from_utf8_lossy(body).into_owned()))
}

/// Status, where the body begins and where it ends, once the head is there. Our servers always tell the length.
fn frame(received: &[u8]) -> Option<(u16, usize, usize)> {
    let head_len = received.windows(4).position(|bytes| bytes == b"\r\n\r\n")?;
    let head = std::str::from_utf8(received.get(..head_len)?).ok()?;
    let status = head.get(9..12)?.parse().ok()?;
    let length = head.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        if name.eq_ignore_ascii_case("content-length") { value.parse::<usize>().ok() } else { None }
    })?;
    Some((status, head_len + 4, head_len + 4 + length))
}

/// Keeps so many connections busy for so long, each with one request at a time.
pub async fn saturate(address: SocketAddr, connections: usize, span: Duration, posts: &[Post]) -> Result<Load, Failure> {
    let posts: Rc<[Post]> = posts.into();
    let start = Instant::now();
    let citizens: Vec<_> =
        (0..connections).map(|first| actix_web::rt::spawn(citizens(address, posts.clone(), first, start + span))).collect();
    let mut latencies = Vec::new();
    for citizen in citizens {
        latencies.append(&mut citizen.await??);
    }
    let seconds = start.elapsed().as_secs_f64();
    latencies.sort_unstable();
    Ok(Load { accepted: latencies.len() as u64, seconds, latencies })
}

async fn citizens(address: SocketAddr, posts: Rc<[Post]>, first: usize, end: Instant) -> io::Result<Vec<Duration>> {
    let mut connection = Connection::open(address).await?;
    let mut posts: Vec<Post> = posts.to_vec();
    let shift = first % posts.len().max(1);
    posts.rotate_left(shift);
    let mut latencies = Vec::new();
    while Instant::now() < end {
        for post in &mut posts {
            let start = Instant::now();
            let (status, body) = connection.ask(post.with_key(rand::random())).await?;
            if status != 201 {
                return Err(io::Error::other(format!("status {status}: {}", String::from_utf8_lossy(body))));
            }
            latencies.push(start.elapsed());
        }
    }
    Ok(latencies)
}
