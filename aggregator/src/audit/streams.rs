//! Every stream is a chain: numbers by one, each body naming the one before, each later epoch opened by a message that quotes
//! one of the stream's own.

use std::collections::BTreeMap;

use gradimento_common::ids::StreamId;
use gradimento_common::message::{Message, Payload};
use gradimento_common::modi::BodyDigest;

/// The streams as far as they have been read.
#[derive(Debug, Default)]
pub struct Streams(BTreeMap<StreamId, Chain>);

#[derive(Debug, Default)]
struct Chain {
    agency: String,
    digests: BTreeMap<(u32, u64), BodyDigest>,
}

impl Streams {
    /// Takes the next message of some stream.
    pub(super) fn follow(&mut self, message: &Message, digest: BodyDigest) -> Result<(), String> {
        let position = message.position;
        let chain = self.0.entry(position.stream).or_insert_with(|| Chain { agency: message.agency.key(), ..Chain::default() });
        if chain.agency != message.agency.key() {
            return Err(format!("its stream is that of {}", chain.agency));
        }
        let last = chain.digests.last_key_value().map(|(number, digest)| (*number, *digest));
        let (expected, previous) = match (last, &message.payload) {
            (None, _) => ((1, 1), None),
            // Epochs between may have been lost on both sides.
            (Some(((epoch, _), _)), Payload::EpochOpen(_)) => ((position.epoch.max(epoch + 1), 1), None),
            (Some(((epoch, sequence), digest)), _) => ((epoch, sequence + 1), Some(digest)),
        };
        if (position.epoch, position.sequence) != expected {
            return Err(format!("its stream expects epoch {}, sequence {}", expected.0, expected.1));
        }
        if message.previous != previous {
            return Err("it does not name the message before it".to_owned());
        }
        if let Payload::EpochOpen(open) = &message.payload
            && let Some(last) = &open.last
            && chain.digests.get(&(last.epoch, last.sequence)) != Some(&last.digest)
        {
            return Err("the receipt that it quotes is for no message of its stream".to_owned());
        }
        chain.digests.insert((position.epoch, position.sequence), digest);
        Ok(())
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}
