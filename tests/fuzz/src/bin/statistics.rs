//! Figures of any counts: numbers, in their range, with the figure within its interval.
//!
//! Input: the first value of a scale, then counts of eight bytes each, little-endian.

#![no_main]

use gradimento_common::statistics::{Interval, mean_of_scale, score_0_100, student_t_quantile_975, wilson};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((first, counts)) = input.split_first() else { return };
    let counts: Vec<u64> = counts.as_chunks::<8>().0.iter().take(16).copied().map(u64::from_le_bytes).collect();
    let (first, last) = (u32::from(*first), f64::from(*first) + counts.len().saturating_sub(1) as f64);
    if let Some(mean) = mean_of_scale(&counts, first) {
        let scale = Interval { low: f64::from(first), high: last };
        assert!(scale.low <= mean.mean && mean.mean <= scale.high, "{} is not on the scale", mean.mean);
        assert_eq!(mean.sd.is_some(), mean.n > 1);
        assert!(mean.sd.is_none_or(|sd| sd.is_finite() && sd >= 0.0));
        assert!(score_0_100(mean.mean).is_finite());
        if let Some(interval) = mean.interval {
            assert_within(interval, mean.mean, scale);
        }
    }
    if let [successes, n, ..] = counts.as_slice() {
        if let Some(interval) = wilson(*successes, *n) {
            assert_within(interval, *successes as f64 / *n as f64, Interval { low: 0.0, high: 1.0 });
        }
        let quantile = student_t_quantile_975(*n);
        assert!(quantile >= 1.959 && (quantile.is_finite() || *n == 0));
    }
});

fn assert_within(interval: Interval, figure: f64, possible: Interval) {
    let Interval { low, high } = interval;
    assert!(possible.low <= low && low <= figure && figure <= high && high <= possible.high, "{figure}: [{low}, {high}]");
}
