use super::*;
use crate::questionnaire::SHIPPED;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::json;
use std::sync::Arc;

fn national_core() -> Arc<Questionnaire> {
    Arc::new(serde_json::from_str(SHIPPED[1]).unwrap())
}

fn policy() -> Policy {
    Policy::new(1, 10, 2).unwrap()
}

fn counted(questionnaire: &Arc<Questionnaire>, people: u64) -> Crossing<'_> {
    let mut crossing = Crossing::new(questionnaire);
    for n in 0..people {
        let mut answers = json!({"overall": n % 5 + 1});
        if n % 3 == 0 {
            answers["outcome"] = json!("achieved");
        }
        let answers = Answers::check(questionnaire, &serde_json::from_value(answers).unwrap()).unwrap();
        crossing.add(&answers, if n % 2 == 0 { "it" } else { "de" }, 1);
    }
    crossing
}

fn breakdowns(people: u64) -> RawBreakdowns {
    let questionnaire = national_core();
    let (mechanism, tables) = counted(&questionnaire, people).with_noise(&policy(), &mut StdRng::seed_from_u64(1)).unwrap();
    RawBreakdowns {
        service: "s".parse().unwrap(),
        questionnaire: questionnaire.edition().questionnaire,
        version: 1,
        assurance: Assurance::Open,
        month: "2026-10".parse().unwrap(),
        responses: people,
        mechanism,
        tables,
    }
}

fn check(raw: RawBreakdowns) -> Result<Breakdowns, UnsoundBreakdowns> {
    raw.check(&national_core(), &policy(), "2026-11".parse().unwrap())
}

#[test]
fn tables_are_full_and_every_cell_has_noise_of_the_policys_scale() {
    let raw = breakdowns(60);
    let names: Vec<_> = raw.tables.iter().map(|table| (table.rows.as_str(), table.columns.as_str())).collect();
    assert_eq!(names, [("overall", "outcome"), ("overall", "user_type"), ("overall", "language")]);
    // Three tables of sensitivity 2 under epsilon 1.
    assert_eq!((raw.mechanism.sensitivity, raw.mechanism.scale.to_string()), (6, "6".to_owned()));
    let cells: Vec<i64> =
        raw.tables.iter().flat_map(|table| table.counts.values().flat_map(BTreeMap::values)).copied().collect();
    // Six rows of five outcomes, six types of user and six languages, with `none`.
    assert_eq!(cells.len(), 6 * (5 + 6 + 6));
    assert!(cells.iter().any(|n| *n < 0), "nothing is clamped");
    assert!(check(raw).is_ok());
}

#[test]
fn noise_is_around_the_true_counts() {
    let questionnaire = national_core();
    let mut rng = StdRng::seed_from_u64(5);
    let draws = 400;
    let mean = |row: &str, column: &str, rng: &mut StdRng| {
        let drawn =
            (0..draws).map(|_| counted(&questionnaire, 60).with_noise(&policy(), rng).unwrap().1[2].counts[row][column]);
        drawn.sum::<i64>() as f64 / f64::from(draws)
    };
    // Of 60 people every tenth gave one star in Italian. The mean of 400 draws has a standard error of 8.47 / 20 = 0.42.
    assert!((mean("1", "it", &mut rng) - 6.0).abs() < 2.1);
    assert!(mean("none", "fr", &mut rng).abs() < 2.1);
}

#[test]
fn breakdowns_that_are_too_small_too_early_incomplete_or_without_the_noise_are_refused() {
    let refused = |change: fn(&mut RawBreakdowns)| {
        let mut raw = breakdowns(60);
        change(&mut raw);
        check(raw).unwrap_err()
    };
    assert_eq!(refused(|raw| raw.responses = 9), UnsoundBreakdowns::TooFew { responses: 9, k: 10 });
    assert_eq!(refused(|raw| raw.version = 2), UnsoundBreakdowns::WrongQuestionnaire);
    assert!(matches!(refused(|raw| raw.month = "2026-11".parse().unwrap()), UnsoundBreakdowns::MonthOpen(_)));
    assert_eq!(refused(|raw| raw.mechanism.scale = "1/100".parse().unwrap()), UnsoundBreakdowns::Mechanism);
    assert_eq!(refused(|raw| raw.mechanism.epsilon = "2".parse().unwrap()), UnsoundBreakdowns::Mechanism);
    assert_eq!(refused(|raw| drop(raw.tables.pop())), UnsoundBreakdowns::Tables);
    assert_eq!(refused(|raw| raw.tables.push(raw.tables[0].clone())), UnsoundBreakdowns::Tables);
    assert_eq!(refused(|raw| drop(raw.tables[0].counts.remove("none"))), UnsoundBreakdowns::Tables);
    assert_eq!(
        refused(|raw| assert!(raw.tables[2].counts.get_mut("5").unwrap().insert("hour".into(), 1).is_none())),
        UnsoundBreakdowns::Tables
    );
}

#[test]
fn negative_counts_survive_the_wire_and_none_stands_twice() {
    let raw = breakdowns(20);
    let text = serde_json::to_string(&raw).unwrap();
    assert_eq!(serde_json::from_str::<RawBreakdowns>(&text).unwrap(), raw);
    let twice = text.replacen(r#""counts":{"1":{"#, r#""counts":{"1":{"achieved":1,"#, 1);
    assert!(serde_json::from_str::<RawBreakdowns>(&twice).unwrap_err().to_string().contains("twice"));
}

#[test]
fn a_questionnaire_that_asks_less_is_crossed_with_less() {
    let questionnaire: Questionnaire = serde_json::from_str(SHIPPED[0]).unwrap();
    let (mechanism, tables) = Crossing::new(&questionnaire).with_noise(&policy(), &mut StdRng::seed_from_u64(1)).unwrap();
    assert_eq!((tables.len(), mechanism.sensitivity), (1, 2));
}
