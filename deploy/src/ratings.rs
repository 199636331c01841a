//! A file of ratings: counts of stars, by agency, service and period.

use std::collections::BTreeMap;
use std::path::Path;

use gradimento_common::message::ServiceKind;
use serde::Deserialize;

use crate::Failure;
use crate::bodies::{Body, DemoService};

/// One row of the file.
#[derive(Debug, Clone, Deserialize)]
struct Row {
    agency_ipa: String,
    agency_name: String,
    agency_category: String,
    service_id: String,
    service_name: String,
    stars_1: u64,
    stars_2: u64,
    stars_3: u64,
    stars_4: u64,
    stars_5: u64,
}

impl Row {
    fn stars(&self) -> [u64; 5] {
        [self.stars_1, self.stars_2, self.stars_3, self.stars_4, self.stars_5]
    }
}

/// Which service of which agency.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Subject {
    pub(crate) agency: String,
    pub(crate) service: String,
}

/// The file, read whole: some dozens of rows, whatever they add up to.
#[derive(Debug)]
pub(crate) struct Ratings(Vec<Row>);

impl Ratings {
    /// Reads a file, keeping `per_thousand` of each count, rounded up.
    pub(crate) fn read(file: &Path, per_thousand: u64) -> Result<Self, Failure> {
        let mut reader = csv::Reader::from_path(file).map_err(|error| format!("{}: {error}", file.display()))?;
        let mut rows = reader.deserialize().collect::<Result<Vec<Row>, _>>()?;
        for row in &mut rows {
            for n in [&mut row.stars_1, &mut row.stars_2, &mut row.stars_3, &mut row.stars_4, &mut row.stars_5] {
                *n = (*n * per_thousand).div_ceil(1000);
            }
        }
        Ok(Self(rows))
    }

    /// The bodies that the file is about, each with its services.
    pub(crate) fn bodies(&self) -> Vec<Body> {
        let mut bodies = BTreeMap::<&str, Body>::new();
        for row in &self.0 {
            let body = bodies.entry(&row.agency_ipa).or_insert_with(|| Body {
                code: row.agency_ipa.clone(),
                name: row.agency_name.clone(),
                category: row.agency_category.clone(),
                territory: territory(&row.agency_ipa),
                fiscal_code: None,
                services: Vec::new(),
            });
            if !body.services.iter().any(|service| service.id == row.service_id) {
                body.services.push(DemoService::new(&row.service_id, &row.service_name, ServiceKind::App));
            }
        }
        bodies.into_values().collect()
    }

    /// How many ratings of each number of stars the file has, by service.
    pub(crate) fn counts(&self) -> BTreeMap<Subject, [u64; 5]> {
        let mut counts = BTreeMap::<Subject, [u64; 5]>::new();
        for row in &self.0 {
            let subject = Subject { agency: row.agency_ipa.clone(), service: row.service_id.clone() };
            let sum = counts.entry(subject).or_default();
            sum.iter_mut().zip(row.stars()).for_each(|(sum, n)| *sum += n);
        }
        counts
    }

    /// One item for each rating, one after the other: nothing is held but the place in the file.
    pub(crate) fn each(&self) -> impl Iterator<Item = (&str, &str, u8)> {
        self.0.iter().flat_map(|row| {
            let each = (1u8..).zip(row.stars()).flat_map(|(stars, n)| (0..n).map(move |_| stars));
            each.map(|stars| (row.agency_ipa.as_str(), row.service_id.as_str(), stars))
        })
    }
}

/// In Istat's list CL_ITTER107.
fn territory(code: &str) -> &'static str {
    match code {
        "r_lombar" => "ITC4",
        "r_sicili" => "ITG1",
        "r_sardeg" => "ITG2",
        "r_lazio" => "ITE4",
        "apss" => "ITD2",
        _ => "IT",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("data/public-app-ratings-replay.csv")
    }

    #[test]
    fn the_file_that_is_shipped_holds_its_ratings() {
        let ratings = Ratings::read(&file(), 1000).unwrap();
        assert_eq!(ratings.counts().values().flatten().sum::<u64>(), 127_006);
        assert_eq!(ratings.each().count(), 127_006);
        assert_eq!(ratings.bodies().len(), 7);
    }

    #[test]
    fn a_part_of_the_file_keeps_every_service() {
        let ratings = Ratings::read(&file(), 10).unwrap();
        let sum: u64 = ratings.counts().values().flatten().sum();
        assert!((1_270..2_000).contains(&sum), "{sum}");
        assert_eq!(ratings.counts().len(), Ratings::read(&file(), 1000).unwrap().counts().len());
    }
}
