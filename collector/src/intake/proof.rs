//! Proof of work: a number that makes a hash begin with zeros, found by trying. It costs a browser a blink and a flood its
//! speed, and says nothing about who found it. The challenge is the submission's own key, so nothing is stored to check it.

use gradimento_common::encoding::sha256;

/// Whether `number` solves `challenge`: SHA-256 of `gradimento proof 1 CHALLENGE NUMBER` begins with this many zero bits.
#[must_use]
pub fn solves(challenge: &str, number: u64, zero_bits: u32) -> bool {
    leading_zeros(&sha256(format!("gradimento proof 1 {challenge} {number}").as_bytes())) >= zero_bits
}

fn leading_zeros(hash: &[u8; 32]) -> u32 {
    let zero_bytes = hash.iter().take_while(|byte| **byte == 0).count();
    let next = hash.get(zero_bytes).map_or(0, |byte| byte.leading_zeros());
    u32::try_from(zero_bytes * 8).unwrap_or(u32::MAX).saturating_add(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_solves_its_own_challenge_and_no_harder_one() {
        let number = (0..).find(|number| solves("a", *number, 10)).unwrap();
        assert!(number > 0 && !solves("a", number - 1, 10));
        assert!(!solves("b", number, 10) && !solves("a", number, 24));
        assert!(solves("b", number, 0));
    }

    #[test]
    fn zeros_are_counted_across_bytes() {
        let mut hash = [0xff; 32];
        assert_eq!(leading_zeros(&hash), 0);
        (hash[0], hash[1]) = (0, 0x1f);
        assert_eq!(leading_zeros(&hash), 11);
        assert_eq!(leading_zeros(&[0; 32]), 256);
    }
}
