//! Noise has the distribution that it promises, and what it promises holds: somebody who knows all answers but one learns little
//! about the last, where exact batches tell him all.

use std::sync::Arc;

use gradimento_common::batch::{RawBatch, Tally};
use gradimento_common::disclosure::Policy;
use gradimento_common::disclosure::fraction::Fraction;
use gradimento_common::disclosure::noise::Mechanism;
use gradimento_common::ids::Assurance;
use gradimento_common::questionnaire::{Questionnaire, SHIPPED};
use gradimento_common::response::Answers;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::json;

const DRAWS: u32 = 200_000;

fn draws(mechanism: &Mechanism, seed: u64) -> Vec<i64> {
    let (sampler, mut rng) = (mechanism.sampler().unwrap(), StdRng::seed_from_u64(seed));
    (0..DRAWS).map(|_| sampler.noisy(0, &mut rng)).collect()
}

/// How far draws are from discrete Laplace noise of `scale`: the chi-square statistic over every value up to three scales either way
/// and both tails, and its critical value at one in a thousand (Wilson and Hilferty).
fn chi_square(draws: &[i64], scale: f64) -> (f64, f64) {
    let p = (-1.0 / scale).exp();
    let (reach, n) = ((3.0 * scale) as i64, draws.len() as f64);
    let probability = |x: i64| (1.0 - p) / (1.0 + p) * p.powi(i32::try_from(x.abs()).unwrap());
    let tail = p.powi(i32::try_from(reach + 1).unwrap()) / (1.0 + p);
    let count = |matches: &dyn Fn(i64) -> bool| draws.iter().filter(|x| matches(**x)).count() as f64;
    let mut cells: Vec<(f64, f64)> = (-reach..=reach).map(|x| (count(&|drawn| drawn == x), n * probability(x))).collect();
    cells.extend([(count(&|drawn| drawn > reach), n * tail), (count(&|drawn| drawn < -reach), n * tail)]);
    let expected: f64 = cells.iter().map(|(_, expected)| expected).sum();
    assert!((expected - n).abs() < 1e-6, "the probabilities add up to one");
    let statistic = cells.iter().map(|(found, expected)| (found - expected).powi(2) / expected).sum();
    let freedom = (cells.len() - 1) as f64;
    let deviation = 2.0 / (9.0 * freedom);
    (statistic, freedom * (1.0 - deviation + 3.09 * deviation.sqrt()).powi(3))
}

#[test]
fn noise_has_the_promised_mean_variance_and_shape() {
    // Three tables under epsilon 1; a batch of the national core; a scale that is no whole number.
    for (sensitivity, epsilon) in [(6, "1"), (19, "1"), (2, "3/2")] {
        let mechanism = Mechanism::discrete_laplace(sensitivity, epsilon.parse().unwrap()).unwrap();
        let (drawn, n, variance) = (draws(&mechanism, 7), f64::from(DRAWS), mechanism.variance());
        let mean = drawn.iter().sum::<i64>() as f64 / n;
        let second = drawn.iter().map(|x| (x * x) as f64).sum::<f64>() / n;
        println!("b = {}: mean {mean:.4}, variance {second:.3} of {variance:.3}", mechanism.scale);
        // Five standard errors: of the mean sqrt(v / n), of the second moment at most v sqrt(6 / n).
        assert!(mean.abs() < 5.0 * (variance / n).sqrt(), "mean {mean}");
        assert!((second - variance).abs() < 5.0 * variance * (6.0 / n).sqrt(), "variance {second}, not {variance}");
        let (statistic, critical) = chi_square(&drawn, mechanism.scale.to_f64());
        println!("  chi-square {statistic:.1}, critical {critical:.1}");
        assert!(statistic < critical);
        // The test would see a scale that is off by a twentieth.
        let (statistic, critical) = chi_square(&drawn, mechanism.scale.to_f64() * 1.05);
        assert!(statistic > critical, "blind to a wrong scale");
    }
}

fn questionnaire() -> Arc<Questionnaire> {
    Arc::new(serde_json::from_str(SHIPPED[1]).unwrap())
}

/// A batch of eleven whom the adversary made up, and of a victim who was content or angry.
fn flooded(questionnaire: &Arc<Questionnaire>, angry: bool) -> RawBatch {
    let own = json!({"overall": 3});
    let content = json!({"overall": 5, "ease_of_use": 5, "effectiveness": 5, "useful_information": 5, "outcome": "achieved"});
    let reasons = json!(["unclear_information", "missing_documents", "sign_in_problem", "technical_problem", "other"]);
    let furious = json!({"overall": 1, "ease_of_use": 1, "effectiveness": 1, "useful_information": 1, "outcome": "not_achieved",
        "outcome_reason": reasons, "user_type": "citizen"});
    let mut tally = Tally::new(questionnaire);
    let mut add = |answers| tally.add(&Answers::check(questionnaire, &serde_json::from_value(answers).unwrap()).unwrap());
    (0..11).for_each(|_| add(own.clone()));
    add(if angry { furious } else { content });
    let (day, edition) = ("2026-11-24".parse().unwrap(), questionnaire.edition());
    RawBatch {
        service: "s".parse().unwrap(),
        questionnaire: edition.questionnaire,
        version: edition.version,
        assurance: Assurance::Open,
        first_day: day,
        last_day: day,
        responses: 12,
        counts: tally.counts(),
    }
}

#[test]
fn a_flooder_of_a_sensitive_service_hardly_guesses_better_than_by_tossing_a_coin() {
    let (questionnaire, epsilon) = (questionnaire(), Fraction::ONE);
    let policy = Policy::new(1, 10, 2).unwrap().with_epsilon(epsilon).unwrap();
    let guesses = [false, true].map(|angry| flooded(&questionnaire, angry));
    let mut rng = StdRng::seed_from_u64(3);
    let (runs, mut right) = (2_000u32, 0u32);
    for run in 0..runs {
        let angry = run % 2 == 1;
        let seen = guesses[usize::from(angry)].clone().with_noise(&questionnaire, &policy, &mut rng).unwrap();
        // Discrete Laplace: the nearer truth, by the sum of absolute differences, is the likelier one. No guess is better.
        let distance = |truth: &RawBatch| -> u64 {
            let cells = truth.counts.iter().flat_map(|(question, options)| options.iter().map(move |cell| (question, cell)));
            cells.map(|(question, (option, n))| seen.counts[question][option].abs_diff(i64::try_from(*n).unwrap())).sum()
        };
        let (content, furious) = (distance(&guesses[0]), distance(&guesses[1]));
        right += u32::from(if content == furious { run % 4 < 2 } else { (furious < content) == angry });
    }
    let share = f64::from(right) / f64::from(runs);
    println!("with noise the best guess is right in {share:.3} of runs; without, in all");
    // epsilon-differential privacy allows at most e^epsilon / (1 + e^epsilon) = 0.731; standard error over 2,000 runs 0.011.
    let bound = epsilon.to_f64().exp() / (1.0 + epsilon.to_f64().exp());
    assert!(share < bound + 0.05 && share > 0.45, "{share}");
    // Exact counts differ, so that no guess is needed.
    assert_ne!(guesses[0].counts, guesses[1].counts);
}
