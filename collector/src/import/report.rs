//! What has been imported, as its agency reads it: apart from every answer that came here, and called so.

use std::fmt::Write as _;

use gradimento_common::ids::ServiceId;
use gradimento_common::statistics::mean_of_scale;

/// The counts of a service, question by question; `totals` are question, option and how many, in this order.
#[must_use]
pub fn report(service: &ServiceId, totals: &[(String, String, u64)]) -> String {
    let of = |star: &str| {
        let found = totals.iter().find(|(question, option, _)| question == "overall" && option == star);
        found.map_or(0, |(.., n)| *n)
    };
    let stars = ["1", "2", "3", "4", "5"].map(of);
    let ratings: u64 = stars.iter().sum();
    let mut text = format!("{service}: {ratings} past ratings, imported; they are part of no other figure");
    if let Some(mean) = mean_of_scale(&stars, 1) {
        // Writing to a text cannot fail.
        let _ = write!(text, "\n  mean: {:.1} of 5 stars", mean.mean);
    }
    let mut last = "";
    for (question, option, n) in totals {
        if question != last {
            let _ = write!(text, "\n  {question}:");
        }
        let _ = write!(text, " {option} = {n};");
        last = question;
    }
    text
}
