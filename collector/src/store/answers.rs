//! Storing one response: its marks, its row, its suggestion, its tallies. Constraints decide what counts, not a look before.

use std::collections::HashMap;

use gradimento_common::batch::NONE;
use rusqlite::Transaction;

use super::StoreError;
use crate::intake::Response;
use crate::intake::redaction::Redacted;
use crate::intake::submission::Nullifier;

/// What became of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It counts now.
    Stored,
    /// The same submission counted before; nothing changed.
    CountedBefore,
    /// Its ticket was used by another submission; nothing changed.
    TicketSpent,
}

impl Outcome {
    /// The word for metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::CountedBefore => "counted_before",
            Self::TicketSpent => "ticket_spent",
        }
    }
}

/// Tallies of one transaction, gathered so that each cell is written once however many answers fell into it.
#[derive(Default)]
pub(super) struct TallySheet(HashMap<(PoolColumns, String, String), i64>);

/// The columns that say where a response belongs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct PoolColumns {
    service: String,
    questionnaire: String,
    version: u32,
    assurance: &'static str,
    day: String,
}

impl PoolColumns {
    fn of(response: &Response) -> Self {
        let edition = response.edition();
        Self {
            service: response.service.to_string(),
            questionnaire: edition.questionnaire.to_string(),
            version: edition.version,
            assurance: response.assurance().as_str(),
            day: response.day.to_string(),
        }
    }
}

pub(super) fn insert(
    transaction: &Transaction<'_>,
    response: &Response,
    sheet: &mut TallySheet,
) -> Result<Outcome, StoreError> {
    let columns = PoolColumns::of(response);
    if !mark(transaction, &response.submission, &columns.day)? {
        return Ok(Outcome::CountedBefore);
    }
    if let Some(ticket) = &response.ticket
        && !mark(transaction, ticket, &columns.day)?
    {
        unmark(transaction, &response.submission)?;
        return Ok(Outcome::TicketSpent);
    }
    insert_row(transaction, response, &columns)?;
    if let Some(text) = &response.suggestion {
        insert_suggestion(transaction, response, &columns, text)?;
    }
    sheet.add(response, columns);
    Ok(Outcome::Stored)
}

fn mark(transaction: &Transaction<'_>, nullifier: &Nullifier, day: &str) -> Result<bool, StoreError> {
    let sql = "INSERT INTO nullifier (hash, day) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    Ok(transaction.prepare_cached(sql)?.execute((nullifier.as_bytes(), day))? == 1)
}

fn unmark(transaction: &Transaction<'_>, nullifier: &Nullifier) -> Result<(), StoreError> {
    transaction.prepare_cached("DELETE FROM nullifier WHERE hash = ?1")?.execute([nullifier.as_bytes()])?;
    Ok(())
}

fn insert_row(transaction: &Transaction<'_>, response: &Response, columns: &PoolColumns) -> Result<(), StoreError> {
    let sql = "INSERT INTO pool (key, service, questionnaire, version, assurance, day, language, answers)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    transaction.prepare_cached(sql)?.execute((
        response.key.as_bytes(),
        &columns.service,
        &columns.questionnaire,
        columns.version,
        columns.assurance,
        &columns.day,
        response.language.tag(),
        response.answers.to_stored(),
    ))?;
    Ok(())
}

fn insert_suggestion(
    transaction: &Transaction<'_>,
    response: &Response,
    columns: &PoolColumns,
    text: &Redacted,
) -> Result<(), StoreError> {
    // The key is drawn by SQLite and never leaves it: nothing joins the text to the other answers.
    let sql = "INSERT INTO suggestion_today (key, service, questionnaire, version, day, language, overall, text)
               VALUES (randomblob(16), ?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    transaction.prepare_cached(sql)?.execute((
        &columns.service,
        &columns.questionnaire,
        columns.version,
        &columns.day,
        response.language.tag(),
        response.answers.overall(),
        text.as_str(),
    ))?;
    Ok(())
}

impl TallySheet {
    fn add(&mut self, response: &Response, columns: PoolColumns) {
        let questions = response.answers.questionnaire().questions().iter().enumerate();
        for (position, question) in questions.filter(|(_, question)| question.is_counted()) {
            let keys = question.option_keys();
            let marks = response.answers.marks().iter().filter(|mark| usize::from(mark.question) == position);
            let mut chosen: Vec<&str> = marks.filter_map(|mark| keys.get(usize::from(mark.option)).copied()).collect();
            if chosen.is_empty() {
                chosen.push(NONE);
            }
            for option in chosen {
                *self.0.entry((columns.clone(), question.id.clone(), option.to_owned())).or_default() += 1;
            }
        }
    }

    pub(super) fn write(self, transaction: &Transaction<'_>) -> Result<(), StoreError> {
        let sql = "INSERT INTO tally (service, questionnaire, version, assurance, day, question, option, n)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                   ON CONFLICT DO UPDATE SET n = n + excluded.n";
        let mut statement = transaction.prepare_cached(sql)?;
        for ((c, question, option), n) in self.0 {
            statement.execute((c.service, c.questionnaire, c.version, c.assurance, c.day, question, option, n))?;
        }
        Ok(())
    }
}
