//! What the overall rating of each questionnaire measures, as the published documents say: satisfaction with a service is one thing,
//! how clear a page is another. Both are asked in five stars, and only what measures the same is ever added up.

use std::collections::BTreeMap;

use gradimento_common::questionnaire::Dimension;

use crate::verify::Editions;

/// The dimension of the question `overall`, by questionnaire and version.
#[derive(Debug, Clone, Default)]
pub struct Dimensions(BTreeMap<(String, u32), Dimension>);

impl Dimensions {
    /// Those of everything that was published.
    #[must_use]
    pub fn of(editions: &Editions) -> Self {
        let measured = editions.iter().filter_map(|(edition, questionnaire)| {
            let overall = questionnaire.questions().iter().find(|question| question.id == "overall")?;
            Some(((edition.questionnaire.to_string(), edition.version), overall.dimension))
        });
        Self(measured.collect())
    }

    /// What this edition's rating measures; `None` where it was never published.
    #[must_use]
    pub fn get(&self, questionnaire: &str, version: u32) -> Option<Dimension> {
        self.0.get(&(questionnaire.to_owned(), version)).copied()
    }
}
