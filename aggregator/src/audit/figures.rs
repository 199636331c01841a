//! Every published figure against the batches: counts exactly, what is computed from them to nine digits.

use std::collections::BTreeMap;

use serde_json::Value;

use super::fault::Fault;
use super::noisy::NoisySums;
use super::published::Figures;
use super::sums::{PlainSums, Sums, name, plain};
use crate::publish::breakdowns::Published;
use crate::publish::dimension::Dimensions;
use crate::publish::noisy::noisy_indicators;
use crate::publish::{Level, indicators};

/// How far two computations of one figure may be apart: rounding, on scales that end at 100.
const TOLERANCE: f64 = 1e-9;

/// Compares all that is published with the sums of the batches and the breakdowns of the ledger. Yields how many figures there are,
/// breakdowns included.
pub(super) fn check(sums: &Sums, noisy: &NoisySums, dimensions: &Dimensions, published: &Figures) -> Result<usize, Fault> {
    let Figures { agencies, indicators: levels, breakdowns } = published;
    let unlisted =
        |code: String| Fault::Indicator { name: format!("agency {code}"), why: "it is not in the list of agencies".to_owned() };
    let released = noisy.breakdowns(agencies).map_err(unlisted)?;
    let rollups = sums.rollups(agencies).map_err(unlisted)?;
    let noisy = noisy.rollups(agencies).map_err(unlisted)?;
    let plain = plain(&rollups);
    let mut checked = 0;
    for (level, items) in levels {
        let exact = indicators(&rollups, *level, dimensions).into_iter().map(serde_json::to_value);
        let noisy = noisy_indicators(&noisy, *level, dimensions).into_iter().map(serde_json::to_value);
        let expected: Result<Vec<Value>, _> = exact.chain(noisy).collect();
        let expected = expected.map_err(|error| fault("figures", &error.to_string()))?;
        let mut expected: BTreeMap<String, Value> = expected.into_iter().map(|item| (name_of(*level, &item), item)).collect();
        for item in items {
            let name = name_of(*level, item);
            let computed =
                expected.remove(&name).ok_or_else(|| fault(&name, "no batch of the ledger leads to it, or it stands twice"))?;
            // Counts with noise are added up once only: they are compared whole, below.
            if item.get("noise").is_none_or(Value::is_null) {
                add_up(&name, item, &plain)?;
            }
            if let Some(difference) = difference("", item, &computed) {
                return Err(fault(&name, &difference));
            }
            checked += 1;
        }
        if let Some(missing) = expected.keys().next() {
            return Err(fault(missing, "the ledger has batches for it, and it is not published"));
        }
    }
    check_breakdowns(&released, breakdowns)?;
    Ok(checked + released.len())
}

fn check_breakdowns(released: &[Published], published: &[Value]) -> Result<(), Fault> {
    for (released, item) in released.iter().zip(published) {
        let Published { agency, service, questionnaire, version, assurance, period, .. } = released;
        let name = format!("breakdowns of {agency} {service}, {questionnaire} {version}, {assurance}, {period}");
        let computed = serde_json::to_value(released).map_err(|error| fault(&name, &error.to_string()))?;
        if let Some(difference) = difference("", item, &computed) {
            return Err(fault(&name, &difference));
        }
    }
    let (expected, found) = (released.len(), published.len());
    if expected == found {
        Ok(())
    } else {
        Err(fault("breakdowns", &format!("the ledger has {expected}, published are {found}")))
    }
}

fn fault(name: &str, why: &str) -> Fault {
    Fault::Indicator { name: name.to_owned(), why: why.to_owned() }
}

fn name_of(level: Level, item: &Value) -> String {
    let text = |member: &str| item.get(member).and_then(Value::as_str).unwrap_or_default();
    let place = match level {
        Level::Country => String::new(),
        Level::Category => text("category").to_owned(),
        Level::Territory => text("territory").to_owned(),
        Level::Agency => text("agency").to_owned(),
        Level::Service => format!("{} {}", text("agency"), text("service")),
    };
    let version = item.get("version").and_then(Value::as_u64).unwrap_or_default();
    let name = name(level, &place, text("questionnaire"), version, text("assurance"), text("period"));
    if item.get("noise").is_none_or(Value::is_null) { name } else { format!("{name}, with noise") }
}

/// The counts once more, by plain addition; and the score as the mean of the stars, straight from them.
fn add_up(name: &str, item: &Value, plain: &PlainSums) -> Result<(), Fault> {
    let sum = |name: &str| plain.get(name).copied().unwrap_or_default();
    let number = |value: Option<&Value>| value.and_then(Value::as_u64);
    if number(item.get("responses")) != Some(sum(name)) {
        return Err(fault(
            name,
            &format!("responses: published {:?}, the batches add up to {}", item.get("responses"), sum(name)),
        ));
    }
    for (question, options) in item.get("counts").and_then(Value::as_object).into_iter().flatten() {
        for (option, n) in options.as_object().into_iter().flatten() {
            let added = sum(&format!("{name} {question}={option}"));
            if number(Some(n)) != Some(added) {
                return Err(fault(name, &format!("{question}, {option}: published {n}, the batches add up to {added}")));
            }
        }
    }
    let stars: Vec<u64> = ["1", "2", "3", "4", "5"].iter().map(|star| sum(&format!("{name} overall={star}"))).collect();
    let (people, points) = stars.iter().zip(0u32..).fold((0.0, 0.0), |(people, points), (n, star)| {
        #[expect(clippy::cast_precision_loss, reason = "counts of people stay far under 2^53")]
        let n = *n as f64;
        (people + n, points + n * f64::from(star))
    });
    let score = (people > 0.0).then(|| points / people * 25.0);
    match (score, item.get("score").and_then(Value::as_f64)) {
        (Some(computed), Some(published)) if (computed - published).abs() <= TOLERANCE => Ok(()),
        (None, None) => Ok(()),
        (computed, published) => Err(fault(name, &format!("score: published {published:?}, computed {computed:?}"))),
    }
}

/// The first member in which two documents differ.
fn difference(at: &str, published: &Value, computed: &Value) -> Option<String> {
    match (published, computed) {
        (Value::Object(a), Value::Object(b)) => {
            let names = a.keys().chain(b.keys());
            names.into_iter().find_map(|name| {
                let (a, b) = (a.get(name).unwrap_or(&Value::Null), b.get(name).unwrap_or(&Value::Null));
                difference(&format!("{at} {name}"), a, b)
            })
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => a.iter().zip(b).find_map(|(a, b)| difference(at, a, b)),
        (Value::Number(a), Value::Number(b)) if near(a, b) => None,
        (a, b) if a == b => None,
        _ => Some(format!("{}: published {published}, computed {computed}", at.trim_start())),
    }
}

/// Whole numbers must be the same, others nearly.
fn near(a: &serde_json::Number, b: &serde_json::Number) -> bool {
    if a.is_f64() || b.is_f64() {
        return a.as_f64().zip(b.as_f64()).is_some_and(|(a, b)| (a - b).abs() <= TOLERANCE);
    }
    a == b
}
