//! Where a service's component may stand: web origins, listed service by service, so that a button copied onto the wrong
//! site, or onto the wrong service's page, counts nothing.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The longest origin taken, in characters: a host name has at most 253, a scheme and a port need under 20.
const ORIGIN_CHARS_MAX: usize = 273;

/// A web origin as browsers serialise it (RFC 6454 section 6.2): scheme, host and, where it is not the scheme's own, port.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WebOrigin(String);

/// Why a text is no origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an origin is `https://host` or `http://host`, with `:port` where needed, and nothing after it")]
pub struct NoOrigin;

impl WebOrigin {
    /// As it stands in the `Origin` header.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the origin whose host and port are `authority`, whatever the scheme: behind a proxy that ends TLS the
    /// server does not see the scheme that the browser sees.
    #[must_use]
    pub fn is_at(&self, authority: &str) -> bool {
        let (_, own) = self.0.split_once("://").unwrap_or_default();
        own.eq_ignore_ascii_case(authority)
    }
}

impl FromStr for WebOrigin {
    type Err = NoOrigin;

    fn from_str(text: &str) -> Result<Self, NoOrigin> {
        let text = text.trim().to_ascii_lowercase();
        let (scheme, authority) = text.split_once("://").ok_or(NoOrigin)?;
        let own_port = match scheme {
            "https" => ":443",
            "http" => ":80",
            _ => return Err(NoOrigin),
        };
        let authority = authority.strip_suffix(own_port).unwrap_or(authority);
        let sound = !authority.is_empty() && authority.bytes().all(|c| c.is_ascii_alphanumeric() || b"-._:[]".contains(&c));
        if !sound || text.len() > ORIGIN_CHARS_MAX {
            return Err(NoOrigin);
        }
        Ok(Self(format!("{scheme}://{authority}")))
    }
}

impl TryFrom<String> for WebOrigin {
    type Error = NoOrigin;

    fn try_from(text: String) -> Result<Self, NoOrigin> {
        text.parse()
    }
}

impl From<WebOrigin> for String {
    fn from(origin: WebOrigin) -> Self {
        origin.0
    }
}

impl fmt::Display for WebOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_read_as_browsers_write_it() {
        let read = |text: &str| text.parse::<WebOrigin>().map(|origin| origin.to_string());
        assert_eq!(read("https://www.Comune.example.it").unwrap(), "https://www.comune.example.it");
        assert_eq!(read("https://comune.example.it:443").unwrap(), "https://comune.example.it");
        assert_eq!(read("http://127.0.0.1:8080").unwrap(), "http://127.0.0.1:8080");
        for wrong in
            ["", "null", "*", "comune.example.it", "https://", "https://a.it/", "https://a.it/p", "ftp://a.it", "https://*.it"]
        {
            assert_eq!(read(wrong), Err(NoOrigin), "{wrong}");
        }
    }

    #[test]
    fn an_origin_is_recognised_by_its_host_and_port() {
        let origin: WebOrigin = "https://a.example:8443".parse().unwrap();
        assert!(origin.is_at("A.example:8443"));
        assert!(!origin.is_at("a.example") && !origin.is_at("b.a.example:8443"));
    }
}
