//! One submission, however often it is sent. Everything that tells submissions apart comes from a random value that only
//! the citizen's device holds; what is kept of it are two hashes from which neither it nor each other can be had.

use std::fmt;

use gradimento_common::encoding::{readable, sha256};
use gradimento_common::ids::ServiceId;
use gradimento_common::limits::{SUBMISSION_KEY_CHARS_MAX, SUBMISSION_KEY_CHARS_MIN};
use ring::hmac;

/// Symbols of a withdrawal code: 80 bits at five each.
const WITHDRAWAL_CODE_SYMBOLS: usize = 16;

/// The random value of one submission: the form token's, or an `Idempotency-Key`. `Debug` hides it.
pub struct SubmissionKey(Vec<u8>);

/// What the citizen is given to withdraw the response with, until it is sealed. `Debug` hides it.
pub struct WithdrawalCode(String);

/// The key of a response's row while it waits: the hash of its withdrawal code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowKey([u8; 16]);

/// The mark that a submission or a ticket has counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nullifier([u8; 32]);

impl SubmissionKey {
    /// The key that a form token carries.
    #[must_use]
    pub fn from_token(nonce: [u8; 16]) -> Self {
        Self(nonce.to_vec())
    }

    /// An `Idempotency-Key`: visible ASCII, long enough to hold 16 random bytes. Whether it is random only its sender knows.
    #[must_use]
    pub fn from_header(value: &str) -> Option<Self> {
        let long_enough = (SUBMISSION_KEY_CHARS_MIN..=SUBMISSION_KEY_CHARS_MAX).contains(&value.len());
        let visible = value.bytes().all(|c| c.is_ascii_graphic());
        (long_enough && visible).then(|| Self(value.as_bytes().to_vec()))
    }

    /// The code for withdrawal: derived, so that a retry gets the same one and nothing need be stored. Each service has its own,
    /// for a sender may use one key at several. 80 bits: nobody guesses one among millions, and a person can still copy it.
    #[must_use]
    pub fn withdrawal_code(&self, service: &ServiceId) -> WithdrawalCode {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.0);
        let tag = hmac::sign(&key, format!("gradimento withdrawal code 1 {service}").as_bytes());
        WithdrawalCode(readable(tag.as_ref().get(..10).unwrap_or_default()))
    }

    /// The mark that this submission has counted at this service.
    #[must_use]
    pub fn nullifier(&self, service: &ServiceId) -> Nullifier {
        Nullifier::of("submission", service, &self.0)
    }
}

impl WithdrawalCode {
    /// A code as somebody typed it: in any case, with dashes and spaces anywhere or nowhere, O for 0 and I or L for 1.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        // Far more than any spelling of 16 symbols needs.
        let typed = Some(typed).filter(|typed| typed.len() <= 4 * WITHDRAWAL_CODE_SYMBOLS)?;
        let told = typed.chars().filter(|c| !c.is_whitespace() && *c != '-');
        let symbols = told.map(|c| match c.to_ascii_uppercase() {
            'O' => Some('0'),
            'I' | 'L' => Some('1'),
            'U' => None,
            c => Some(c).filter(char::is_ascii_alphanumeric),
        });
        let symbols: Vec<char> = symbols.collect::<Option<_>>()?;
        let groups: Vec<String> = symbols.chunks(4).map(|group| group.iter().collect()).collect();
        (symbols.len() == WITHDRAWAL_CODE_SYMBOLS).then(|| Self(groups.join("-")))
    }

    /// The code as it is shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key of the row that the code stands for.
    #[must_use]
    pub fn row_key(&self) -> RowKey {
        let hash = sha256(format!("gradimento row 1 {}", self.0).as_bytes());
        let mut key = [0; 16];
        key.copy_from_slice(hash.get(..16).unwrap_or(&[0; 16]));
        RowKey(key)
    }
}

impl RowKey {
    /// 16 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl Nullifier {
    /// The mark of a random value of this kind at this service. Kinds and services never share marks.
    #[must_use]
    pub fn of(kind: &str, service: &ServiceId, value: &[u8]) -> Self {
        let prefix = format!("gradimento {kind} 1 {service} ");
        Self(sha256(&[prefix.as_bytes(), value].concat()))
    }

    /// 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for SubmissionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SubmissionKey(..)")
    }
}

impl fmt::Debug for WithdrawalCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WithdrawalCode(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retry_gets_the_same_code_and_another_submission_another() {
        let code = |n, service: &str| SubmissionKey::from_token([n; 16]).withdrawal_code(&service.parse().unwrap()).0;
        assert_eq!((code(1, "a"), code(1, "a").len()), (code(1, "a"), 19));
        assert_ne!(code(1, "a"), code(2, "a"));
        assert_ne!(code(1, "a"), code(1, "b"), "the same key at another service is another submission");
    }

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let code = SubmissionKey::from_token([1; 16]).withdrawal_code(&"a".parse().unwrap());
        let shown = code.as_str();
        let bare = shown.replace('-', "");
        let mistaken = bare.replace('0', "o").replace('1', "l");
        for typed in [shown.to_owned(), shown.to_lowercase(), bare.clone(), format!(" {} ", shown.replace('-', " ")), mistaken]
        {
            let read = WithdrawalCode::parse(&typed).unwrap();
            assert_eq!((read.as_str(), read.row_key()), (shown, code.row_key()), "{typed}");
        }
        let wrong = ["0000".to_owned(), format!("{bare}0"), "U".repeat(16), "é".repeat(16), " ".repeat(99)];
        for typed in wrong.iter().map(String::as_str).chain([""]) {
            assert!(WithdrawalCode::parse(typed).is_none(), "{typed}");
        }
    }

    #[test]
    fn marks_differ_by_kind_and_service() {
        let (a, b): (ServiceId, ServiceId) = ("a".parse().unwrap(), "b".parse().unwrap());
        let key = SubmissionKey::from_token([1; 16]);
        assert_ne!(key.nullifier(&a), key.nullifier(&b));
        assert_ne!(key.nullifier(&a), Nullifier::of("ticket", &a, &[1; 16]));
    }

    #[test]
    fn short_or_strange_idempotency_keys_are_refused() {
        assert!(SubmissionKey::from_header("0123456789abcdef012345").is_some());
        assert!(SubmissionKey::from_header("0123456789abcdef01234").is_none());
        assert!(SubmissionKey::from_header(&"a".repeat(129)).is_none());
        assert!(SubmissionKey::from_header("0123456789abcdef 012345").is_none());
    }
}
