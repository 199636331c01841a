//! Noise for counts that overlap or are about sensitive services: one person's answers hardly change what is seen, whatever
//! else somebody knows.
//!
//! The mechanism is discrete Laplace (Ghosh, Roughgarden, Sundararajan 2012), drawn exactly by the sampler of Canonne, Kamath
//! and Steinke (2020, algorithm 2) as the crate `prio` has it. Two sets of responses are neighbours where one person answers
//! differently (substitution), so that how many answered is no secret; the sensitivity is by how much the counts of such sets can
//! differ, all cells together. With noise of scale b = sensitivity / epsilon on every cell, what is seen is at most e^epsilon
//! times as probable under one set as under the other.

use prio::dp::Rational;
use prio::dp::distributions::DiscreteLaplace;
use rand::Rng;
use rand::distr::Distribution as _;
use serde::{Deserialize, Serialize};

use super::fraction::Fraction;

/// The largest epsilon that either end accepts, whatever a policy says: somebody who is sure of all other answers becomes at most
/// e^2 = 7.4 times as sure of the last.
pub const EPSILON_MAX: u32 = 2;

/// How noise was made: all that is needed to compute exact standard errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mechanism {
    /// Its name.
    pub name: MechanismName,
    /// By how much one person's answers can change all counts under it together.
    pub sensitivity: u32,
    /// The privacy budget that they use up.
    pub epsilon: Fraction,
    /// The scale b of each cell's noise: sensitivity / epsilon.
    pub scale: Fraction,
}

/// The mechanisms that exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MechanismName {
    /// P(x) is proportional to e^(-|x| / b) over all integers.
    DiscreteLaplace,
}

impl Mechanism {
    /// Discrete Laplace noise for this sensitivity under this budget; `None` where the scale cannot be written exactly or would be
    /// zero.
    #[must_use]
    pub fn discrete_laplace(sensitivity: u32, epsilon: Fraction) -> Option<Self> {
        let scale = epsilon.dividing(sensitivity)?;
        Some(Self { name: MechanismName::DiscreteLaplace, sensitivity, epsilon, scale })
    }

    /// The variance of one cell's noise: 2p / (1 - p)^2 with p = e^(-1/b).
    #[must_use]
    pub fn variance(&self) -> f64 {
        let p = (-1.0 / self.scale.to_f64()).exp();
        2.0 * p / ((1.0 - p) * (1.0 - p))
    }

    /// The standard error of one cell.
    #[must_use]
    pub fn standard_error(&self) -> f64 {
        self.variance().sqrt()
    }

    /// The sampler; `None` where `prio` refuses the scale, which [`Fraction`] excludes.
    #[must_use]
    pub fn sampler(&self) -> Option<Sampler> {
        let (numerator, denominator) = (self.scale.numerator(), self.scale.denominator());
        let scale = Rational::from_unsigned(numerator, denominator).ok()?;
        DiscreteLaplace::new(scale).ok().map(Sampler)
    }
}

/// Draws noise. Whoever draws twice for the same cells gives their average away: draw once and keep what came out.
pub struct Sampler(DiscreteLaplace);

impl Sampler {
    /// A count with noise: never clamped or rounded, for either would bias every sum.
    pub fn noisy(&self, count: u64, rng: &mut impl Rng) -> i64 {
        // Noise outside 64 bits has a probability of e^(-2^63 / b), which is nothing; it reads as none.
        let noise = i64::try_from(self.0.sample(rng)).unwrap_or_default();
        i64::try_from(count).unwrap_or(i64::MAX).saturating_add(noise)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    #[test]
    fn the_scale_is_exact_and_the_variance_is_that_of_the_formula() {
        let mechanism = Mechanism::discrete_laplace(2, Fraction::ONE).unwrap();
        assert_eq!(serde_json::to_value(mechanism).unwrap()["scale"], "2");
        assert!((mechanism.variance() - 7.835).abs() < 1e-2, "{}", mechanism.variance());
        assert!((mechanism.standard_error().powi(2) - mechanism.variance()).abs() < 1e-12);
        let third = Mechanism::discrete_laplace(4, "3".parse().unwrap()).unwrap();
        assert_eq!(third.scale.to_string(), "4/3");
        assert!(Mechanism::discrete_laplace(0, Fraction::ONE).is_none());
    }

    #[test]
    fn noise_goes_below_zero_and_is_the_same_for_the_same_randomness() {
        let sampler = Mechanism::discrete_laplace(6, Fraction::ONE).unwrap().sampler().unwrap();
        let draw = |seed| {
            let mut rng = StdRng::seed_from_u64(seed);
            (0..50).map(|_| sampler.noisy(1, &mut rng)).collect::<Vec<_>>()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        assert!(draw(1).iter().any(|n| *n < 0) && draw(1).iter().any(|n| *n > 1));
    }
}
