//! Storing one response: its marks, its row, its suggestion, its tallies. Constraints decide what counts, not a look before.

use std::collections::HashMap;

use gradimento_common::batch::Tally;
use gradimento_common::ids::Edition;
use rusqlite::{Connection, Transaction};

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
pub(super) struct TallySheet<'a>(HashMap<PoolColumns<'a>, Tally<'a>>);

/// The columns that say where a response belongs.
#[derive(Debug, PartialEq, Eq, Hash)]
struct PoolColumns<'a> {
    service: &'a str,
    edition: Edition,
    assurance: &'static str,
    day: String,
}

impl<'a> PoolColumns<'a> {
    fn of(response: &'a Response) -> Self {
        Self {
            service: response.service.as_str(),
            edition: response.edition(),
            assurance: response.assurance().as_str(),
            day: response.day.to_string(),
        }
    }
}

pub(super) fn insert<'a>(
    transaction: &Transaction<'_>,
    response: &'a Response,
    sheet: &mut TallySheet<'a>,
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
    if !insert_row(transaction, response, &columns)? {
        // The mark had grown old and was gone, while the response waits in a small pool.
        response.ticket.iter().try_for_each(|ticket| unmark(transaction, ticket))?;
        return Ok(Outcome::CountedBefore);
    }
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

/// Whether what bears this mark has been used: so far, and as of now.
///
/// # Errors
/// Where SQLite refuses.
pub fn is_marked(connection: &Connection, nullifier: &Nullifier) -> Result<bool, StoreError> {
    Ok(connection.prepare_cached("SELECT 1 FROM nullifier WHERE hash = ?1")?.exists([nullifier.as_bytes()])?)
}

fn unmark(transaction: &Transaction<'_>, nullifier: &Nullifier) -> Result<(), StoreError> {
    transaction.prepare_cached("DELETE FROM nullifier WHERE hash = ?1")?.execute([nullifier.as_bytes()])?;
    Ok(())
}

fn insert_row(transaction: &Transaction<'_>, response: &Response, columns: &PoolColumns<'_>) -> Result<bool, StoreError> {
    let sql = "INSERT INTO pool (key, service, questionnaire, version, assurance, day, language, answers)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING";
    let inserted = transaction.prepare_cached(sql)?.execute((
        response.key.as_bytes(),
        columns.service,
        columns.edition.questionnaire.as_str(),
        columns.edition.version,
        columns.assurance,
        &columns.day,
        response.language.tag(),
        response.answers.to_stored(),
    ))?;
    Ok(inserted == 1)
}

fn insert_suggestion(
    transaction: &Transaction<'_>,
    response: &Response,
    columns: &PoolColumns<'_>,
    text: &Redacted,
) -> Result<(), StoreError> {
    // The key is drawn by SQLite and never leaves it: nothing joins the text to the other answers.
    let sql = "INSERT INTO suggestion_today (key, service, questionnaire, version, day, language, overall, text)
               VALUES (randomblob(16), ?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    transaction.prepare_cached(sql)?.execute((
        columns.service,
        columns.edition.questionnaire.as_str(),
        columns.edition.version,
        &columns.day,
        response.language.tag(),
        response.answers.overall(),
        text.as_str(),
    ))?;
    Ok(())
}

impl<'a> TallySheet<'a> {
    fn add(&mut self, response: &'a Response, columns: PoolColumns<'a>) {
        let tally = self.0.entry(columns).or_insert_with(|| Tally::new(response.answers.questionnaire()));
        tally.add(&response.answers);
    }

    pub(super) fn write(self, transaction: &Transaction<'_>) -> Result<(), StoreError> {
        let sql = "INSERT INTO tally (service, questionnaire, version, assurance, day, question, option, n)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                   ON CONFLICT DO UPDATE SET n = n + excluded.n";
        let mut statement = transaction.prepare_cached(sql)?;
        for (PoolColumns { service, edition, assurance, day }, tally) in self.0 {
            let (questionnaire, version) = (edition.questionnaire.as_str(), edition.version);
            for (question, options) in tally.counts() {
                for (option, n) in options.into_iter().filter(|(_, n)| *n > 0) {
                    statement.execute((service, questionnaire, version, assurance, &day, &question, option, n))?;
                }
            }
        }
        Ok(())
    }
}
