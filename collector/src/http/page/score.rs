//! The public score of a service, out of sealed batches only: live tallies would tell what the latest citizen answered to
//! whoever reads the page before and after.

use gradimento_common::calendar::{Day, Month};
use gradimento_common::ids::Assurance;
use gradimento_common::statistics::{Interval, Mean, mean_of_scale};

use super::words::{Words, fill};
use crate::http::Desk;
use crate::http::refusal::HttpProblem;
use crate::store::sealed::{OptionSums, sums};
use crate::survey::Surveyed;

/// How far back the score looks, in days: a year and the month in which it began.
const DAYS_BACK: u16 = 365;
/// Answers under which a figure is only indicative (and enters no comparison at the centre).
const INDICATIVE_BELOW: u64 = 30;

/// One figure as it is shown. Open and ticketed answers are never in one.
pub(super) struct Score {
    /// Which answers, where there are both kinds.
    pub(super) kind: Option<&'static str>,
    /// Mean stars, of 5.
    pub(super) stars: String,
    /// The share of the five stars that is filled, in tenths of a star: 0 to 50.
    pub(super) tenths: u32,
    pub(super) responses: String,
    pub(super) interval: Option<String>,
    pub(super) indicative: Option<String>,
}

/// The figures of a service; none where nothing has been sealed.
pub(super) fn scores(desk: &Desk, surveyed: &Surveyed, words: &'static Words) -> Result<Vec<Score>, HttpProblem> {
    let Some(questionnaire) = &surveyed.questionnaire else { return Ok(Vec::new()) };
    let (edition, since) = (questionnaire.edition(), a_year_before(desk.today()));
    let sums = desk.store.read(|connection| sums(connection, &surveyed.service.id, &edition, "overall", since))?;
    Ok(figures(&sums, words))
}

fn a_year_before(today: Day) -> Month {
    today.earlier_by(DAYS_BACK).month()
}

fn figures(sums: &OptionSums, words: &'static Words) -> Vec<Score> {
    let figures = sums.iter().filter_map(|(assurance, options)| {
        let stars = ["1", "2", "3", "4", "5"].map(|star| options.get(star).copied().unwrap_or_default());
        let mut score = figure(&mean_of_scale(&stars, 1)?, words);
        score.kind = (sums.len() > 1).then_some(match assurance {
            Assurance::Open => words.score.open,
            Assurance::Ticketed => words.score.ticketed,
        });
        Some(score)
    });
    figures.collect()
}

fn figure(mean: &Mean, words: &'static Words) -> Score {
    let number = |value: f64| format!("{value:.1}").replace('.', words.decimal);
    let interval = |Interval { low, high }| fill(words.score.interval, &[("low", &number(low)), ("high", &number(high))]);
    let few = mean.n < INDICATIVE_BELOW;
    Score {
        kind: None,
        stars: fill(words.score.of_five, &[("score", &number(mean.mean))]),
        tenths: (mean.mean * 10.0).round() as u32,
        responses: fill(words.score.responses, &[("n", &mean.n.to_string())]),
        interval: mean.interval.map(interval),
        indicative: few.then(|| fill(words.score.indicative, &[("n", &INDICATIVE_BELOW.to_string())])),
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::words;
    use super::*;
    use gradimento_common::questionnaire::Language;

    fn sums_of(kinds: &[(Assurance, [u64; 5])]) -> OptionSums {
        let options = |counts: &[u64; 5]| (1..=5).map(|n: u32| n.to_string()).zip(counts.iter().copied()).collect();
        kinds.iter().map(|(assurance, counts)| (*assurance, options(counts))).collect()
    }

    #[test]
    fn a_figure_carries_its_n_and_interval_in_the_readers_own_spelling() {
        let sums = sums_of(&[(Assurance::Open, [3, 5, 12, 30, 50])]);
        let (italian, english) = (figures(&sums, words(Language::It)), figures(&sums, words(Language::En)));
        assert_eq!(italian[0].stars, "4,2 su 5 stelle");
        assert_eq!(english[0].interval.as_deref(), Some("95% confidence interval: from 4.0 to 4.4"));
        assert!(italian[0].responses.ends_with("100") && italian[0].indicative.is_none() && italian[0].kind.is_none());
    }

    #[test]
    fn few_answers_are_called_indicative_and_kinds_are_never_mixed() {
        let sums = sums_of(&[(Assurance::Open, [0, 0, 0, 0, 29]), (Assurance::Ticketed, [0, 0, 30, 0, 0])]);
        let figures = figures(&sums, words(Language::It));
        assert_eq!(figures.iter().map(|figure| figure.indicative.is_some()).collect::<Vec<_>>(), [true, false]);
        assert!(figures.iter().all(|figure| figure.kind.is_some()));
    }

    #[test]
    fn nothing_sealed_gives_no_figure() {
        assert!(figures(&OptionSums::new(), words(Language::It)).is_empty());
    }
}
