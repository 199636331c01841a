//! Figures out of counts with noise: unbiased, with intervals that hold both what sampling and what noise leaves open.
//!
//! Of c = (1 to 5 stars, none), each with independent noise of variance v, the sum n is known exactly. So c is projected onto that
//! sum: c' = c - (sum(c) - n) / 6, whose noise has the covariance v (I - J / 6) with J all ones. With w = c'1 + ... + c'5, a mean
//! or a share is f = sum(x_i c'_i) / w over the stars; its noise is, to first order, sum(a_i e_i) with a_i = (x_i - f) / w, so that
//! its variance is v (sum(a_i^2) - sum(a_i)^2 / 6). The sampling variance is that of x among the answers, over w. Intervals are
//! f plus or minus 1.96 times the root of both together.

use super::{Interval, Z_975};

/// What can be said about a rating of 1 to 5 stars that was counted with noise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NoisyRating {
    /// The mean, 1 to 5.
    pub mean: f64,
    /// Its 95 % interval.
    pub mean_interval: Interval,
    /// Share of 4 and 5 stars, 0 to 1.
    pub top2: f64,
    /// Its 95 % interval.
    pub top2_interval: Interval,
}

/// The mean and the top-2 share of `responses` answers, counted as `stars` and `none` with noise of this variance on each count.
/// `None` where noise leaves nobody who answered.
#[must_use]
pub fn noisy_rating(stars: [f64; 5], none: f64, responses: f64, variance: f64) -> Option<NoisyRating> {
    let excess = (stars.iter().sum::<f64>() + none - responses) / 6.0;
    let stars = stars.map(|n| n - excess);
    let (mean, mean_interval) = ratio(stars, [1.0, 2.0, 3.0, 4.0, 5.0], variance)?;
    let (top2, top2_interval) = ratio(stars, [0.0, 0.0, 0.0, 1.0, 1.0], variance)?;
    Some(NoisyRating { mean, mean_interval, top2, top2_interval })
}

fn ratio(stars: [f64; 5], values: [f64; 5], variance: f64) -> Option<(f64, Interval)> {
    let weighted = || stars.into_iter().zip(values);
    let answered: f64 = stars.iter().sum();
    if answered < 1.0 {
        return None;
    }
    let possible = Interval { low: values[0], high: values[4] };
    let figure = weighted().map(|(n, x)| n * x).sum::<f64>() / answered;
    let figure = figure.max(possible.low).min(possible.high);
    // Noise may make the spread negative, which it is not, or larger than half at each end.
    let spread = weighted().map(|(n, x)| n * (x - figure) * (x - figure)).sum::<f64>() / answered;
    let widest = (possible.high - possible.low) * (possible.high - possible.low) / 4.0;
    let sampling = spread.clamp(0.0, widest) / answered;
    let weights = values.map(|x| (x - figure) / answered);
    let (sum, squares) = (weights.iter().sum::<f64>(), weights.iter().map(|a| a * a).sum::<f64>());
    let noise = variance * (squares - sum * sum / 6.0);
    Some((figure, Interval::around(figure, Z_975 * (sampling + noise).sqrt(), possible)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disclosure::fraction::Fraction;
    use crate::disclosure::noise::Mechanism;
    use rand::rngs::StdRng;
    use rand::{RngExt as _, SeedableRng as _};

    #[test]
    fn without_noise_figures_are_those_of_the_published_vector() {
        let rating = noisy_rating([3.0, 5.0, 12.0, 30.0, 50.0], 0.0, 100.0, 0.0).unwrap();
        assert!((rating.mean - 4.19).abs() < 1e-9 && (rating.top2 - 0.8).abs() < 1e-9);
        // By the normal quantile and the population's spread 1.0266: 4.19 - 1.96 * 0.10266.
        assert!((rating.mean_interval.low - 3.9888).abs() < 1e-3);
    }

    #[test]
    fn nobody_is_not_a_figure_and_wild_counts_stay_possible() {
        assert_eq!(noisy_rating([0.0; 5], 12.0, 12.0, 100.0), None);
        let rating = noisy_rating([-30.0, 5.0, 2.0, -9.0, 60.0], 4.0, 20.0, 700.0).unwrap();
        for (figure, interval, range) in
            [(rating.mean, rating.mean_interval, 1.0..=5.0), (rating.top2, rating.top2_interval, 0.0..=1.0)]
        {
            assert!(range.contains(&figure) && interval.low <= figure && figure <= interval.high);
            assert!(range.contains(&interval.low) && range.contains(&interval.high));
        }
    }

    #[test]
    fn intervals_hold_the_truth_as_often_as_they_promise() {
        let sampler = Mechanism::discrete_laplace(19, Fraction::ONE).unwrap();
        let (variance, sampler) = (sampler.variance(), sampler.sampler().unwrap());
        let shares = [0.05, 0.05, 0.1, 0.3, 0.5];
        let (mean, top2) = (4.15, 0.8);
        let mut rng = StdRng::seed_from_u64(11);
        let (runs, n) = (1_500u32, 600u32);
        let (mut means, mut tops) = (0u32, 0u32);
        for _ in 0..runs {
            let mut counts = [0u64; 5];
            for _ in 0..n {
                let mut place: f64 = rng.random();
                let star = shares
                    .iter()
                    .position(|share| {
                        place -= share;
                        place < 0.0
                    })
                    .unwrap_or(4);
                counts[star] += 1;
            }
            let noisy = counts.map(|count| sampler.noisy(count, &mut rng) as f64);
            let none = sampler.noisy(0, &mut rng) as f64;
            let rating = noisy_rating(noisy, none, f64::from(n), variance).unwrap();
            means += u32::from(rating.mean_interval.low <= mean && mean <= rating.mean_interval.high);
            tops += u32::from(rating.top2_interval.low <= top2 && top2 <= rating.top2_interval.high);
        }
        let covered = [means, tops].map(|hits| f64::from(hits) / f64::from(runs));
        // Standard error of 95 % over 1,500 runs: 0.0056.
        assert!(covered.iter().all(|share| (0.92..=0.98).contains(share)), "{covered:?}");
    }
}
