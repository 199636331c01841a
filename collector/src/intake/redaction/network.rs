//! IP addresses, of either version.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use regex::bytes::Regex;

use super::folding::Folded;
use super::hints::{self, Hint};
use super::{Finding, Marker, pattern};

/// Four numbers and no fifth.
static FOUR: LazyLock<Regex> = LazyLock::new(|| pattern(r"[0-9]{1,3} (?: \. [0-9]{1,3} )+"));
static SIX: LazyLock<Regex> = LazyLock::new(|| pattern(r"[0-9a-f]{0,4} (?: :{1,2} [0-9a-f]{1,4} ){2,8} (?: :: )?"));

/// Shorter ones, such as `::1`, name nobody.
const SIX_CHARS_MIN: usize = 8;

pub(super) fn find(folded: &Folded) -> Vec<Finding> {
    let four = FOUR.find_iter(folded.bytes()).filter(|found| {
        let numbered = matches!(hints::before(folded, found.start()), Some(Hint::Version));
        parsed::<Ipv4Addr>(found.as_bytes()) && !numbered
    });
    let six =
        SIX.find_iter(folded.bytes()).filter(|found| found.len() >= SIX_CHARS_MIN && parsed::<Ipv6Addr>(found.as_bytes()));
    four.chain(six).map(|found| Finding { range: found.range(), marker: Marker::Network }).collect()
}

fn parsed<T: std::str::FromStr>(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| text.parse::<T>().is_ok())
}
