//! Who signed what: tokens, and the certificates in them up to the root.

use gradimento_common::jose::{SealPublicKey, Token, TokenKind};
use gradimento_common::modi::{BodyDigest, verify_archived};
use jiff::Timestamp;

use crate::pki::{CollectorCertificate, PeerName, Purpose, check_path, is_own_seal, key_of};

/// What signatures are held against.
#[derive(Debug, Clone, Default)]
pub struct Seals {
    /// The root certificate, DER. Without one, that certificates belong together is checked, and not to whom.
    pub root: Option<Vec<u8>>,
}

impl Seals {
    /// What the aggregator signed, in a token of this kind. `at` is when, where that is known.
    pub(super) fn own(&self, kind: TokenKind, token: &str, at: Option<Timestamp>) -> Result<Vec<u8>, String> {
        let token = Token::parse_document(kind, token).map_err(|fault| fault.to_string())?;
        if !is_own_seal(token.leaf()) {
            return Err("it is not signed with the aggregator's seal".to_owned());
        }
        self.check(&token, at)?;
        let key = key_of(token.leaf()).ok_or("the seal's key is not a P-256 key")?;
        token.verify(&SealPublicKey::from_point(&key)).map_err(|fault| fault.to_string())
    }

    /// Whether a receipt's seal was valid when it was signed.
    pub(super) fn own_at(&self, kind: TokenKind, token: &str, at: Timestamp) -> Result<(), String> {
        self.check(&Token::parse_document(kind, token).map_err(|fault| fault.to_string())?, Some(at))
    }

    /// Which collector signed this digest, in the signature that was archived with the body.
    pub(super) fn collector(&self, signature: &str, digest: BodyDigest, received: Timestamp) -> Result<PeerName, String> {
        let token = Token::parse(TokenKind::Request, signature).map_err(|fault| fault.to_string())?;
        let certificate = CollectorCertificate::parse(token.leaf()).map_err(|fault| fault.to_string())?;
        if certificate.purpose != Purpose::Seal {
            return Err("the certificate is not that of a seal".to_owned());
        }
        self.check(&token, Some(received))?;
        let key = SealPublicKey::from_point(&certificate.public_point);
        verify_archived(token, &key, digest, received).map_err(|refusal| refusal.to_string())?;
        Ok(certificate.name)
    }

    fn check(&self, token: &Token<'_>, at: Option<Timestamp>) -> Result<(), String> {
        check_path(token.leaf(), token.issuers(), self.root.as_deref(), at).map_err(|fault| fault.to_string())
    }
}
