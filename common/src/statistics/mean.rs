//! The mean of a scale, from the counts of its values: all that a batch tells, and all that a mean needs.

use super::share::score_interval;
use super::{Interval, student_t_quantile_975};

/// What the answers on one scale say together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mean {
    /// How many answers; at least 1.
    pub n: u64,
    /// Their mean, within the scale.
    pub mean: f64,
    /// Their sample standard deviation (divisor `n - 1`); `None` for a single answer, which says nothing of the others.
    pub sd: Option<f64>,
    /// The 95 % interval of the mean by Student's t, cut to the scale; `None` for a single answer. Where all answers are equal they
    /// tell nothing of the spread, and t would say that nobody else could answer otherwise: there it is Wilson's interval on the
    /// scale from 0 to 1, which supposes the largest spread that values of this mean can have.
    pub interval: Option<Interval>,
}

/// The mean of a scale whose value `first + i` was answered `counts[i]` times.
///
/// `None` where nobody answered, or where the answers are more than a `u64` counts.
#[must_use]
pub fn mean_of_scale(counts: &[u64], first: u32) -> Option<Mean> {
    let n = counts.iter().try_fold(0_u64, |sum, count| sum.checked_add(*count)).filter(|n| *n > 0)?;
    let last = f64::from(first) + counts.len().saturating_sub(1) as f64;
    let mean = values(counts, first).map(|(value, count)| value * count).sum::<f64>() / n as f64;
    // Where all answers are at one end, rounding may carry their mean just beyond it.
    let mean = mean.clamp(f64::from(first), last);
    let mut summary = Mean { n, mean, sd: None, interval: None };
    if n >= 2 {
        // The deviations from the mean are summed, not the squares: the difference of two large sums loses its digits.
        let squares: f64 = values(counts, first).map(|(value, count)| (value - mean).powi(2) * count).sum();
        let sd = (squares / (n - 1) as f64).sqrt();
        let scale = Interval { low: f64::from(first), high: last };
        let half_width = student_t_quantile_975(n - 1) * sd / (n as f64).sqrt();
        let unanimous = counts.iter().filter(|count| **count > 0).count() == 1;
        summary.sd = Some(sd);
        summary.interval = Some(if unanimous { unanimity(mean, n, scale) } else { Interval::around(mean, half_width, scale) });
    }
    Some(summary)
}

fn unanimity(mean: f64, n: u64, scale: Interval) -> Interval {
    let span = scale.high - scale.low;
    // A scale of one value leaves nothing open.
    if span <= 0.0 {
        return scale;
    }
    let Interval { low, high } = score_interval((mean - scale.low) / span, n as f64);
    Interval { low: (scale.low + low * span).min(mean), high: (scale.low + high * span).max(mean) }
}

/// The score on 0-100 of a mean on 1-5: 1 star is 0, 5 stars are 100, a step is 25.
#[must_use]
pub fn score_0_100(mean_1_to_5: f64) -> f64 {
    (mean_1_to_5 - 1.0) * 25.0
}

fn values(counts: &[u64], first: u32) -> impl Iterator<Item = (f64, f64)> {
    counts.iter().enumerate().map(move |(i, count)| (f64::from(first) + i as f64, *count as f64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::assert_close;

    #[test]
    fn the_mean_of_stars_matches_published_vectors() {
        let stars = mean_of_scale(&[3, 5, 12, 30, 50], 1).unwrap();
        assert_eq!(stars.n, 100);
        assert!((stars.mean - 4.19).abs() < 1e-12);
        assert!((stars.sd.unwrap() - 1.0317681).abs() < 5e-8);
        assert_close(stars.interval.unwrap(), 3.985275, 4.394725);
        assert!((score_0_100(stars.mean) - 79.75).abs() < 1e-12);
    }

    #[test]
    fn the_score_spans_the_scale() {
        assert_eq!([1.0, 2.0, 3.0, 4.0, 5.0].map(score_0_100), [0.0, 25.0, 50.0, 75.0, 100.0]);
    }

    #[test]
    fn a_scale_may_start_at_zero() {
        let scale = mean_of_scale(&[2, 0, 1, 3, 2, 5, 7, 10, 20, 25, 25], 0).unwrap();
        assert_eq!(scale.n, 100);
        assert!((scale.mean - 7.91).abs() < 1e-12, "{}", scale.mean);
    }

    #[test]
    fn nobody_has_no_mean_and_one_person_has_no_interval() {
        assert_eq!(mean_of_scale(&[0; 5], 1), None);
        assert_eq!(mean_of_scale(&[], 1), None);
        assert_eq!(mean_of_scale(&[u64::MAX, 2], 1), None);
        assert_eq!(mean_of_scale(&[0, 0, 0, 1, 0], 1), Some(Mean { n: 1, mean: 4.0, sd: None, interval: None }));
    }

    #[test]
    fn rounding_does_not_carry_a_mean_beyond_the_scale() {
        // Without the clamp, 211.99999999999997.
        assert_eq!(mean_of_scale(&[0x5b3a_2263_3578_2203], 212).unwrap().mean, 212.0);
    }

    #[test]
    fn the_interval_is_cut_to_the_scale() {
        let two = mean_of_scale(&[1, 0, 0, 0, 1], 1).unwrap();
        assert_eq!(two.interval, Some(Interval { low: 1.0, high: 5.0 }));
        let happy = mean_of_scale(&[0, 0, 0, 1, 9], 1).unwrap().interval.unwrap();
        assert!(happy.low > 4.0 && happy.high == 5.0, "{happy:?}");
    }

    #[test]
    fn answers_that_all_agree_leave_open_what_others_would_say() {
        let interval = |counts: &[u64]| mean_of_scale(counts, 1).unwrap().interval.unwrap();
        // Wilson's 10/10 is [0.722467, 1], on a scale of four steps.
        assert_close(interval(&[0, 0, 0, 0, 10]), 1.0 + 4.0 * 0.72246720, 5.0);
        assert_close(interval(&[10, 0, 0, 0, 0]), 1.0, 1.0 + 4.0 * 0.27753280);
        // In the middle: 0.5 plus or minus 1.96 / (2 * sqrt(12 + 1.96^2)) = 0.246218.
        assert_close(interval(&[0, 0, 12, 0, 0]), 3.0 - 4.0 * 0.24621840, 3.0 + 4.0 * 0.24621840);
        let equal = mean_of_scale(&[0, 0, 0, 0, 12], 1).unwrap();
        assert_eq!((equal.sd, equal.interval.unwrap().high), (Some(0.0), 5.0));
        let width = |n| 5.0 - interval(&[0, 0, 0, 0, n]).low;
        assert!(width(12) > width(100) && width(1_000_000) < 1e-4, "more people leave less open");
        assert_eq!(mean_of_scale(&[7], 3).unwrap().interval, Some(Interval { low: 3.0, high: 3.0 }));
    }
}
