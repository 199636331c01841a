//! `/`: the national figure, on one plain page.

use actix_web::http::header::{CACHE_CONTROL, HeaderName};
use actix_web::{HttpResponse, web};
use askama::Template;
use gradimento_common::disclosure::Policy;
use gradimento_common::questionnaire::Dimension;

use super::Office;
use super::refusal::{HttpProblem, blocking};
use crate::publish::dimension::Dimensions;
use crate::publish::{Indicator, Level, Rollup, indicators};
use crate::store::RollupFilter;

/// Figures change when a batch arrives, pages when the program is replaced: a minute's delay spares a busy day's work.
const BRIEFLY: (HeaderName, &str) = (CACHE_CONTROL, "public, max-age=60");

const MONTHS: [&str; 12] = [
    "gennaio",
    "febbraio",
    "marzo",
    "aprile",
    "maggio",
    "giugno",
    "luglio",
    "agosto",
    "settembre",
    "ottobre",
    "novembre",
    "dicembre",
];

/// What an overall rating can measure, and what people call it.
const MEASURES: [(Dimension, &str); 5] = [
    (Dimension::Satisfaction, "Soddisfazione complessiva"),
    (Dimension::Clarity, "Chiarezza delle informazioni"),
    (Dimension::EaseOfUse, "Facilità di utilizzo"),
    (Dimension::Effectiveness, "Efficacia"),
    (Dimension::UsefulInformation, "Presenza di informazioni utili"),
];

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    figures: Vec<Figure>,
    k: u32,
}

/// One month's national figure, rounded for people.
struct Figure {
    measure: &'static str,
    name: &'static str,
    period: String,
    responses: u64,
    score: String,
    score_low: String,
    score_high: String,
    top2: String,
    top2_low: String,
    top2_high: String,
    chart: Chart,
}

/// Score and interval on an axis from 0 to 100, in units of the drawing: four for each point.
struct Chart {
    score: f64,
    from: f64,
    length: f64,
}

pub(super) async fn show(office: web::Data<Office>) -> Result<HttpResponse, HttpProblem> {
    let (k, figures) = blocking(move || {
        // What was sealed under an easier policy stays in the figures.
        let k = office.store.policies()?.iter().map(Policy::k).min().unwrap_or(office.survey.policy.k());
        let dimensions = Dimensions::of(&office.editions.load());
        Ok((k, national(&office.store.rollups(&RollupFilter::default())?, &dimensions)))
    })
    .await?;
    let figures = figures.iter().filter_map(figure).collect();
    let page = Home { figures, k }.render().map_err(|error| HttpProblem::internal(&error))?;
    let html = HttpResponse::Ok().content_type("text/html; charset=utf-8").insert_header(BRIEFLY).body(page);
    Ok(html)
}

pub(super) async fn style() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header(BRIEFLY)
        .body(include_str!("../../templates/style.css"))
}

/// Figures by month, dimension and assurance, the latest month first: over every questionnaire whose overall rating measures the
/// same, for all of them ask it in five stars.
fn national(rollups: &[Rollup], dimensions: &Dimensions) -> Vec<(&'static str, Indicator)> {
    let mut figures = Vec::new();
    for (dimension, measure) in MEASURES {
        let measured = |rollup: &&Rollup| dimensions.get(&rollup.questionnaire, rollup.version) == Some(dimension);
        let overall = rollups.iter().filter(measured).map(|rollup| Rollup {
            questionnaire: String::new(),
            version: 0,
            counts: rollup
                .counts
                .get_key_value("overall")
                .map(|(id, counts)| (id.clone(), counts.clone()))
                .into_iter()
                .collect(),
            ..rollup.clone()
        });
        let summed = indicators(&overall.collect::<Vec<_>>(), Level::Country, dimensions);
        figures.extend(summed.into_iter().map(|figure| (measure, figure)));
    }
    // Stable: within a month the order of the measures stays, and open answers come before ticketed ones.
    figures.sort_by(|(_, a), (_, b)| b.period.cmp(&a.period));
    figures
}

fn figure((measure, indicator): &(&'static str, Indicator)) -> Option<Figure> {
    let [score_low, score_high] = indicator.score_interval?;
    let [top2_low, top2_high] = indicator.top2_interval?;
    // Italian writes the decimal comma.
    let round = |value: f64| format!("{value:.1}").replace('.', ",");
    let score = indicator.score?;
    let chart = Chart { score: score * 4.0, from: score_low * 4.0, length: (score_high - score_low) * 4.0 };
    Some(Figure {
        measure,
        name: if indicator.assurance == "ticketed" { "Risposte con biglietto" } else { "Risposte aperte" },
        period: in_words(&indicator.period)?,
        responses: indicator.responses,
        score: round(score),
        score_low: round(score_low),
        score_high: round(score_high),
        top2: round(indicator.top2_share? * 100.0),
        top2_low: round(top2_low * 100.0),
        top2_high: round(top2_high * 100.0),
        chart,
    })
}

/// `2026-11` as people write it.
fn in_words(period: &str) -> Option<String> {
    let (year, month) = period.split_once('-')?;
    let name = MONTHS.get(month.parse::<usize>().ok()?.checked_sub(1)?)?;
    Some(format!("{name} {year}"))
}

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn months_are_written_in_words() {
        assert_eq!(in_words("2026-01").as_deref(), Some("gennaio 2026"));
        assert_eq!(in_words("2026-12").as_deref(), Some("dicembre 2026"));
        assert_eq!(in_words("2026-13").or(in_words("2026-00")), None);
    }
}
