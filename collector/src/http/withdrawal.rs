//! Withdrawing a response with the code of the thank-you page: for programs, and as a plain HTML page. The code comes in a
//! body, for addresses are written into logs. 80 bits are not guessed, so nobody's attempts are counted.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use gradimento_common::problem::{Problem, ProblemType};
use gradimento_common::questionnaire::Language;
use serde::{Deserialize, Serialize};

use super::Desk;
use super::page::frame::{Asked, Frame, html};
use super::refusal::HttpProblem;
use super::responses::{body_problem, read};
use crate::intake::submission::WithdrawalCode;
use crate::store::withdrawal::{Withdrawal, withdraw};

/// What a program is told beside success.
const DETAIL: &str = "The response counts no longer. A suggestion sent with it stays: nothing leads from a response to its \
                      suggestion.";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawWithdrawal {
    withdrawal_code: String,
}

#[derive(Serialize)]
struct Withdrawn {
    withdrawn: bool,
    detail: &'static str,
}

/// The form's fields.
#[derive(Deserialize)]
pub(super) struct WithdrawalForm {
    #[serde(default)]
    withdrawal_code: String,
    language: Option<String>,
}

/// What the page has to say.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Asked,
    Done,
    Impossible,
}

#[derive(Template)]
#[template(path = "page/withdraw.html")]
struct WithdrawPage<'a> {
    frame: Frame<'a>,
    words: &'static Words,
    state: State,
}

pub(super) async fn submit(
    desk: web::Data<Desk>,
    request: HttpRequest,
    body: Result<web::Bytes, actix_web::Error>,
) -> Result<HttpResponse, HttpProblem> {
    let raw: RawWithdrawal = read(&request, body)?;
    match take_back(&desk, &raw.withdrawal_code).await? {
        Withdrawal::Done => Ok(HttpResponse::Ok().json(Withdrawn { withdrawn: true, detail: DETAIL })),
        Withdrawal::Impossible => Err(Problem::new(ProblemType::WithdrawalImpossible).into()),
    }
}

pub(super) async fn show(desk: web::Data<Desk>, request: HttpRequest) -> Result<HttpResponse, HttpProblem> {
    page(&desk, Asked::of(&request).language, State::Asked)
}

pub(super) async fn submit_form(
    desk: web::Data<Desk>,
    request: HttpRequest,
    body: Result<web::Form<WithdrawalForm>, actix_web::Error>,
) -> Result<HttpResponse, HttpProblem> {
    let form = body.map_err(|error| body_problem(&error))?.into_inner();
    let language = form.language.and_then(|tag| Language::from_tag(&tag)).unwrap_or_else(|| Asked::of(&request).language);
    let state = match take_back(&desk, &form.withdrawal_code).await? {
        Withdrawal::Done => State::Done,
        Withdrawal::Impossible => State::Impossible,
    };
    page(&desk, language, state)
}

async fn take_back(desk: &Desk, typed: &str) -> Result<Withdrawal, HttpProblem> {
    // What is no code at all is the code of no response.
    let Some(code) = WithdrawalCode::parse(typed) else { return Ok(Withdrawal::Impossible) };
    let key = code.row_key();
    Ok(desk.store.write(move |transaction| withdraw(transaction, &key)).await?)
}

fn page(desk: &Desk, language: Language, state: State) -> Result<HttpResponse, HttpProblem> {
    let page = WithdrawPage { frame: Frame::new(desk, language), words: words(language), state };
    let status = if state == State::Impossible { StatusCode::NOT_FOUND } else { StatusCode::OK };
    html(status, &page)
}

/// What the page says.
struct Words {
    title: &'static str,
    explanation: &'static str,
    code: &'static str,
    hint: &'static str,
    send: &'static str,
    done: &'static str,
    suggestion: &'static str,
    impossible: &'static str,
}

fn words(language: Language) -> &'static Words {
    match language {
        Language::It => &IT,
        Language::En => &EN,
        Language::De => &DE,
        Language::Fr => &FR,
        Language::Sl => &SL,
    }
}

const IT: Words = Words {
    title: "Ritira la tua risposta",
    explanation: "Puoi ritirare una risposta finché non è stata contata insieme ad altre.",
    code: "Codice di ritiro",
    hint: "Lo trovi nella pagina di ringraziamento: 16 lettere e cifre. Maiuscole, spazi e trattini non \
           contano.",
    send: "Ritira la risposta",
    done: "La risposta è stata ritirata e non conta più.",
    suggestion: "Se avevi scritto anche un suggerimento, quello resta: è conservato da solo e nessuno, nemmeno noi, \
                 può sapere quale fosse il tuo.",
    impossible: "Nessuna risposta che si possa ritirare ha questo codice. Controllalo. Se la risposta è già stata \
                 contata insieme ad altre, o ritirata, non è più distinguibile.",
};
const EN: Words = Words {
    title: "Withdraw your answer",
    explanation: "You can withdraw an answer until it has been counted together with others.",
    code: "Withdrawal code",
    hint: "It stands on the thank-you page: 16 letters and digits. Capitals, spaces and dashes do not matter.",
    send: "Withdraw the answer",
    done: "The answer has been withdrawn and counts no longer.",
    suggestion: "If you had written a suggestion too, it stays: it is kept by itself, and nobody, not even we, can \
                 tell which one was yours.",
    impossible: "No answer that could be withdrawn has this code. Please check it. An answer that has been counted \
                 together with others, or withdrawn before, can no longer be told apart.",
};
const DE: Words = Words {
    title: "Antwort zurückziehen",
    explanation: "Sie können eine Antwort zurückziehen, solange sie nicht mit anderen zusammengezählt wurde.",
    code: "Rückzugscode",
    hint: "Er steht auf der Dankesseite: 16 Buchstaben und Ziffern. Großschreibung, Leerzeichen und Striche \
           spielen keine Rolle.",
    send: "Antwort zurückziehen",
    done: "Die Antwort wurde zurückgezogen und zählt nicht mehr.",
    suggestion: "Falls Sie auch einen Vorschlag geschrieben haben, bleibt dieser: Er wird für sich aufbewahrt, und \
                 niemand, auch wir nicht, kann sagen, welcher Ihrer war.",
    impossible: "Keine Antwort, die zurückgezogen werden könnte, hat diesen Code. Bitte prüfen Sie ihn. Eine Antwort, \
                 die schon mit anderen zusammengezählt oder zurückgezogen wurde, ist nicht mehr erkennbar.",
};
const FR: Words = Words {
    title: "Retirer votre réponse",
    explanation: "Vous pouvez retirer une réponse tant qu’elle n’a pas été comptée avec d’autres.",
    code: "Code de retrait",
    hint: "Il figure sur la page de remerciement : 16 lettres et chiffres. Majuscules, espaces et tirets ne \
           comptent pas.",
    send: "Retirer la réponse",
    done: "La réponse a été retirée et ne compte plus.",
    suggestion: "Si vous aviez aussi écrit une suggestion, elle reste : elle est conservée seule et personne, pas \
                 même nous, ne peut savoir laquelle était la vôtre.",
    impossible: "Aucune réponse pouvant être retirée n’a ce code. Vérifiez-le. Une réponse déjà comptée avec \
                 d’autres, ou déjà retirée, ne peut plus être distinguée.",
};
const SL: Words = Words {
    title: "Umik odgovora",
    explanation: "Odgovor lahko umaknete, dokler ni preštet skupaj z drugimi.",
    code: "Koda za umik",
    hint: "Najdete jo na strani z zahvalo: 16 črk in števk. Velike črke, presledki in vezaji niso pomembni.",
    send: "Umakni odgovor",
    done: "Odgovor je umaknjen in ne šteje več.",
    suggestion: "Če ste napisali tudi predlog, ta ostane: shranjen je posebej in nihče, niti mi, ne more vedeti, \
                 kateri je bil vaš.",
    impossible: "Noben odgovor, ki bi ga bilo mogoče umakniti, nima te kode. Preverite jo. Odgovora, ki je že preštet \
                 skupaj z drugimi ali umaknjen, ni več mogoče ločiti.",
};
