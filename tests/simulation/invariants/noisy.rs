//! What leaves a collector with noise: batches in which somebody answered about a sensitive service, and breakdowns of months that
//! are over, after which the sealed responses go. Whom a noisy count is about cannot be read in it; how many can.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use gradimento_common::breakdown::RawBreakdowns;
use gradimento_common::calendar::Month;

use super::reading::{Place, Stored, Trace};
use super::{Check, rule};

/// What is known of it.
#[derive(Debug, Clone, Default)]
pub struct Noisy {
    /// Responses in noisy batches, by where they belong.
    batched: BTreeMap<Place, u64>,
    /// Breakdowns that have been drawn.
    drawn: BTreeSet<(Place, Month)>,
    /// Responses that were deleted because their month is broken down.
    gone: HashMap<Trace, Stored>,
}

impl Noisy {
    /// Adds to what is stored what was there before and has gone rightly: sealed responses of a month that is broken down, or given
    /// up. Whatever else is missing stays missing.
    pub fn follow(
        &mut self,
        before: &HashMap<Trace, Stored>,
        stored: &mut HashMap<Trace, Stored>,
        broken_down: &BTreeSet<(Place, Month)>,
    ) -> Check {
        let served = |response: &Stored| response.month.is_some_and(|month| broken_down.contains(&(response.place, month)));
        for (trace, response) in before.iter().filter(|(_, response)| served(response)) {
            if !stored.contains_key(trace) {
                self.gone.insert(*trace, *response);
            }
        }
        for (trace, response) in &self.gone {
            rule(stored.insert(*trace, *response).is_none_or(|now| now == *response), || {
                format!("{response:?} had gone and is stored again")
            })?;
        }
        Ok(())
    }

    /// A batch with noise.
    pub fn add(&mut self, place: Place, responses: u64) {
        *self.batched.entry(place).or_default() += responses;
    }

    /// Breakdowns are about all who were sealed until then, and are drawn once.
    pub fn draw(&mut self, place: Place, breakdowns: &RawBreakdowns, stored: &HashMap<Trace, Stored>) -> Check {
        let RawBreakdowns { month, responses, .. } = *breakdowns;
        let once = self.drawn.insert((place, month));
        rule(once, || format!("breakdowns of {place:?} in {month} were drawn twice"))?;
        let sealed = stored.values().filter(|stored| stored.sealed && stored.place == place && stored.month == Some(month));
        let sealed = sealed.count() as u64;
        rule(responses == sealed, || format!("breakdowns of {place:?} in {month} are about {responses}, sealed are {sealed}"))
    }

    /// Of the sealed responses that are in no exact batch, all but those that came out of a backup are in noisy ones.
    pub fn check(&self, elsewhere: &BTreeMap<Place, u64>, restored: &BTreeMap<Place, u64>) -> Check {
        let places = self.batched.keys().chain(elsewhere.keys());
        for place in places {
            let of = |counts: &BTreeMap<Place, u64>| counts.get(place).copied().unwrap_or_default();
            let (batched, all) = (of(&self.batched), of(elsewhere));
            let explained = batched <= all && all <= batched + of(restored);
            rule(explained, || format!("{all} of {place:?} are sealed in no exact batch, {batched} in noisy ones"))?;
        }
        Ok(())
    }
}
