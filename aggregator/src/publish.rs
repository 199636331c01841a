//! From sums of batches to figures that compare: counts, score and top-2 share, each with its interval and its n.

pub mod breakdowns;
pub mod dimension;
pub mod noisy;

use std::collections::BTreeMap;

use dimension::Dimensions;
use gradimento_common::batch::Counts;
use gradimento_common::questionnaire::Dimension;
use gradimento_common::statistics::{mean_of_scale, score_0_100, wilson};
use serde::{Deserialize, Serialize};

/// The sum of the batches of one service, edition, assurance and month, with where its agency stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rollup {
    /// Codice IPA, as it is shown.
    pub agency: String,
    /// The agency's category.
    pub category: String,
    /// The agency's territory.
    pub territory: String,
    /// The service, or `other`.
    pub service: String,
    /// What was asked.
    pub questionnaire: String,
    /// In which version.
    pub version: u32,
    /// How the answers came.
    pub assurance: String,
    /// The reference month.
    pub period: String,
    /// How many people.
    pub responses: u64,
    /// Their answers.
    pub counts: Counts,
}

/// Over what figures are added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// The whole country.
    Country,
    /// Agencies of one category.
    Category,
    /// Agencies in one territory.
    Territory,
    /// One agency.
    Agency,
    /// One service.
    Service,
}

/// The noise in a figure's counts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Noise {
    /// The standard error of every count.
    pub standard_error: f64,
}

/// One comparable figure. Editions and assurances are never mixed in it, nor exact counts and such with noise.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Indicator<C = Counts> {
    /// Over what it is added up.
    pub level: Level,
    /// The category, at its level.
    pub category: Option<String>,
    /// The territory, at its level.
    pub territory: Option<String>,
    /// The agency, at its level and below.
    pub agency: Option<String>,
    /// The service, at its level.
    pub service: Option<String>,
    /// What was asked.
    pub questionnaire: String,
    /// In which version.
    pub version: u32,
    /// How the answers came.
    pub assurance: String,
    /// The reference month.
    pub period: String,
    /// How many people.
    pub responses: u64,
    /// Their answers.
    pub counts: C,
    /// What noise is in them, where they are about sensitive services; none in exact ones.
    pub noise: Option<Noise>,
    /// What the overall rating measures: only figures of one dimension compare.
    pub dimension: Option<Dimension>,
    /// The overall rating on 0 to 100.
    pub score: Option<f64>,
    /// Its 95 % interval (Student's t; Wilson's where all answers are equal).
    pub score_interval: Option<[f64; 2]>,
    /// Share of 4 and 5 stars, 0 to 1.
    pub top2_share: Option<f64>,
    /// Its 95 % interval (Wilson).
    pub top2_interval: Option<[f64; 2]>,
}

type Group = (Option<String>, Option<String>, Option<String>, Option<String>, String, u32, String, String);

/// Adds rollups up at a level and makes figures of the sums.
#[must_use]
pub fn indicators(rollups: &[Rollup], level: Level, dimensions: &Dimensions) -> Vec<Indicator> {
    let mut sums = BTreeMap::<Group, (u64, Counts)>::new();
    for rollup in rollups {
        let sum = sums.entry(group(rollup, level)).or_default();
        sum.0 += rollup.responses;
        add(&mut sum.1, &rollup.counts);
    }
    sums.into_iter()
        .map(|(group, (responses, counts))| indicator(Indicator::at(level, group, responses, counts, dimensions)))
        .collect()
}

fn group(rollup: &Rollup, level: Level) -> Group {
    let at = |levels: &[Level], value: &String| levels.contains(&level).then(|| value.clone());
    (
        at(&[Level::Category], &rollup.category),
        at(&[Level::Territory], &rollup.territory),
        at(&[Level::Agency, Level::Service], &rollup.agency),
        at(&[Level::Service], &rollup.service),
        rollup.questionnaire.clone(),
        rollup.version,
        rollup.assurance.clone(),
        rollup.period.clone(),
    )
}

fn add(sum: &mut Counts, counts: &Counts) {
    for (question, options) in counts {
        let into = sum.entry(question.clone()).or_default();
        for (option, n) in options {
            *into.entry(option.clone()).or_default() += n;
        }
    }
}

impl<C> Indicator<C> {
    /// Nothing but the place and the counts.
    fn at(level: Level, group: Group, responses: u64, counts: C, dimensions: &Dimensions) -> Self {
        let (category, territory, agency, service, questionnaire, version, assurance, period) = group;
        Self {
            dimension: dimensions.get(&questionnaire, version),
            level,
            category,
            territory,
            agency,
            service,
            questionnaire,
            version,
            assurance,
            period,
            responses,
            counts,
            noise: None,
            score: None,
            score_interval: None,
            top2_share: None,
            top2_interval: None,
        }
    }
}

fn indicator(place: Indicator) -> Indicator {
    let stars = stars(&place.counts);
    let rated: u64 = stars.iter().sum();
    let top2 = stars.iter().skip(3).sum();
    let mean = mean_of_scale(&stars, 1);
    let score_interval = mean.and_then(|mean| mean.interval).map(|i| [score_0_100(i.low), score_0_100(i.high)]);
    #[expect(clippy::cast_precision_loss, reason = "counts of people stay far under 2^53")]
    let top2_share = (rated > 0).then(|| top2 as f64 / rated as f64);
    Indicator {
        score: mean.map(|mean| score_0_100(mean.mean)),
        score_interval,
        top2_share,
        top2_interval: wilson(top2, rated).map(|i| [i.low, i.high]),
        ..place
    }
}

fn stars(counts: &Counts) -> [u64; 5] {
    let overall = counts.get("overall");
    ["1", "2", "3", "4", "5"].map(|star| overall.and_then(|options| options.get(star)).copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rollup(agency: &str, service: &str, stars: [u64; 5]) -> Rollup {
        let options = stars.iter().enumerate().map(|(i, n)| ((i + 1).to_string(), *n)).chain([("none".to_owned(), 0)]);
        Rollup {
            agency: agency.into(),
            category: "L4".into(),
            territory: "ITE4".into(),
            service: service.into(),
            questionnaire: "national-core".into(),
            version: 1,
            assurance: "open".into(),
            period: "2026-11".into(),
            responses: stars.iter().sum(),
            counts: BTreeMap::from([("overall".to_owned(), options.collect())]),
        }
    }

    #[test]
    fn figures_of_a_sum_are_those_of_the_published_vector() {
        let parts = [rollup("a", "x", [1, 2, 6, 10, 20]), rollup("b", "y", [2, 3, 6, 20, 30])];
        let national = indicators(&parts, Level::Country, &Dimensions::default());
        assert_eq!(national.len(), 1);
        let figure = &national[0];
        assert_eq!((figure.responses, figure.counts["overall"]["4"]), (100, 30));
        assert!((figure.score.unwrap() - 79.75).abs() < 1e-9);
        let [low, high] = figure.score_interval.unwrap();
        assert!((low - (3.985_275 - 1.0) * 25.0).abs() < 1e-4 && (high - (4.394_725 - 1.0) * 25.0).abs() < 1e-4);
        assert!((figure.top2_share.unwrap() - 0.8).abs() < 1e-12);
    }

    #[test]
    fn every_level_adds_up_to_the_same_people_and_names_only_its_own() {
        let parts = [rollup("a", "x", [1, 1, 1, 1, 6]), rollup("a", "y", [2, 2, 2, 2, 2]), rollup("b", "x", [0, 0, 0, 0, 10])];
        for (level, items) in
            [(Level::Country, 1), (Level::Category, 1), (Level::Territory, 1), (Level::Agency, 2), (Level::Service, 3)]
        {
            let figures = indicators(&parts, level, &Dimensions::default());
            assert_eq!(figures.len(), items);
            assert_eq!(figures.iter().map(|figure| figure.responses).sum::<u64>(), 30);
            assert!(figures.iter().all(|figure| figure.service.is_some() == (level == Level::Service)));
        }
    }

    #[test]
    fn a_figure_says_what_its_score_measures_as_the_published_document_does() {
        let editions = gradimento_common::questionnaire::SHIPPED.map(|document| {
            let questionnaire: gradimento_common::questionnaire::Questionnaire = serde_json::from_str(document).unwrap();
            (questionnaire.edition(), std::sync::Arc::new(questionnaire))
        });
        let dimensions = Dimensions::of(&editions.into_iter().collect());
        let clear = Rollup { questionnaire: "designers-italia".into(), ..rollup("a", "x", [2; 5]) };
        let unknown = Rollup { version: 7, ..clear.clone() };
        let figures = indicators(&[clear, unknown, rollup("a", "x", [2; 5])], Level::Country, &dimensions);
        let measured: Vec<_> = figures.iter().map(|figure| figure.dimension).collect();
        assert_eq!(measured, [Some(Dimension::Clarity), None, Some(Dimension::Satisfaction)]);
    }

    #[test]
    fn nobody_is_not_a_score_of_zero() {
        let figure = &indicators(&[rollup("a", "x", [0; 5])], Level::Agency, &Dimensions::default())[0];
        assert_eq!((figure.score, figure.top2_share, figure.top2_interval), (None, None, None));
    }
}
