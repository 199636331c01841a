//! The interval of a share: how many of the people asked said yes.
//!
//! Wilson's interval and not the textbook `p ± z·√(p(1-p)/n)`: that one has no width at 0 % and 100 %, which is where small
//! services with happy users are, and leaves [0, 1] close to them.

use super::{Interval, Z_975};

/// The 95 % score interval of the share `successes / n`, within [0, 1].
///
/// `None` where there is no share: `n` is 0, or `successes` exceeds `n`.
///
/// Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
#[must_use]
pub fn wilson(successes: u64, n: u64) -> Option<Interval> {
    if n == 0 || successes > n {
        return None;
    }
    let size = n as f64;
    let Interval { low, high } = score_interval(successes as f64 / size, size);
    // At the extremes one end is exactly 0 or 1, which the subtraction only nearly gives: 1e-17 would reach the open data.
    Some(Interval { low: if successes == 0 { 0.0 } else { low }, high: if successes == n { 1.0 } else { high } })
}

/// Wilson's interval around `share`, the mean of `size` values from 0 to 1. It supposes the variance `share (1 - share)`: that of
/// values which are all 0 or 1, and the largest that any values of this mean can have.
pub(super) fn score_interval(share: f64, size: f64) -> Interval {
    let z_squared_share = Z_975 * Z_975 / size;
    let spread = (share * (1.0 - share) / size + z_squared_share / (4.0 * size)).sqrt();
    let centre = (share + z_squared_share / 2.0) / (1.0 + z_squared_share);
    let half_width = Z_975 * spread / (1.0 + z_squared_share);
    // Among very many answers rounding may leave the share itself just outside its interval.
    Interval { low: (centre - half_width).clamp(0.0, share), high: (centre + half_width).clamp(share, 1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::assert_close;

    #[test]
    fn wilson_matches_published_vectors() {
        for (successes, n, low, high) in [
            (0, 10, 0.0, 0.277533),
            (10, 10, 0.722467, 1.0),
            (45, 50, 0.786398, 0.956524),
            (7, 20, 0.181192, 0.567146),
            (812, 1000, 0.786607, 0.835005),
            (1, 1, 0.206549, 1.0),
        ] {
            assert_close(wilson(successes, n).unwrap(), low, high);
        }
    }

    #[test]
    fn the_interval_of_nobody_and_everybody_ends_exactly_at_the_edge() {
        for n in [1, 2, 3, 7, 10, 1000, 123_457, u64::MAX] {
            assert_eq!(wilson(0, n).unwrap().low, 0.0);
            assert_eq!(wilson(n, n).unwrap().high, 1.0);
        }
    }

    #[test]
    fn the_interval_contains_the_share_and_stays_within_zero_and_one() {
        for n in 1..200 {
            for successes in 0..=n {
                let Interval { low, high } = wilson(successes, n).unwrap();
                let share = successes as f64 / n as f64;
                assert!(0.0 <= low && low <= share && share <= high && high <= 1.0, "{successes}/{n}: [{low}, {high}]");
            }
        }
    }

    #[test]
    fn rounding_does_not_leave_the_share_outside_its_interval() {
        // Without the clamp the interval ends at 0.9999999999999999, and the share is rounded to 1.
        let (successes, n) = (0x41000002000000, 0x41000002000002);
        assert_eq!(wilson(successes, n).unwrap().high, 1.0);
    }

    #[test]
    fn there_is_no_share_of_nobody_nor_above_everybody() {
        assert_eq!(wilson(0, 0), None);
        assert_eq!(wilson(1, 0), None);
        assert_eq!(wilson(11, 10), None);
    }
}
