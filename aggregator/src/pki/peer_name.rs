//! Who a collector's certificate says it is: the URI of its one subject alternative name, written by [`StreamId::urn`].

use std::str::FromStr;

use gradimento_common::ids::{AgencyCode, StreamId};
use thiserror::Error;

/// A stream and the agency that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PeerName {
    /// Whose collector it is.
    pub agency: AgencyCode,
    /// Which installation.
    pub stream: StreamId,
}

/// A URI that this authority has not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not the name of a collector")]
pub struct NotAPeerName;

impl FromStr for PeerName {
    type Err = NotAPeerName;
    fn from_str(urn: &str) -> Result<Self, NotAPeerName> {
        let (agency, stream) =
            urn.strip_prefix("urn:x-italian-pa:").and_then(|rest| rest.split_once(":stream:")).ok_or(NotAPeerName)?;
        let agency: AgencyCode = agency.parse().map_err(|_| NotAPeerName)?;
        let stream: StreamId = stream.parse().map_err(|_| NotAPeerName)?;
        // One name has one spelling: a UUID can be written in several ways.
        if stream.urn(&agency) == urn { Ok(Self { agency, stream }) } else { Err(NotAPeerName) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_was_written_and_in_no_other_spelling() {
        let urn = "urn:x-italian-pa:c_H501:stream:6f0e0a3c-5f5e-4f5e-8f5e-5f5e5f5e5f5e";
        let name: PeerName = urn.parse().unwrap();
        assert_eq!(name.stream.urn(&name.agency), urn);
        for wrong in [
            "urn:x-italian-pa:c_h501:stream:6F0E0A3C-5f5e-4f5e-8f5e-5f5e5f5e5f5e",
            "urn:x-italian-pa:c_h501:stream:6f0e0a3c5f5e4f5e8f5e5f5e5f5e5f5e",
            "urn:x-italian-pa:c-h501:stream:6f0e0a3c-5f5e-4f5e-8f5e-5f5e5f5e5f5e",
            "urn:x-italian-pa:c_h501:stream:",
            "https://inps.example/",
            "",
        ] {
            assert_eq!(wrong.parse::<PeerName>(), Err(NotAPeerName), "{wrong}");
        }
    }
}
