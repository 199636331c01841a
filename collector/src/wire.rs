//! The one line on which a collector speaks: requests to the aggregator's message interface. A trait, because the simulation
//! has a wire of its own that loses and repeats what it carries.

use std::sync::Arc;
use std::time::Duration;

use gradimento_common::limits::DOCUMENT_BYTES_MAX;
use jiff::Timestamp;
use rustls::ClientConfig;
use thiserror::Error;

/// How long one request may take, from connecting to the last byte: a slow line carries the largest message in that time at
/// 20 kbit/s.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// What is asked.
#[derive(Debug, Clone)]
pub struct Request {
    /// From the root of the aggregator's address: `/rest/cx/v1/messages`.
    pub path: String,
    /// Headers, by name.
    pub headers: Vec<(&'static str, String)>,
    /// The body of a POST; a GET where there is none.
    pub body: Option<Vec<u8>>,
}

/// What is answered.
#[derive(Debug, Clone, Default)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// The server's time.
    pub date: Option<Timestamp>,
    /// For how long the server asks to be left alone.
    pub retry_after: Option<Duration>,
    /// Under which the body is known.
    pub etag: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// Nobody answered, or not to the end. Whether the request arrived is not known.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("no answer: {0}")]
pub struct Unreachable(pub String);

/// Carries a request and brings the reply.
pub trait Transport {
    /// Sends a request once.
    fn send(&self, request: Request) -> impl Future<Output = Result<Reply, Unreachable>>;
}

/// The real line: HTTP/1.1 over TLS, over one connection that stays open while there is something to say.
pub struct Line {
    client: awc::Client,
    base: String,
}

impl Line {
    /// A line to `base` (`https://host:port`, without a path) under this TLS configuration.
    #[must_use]
    pub fn new(base: &str, tls: ClientConfig) -> Self {
        let connector = awc::Connector::new().rustls_0_23(Arc::new(tls));
        Self { client: awc::Client::builder().connector(connector).timeout(REQUEST_TIMEOUT).finish(), base: base.to_owned() }
    }
}

impl Transport for Line {
    async fn send(&self, request: Request) -> Result<Reply, Unreachable> {
        let url = format!("{}{}", self.base, request.path);
        let mut call = if request.body.is_some() { self.client.post(url) } else { self.client.get(url) };
        for header in request.headers {
            call = call.insert_header(header);
        }
        let sent = call.send_body(request.body.unwrap_or_default()).await;
        let mut reply = sent.map_err(|error| Unreachable(error.to_string()))?;
        let header = |name: &str| reply.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let (date, retry_after, etag) = (header("Date"), header("Retry-After"), header("ETag"));
        let body = reply.body().limit(DOCUMENT_BYTES_MAX).await.map_err(|error| Unreachable(error.to_string()))?;
        Ok(Reply {
            status: reply.status().as_u16(),
            date: date.and_then(|date| jiff::fmt::rfc2822::parse(&date).ok()).map(|date| date.timestamp()),
            retry_after: retry_after.and_then(|seconds| seconds.parse().ok()).map(Duration::from_secs),
            etag,
            body: body.to_vec(),
        })
    }
}
