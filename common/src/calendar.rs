//! Days and reference months, as a citizen in Italy reads them off the wall. Nothing finer is kept beside an answer.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Central European time with its summer rules, compiled in: a collector needs no time zone database on its machine.
static ROME: TimeZone = jiff::tz::get!("Europe/Rome");

/// A calendar day in Italy: `2026-11-24`, and in no other spelling. Where days are read out of longer forms of a date, an hour
/// would pass through in what is archived and published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day(Date);

/// A reference month: `2026-11`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Month {
    year: i16,
    month: i8,
}

/// Text that is neither a day (`2026-11-24`) nor a month (`2026-11`).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a {0} is expected")]
pub struct InvalidDate(&'static str);

impl Day {
    /// The Italian day in which `instant` falls.
    #[must_use]
    pub fn of(instant: Timestamp) -> Self {
        Self(ROME.to_datetime(instant).date())
    }

    /// The reference month to which the day belongs.
    #[must_use]
    pub fn month(self) -> Month {
        Month { year: self.0.year(), month: self.0.month() }
    }

    /// The day that lies `days` earlier; the earliest day there is where that does not exist.
    #[must_use]
    pub fn earlier_by(self, days: u16) -> Self {
        Self(self.0.saturating_sub(i64::from(days).days()))
    }

    /// The day that lies `days` later; the last day there is where that does not exist.
    #[must_use]
    pub fn later_by(self, days: u16) -> Self {
        Self(self.0.saturating_add(i64::from(days).days()))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Day {
    type Err = InvalidDate;
    fn from_str(text: &str) -> Result<Self, InvalidDate> {
        let day = text.parse().ok().map(Self).filter(|day| day.to_string() == text);
        day.ok_or(InvalidDate("day such as 2026-11-24"))
    }
}

impl TryFrom<String> for Day {
    type Error = InvalidDate;
    fn try_from(text: String) -> Result<Self, InvalidDate> {
        text.parse()
    }
}

impl From<Day> for String {
    fn from(day: Day) -> String {
        day.to_string()
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl FromStr for Month {
    type Err = InvalidDate;
    fn from_str(text: &str) -> Result<Self, InvalidDate> {
        let wrong = || InvalidDate("month such as 2026-11");
        let date: Date = if text.len() == 7 { format!("{text}-01").parse().map_err(|_| wrong())? } else { return Err(wrong()) };
        Ok(Day(date).month())
    }
}

impl TryFrom<String> for Month {
    type Error = InvalidDate;
    fn try_from(text: String) -> Result<Self, InvalidDate> {
        text.parse()
    }
}

impl From<Month> for String {
    fn from(month: Month) -> String {
        month.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day_of(instant: &str) -> String {
        Day::of(instant.parse().unwrap()).to_string()
    }

    #[test]
    fn the_day_changes_at_midnight_in_rome_in_winter_and_in_summer() {
        assert_eq!(day_of("2026-11-30T22:59:59Z"), "2026-11-30");
        assert_eq!(day_of("2026-11-30T23:00:00Z"), "2026-12-01");
        assert_eq!(day_of("2026-07-31T21:59:59Z"), "2026-07-31");
        assert_eq!(day_of("2026-07-31T22:00:00Z"), "2026-08-01");
    }

    #[test]
    fn a_day_carries_no_hour_and_has_one_spelling() {
        assert_eq!(serde_json::from_str::<Day>("\"2026-11-24\"").unwrap().to_string(), "2026-11-24");
        for wrong in ["2026-11-24T10:15:33", "2026-11-24 10:15:33+01:00[Europe/Rome]", "20261124", "+002026-11-24", ""] {
            assert!(wrong.parse::<Day>().is_err(), "{wrong}");
            assert!(serde_json::from_str::<Day>(&format!("\"{wrong}\"")).is_err(), "{wrong}");
        }
    }

    #[test]
    fn months_have_one_spelling() {
        assert_eq!("2026-11".parse::<Month>().unwrap().to_string(), "2026-11");
        for wrong in ["2026-13", "2026-1", "26-11", "2026-11-24", ""] {
            assert!(wrong.parse::<Month>().is_err(), "{wrong}");
        }
    }
}
