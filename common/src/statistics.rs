//! How sure a figure is: shares and means with the interval within which 95 % of such samples would find the truth.
//!
//! A body with forty answers and a body with forty thousand stand in one table; without an interval beside each figure the
//! table ranks luck. Both ends compute these, so that an agency sees on its own page the interval that Istat publishes.

mod mean;
mod noisy;
mod share;
mod student_t;

pub use mean::{Mean, mean_of_scale, score_0_100};
pub use noisy::{NoisyRating, noisy_rating};
pub use share::wilson;
pub use student_t::student_t_quantile_975;

/// The quantile of the standard normal distribution at 0.975: 95 % of its mass lies within plus or minus this.
const Z_975: f64 = 1.959_963_984_540_054;

/// A 95 % confidence interval, both ends included, in the unit of the figure that it goes with; `low <= high`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// `centre` plus or minus `half_width`, cut to what the figure can be at all.
    fn around(centre: f64, half_width: f64, possible: Interval) -> Self {
        let cut = |end: f64| end.max(possible.low).min(possible.high);
        Self { low: cut(centre - half_width), high: cut(centre + half_width) }
    }
}

#[cfg(test)]
fn assert_close(found: Interval, low: f64, high: f64) {
    assert!((found.low - low).abs() < 5e-7 && (found.high - high).abs() < 5e-7, "{found:?} is not [{low}, {high}]");
}
