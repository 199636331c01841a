//! The few ways in which bytes become text here, each with the one alphabet that its standard asks for.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::digest::{SHA256, digest};

/// SHA-256 of `bytes`, 32 bytes.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest(&SHA256, bytes).as_ref());
    out
}

/// Standard base64 with padding (RFC 4648 section 4), as `Digest` headers, `x5c` and signed notes use it.
#[must_use]
pub fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// The inverse of [`base64`]; `None` for anything that it would not have written.
#[must_use]
pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// URL-safe base64 without padding (RFC 7515 section 2), as JOSE uses it.
#[must_use]
pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The inverse of [`base64url`]; `None` for padding, foreign characters or dangling bits.
#[must_use]
pub fn from_base64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The inverse of [`hex`]; upper case is refused, so that one value has one spelling.
#[must_use]
pub fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |c: u8| match c {
        b'0'..=b'9' => Some(c - b'0'),
        b'a'..=b'f' => Some(c - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}

/// Crockford base32 in groups of four, for codes that a person copies by hand: no I, L, O or U to mistake.
#[must_use]
pub fn readable(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let bits = bytes.iter().flat_map(|byte| (0..8).rev().map(move |i| byte >> i & 1)).collect::<Vec<_>>();
    let symbol = |chunk: &[u8]| {
        let value = chunk.iter().fold(0, |acc, bit| acc << 1 | usize::from(*bit)) << (5 - chunk.len());
        ALPHABET.get(value).copied().map_or('0', char::from)
    };
    let symbols: Vec<char> = bits.chunks(5).map(symbol).collect();
    symbols.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_has_one_spelling_and_round_trips() {
        assert_eq!(hex(&[0, 0xab, 0xff]), "00abff");
        assert_eq!(from_hex("00abff"), Some(vec![0, 0xab, 0xff]));
        assert_eq!(from_hex("00ABFF"), None);
        assert_eq!(from_hex("0"), None);
    }

    #[test]
    fn base64url_refuses_padding_and_dangling_bits() {
        assert_eq!(from_base64url("YQ"), Some(b"a".to_vec()));
        assert_eq!(from_base64url("YQ=="), None);
        assert_eq!(from_base64url("YR"), None);
    }

    #[test]
    fn readable_codes_are_grouped_and_unambiguous() {
        assert_eq!(readable(&[0; 10]), "0000-0000-0000-0000");
        assert_eq!(readable(&[0xff; 10]), "ZZZZ-ZZZZ-ZZZZ-ZZZZ");
        assert_eq!(readable(b"\x08\x42\x10\x84\x21"), "1111-1111");
    }
}
