//! How wide the interval of a mean is in standard errors, where the standard deviation itself is a guess from `n` answers.
//!
//! The normal quantile would make it 13 % too narrow for ten answers, and ten answers is where batches begin.

use std::f64::consts::FRAC_2_PI;

use super::Z_975;

/// Up to here the distribution is evaluated and inverted; above, the expansion around the normal quantile has an error under
/// 0.74 / 200⁵ = 3e-12 (its first omitted term at z = 1.96), and the cost no longer grows with the sample.
const EXACT_DEGREES_MAX: u64 = 200;

/// No quantile at 0.975 is larger: that of one degree of freedom is 12.706...
const QUANTILE_MAX: f64 = 13.0;

/// Halvings of the bracket [`Z_975`, [`QUANTILE_MAX`]]: 11.1 / 2⁵³ is a unit in the last place of the smallest quantile.
const HALVINGS: u32 = 53;

/// The quantile at 0.975 of Student's t distribution, within 1e-9; infinite for 0 degrees of freedom, of which nothing can be
/// said.
///
/// Up to 200 degrees of freedom it is the `t` at which the regularised incomplete beta function I_x(ν/2, 1/2),
/// x = ν/(ν + t²), is 0.05, found by bisection; for whole ν that function is a finite sum, which needs no gamma function and
/// has no cancellation. Above, the asymptotic expansion in 1/ν.
///
/// Source: Abramowitz and Stegun, *Handbook of Mathematical Functions*, 26.7.1, 26.7.3-26.7.5.
#[must_use]
pub fn student_t_quantile_975(degrees_of_freedom: u64) -> f64 {
    match degrees_of_freedom {
        0 => f64::INFINITY,
        1..=EXACT_DEGREES_MAX => by_bisection(degrees_of_freedom),
        _ => by_expansion(degrees_of_freedom as f64),
    }
}

fn by_bisection(degrees_of_freedom: u64) -> f64 {
    let (mut low, mut high) = (Z_975, QUANTILE_MAX);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if mass_within(middle, degrees_of_freedom) < 0.95 {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// The probability that |T| is at most `t`: 1 - I_x(ν/2, 1/2), by 26.7.3 (odd ν) and 26.7.4 (even ν). `degrees_of_freedom`
/// is at least 1.
fn mass_within(t: f64, degrees_of_freedom: u64) -> f64 {
    let angle = (t / (degrees_of_freedom as f64).sqrt()).atan();
    let (sine, cosine) = angle.sin_cos();
    let odd = degrees_of_freedom % 2 == 1;
    let mut term = if odd { cosine } else { 1.0 };
    let mut sum = 0.0;
    // The term in cos^e becomes the term in cos^(e+2); the last one has e = ν - 2.
    for exponent in (degrees_of_freedom % 2..degrees_of_freedom.saturating_sub(1)).step_by(2) {
        sum += term;
        term *= (exponent + 1) as f64 / (exponent + 2) as f64 * cosine * cosine;
    }
    if odd { FRAC_2_PI * (angle + sine * sum) } else { sine * sum }
}

/// 26.7.5: the normal quantile and four corrections.
fn by_expansion(degrees_of_freedom: f64) -> f64 {
    let z = Z_975;
    let square = z * z;
    // Each polynomial in z² is written from its highest power down (Horner).
    let corrections = [
        z * (square + 1.0) / 4.0,
        z * ((5.0 * square + 16.0) * square + 3.0) / 96.0,
        z * (((3.0 * square + 19.0) * square + 17.0) * square - 15.0) / 384.0,
        z * ((((79.0 * square + 776.0) * square + 1482.0) * square - 1920.0) * square - 945.0) / 92_160.0,
    ];
    z + corrections.iter().rev().fold(0.0, |sum, correction| (sum + correction) / degrees_of_freedom)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with mpmath to 40 digits from the incomplete beta function; the first ones stand in every table.
    const QUANTILES: [(u64, f64); 13] = [
        (1, 12.706_204_736_174_7),
        (2, 4.302_652_729_749_46),
        (3, 3.182_446_305_283_71),
        (4, 2.776_445_105_197_79),
        (10, 2.228_138_851_986_27),
        (30, 2.042_272_456_301_24),
        (99, 1.984_216_951_586_42),
        (100, 1.983_971_518_523_55),
        (199, 1.971_956_544_251_75),
        (200, 1.971_896_223_633_91),
        (201, 1.971_836_506_779_86),
        (1000, 1.962_339_080_826_41),
        (1_000_000, 1.959_966_356_814_11),
    ];

    #[test]
    fn quantiles_match_published_ones() {
        for (degrees, expected) in QUANTILES {
            let found = student_t_quantile_975(degrees);
            assert!((found - expected).abs() < 1e-11, "{degrees}: {found} is not {expected}");
        }
    }

    #[test]
    fn the_two_ways_agree_where_they_meet() {
        for degrees in 150..400 {
            let difference = by_bisection(degrees) - by_expansion(degrees as f64);
            assert!(difference.abs() < 2e-11, "{degrees}: {difference}");
        }
    }

    #[test]
    fn more_answers_never_widen_the_interval() {
        let quantiles: Vec<f64> = (1..2_000).map(student_t_quantile_975).collect();
        assert!(quantiles.windows(2).all(|pair| pair[0] > pair[1]));
        assert!(student_t_quantile_975(u64::MAX) >= Z_975);
    }

    #[test]
    fn nothing_can_be_said_without_degrees_of_freedom() {
        assert!(student_t_quantile_975(0).is_infinite());
    }
}
