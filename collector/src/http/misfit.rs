//! Why and where a JSON body cannot be read, without a word of what was in it: serde's own message may quote the sender, and so
//! may the name of a member that the interface does not know.

use gradimento_common::problem::{Problem, ProblemType};
use gradimento_common::response::Fault;
use serde::de::DeserializeOwned;
use serde_json::Error;
use serde_path_to_error::{Path, Segment};

use super::refusal::HttpProblem;

/// The first thing that does not fit.
pub(super) struct Misfit(Fault);

impl Misfit {
    /// Reads a body that is no `T` once more, with an eye on the place.
    pub(super) fn of<T: DeserializeOwned>(body: &[u8]) -> Self {
        let mut reader = serde_json::Deserializer::from_slice(body);
        let read = serde_path_to_error::deserialize::<_, T>(&mut reader);
        Self(match read {
            Err(error) => fault(error.inner(), error.path()),
            Ok(_) => Fault { pointer: String::new(), detail: "something follows the JSON that is expected".to_owned() },
        })
    }
}

impl From<Misfit> for HttpProblem {
    fn from(Misfit(fault): Misfit) -> Self {
        Problem::new(ProblemType::BodyMalformed).detail(fault.detail.clone()).errors(vec![fault]).into()
    }
}

fn fault(error: &Error, path: &Path) -> Fault {
    let text = error.to_string();
    let (what, member) = if let Some(rest) = text.strip_prefix("duplicate field ") {
        ("a member that is there twice", quoted(rest))
    } else if let Some(rest) = text.strip_prefix("missing field ") {
        ("a member is missing", quoted(rest))
    } else if text.starts_with("unknown field ") {
        ("a member that this interface does not know", None)
    } else if text.starts_with("recursion limit") {
        ("JSON that is too deep", member(path))
    } else {
        ("not the JSON that is expected", member(path))
    };
    let pointer = member.map(|member| format!("/{member}")).unwrap_or_default();
    Fault { pointer, detail: format!("{what}, at line {}, column {}", error.line(), error.column()) }
}

/// The member of the body that was being read. Reading stops at a name that is not one of ours; only Plone's bodies may have
/// others, and of those none is told that is not shaped like ours. What stands below a member is not told.
fn member(path: &Path) -> Option<&str> {
    match path.iter().next() {
        Some(Segment::Map { key }) if key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') => Some(key),
        _ => None,
    }
}

/// The name between the first two backticks: serde takes it from the type that is read.
fn quoted(text: &str) -> Option<&str> {
    text.split('`').nth(1)
}
