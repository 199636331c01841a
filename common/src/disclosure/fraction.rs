//! Exact positive fractions: privacy parameters are agreed on by both ends to the last digit, which floating point cannot promise.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A positive fraction in lowest terms; written `3` or `1/2`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Fraction {
    numerator: u32,
    denominator: u32,
}

/// Text that is not a positive fraction.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a positive fraction such as 3 or 1/2 is expected")]
pub struct NotAFraction;

impl Fraction {
    /// One.
    pub const ONE: Self = Self { numerator: 1, denominator: 1 };

    /// The fraction in lowest terms; `None` where either is zero.
    #[must_use]
    pub fn new(numerator: u32, denominator: u32) -> Option<Self> {
        let divisor = gcd(numerator, denominator);
        let reduced = |n: u32| n.checked_div(divisor).filter(|n| *n > 0);
        Some(Self { numerator: reduced(numerator)?, denominator: reduced(denominator)? })
    }

    /// What stands above the line.
    #[must_use]
    pub fn numerator(self) -> u32 {
        self.numerator
    }

    /// What stands below the line.
    #[must_use]
    pub fn denominator(self) -> u32 {
        self.denominator
    }

    /// `n` divided by this fraction; `None` where that cannot be written.
    #[must_use]
    pub fn dividing(self, n: u32) -> Option<Self> {
        Self::new(n.checked_mul(self.denominator)?, self.numerator)
    }

    /// Whether it is larger than a whole number.
    #[must_use]
    pub fn exceeds(self, n: u32) -> bool {
        u64::from(self.numerator) > u64::from(n) * u64::from(self.denominator)
    }

    /// The nearest floating-point number.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        f64::from(self.numerator) / f64::from(self.denominator)
    }
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

impl PartialOrd for Fraction {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Fraction {
    fn cmp(&self, other: &Self) -> Ordering {
        let times = |one: &Self, other: &Self| u64::from(one.numerator) * u64::from(other.denominator);
        times(self, other).cmp(&times(other, self))
    }
}

impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.denominator == 1 {
            write!(f, "{}", self.numerator)
        } else {
            write!(f, "{}/{}", self.numerator, self.denominator)
        }
    }
}

impl FromStr for Fraction {
    type Err = NotAFraction;

    /// Reads one spelling only, so that what is signed has one form.
    fn from_str(text: &str) -> Result<Self, NotAFraction> {
        let (numerator, denominator) = text.split_once('/').unwrap_or((text, "1"));
        let number = |text: &str| text.parse().map_err(|_| NotAFraction);
        let fraction = Self::new(number(numerator)?, number(denominator)?).ok_or(NotAFraction)?;
        if fraction.to_string() == text { Ok(fraction) } else { Err(NotAFraction) }
    }
}

impl TryFrom<String> for Fraction {
    type Error = NotAFraction;
    fn try_from(text: String) -> Result<Self, NotAFraction> {
        text.parse()
    }
}

impl From<Fraction> for String {
    fn from(fraction: Fraction) -> Self {
        fraction.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fraction_has_one_spelling_and_is_never_zero() {
        for text in ["1", "3", "1/2", "7/3"] {
            assert_eq!(text.parse::<Fraction>().unwrap().to_string(), text);
        }
        for text in ["", "0", "1/0", "2/4", "3/1", "-1", "+1", "01", "1/", "0.5", "4294967296"] {
            assert!(text.parse::<Fraction>().is_err(), "{text}");
        }
        assert_eq!(Fraction::new(6, 4), "3/2".parse().ok());
    }

    #[test]
    fn fractions_divide_exactly() {
        let half: Fraction = "1/2".parse().unwrap();
        assert_eq!(half.dividing(6).unwrap().to_string(), "12");
        assert_eq!("3".parse::<Fraction>().unwrap().dividing(2).unwrap().to_string(), "2/3");
        assert!(Fraction::ONE.dividing(u32::MAX).is_some() && half.dividing(u32::MAX).is_none());
        assert!(half < Fraction::ONE && half > "1/3".parse().unwrap());
        assert!(!half.exceeds(1) && "3/2".parse::<Fraction>().unwrap().exceeds(1) && !Fraction::ONE.exceeds(1));
    }
}
