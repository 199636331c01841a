//! `/s/{service}`: the questionnaire as a plain HTML form, for any browser, without JavaScript.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use gradimento_common::problem::{Problem, ProblemType};
use gradimento_common::questionnaire::{Kind, Language, Question, Questionnaire};
use gradimento_common::response::{RawAnswers, RawResponse};

use super::Desk;
use super::refusal::HttpProblem;
use super::responses::{body_problem, take};
use crate::survey::Surveyed;

/// One control of the form.
struct Field<'a> {
    id: &'a str,
    kind: &'static str,
    text: &'a str,
    hint: Option<&'a str>,
    required: bool,
    options: Vec<(String, String, bool)>,
    value: String,
    length_max: u32,
    fault: Option<String>,
    follow_up: bool,
}

#[derive(Template)]
#[template(path = "form.html")]
struct FormPage<'a> {
    lang: &'static str,
    agency: &'a str,
    service: &'a str,
    title: &'a str,
    words: &'static Words,
    token: String,
    fields: Vec<Field<'a>>,
    faulty: bool,
}

#[derive(Template)]
#[template(path = "thanks.html")]
struct ThanksPage<'a> {
    lang: &'static str,
    agency: &'a str,
    service: &'a str,
    words: &'static Words,
    code: &'a str,
}

/// What the pages say besides the questions.
struct Words {
    send: &'static str,
    required: &'static str,
    faulty: &'static str,
    follow_up: &'static str,
    privacy: &'static str,
    thanks: &'static str,
    code: &'static str,
}

const IT: Words = Words {
    send: "Invia",
    required: "obbligatoria",
    faulty: "Controlla le risposte segnate: non abbiamo ancora registrato nulla.",
    follow_up: "Solo se riguarda la risposta precedente.",
    privacy: "Il questionario è anonimo: non registriamo chi sei, da dove scrivi né l’ora. Non scrivere dati personali.",
    thanks: "Grazie, il tuo parere ci aiuterà a migliorare il servizio!",
    code: "Con questo codice puoi ritirare la risposta finché non è stata contata insieme ad altre:",
};
const EN: Words = Words {
    send: "Send",
    required: "required",
    faulty: "Please check the marked answers: nothing has been recorded yet.",
    follow_up: "Only if it concerns your previous answer.",
    privacy: "This questionnaire is anonymous: we do not record who you are, where you write from or the time. Do not write personal data.",
    thanks: "Thank you, your opinion will help us improve the service!",
    code: "With this code you can withdraw your answer until it has been counted together with others:",
};
const DE: Words = Words {
    send: "Absenden",
    required: "erforderlich",
    faulty: "Bitte prüfen Sie die markierten Antworten: Es wurde noch nichts gespeichert.",
    follow_up: "Nur falls es Ihre vorherige Antwort betrifft.",
    privacy: "Der Fragebogen ist anonym: Wir speichern weder, wer Sie sind, noch von wo Sie schreiben, noch die Uhrzeit. Bitte geben Sie keine persönlichen Daten an.",
    thanks: "Danke, Ihre Meinung hilft uns, den Dienst zu verbessern!",
    code: "Mit diesem Code können Sie die Antwort zurückziehen, solange sie nicht mit anderen zusammengezählt wurde:",
};
const FR: Words = Words {
    send: "Envoyer",
    required: "obligatoire",
    faulty: "Vérifiez les réponses signalées : rien n’a encore été enregistré.",
    follow_up: "Seulement si cela concerne votre réponse précédente.",
    privacy: "Le questionnaire est anonyme : nous n’enregistrons ni qui vous êtes, ni d’où vous écrivez, ni l’heure. N’écrivez pas de données personnelles.",
    thanks: "Merci, votre avis nous aidera à améliorer le service !",
    code: "Avec ce code, vous pouvez retirer votre réponse tant qu’elle n’a pas été comptée avec d’autres :",
};
const SL: Words = Words {
    send: "Pošlji",
    required: "obvezno",
    faulty: "Preverite označene odgovore: ničesar še nismo zabeležili.",
    follow_up: "Samo, če se nanaša na prejšnji odgovor.",
    privacy: "Vprašalnik je anonimen: ne beležimo, kdo ste, od kod pišete ali ob kateri uri. Ne vpisujte osebnih podatkov.",
    thanks: "Hvala, vaše mnenje nam bo pomagalo izboljšati storitev!",
    code: "S to kodo lahko odgovor umaknete, dokler ni preštet skupaj z drugimi:",
};

fn words(language: Language) -> &'static Words {
    match language {
        Language::It => &IT,
        Language::En => &EN,
        Language::De => &DE,
        Language::Fr => &FR,
        Language::Sl => &SL,
    }
}

type Values = BTreeMap<String, Vec<String>>;

pub(super) async fn show(
    desk: web::Data<Desk>,
    service: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, HttpProblem> {
    let surveyed = desk.service(&service)?;
    let token = desk.form_token(&surveyed.service.id)?;
    page(&desk, &surveyed, language(&request), token, &Values::new(), None)
}

pub(super) async fn submit(
    desk: web::Data<Desk>,
    service: web::Path<String>,
    request: HttpRequest,
    body: Result<web::Form<Vec<(String, String)>>, actix_web::Error>,
) -> Result<HttpResponse, HttpProblem> {
    let surveyed = desk.service(&service)?;
    let questionnaire = surveyed.questionnaire.as_ref().ok_or(ProblemType::QuestionnaireUnavailable)?;
    let values = grouped(body.map_err(|error| body_problem(&error))?.into_inner());
    let language =
        values.get("language").and_then(|tags| Language::from_tag(tags.first()?)).unwrap_or_else(|| language(&request));
    let token = values.get("form_token").and_then(|tokens| tokens.first()).ok_or(ProblemType::SubmissionKeyMissing)?;
    let key = match desk.tokens.submission(&surveyed.service.id, token, desk.clock.now()) {
        Ok(key) => key,
        // The form was open for too long: the same page with a fresh token, every answer kept.
        Err(_) => {
            return page(
                &desk,
                &surveyed,
                language,
                desk.form_token(&surveyed.service.id)?,
                &values,
                Some(&ProblemType::FormTokenExpired.into()),
            );
        }
    };
    match take(&desk, &surveyed, &raw(questionnaire, &values, language), &key).await {
        Ok(code) => thanks(&desk, &surveyed, language, code.as_str()),
        Err(HttpProblem(problem)) if problem.kind() == ProblemType::AnswersInvalid => {
            page(&desk, &surveyed, language, token.clone(), &values, Some(&problem))
        }
        Err(problem) => Err(problem),
    }
}

pub(super) async fn style() -> HttpResponse {
    HttpResponse::Ok().content_type("text/css; charset=utf-8").body(include_str!("../../templates/style.css"))
}

fn language(request: &HttpRequest) -> Language {
    let header = request.headers().get("Accept-Language").and_then(|value| value.to_str().ok());
    header.map_or(Language::It, Language::accepted)
}

fn grouped(fields: Vec<(String, String)>) -> Values {
    let mut values = Values::new();
    for (name, value) in fields.into_iter().filter(|(_, value)| !value.is_empty()) {
        values.entry(name).or_default().push(value);
    }
    values
}

fn raw(questionnaire: &Questionnaire, values: &Values, language: Language) -> RawResponse {
    let edition = questionnaire.edition();
    let reserved = ["form_token", "language", "questionnaire", "version", "suggestion"];
    let answers = values.iter().filter(|(name, _)| !reserved.contains(&name.as_str()));
    let answers: Values = answers.map(|(name, value)| (name.clone(), value.clone())).collect();
    RawResponse {
        questionnaire: edition.questionnaire.to_string(),
        version: edition.version,
        answers: RawAnswers::from_form(questionnaire, &answers),
        suggestion: values.get("suggestion").and_then(|texts| texts.first().cloned()),
        language: Some(language.tag().to_owned()),
        form_token: None,
        ticket: None,
    }
}

fn page(
    desk: &Desk,
    surveyed: &Surveyed,
    language: Language,
    token: String,
    values: &Values,
    problem: Option<&Problem>,
) -> Result<HttpResponse, HttpProblem> {
    let questionnaire = surveyed.questionnaire.as_ref().ok_or(ProblemType::QuestionnaireUnavailable)?;
    let page = FormPage {
        lang: language.tag(),
        agency: &desk.agency_name,
        service: &surveyed.service.name,
        title: questionnaire.title().of(language),
        words: words(language),
        token,
        fields: questionnaire.questions().iter().map(|question| field(question, language, values, problem)).collect(),
        faulty: problem.is_some(),
    };
    let status =
        problem.map_or(StatusCode::OK, |problem| StatusCode::from_u16(problem.kind().status()).unwrap_or(StatusCode::OK));
    html(status, &page)
}

fn thanks(desk: &Desk, surveyed: &Surveyed, language: Language, code: &str) -> Result<HttpResponse, HttpProblem> {
    let (agency, service) = (desk.agency_name.as_str(), surveyed.service.name.as_str());
    html(StatusCode::CREATED, &ThanksPage { lang: language.tag(), agency, service, words: words(language), code })
}

fn html(status: StatusCode, page: &impl Template) -> Result<HttpResponse, HttpProblem> {
    let text = page.render().map_err(|error| HttpProblem::internal(&error))?;
    Ok(HttpResponse::build(status).content_type("text/html; charset=utf-8").body(text))
}

fn field<'a>(question: &'a Question, language: Language, values: &Values, problem: Option<&Problem>) -> Field<'a> {
    let given = values.get(&question.id);
    let options = question.option_keys().into_iter().map(|key| {
        let chosen = given.is_some_and(|values| values.iter().any(|value| value == key));
        (key.to_owned(), option_text(question, key, language), chosen)
    });
    let pointers = [format!("/answers/{}", question.id), format!("/{}", question.id)];
    let faults = problem.map(Problem::faults).unwrap_or_default();
    Field {
        id: &question.id,
        kind: match question.kind {
            Kind::FreeText => "text",
            Kind::MultipleChoice => "checkbox",
            _ => "radio",
        },
        text: question.text.of(language),
        hint: question.hint.as_ref().map(|hint| hint.of(language)),
        required: question.required,
        options: options.collect(),
        value: given.and_then(|values| values.first().cloned()).unwrap_or_default(),
        length_max: question.max_length.unwrap_or_default(),
        fault: faults.iter().find(|fault| pointers.contains(&fault.pointer)).map(|fault| fault.detail.clone()),
        follow_up: question.when.is_some(),
    }
}

fn option_text(question: &Question, key: &str, language: Language) -> String {
    let own = question.options.iter().find(|choice| choice.id == key).map(|choice| choice.text.of(language).to_owned());
    own.unwrap_or_else(|| fixed_text(question.kind, key, language))
}

fn fixed_text(kind: Kind, key: &str, language: Language) -> String {
    let in_order =
        |texts: [&str; 5]| texts.into_iter().zip(Language::ALL).find(|(_, l)| *l == language).map(|(t, _)| t.to_owned());
    let text = match (kind, key) {
        (Kind::Stars, "1") => {
            in_order(["Valuta 1 stella su 5", "1 star out of 5", "1 Stern von 5", "1 étoile sur 5", "1 zvezdica od 5"])
        }
        (Kind::Stars, n) => in_order([
            &format!("Valuta {n} stelle su 5"),
            &format!("{n} stars out of 5"),
            &format!("{n} Sterne von 5"),
            &format!("{n} étoiles sur 5"),
            &format!("{n} zvezdic od 5"),
        ]),
        (Kind::YesNo, "yes") => in_order(["Sì", "Yes", "Ja", "Oui", "Da"]),
        (Kind::YesNo, _) => in_order(["No", "No", "Nein", "Non", "Ne"]),
        (Kind::Faces, "satisfied") => in_order(["Soddisfatto", "Satisfied", "Zufrieden", "Satisfait", "Zadovoljen"]),
        (Kind::Faces, "neutral") => in_order(["Così così", "Neutral", "Teils, teils", "Neutre", "Nevtralno"]),
        (Kind::Faces, _) => in_order(["Insoddisfatto", "Dissatisfied", "Unzufrieden", "Insatisfait", "Nezadovoljen"]),
        _ => None,
    };
    text.unwrap_or_else(|| key.to_owned())
}
