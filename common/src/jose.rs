//! JWS compact tokens (RFC 7515) with ES256 and nothing else. A token is parsed, its signer looked up by the certificate in
//! `x5c`, then verified; keys are never fetched from an address in a token (RFC 8725).

use std::fmt;

use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, UnparsedPublicKey,
};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::encoding::{base64, base64url, from_base64, from_base64url, hex, sha256};
use crate::limits::TOKEN_BYTES_MAX;

/// What a token is for. Signed into the header, so that a token of one kind never passes for another (RFC 8725 section 3.11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// The two tokens of a ModI request.
    Request,
    /// The aggregator's word that a message is in the ledger.
    Receipt,
    /// What an agency is to ask, under which policy.
    Assignment,
    /// One version of a questionnaire.
    Questionnaire,
    /// Under which key the ledger's checkpoints are signed.
    LedgerKey,
}

impl TokenKind {
    fn typ(self) -> &'static str {
        match self {
            Self::Request => "JWT",
            Self::Receipt => "receipt+jwt",
            Self::Assignment => "assignment+jwt",
            Self::Questionnaire => "questionnaire+jwt",
            Self::LedgerKey => "ledger-key+jwt",
        }
    }
}

/// A P-256 key that signs. `Debug` shows nothing of it.
pub struct SealKey {
    pair: EcdsaKeyPair,
    nonces: SystemRandom,
}

impl SealKey {
    /// Reads a key from PKCS #8 DER.
    ///
    /// # Errors
    /// Where the bytes are not a P-256 private key.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, TokenFault> {
        let nonces = SystemRandom::new();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der, &nonces);
        pair.map(|pair| Self { pair, nonces }).map_err(|_| TokenFault::Malformed("the seal key is not a P-256 key in PKCS #8"))
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> SealPublicKey {
        SealPublicKey(self.pair.public_key().as_ref().to_vec())
    }

    fn sign(&self, input: &[u8]) -> Result<Vec<u8>, TokenFault> {
        let signature = self.pair.sign(&self.nonces, input);
        signature.map(|signature| signature.as_ref().to_vec()).map_err(|_| TokenFault::Signature)
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealKey(..)")
    }
}

/// The public half of a seal key: an uncompressed point, 65 bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealPublicKey(Vec<u8>);

impl SealPublicKey {
    /// From the point as certificates carry it.
    #[must_use]
    pub fn from_point(point: &[u8]) -> Self {
        Self(point.to_vec())
    }

    /// The point, 65 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// SHA-256 of a certificate's DER: the name under which the aggregator knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Thumbprint([u8; 32]);

impl Thumbprint {
    /// The thumbprint of a certificate.
    #[must_use]
    pub fn of(certificate_der: &[u8]) -> Self {
        Self(sha256(certificate_der))
    }

    /// 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for Thumbprint {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Thumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

/// What is wrong with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TokenFault {
    /// Its shape.
    #[error("{0}")]
    Malformed(&'static str),
    /// An algorithm other than ES256.
    #[error("only ES256 is accepted")]
    Algorithm,
    /// Its signature.
    #[error("the signature does not verify")]
    Signature,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    typ: String,
    x5c: Vec<String>,
}

#[derive(Deserialize)]
struct AlgorithmOnly {
    alg: String,
}

/// A key with the certificates that speak for it, leaf first: whoever signs holds one.
#[derive(Debug)]
pub struct Signer {
    key: SealKey,
    x5c: Vec<String>,
    thumbprint: Thumbprint,
}

impl Signer {
    /// A signer from its key and its certificates in DER, leaf first.
    ///
    /// # Errors
    /// Where there is no certificate.
    pub fn new(key: SealKey, chain: &[Vec<u8>]) -> Result<Self, TokenFault> {
        let leaf = chain.first().ok_or(TokenFault::Malformed("a signer needs a certificate"))?;
        let thumbprint = Thumbprint::of(leaf);
        Ok(Self { key, x5c: chain.iter().map(|certificate| base64(certificate)).collect(), thumbprint })
    }

    /// Signs `claims`, written as JSON.
    ///
    /// # Errors
    /// Where the claims cannot be written as JSON or the system has no randomness.
    pub fn sign(&self, kind: TokenKind, claims: &impl Serialize) -> Result<String, TokenFault> {
        let claims = serde_json::to_vec(claims).map_err(|_| TokenFault::Malformed("the claims are not JSON"))?;
        self.sign_bytes(kind, &claims)
    }

    /// Signs bytes as they are.
    ///
    /// # Errors
    /// Where the system has no randomness.
    pub fn sign_bytes(&self, kind: TokenKind, payload: &[u8]) -> Result<String, TokenFault> {
        let header = Header { alg: "ES256".into(), typ: kind.typ().into(), x5c: self.x5c.clone() };
        let header = serde_json::to_vec(&header).map_err(|_| TokenFault::Malformed("the header is not JSON"))?;
        let input = format!("{}.{}", base64url(&header), base64url(payload));
        let signature = self.key.sign(input.as_bytes())?;
        Ok(format!("{input}.{}", base64url(&signature)))
    }

    /// The thumbprint of the leaf certificate.
    #[must_use]
    pub fn thumbprint(&self) -> Thumbprint {
        self.thumbprint
    }

    /// The public key that verifies what this signer signs.
    #[must_use]
    pub fn public(&self) -> SealPublicKey {
        self.key.public()
    }
}

/// A token whose shape is known and whose signature is not.
#[derive(Debug)]
pub struct Token<'a> {
    signing_input: &'a str,
    payload: Vec<u8>,
    signature: Vec<u8>,
    leaf: Vec<u8>,
    issuers: Vec<Vec<u8>>,
}

impl<'a> Token<'a> {
    /// Parses a compact token of this kind, of at most [`TOKEN_BYTES_MAX`] bytes.
    ///
    /// # Errors
    /// Another algorithm, another kind, a header with other members than `alg`, `typ`, `x5c`, or no token at all.
    pub fn parse(kind: TokenKind, text: &'a str) -> Result<Self, TokenFault> {
        if text.len() > TOKEN_BYTES_MAX {
            return Err(TokenFault::Malformed("the token is too long"));
        }
        Self::parse_document(kind, text)
    }

    /// Parses a signed document; as [`Token::parse`], without its limit: the caller has limited what it read.
    ///
    /// # Errors
    /// As [`Token::parse`].
    pub fn parse_document(kind: TokenKind, text: &'a str) -> Result<Self, TokenFault> {
        let (signing_input, signature) = text.rsplit_once('.').ok_or(TokenFault::Malformed("a token has three parts"))?;
        let (header, payload) = signing_input.split_once('.').ok_or(TokenFault::Malformed("a token has three parts"))?;
        let decode = |part| from_base64url(part).ok_or(TokenFault::Malformed("a part is not base64url without padding"));
        let (leaf, issuers) = parse_header(kind, &decode(header)?)?;
        Ok(Self { signing_input, payload: decode(payload)?, signature: decode(signature)?, leaf, issuers })
    }

    /// The certificate that the token names as its signer's, in DER; believed only once the verifier knows it.
    #[must_use]
    pub fn leaf(&self) -> &[u8] {
        &self.leaf
    }

    /// The certificates that the token names beside it, in DER, each the issuer of the one before.
    #[must_use]
    pub fn issuers(&self) -> &[Vec<u8>] {
        &self.issuers
    }

    /// Checks the signature and yields the payload.
    ///
    /// # Errors
    /// Where the signature does not verify.
    pub fn verify(self, key: &SealPublicKey) -> Result<Vec<u8>, TokenFault> {
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key.as_bytes());
        let verified = key.verify(self.signing_input.as_bytes(), &self.signature);
        verified.map(|()| self.payload).map_err(|_| TokenFault::Signature)
    }
}

/// The signer's certificate, and those after it.
fn parse_header(kind: TokenKind, header: &[u8]) -> Result<(Vec<u8>, Vec<Vec<u8>>), TokenFault> {
    let unreadable = |_| TokenFault::Malformed("the header must be JSON with alg, typ and x5c only");
    let algorithm: AlgorithmOnly = serde_json::from_slice(header).map_err(unreadable)?;
    if algorithm.alg != "ES256" {
        return Err(TokenFault::Algorithm);
    }
    let header: Header = serde_json::from_slice(header).map_err(unreadable)?;
    if header.typ != kind.typ() {
        return Err(TokenFault::Malformed("the token is of another type"));
    }
    let chain: Option<Vec<_>> = header.x5c.iter().map(|certificate| from_base64(certificate)).collect();
    let split = chain.and_then(|mut chain| (!chain.is_empty()).then(|| (chain.remove(0), chain)));
    split.ok_or(TokenFault::Malformed("x5c must hold certificates in base64, the signer's first"))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn signer() -> Signer {
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
        Signer::new(SealKey::from_pkcs8(pkcs8.as_ref()).unwrap(), &[b"certificate".to_vec()]).unwrap()
    }

    fn with_header(token: &str, header: &str) -> String {
        let rest = token.split_once('.').unwrap().1;
        format!("{}.{rest}", base64url(header.as_bytes()))
    }

    fn fault(token: &str) -> TokenFault {
        Token::parse(TokenKind::Request, token).unwrap_err()
    }

    #[test]
    fn what_was_signed_verifies_and_nothing_else() {
        let signer = signer();
        let token = signer.sign_bytes(TokenKind::Request, b"{}").unwrap();
        let parsed = Token::parse(TokenKind::Request, &token).unwrap();
        assert_eq!(parsed.leaf(), b"certificate");
        assert_eq!(parsed.verify(&signer.public()).unwrap(), b"{}");
        let other = super::tests::signer();
        assert_eq!(Token::parse(TokenKind::Request, &token).unwrap().verify(&other.public()), Err(TokenFault::Signature));
    }

    #[test]
    fn no_character_of_a_token_can_be_changed() {
        let signer = signer();
        let token = signer.sign_bytes(TokenKind::Request, br#"{"aud":"a"}"#).unwrap();
        for position in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[position] = if bytes[position] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            let accepted = Token::parse(TokenKind::Request, &changed).and_then(|t| t.verify(&signer.public())).is_ok();
            assert!(!accepted, "position {position}");
        }
    }

    #[test]
    fn other_algorithms_kinds_and_header_members_are_refused() {
        let token = signer().sign_bytes(TokenKind::Request, b"{}").unwrap();
        let x5c = r#""x5c":["Y2VydA=="]"#;
        for alg in ["none", "None", "HS256", "RS256", "ES384", "es256", ""] {
            let header = format!(r#"{{"alg":"{alg}","typ":"JWT",{x5c}}}"#);
            assert_eq!(fault(&with_header(&token, &header)), TokenFault::Algorithm, "{alg}");
        }
        for header in [
            format!(r#"{{"alg":"ES256","typ":"receipt+jwt",{x5c}}}"#),
            format!(r#"{{"alg":"ES256","typ":"JWT","jku":"https://a.example/",{x5c}}}"#),
            format!(r#"{{"alg":"ES256","alg":"ES256","typ":"JWT",{x5c}}}"#),
            r#"{"alg":"ES256","typ":"JWT","x5c":[]}"#.to_owned(),
            r#"{"alg":"ES256","typ":"JWT"}"#.to_owned(),
        ] {
            assert!(matches!(fault(&with_header(&token, &header)), TokenFault::Malformed(_)), "{header}");
        }
        assert!(matches!(fault("a.b"), TokenFault::Malformed(_)));
        assert!(matches!(fault(&"a".repeat(TOKEN_BYTES_MAX + 1)), TokenFault::Malformed(_)));
    }
}
