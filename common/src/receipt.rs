//! The aggregator's signed word that a message is in the ledger. The collector keeps it, and only then forgets the message.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::ids::StreamId;
use crate::jose::{SealPublicKey, Signer, Token, TokenFault, TokenKind};
use crate::message::Position;
use crate::modi::BodyDigest;

/// What a receipt says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// When it was signed, in seconds since the Unix epoch.
    pub iat: i64,
    /// The stream.
    pub stream: StreamId,
    /// The epoch.
    pub epoch: u32,
    /// The sequence number.
    pub sequence: u64,
    /// Digest of the accepted body.
    pub digest: BodyDigest,
    /// Index of the body among the ledger's leaves, from 0.
    pub index: u64,
}

/// The reply to an accepted message.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptReply {
    /// The receipt, a JWS compact token.
    pub receipt: String,
}

/// Why a receipt is not one for the message that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ReceiptFault {
    /// It is not a token, or not signed by the aggregator.
    #[error(transparent)]
    Token(#[from] TokenFault),
    /// Its claims cannot be read.
    #[error("the receipt's claims cannot be read")]
    Claims,
    /// It is for another message.
    #[error("the receipt is for another message")]
    Foreign,
}

impl Receipt {
    /// A receipt for a body that was accepted as leaf `index`.
    #[must_use]
    pub fn new(position: Position, digest: BodyDigest, index: u64, now: Timestamp) -> Self {
        let Position { stream, epoch, sequence } = position;
        Self { iat: now.as_second(), stream, epoch, sequence, digest, index }
    }

    /// Signs the receipt.
    ///
    /// # Errors
    /// Where the system has no randomness for the signature.
    pub fn sign(&self, signer: &Signer) -> Result<String, TokenFault> {
        signer.sign(TokenKind::Receipt, self)
    }

    /// Verifies a receipt for the message at `position` with this digest.
    ///
    /// # Errors
    /// Where it is not signed with `key` or is for another message.
    pub fn verify(text: &str, key: &SealPublicKey, position: Position, digest: BodyDigest) -> Result<Self, ReceiptFault> {
        let payload = Token::parse(TokenKind::Receipt, text)?.verify(key)?;
        let receipt: Self = serde_json::from_slice(&payload).map_err(|_| ReceiptFault::Claims)?;
        let named = Position { stream: receipt.stream, epoch: receipt.epoch, sequence: receipt.sequence };
        if named == position && receipt.digest == digest { Ok(receipt) } else { Err(ReceiptFault::Foreign) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::tests::signer;

    #[test]
    fn a_receipt_holds_for_its_own_message_only() {
        let aggregator = signer();
        let position = Position { stream: StreamId::from_random([1; 16]), epoch: 1, sequence: 9 };
        let digest = BodyDigest::of(b"body");
        let text = Receipt::new(position, digest, 4, Timestamp::UNIX_EPOCH).sign(&aggregator).unwrap();
        assert_eq!(Receipt::verify(&text, &aggregator.public(), position, digest).unwrap().index, 4);
        let next = Position { sequence: 10, ..position };
        assert_eq!(Receipt::verify(&text, &aggregator.public(), next, digest), Err(ReceiptFault::Foreign));
        let other = BodyDigest::of(b"other");
        assert_eq!(Receipt::verify(&text, &aggregator.public(), position, other), Err(ReceiptFault::Foreign));
        let stranger = signer();
        let refused = Receipt::verify(&text, &stranger.public(), position, digest);
        assert_eq!(refused, Err(ReceiptFault::Token(TokenFault::Signature)));
    }
}
