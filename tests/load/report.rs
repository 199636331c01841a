//! How numbers of several rounds are shown: the middle one, and between which they lay.

/// Measurements of one thing, one from each round.
#[derive(Debug, Default)]
pub struct Series(Vec<f64>);

impl Series {
    /// Adds a round's.
    pub fn push(&mut self, value: f64) {
        self.0.push(value);
    }

    /// The middle one.
    pub fn median(&self) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
    }

    /// The middle one, with the lowest and the highest.
    pub fn shown(&self, decimals: usize) -> String {
        let (low, high) = self.0.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), x| (l.min(*x), h.max(*x)));
        format!("{:>9.decimals$}   ({low:.decimals$} to {high:.decimals$})", self.median())
    }

    /// What this divided by `other` was, round by round.
    pub fn over(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| a / b).collect())
    }
}

/// Prints one line: what, and how much.
#[expect(clippy::print_stdout, reason = "the measurement is what was asked for")]
pub fn line(what: &str, value: &str) {
    println!("{what:<62}{value}");
}
