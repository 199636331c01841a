//! Names of things, parsed at the door: a value of these types needs no second check.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;

/// A name that does not have the shape of what it should name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{what} must be {shape}")]
pub struct InvalidId {
    what: &'static str,
    shape: &'static str,
}

macro_rules! text_conversions {
    ($name:ident) => {
        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::parse(text)
            }
        }
        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::parse(text.to_owned())
            }
        }
        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

/// A codice IPA: 1 to 16 ASCII letters, digits or `_`. Compared without case, shown as it was written
/// (the index holds `PCM`, `p_TN` and `c_h501`).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AgencyCode(String);

impl AgencyCode {
    fn parse(text: String) -> Result<Self, InvalidId> {
        let fits = (1..=16).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_');
        if fits { Ok(Self(text)) } else { Err(InvalidId { what: "a codice IPA", shape: "1 to 16 letters, digits or _" }) }
    }

    /// The form under which two spellings of one code are the same: lower case.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

text_conversions!(AgencyCode);

impl PartialEq for AgencyCode {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for AgencyCode {}

impl Hash for AgencyCode {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl Ord for AgencyCode {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl PartialOrd for AgencyCode {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// One digital service of an agency: 1 to 64 lower-case letters, digits, `-` or `_`, beginning with a letter or digit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ServiceId(String);

impl ServiceId {
    fn parse(text: String) -> Result<Self, InvalidId> {
        let fits = slug(&text, 64, |c| c == b'-' || c == b'_') && !text.starts_with(['-', '_']);
        let shape = "1 to 64 lower-case letters, digits, - or _, beginning with a letter or digit";
        if fits { Ok(Self(text)) } else { Err(InvalidId { what: "a service id", shape }) }
    }

    /// The parent into which small pools of an agency merge at the close of a month. No service may be registered under it.
    #[must_use]
    pub fn other() -> Self {
        Self("other".to_owned())
    }

    /// Whether this is the reserved parent rather than a real service.
    #[must_use]
    pub fn is_other(&self) -> bool {
        self.0 == "other"
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_conversions!(ServiceId);

/// A questionnaire's id: 1 to 40 lower-case letters, digits or `-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct QuestionnaireId(String);

impl QuestionnaireId {
    fn parse(text: String) -> Result<Self, InvalidId> {
        let fits = slug(&text, 40, |c| c == b'-');
        let shape = "1 to 40 lower-case letters, digits or -";
        if fits { Ok(Self(text)) } else { Err(InvalidId { what: "a questionnaire id", shape }) }
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_conversions!(QuestionnaireId);

fn slug(text: &str, length_max: usize, extra: impl Fn(u8) -> bool) -> bool {
    let fits = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || extra(c);
    (1..=length_max).contains(&text.len()) && text.bytes().all(fits)
}

/// One version of one questionnaire.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edition {
    /// Which questionnaire.
    pub questionnaire: QuestionnaireId,
    /// Which version of it, from 1.
    pub version: u32,
}

impl fmt::Display for Edition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.questionnaire, self.version)
    }
}

/// One collector installation's chain of messages: a random UUID that the aggregator gives at enrolment. Written in lower case
/// with hyphens, and read in no other of a UUID's spellings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StreamId(Uuid);

impl StreamId {
    /// A stream from 16 random bytes (RFC 9562 version 4).
    #[must_use]
    pub fn from_random(bytes: [u8; 16]) -> Self {
        Self(uuid::Builder::from_random_bytes(bytes).into_uuid())
    }

    /// The 16 bytes of the UUID.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// The name that a collector's certificates carry: `urn:x-italian-pa:<ipa>:stream:<uuid>`.
    #[must_use]
    pub fn urn(&self, agency: &AgencyCode) -> String {
        format!("urn:x-italian-pa:{agency}:stream:{self}")
    }
}

impl FromStr for StreamId {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let shape = "a UUID in lower case with hyphens";
        let stream = Uuid::try_parse(text).ok().map(Self).filter(|stream| stream.to_string() == text);
        stream.ok_or(InvalidId { what: "a stream", shape })
    }
}

impl TryFrom<String> for StreamId {
    type Error = InvalidId;
    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<StreamId> for String {
    fn from(stream: StreamId) -> String {
        stream.to_string()
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// How a response came: with a one-time ticket of the agency's own back end, or through the open form.
/// The two are never mixed in one figure without saying so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Assurance {
    /// Anybody may have given it.
    Open,
    /// A transaction stands behind it.
    Ticketed,
}

impl Assurance {
    /// The word used on the wire and in tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Ticketed => "ticketed",
        }
    }
}

impl FromStr for Assurance {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        match text {
            "open" => Ok(Self::Open),
            "ticketed" => Ok(Self::Ticketed),
            _ => Err(InvalidId { what: "an assurance", shape: "`open` or `ticketed`" }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agency_codes_compare_without_case_and_keep_their_spelling() {
        let (a, b): (AgencyCode, AgencyCode) = ("p_TN".parse().unwrap(), "P_tn".parse().unwrap());
        assert_eq!(a, b);
        assert_eq!(a.cmp(&b), Ordering::Equal);
        assert_eq!(a.to_string(), "p_TN");
        assert!("".parse::<AgencyCode>().is_err());
        assert!("c-h501".parse::<AgencyCode>().is_err());
        assert!("abcdefghijklmnopq".parse::<AgencyCode>().is_err());
    }

    #[test]
    fn service_ids_are_slugs() {
        assert!("app-io".parse::<ServiceId>().is_ok());
        for wrong in ["", "-a", "App", "a b", "à", "a/b"] {
            assert!(wrong.parse::<ServiceId>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_stream_names_its_agency_in_certificates() {
        let stream: StreamId = "6f0e0a3c-5f5e-4f5e-8f5e-5f5e5f5e5f5e".parse().unwrap();
        let urn = stream.urn(&"c_h501".parse().unwrap());
        assert_eq!(urn, "urn:x-italian-pa:c_h501:stream:6f0e0a3c-5f5e-4f5e-8f5e-5f5e5f5e5f5e");
    }

    #[test]
    fn a_stream_has_one_spelling() {
        let text = "6f0e0a3c-5f5e-4f5e-8f5e-5f5e5f5e5f5e";
        let stream: StreamId = text.parse().unwrap();
        assert_eq!(serde_json::to_string(&stream).unwrap(), format!("\"{text}\""));
        for wrong in [text.to_uppercase(), text.replace('-', ""), format!("{{{text}}}"), format!("urn:uuid:{text}")] {
            assert!(wrong.parse::<StreamId>().is_err(), "{wrong}");
            assert!(serde_json::from_str::<StreamId>(&format!("\"{wrong}\"")).is_err(), "{wrong}");
        }
    }
}
