//! What citizens answer in these measurements: the national core, filled in as people do. Most say how it
//! ended, some leave questions out, one in eight writes something.

use std::sync::Arc;

use gradimento_common::batch::NONE;
use gradimento_common::questionnaire::{Questionnaire, SHIPPED};
use gradimento_common::response::{Answers, RawResponse};

use crate::Failure;

/// The service that they answer about.
pub const SERVICE: &str = "prova";
/// What each of them answers; a round goes through them over and over.
const ANSWERS: [&str; 8] = [
    r#"{"overall": 5, "ease_of_use": 5, "effectiveness": 5, "useful_information": 5, "outcome": "achieved", "user_type": "citizen"}"#,
    r#"{"overall": 4, "ease_of_use": 4, "effectiveness": 5, "useful_information": 3, "outcome": "achieved", "user_type": "citizen"}"#,
    r#"{"overall": 2, "ease_of_use": 1, "outcome": "partly", "outcome_reason": ["unclear_information", "technical_problem"]}"#,
    r#"{"overall": 5, "ease_of_use": 4, "effectiveness": 4, "outcome": "achieved", "user_type": "business"}"#,
    r#"{"overall": 4}"#,
    r#"{"overall": 3, "ease_of_use": 3, "effectiveness": 3, "useful_information": 4, "outcome": "not_yet_known", "user_type": "citizen"}"#,
    r#"{"overall": 1, "ease_of_use": 2, "effectiveness": 1, "outcome": "not_achieved", "outcome_reason": ["sign_in_problem"]}"#,
    r#"{"overall": 4, "ease_of_use": 5, "effectiveness": 4, "useful_information": 4, "outcome": "achieved", "user_type": "citizen"}"#,
];
/// What the third of them writes.
const SUGGESTION: &str = "Il servizio è comodo, ma la pagina dei pagamenti si apre lentamente dal telefono.";

/// One response, as it is sent and as it is stored.
pub struct Sample {
    /// The request's body.
    pub body: String,
    /// The column `answers`.
    pub stored: String,
    /// Question and option of each tally that grows.
    pub cells: Vec<(String, String)>,
    /// What was answered.
    pub answers: Answers,
    /// The citizen's own words.
    pub suggestion: Option<String>,
}

/// The questionnaire.
pub fn national_core() -> Result<Arc<Questionnaire>, Failure> {
    let all = SHIPPED.iter().map(|text| serde_json::from_str::<Questionnaire>(text)).collect::<Result<Vec<_>, _>>()?;
    let core = all.into_iter().find(|questionnaire| questionnaire.edition().questionnaire.as_str() == "national-core");
    Ok(Arc::new(core.ok_or("the national core is not shipped")?))
}

/// All samples.
pub fn samples() -> Result<Vec<Sample>, Failure> {
    let questionnaire = national_core()?;
    ANSWERS.iter().enumerate().map(|(n, answers)| sample(&questionnaire, answers, (n == 2).then_some(SUGGESTION))).collect()
}

fn sample(questionnaire: &Arc<Questionnaire>, answers: &str, suggestion: Option<&str>) -> Result<Sample, Failure> {
    let suggestion = suggestion.map(|text| format!(r#", "suggestion": "{text}""#)).unwrap_or_default();
    let body =
        format!(r#"{{"questionnaire": "national-core", "version": 1, "language": "it", "answers": {answers}{suggestion}}}"#);
    let raw: RawResponse = serde_json::from_str(&body)?;
    let answers = Answers::check(questionnaire, &raw.answers).map_err(|faults| format!("{body}: {faults:?}"))?;
    Ok(Sample { cells: cells(&answers), stored: answers.to_stored(), answers, suggestion: raw.suggestion, body })
}

fn cells(answers: &Answers) -> Vec<(String, String)> {
    let questions = answers.questionnaire().questions().iter().enumerate().filter(|(_, question)| question.is_counted());
    let mut cells = Vec::new();
    for (position, question) in questions {
        let keys = question.option_keys();
        let marks = answers.marks().iter().filter(|mark| usize::from(mark.question) == position);
        let before = cells.len();
        cells.extend(marks.filter_map(|mark| Some((question.id.clone(), (*keys.get(usize::from(mark.option))?).to_owned()))));
        if cells.len() == before {
            cells.push((question.id.clone(), NONE.to_owned()));
        }
    }
    cells
}
