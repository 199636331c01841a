//! What does not hold, named so that somebody can go and look.

use std::fmt;

use gradimento_common::ids::{AgencyCode, StreamId};
use thiserror::Error;

/// The first thing that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Fault {
    /// The checkpoint, or the statement of the key that signs it.
    #[error("the checkpoint: {0}")]
    Checkpoint(String),
    /// The ledger has lost its end.
    #[error("the ledger was truncated: it has {now} messages, and an earlier checkpoint has {earlier}")]
    Truncated {
        /// In the earlier checkpoint.
        earlier: u64,
        /// At present.
        now: u64,
    },
    /// Its beginning is another one.
    #[error("the ledger was rewritten: its first {0} messages are not those of the earlier checkpoint")]
    Rewritten(
        /// As many.
        u64,
    ),
    /// A tile.
    #[error("{path}: hash {hash} is not that of the messages below it")]
    Tile {
        /// Its path.
        path: String,
        /// Which hash of it, from 0.
        hash: usize,
    },
    /// A message, or what proves it.
    #[error("{place}: {why}")]
    Message {
        /// Which one.
        place: Place,
        /// What about it.
        why: String,
    },
    /// A questionnaire.
    #[error("questionnaire {edition}: {why}")]
    Questionnaire {
        /// Which one.
        edition: String,
        /// What about it.
        why: String,
    },
    /// A published figure.
    #[error("indicator {name}: {why}")]
    Indicator {
        /// Which one.
        name: String,
        /// What about it.
        why: String,
    },
    /// Something that is served cannot be read.
    #[error("{path} cannot be read: {why}")]
    Unreadable {
        /// Where.
        path: String,
        /// Why.
        why: String,
    },
}

/// Which message, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// Its leaf, from 0.
    pub index: u64,
    /// Whose it is.
    pub agency: Option<AgencyCode>,
    /// Stream, epoch and sequence.
    pub position: Option<(StreamId, u32, u64)>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "message {}", self.index)?;
        if let Some(agency) = &self.agency {
            write!(f, ", agency {agency}")?;
        }
        if let Some((stream, epoch, sequence)) = &self.position {
            write!(f, ", stream {stream}, epoch {epoch}, sequence {sequence}")?;
        }
        Ok(())
    }
}

impl Place {
    /// What is wrong here.
    pub(super) fn fault(&self, why: impl fmt::Display) -> Fault {
        Fault::Message { place: self.clone(), why: why.to_string() }
    }
}
