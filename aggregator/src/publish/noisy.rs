//! Figures of sensitive services: their counts carry noise, and their intervals are as much wider. They stand beside the exact
//! figures and are never added to them.

use std::collections::BTreeMap;

use gradimento_common::batch::SignedCounts;
use gradimento_common::statistics::{noisy_rating, score_0_100};

use super::dimension::Dimensions;
use super::{Group, Indicator, Level, Noise, Rollup, group};

/// The sum of the noisy batches of one service, edition, assurance and month.
#[derive(Debug, Clone, PartialEq)]
pub struct NoisyRollup {
    /// Where it stands, and how many people; the exact counts in it are empty.
    pub place: Rollup,
    /// Their answers with noise.
    pub counts: SignedCounts,
    /// The variance of the noise of each count.
    pub variance: f64,
}

/// Adds noisy rollups up at a level and makes figures of the sums. Noise adds up too, by its variance.
#[must_use]
pub fn noisy_indicators(rollups: &[NoisyRollup], level: Level, dimensions: &Dimensions) -> Vec<Indicator<SignedCounts>> {
    let mut sums = BTreeMap::<Group, (u64, SignedCounts, f64)>::new();
    for rollup in rollups {
        let sum = sums.entry(group(&rollup.place, level)).or_default();
        sum.0 += rollup.place.responses;
        sum.2 += rollup.variance;
        for (question, options) in &rollup.counts {
            let into = sum.1.entry(question.clone()).or_default();
            for (option, n) in options {
                *into.entry(option.clone()).or_default() += n;
            }
        }
    }
    let figures = sums.into_iter();
    let placed = figures.map(|(group, (n, counts, variance))| (Indicator::at(level, group, n, counts, dimensions), variance));
    placed.map(|(place, variance)| indicator(place, variance)).collect()
}

#[expect(clippy::cast_precision_loss, reason = "counts of people stay far under 2^53")]
fn indicator(mut figure: Indicator<SignedCounts>, variance: f64) -> Indicator<SignedCounts> {
    let overall = figure.counts.get("overall");
    let count = |option: &str| overall.and_then(|options| options.get(option)).copied().unwrap_or_default() as f64;
    let rating = noisy_rating(["1", "2", "3", "4", "5"].map(count), count("none"), figure.responses as f64, variance);
    figure.noise = Some(Noise { standard_error: variance.sqrt() });
    figure.score = rating.map(|rating| score_0_100(rating.mean));
    figure.score_interval = rating.map(|rating| [rating.mean_interval.low, rating.mean_interval.high].map(score_0_100));
    figure.top2_share = rating.map(|rating| rating.top2);
    figure.top2_interval = rating.map(|rating| [rating.top2_interval.low, rating.top2_interval.high]);
    figure
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rollup(agency: &str, stars: [i64; 5], variance: f64) -> NoisyRollup {
        let options = stars.iter().enumerate().map(|(i, n)| ((i + 1).to_string(), *n)).chain([("none".to_owned(), 0)]);
        let place = Rollup {
            agency: agency.into(),
            category: "L4".into(),
            territory: "ITE4".into(),
            service: "x".into(),
            questionnaire: "national-core".into(),
            version: 1,
            assurance: "open".into(),
            period: "2026-11".into(),
            responses: stars.iter().sum::<i64>().unsigned_abs(),
            counts: BTreeMap::new(),
        };
        NoisyRollup { place, counts: BTreeMap::from([("overall".to_owned(), options.collect())]), variance }
    }

    #[test]
    fn noise_adds_up_by_its_variance_and_widens_the_interval() {
        let quiet = noisy_indicators(&[rollup("a", [3, 5, 12, 30, 50], 0.0)], Level::Service, &Dimensions::default());
        let sum = noisy_indicators(
            &[rollup("a", [-3, 5, 12, 30, 56], 30.0), rollup("b", [3, 5, 12, 30, 50], 34.0)],
            Level::Country,
            &Dimensions::default(),
        );
        assert_eq!((sum.len(), sum[0].responses, sum[0].counts["overall"]["1"]), (1, 200, 0));
        assert!((sum[0].noise.unwrap().standard_error - 8.0).abs() < 1e-12);
        let width = |figure: &Indicator<SignedCounts>| figure.score_interval.map(|[low, high]| high - low).unwrap();
        let noisy = noisy_indicators(&[rollup("a", [3, 5, 12, 30, 50], 64.0)], Level::Service, &Dimensions::default());
        assert!(width(&noisy[0]) > width(&quiet[0]));
        assert!((noisy[0].score.unwrap() - 79.75).abs() < 1e-9);
    }
}
