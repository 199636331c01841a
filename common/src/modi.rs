//! A request that cannot be denied later: ModI's ID_AUTH_REST_02 (who is calling) and INTEGRITY_REST_01 (what was sent).
//!
//! The types follow the order of the checks: [`Presented`] is what arrived, [`Unverified`] has a readable shape and names its
//! signer, [`Verified`] is proof; only [`Unverified::verify`] makes one. Source: italia/lg-modellointeroperabilita-docs.

mod archived;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::encoding::{base64, base64url, from_base64, sha256};
use crate::jose::{SealPublicKey, Signer, Thumbprint, Token, TokenFault, TokenKind};
use crate::limits::{CLOCK_LEEWAY_SECONDS, TOKEN_LIFE_SECONDS};
use crate::problem::ProblemType;

pub use archived::verify_archived;

/// The media type of every message body.
pub const CONTENT_TYPE: &str = "application/json";

/// SHA-256 of a body, written as the `Digest` header writes it: `SHA-256=` and padded base64 (RFC 3230).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BodyDigest([u8; 32]);

impl BodyDigest {
    /// The digest of these bytes.
    #[must_use]
    pub fn of(body: &[u8]) -> Self {
        Self(sha256(body))
    }

    /// 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for BodyDigest {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for BodyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SHA-256={}", base64(&self.0))
    }
}

impl FromStr for BodyDigest {
    type Err = Refusal;
    fn from_str(text: &str) -> Result<Self, Refusal> {
        let bytes = text.strip_prefix("SHA-256=").and_then(from_base64);
        bytes.and_then(|bytes| bytes.try_into().ok()).map(Self).ok_or(Refusal::DigestMalformed)
    }
}

impl TryFrom<String> for BodyDigest {
    type Error = Refusal;
    fn try_from(text: String) -> Result<Self, Refusal> {
        text.parse()
    }
}

impl From<BodyDigest> for String {
    fn from(digest: BodyDigest) -> String {
        digest.to_string()
    }
}

/// Why a request is refused before anybody reads its body. All of these are the sender's to mend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refusal {
    /// A header that must be there is not.
    #[error("`Authorization: Bearer`, `Digest` and `Agid-JWT-Signature` are required")]
    TokenMissing,
    /// A token is not one.
    #[error("{0}")]
    TokenMalformed(&'static str),
    /// Another algorithm than ES256.
    #[error("only ES256 is accepted")]
    Algorithm,
    /// A signature fails.
    #[error("a signature does not verify")]
    Signature,
    /// Past its `exp`.
    #[error("a token has expired")]
    Expired,
    /// Before its `iat`.
    #[error("a token was issued in the future")]
    NotYetValid,
    /// Another `aud`.
    #[error("a token has another audience")]
    Audience,
    /// The `Digest` header is not `SHA-256=` and base64.
    #[error("the digest must be SHA-256= and 44 characters of base64")]
    DigestMalformed,
    /// The body has another digest.
    #[error("the body does not have the digest that the header names")]
    DigestMismatch,
    /// `signed_headers` does not cover what arrived.
    #[error("signed_headers must repeat {0} as it was sent")]
    HeaderNotSigned(&'static str),
}

impl Refusal {
    /// The problem type under which the refusal goes out.
    #[must_use]
    pub fn problem_type(self) -> ProblemType {
        match self {
            Self::TokenMissing => ProblemType::TokenMissing,
            Self::TokenMalformed(_) => ProblemType::TokenMalformed,
            Self::Algorithm => ProblemType::AlgorithmRefused,
            Self::Signature => ProblemType::SignatureInvalid,
            Self::Expired => ProblemType::TokenExpired,
            Self::NotYetValid => ProblemType::TokenNotYetValid,
            Self::Audience => ProblemType::AudienceWrong,
            Self::DigestMalformed => ProblemType::DigestMalformed,
            Self::DigestMismatch => ProblemType::DigestMismatch,
            Self::HeaderNotSigned(_) => ProblemType::HeadersNotSigned,
        }
    }
}

impl From<TokenFault> for Refusal {
    fn from(fault: TokenFault) -> Self {
        match fault {
            TokenFault::Malformed(why) => Self::TokenMalformed(why),
            TokenFault::Algorithm => Self::Algorithm,
            TokenFault::Signature => Self::Signature,
        }
    }
}

/// The headers of a signed request, ready to be sent.
#[derive(Debug, Clone)]
pub struct SignedHeaders {
    /// `Authorization`.
    pub authorization: String,
    /// `Digest`.
    pub digest: String,
    /// `Agid-JWT-Signature`.
    pub signature: String,
}

#[derive(Serialize, Deserialize)]
struct BearerClaims {
    iat: i64,
    exp: i64,
    aud: Audience,
    jti: String,
}

#[derive(Serialize, Deserialize)]
struct IntegrityClaims {
    iat: i64,
    exp: i64,
    aud: Audience,
    signed_headers: Vec<BTreeMap<String, String>>,
}

/// RFC 7519 section 4.1.3: one name, or several.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Audience {
    fn names(&self, expected: &str) -> bool {
        match self {
            Self::One(name) => name == expected,
            Self::Several(names) => names.iter().any(|name| name == expected),
        }
    }
}

/// Signs one attempt to send `body` to `audience`. `now` is the server's time as the sender knows it; `jti` is random and new
/// for every attempt.
///
/// # Errors
/// Where the system has no randomness for the signature.
pub fn sign(body: &[u8], audience: &str, now: Timestamp, jti: [u8; 16], signer: &Signer) -> Result<SignedHeaders, TokenFault> {
    let (iat, exp) = (now.as_second(), now.as_second() + TOKEN_LIFE_SECONDS);
    let digest = BodyDigest::of(body).to_string();
    let aud = || Audience::One(audience.to_owned());
    let header = |name: &str, value: &str| BTreeMap::from([(name.to_owned(), value.to_owned())]);
    let bearer = BearerClaims { iat, exp, aud: aud(), jti: base64url(&jti) };
    let signed_headers = vec![header("digest", &digest), header("content-type", CONTENT_TYPE)];
    let integrity = IntegrityClaims { iat, exp, aud: aud(), signed_headers };
    Ok(SignedHeaders {
        authorization: format!("Bearer {}", signer.sign(TokenKind::Request, &bearer)?),
        digest,
        signature: signer.sign(TokenKind::Request, &integrity)?,
    })
}

/// A request as it arrived.
#[derive(Debug, Clone, Copy)]
pub struct Presented<'a> {
    /// `Authorization`.
    pub authorization: Option<&'a str>,
    /// `Digest`.
    pub digest: Option<&'a str>,
    /// `Agid-JWT-Signature`.
    pub signature: Option<&'a str>,
    /// `Content-Type`.
    pub content_type: Option<&'a str>,
    /// `Content-Encoding`.
    pub content_encoding: Option<&'a str>,
    /// The body's bytes.
    pub body: &'a [u8],
}

/// A request whose tokens have the right shape and name a signer.
#[derive(Debug)]
pub struct Unverified<'a> {
    bearer: Token<'a>,
    integrity: Token<'a>,
    signature: &'a str,
    digest: BodyDigest,
    request: Presented<'a>,
    signer: Thumbprint,
}

/// A body that its signer cannot deny. Made by [`Unverified::verify`] only.
#[derive(Debug, Clone)]
pub struct Verified {
    body: Vec<u8>,
    digest: BodyDigest,
    signature: String,
    jti: String,
    expires: i64,
}

impl<'a> Presented<'a> {
    /// Reads the tokens without believing them.
    ///
    /// # Errors
    /// What is missing or has the wrong shape.
    pub fn open(self) -> Result<Unverified<'a>, Refusal> {
        let bearer = self.authorization.and_then(|value| value.strip_prefix("Bearer ")).ok_or(Refusal::TokenMissing)?;
        let signature = self.signature.ok_or(Refusal::TokenMissing)?;
        let digest = self.digest.ok_or(Refusal::TokenMissing)?.parse()?;
        let bearer = Token::parse(TokenKind::Request, bearer)?;
        let integrity = Token::parse(TokenKind::Request, signature)?;
        if bearer.leaf() != integrity.leaf() {
            return Err(Refusal::TokenMalformed("both tokens must be signed with the same certificate"));
        }
        let signer = Thumbprint::of(integrity.leaf());
        Ok(Unverified { bearer, integrity, signature, digest, request: self, signer })
    }
}

impl Unverified<'_> {
    /// Whose certificate the tokens carry. The caller looks it up and brings the key.
    #[must_use]
    pub fn signer(&self) -> Thumbprint {
        self.signer
    }

    /// Checks signatures, digest, audience and times, in this order.
    ///
    /// # Errors
    /// The first check that fails.
    pub fn verify(self, key: &SealPublicKey, audience: &str, now: Timestamp) -> Result<Verified, Refusal> {
        let bearer: BearerClaims = claims(&self.bearer.verify(key)?)?;
        let integrity: IntegrityClaims = claims(&self.integrity.verify(key)?)?;
        if BodyDigest::of(self.request.body) != self.digest {
            return Err(Refusal::DigestMismatch);
        }
        check_signed_headers(&integrity.signed_headers, &self.request)?;
        if !bearer.aud.names(audience) || !integrity.aud.names(audience) {
            return Err(Refusal::Audience);
        }
        check_times(bearer.iat, bearer.exp, now)?;
        check_times(integrity.iat, integrity.exp, now)?;
        if !(16..=128).contains(&bearer.jti.len()) {
            return Err(Refusal::TokenMalformed("jti must have 16 to 128 characters"));
        }
        Ok(Verified {
            body: self.request.body.to_vec(),
            digest: self.digest,
            signature: self.signature.to_owned(),
            jti: bearer.jti,
            expires: bearer.exp + CLOCK_LEEWAY_SECONDS,
        })
    }
}

fn claims<T: for<'de> Deserialize<'de>>(payload: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(payload)
        .map_err(|_| Refusal::TokenMalformed("a claim that ModI asks for is missing or has the wrong type"))
}

fn check_signed_headers(signed: &[BTreeMap<String, String>], request: &Presented<'_>) -> Result<(), Refusal> {
    let sent =
        [("digest", request.digest), ("content-type", request.content_type), ("content-encoding", request.content_encoding)];
    for (name, value) in sent {
        let mut signed = signed.iter().filter_map(|header| header.get(name));
        let covered = match value {
            Some(value) => signed.next().is_some_and(|signed| signed == value) && signed.next().is_none(),
            None => signed.next().is_none(),
        };
        if !covered {
            return Err(Refusal::HeaderNotSigned(name));
        }
    }
    Ok(())
}

fn check_times(iat: i64, exp: i64, now: Timestamp) -> Result<(), Refusal> {
    let now = now.as_second();
    // A sender cannot make us remember its `jti` for longer than a few lives of a token.
    if exp <= iat || exp.saturating_sub(iat) > 5 * TOKEN_LIFE_SECONDS {
        return Err(Refusal::TokenMalformed("exp must be after iat, by ten minutes at most"));
    }
    if exp.saturating_add(CLOCK_LEEWAY_SECONDS) < now {
        return Err(Refusal::Expired);
    }
    if iat > now.saturating_add(CLOCK_LEEWAY_SECONDS) { Err(Refusal::NotYetValid) } else { Ok(()) }
}

impl Verified {
    /// The body, byte for byte as it was signed.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body's digest.
    #[must_use]
    pub fn digest(&self) -> BodyDigest {
        self.digest
    }

    /// The `Agid-JWT-Signature` token, to be archived: it proves who sent the body.
    #[must_use]
    pub fn signature(&self) -> &str {
        &self.signature
    }

    /// The attempt's id, to be seen once.
    #[must_use]
    pub fn jti(&self) -> &str {
        &self.jti
    }

    /// Until when `jti` must be remembered, in seconds since the Unix epoch.
    #[must_use]
    pub fn jti_expires(&self) -> i64 {
        self.expires
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::tests::signer;

    const BODY: &[u8] = br#"{"testo": "Ciao mondo"}"#;
    const AUDIENCE: &str = "https://aggregator.example";

    fn now() -> Timestamp {
        "2026-11-24T10:00:00Z".parse().unwrap()
    }

    fn presented<'a>(headers: &'a SignedHeaders, body: &'a [u8]) -> Presented<'a> {
        Presented {
            authorization: Some(&headers.authorization),
            digest: Some(&headers.digest),
            signature: Some(&headers.signature),
            content_type: Some(CONTENT_TYPE),
            content_encoding: None,
            body,
        }
    }

    fn attempt(change: impl Fn(&mut Presented<'_>), at: &str, audience: &str) -> Result<Verified, Refusal> {
        let signer = signer();
        let headers = sign(BODY, AUDIENCE, now(), [1; 16], &signer).unwrap();
        let mut request = presented(&headers, BODY);
        change(&mut request);
        request.open()?.verify(&signer.public(), audience, at.parse().unwrap())
    }

    #[test]
    fn the_digest_of_the_standard_vector_is_right() {
        assert_eq!(BodyDigest::of(BODY).to_string(), "SHA-256=hPq3xjgxGMr98LL2/lP2Y66DVCTcXdwL+YpNQD/gmvk=");
    }

    #[test]
    fn what_was_signed_is_verified() {
        let verified = attempt(|_| (), "2026-11-24T10:00:30Z", AUDIENCE).unwrap();
        assert_eq!(verified.body(), BODY);
        assert_eq!(verified.jti(), base64url(&[1; 16]));
    }

    #[test]
    fn each_lie_is_refused_with_its_own_reason() {
        let at = "2026-11-24T10:00:30Z";
        let hex = "SHA-256=84fab7c6383118cafdf0b2f6fe53f663ae835424dc5ddc0bf98a4d403fe09af9";
        assert_eq!(attempt(|r| r.authorization = None, at, AUDIENCE).unwrap_err(), Refusal::TokenMissing);
        assert_eq!(attempt(|r| r.digest = Some(hex), at, AUDIENCE).unwrap_err(), Refusal::DigestMalformed);
        assert_eq!(attempt(|r| r.body = b"{}", at, AUDIENCE).unwrap_err(), Refusal::DigestMismatch);
        let other = "SHA-256=RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=";
        let swapped = attempt(|r| (r.body, r.digest) = (b"{}", Some(other)), at, AUDIENCE).unwrap_err();
        assert_eq!(swapped, Refusal::HeaderNotSigned("digest"));
        let typed = attempt(|r| r.content_type = Some("text/plain"), at, AUDIENCE).unwrap_err();
        assert_eq!(typed, Refusal::HeaderNotSigned("content-type"));
        let coded = attempt(|r| r.content_encoding = Some("gzip"), at, AUDIENCE).unwrap_err();
        assert_eq!(coded, Refusal::HeaderNotSigned("content-encoding"));
        assert_eq!(attempt(|_| (), at, "https://other.example").unwrap_err(), Refusal::Audience);
        assert_eq!(attempt(|_| (), "2026-11-24T10:02:31Z", AUDIENCE).unwrap_err(), Refusal::Expired);
        assert_eq!(attempt(|_| (), "2026-11-24T09:59:29Z", AUDIENCE).unwrap_err(), Refusal::NotYetValid);
    }

    #[test]
    fn tokens_of_two_signers_do_not_mix() {
        let (one, two) = (signer(), signer());
        let (mut a, b) =
            (sign(BODY, AUDIENCE, now(), [1; 16], &one).unwrap(), sign(BODY, AUDIENCE, now(), [2; 16], &two).unwrap());
        a.signature = b.signature;
        let outcome = presented(&a, BODY).open().unwrap().verify(&one.public(), AUDIENCE, now());
        assert_eq!(outcome.unwrap_err(), Refusal::Signature);
    }
}
