//! What to ask and under which terms, pulled from the aggregator. What arrives is believed under its signature only, kept, and
//! used for as long as the aggregator is away.

use std::sync::Arc;

use gradimento_common::assignment::Assignment;
use gradimento_common::ids::{AgencyCode, Edition};
use gradimento_common::jose::{SealPublicKey, Token, TokenKind};
use gradimento_common::questionnaire::Questionnaire;
use serde::de::DeserializeOwned;
use thiserror::Error;

use crate::store::documents::{Document, document, put, tokens};
use crate::store::{Store, StoreError};
use crate::survey::Editions;
use crate::wire::{Reply, Request, Transport, Unreachable};

const ASSIGNMENT: &str = "assignment";
const QUESTIONNAIRES: &str = "questionnaire/";

/// Why nothing new could be learnt. What was known stays.
#[derive(Debug, Error)]
pub enum PullError {
    /// Nobody answered.
    #[error(transparent)]
    Unreachable(#[from] Unreachable),
    /// The aggregator has no such document for us, or not now.
    #[error("the aggregator answered {0}")]
    Refused(u16),
    /// The document cannot be believed.
    #[error("a document cannot be believed: {0}")]
    Foreign(&'static str),
    /// Our own store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Where documents come from: who signs them, and for whom they must be.
#[derive(Debug, Clone)]
pub struct Source {
    /// For this agency.
    pub agency: AgencyCode,
    /// Under this key.
    pub aggregator: SealPublicKey,
}

impl Source {
    /// What has been learnt so far; `None` before the first assignment.
    ///
    /// # Errors
    /// Where the store fails, or holds what is not signed by the aggregator.
    pub fn known(&self, store: &Store) -> Result<Option<(Assignment, Editions)>, PullError> {
        let kept = store.read(|connection| Ok((document(connection, ASSIGNMENT)?, tokens(connection, QUESTIONNAIRES)?)))?;
        let (Some(assignment), questionnaires) = kept else { return Ok(None) };
        let assignment = self.assignment(&assignment.token)?;
        let questionnaires = questionnaires.iter().map(|token| self.questionnaire(token)).collect::<Result<Vec<_>, _>>()?;
        let editions = questionnaires.into_iter().map(|questionnaire| (questionnaire.edition(), Arc::new(questionnaire)));
        Ok(Some((assignment, editions.collect())))
    }

    /// Asks for the assignment, and for every questionnaire that it names and that is not known. `true` where something is new.
    ///
    /// # Errors
    /// Where nothing new could be learnt; nothing has changed then.
    pub async fn pull(&self, transport: &impl Transport, store: &Store) -> Result<bool, PullError> {
        let known = store.read(|connection| document(connection, ASSIGNMENT))?;
        let path = format!("/rest/cx/v1/agencies/{}/assignment", self.agency);
        let reply = get(transport, path, known.and_then(|known| known.etag)).await?;
        if reply.status == 304 {
            return Ok(false);
        }
        let arrived = arrived(reply)?;
        let assignment = self.assignment(&arrived.token)?;
        let mut fresh = vec![(ASSIGNMENT.to_owned(), arrived)];
        for assigned in &assignment.questionnaires {
            fresh.extend(self.missing(&assigned.edition, transport, store).await?);
        }
        store.write(move |transaction| fresh.iter().try_for_each(|(name, document)| put(transaction, name, document))).await?;
        Ok(true)
    }

    async fn missing(
        &self,
        edition: &Edition,
        transport: &impl Transport,
        store: &Store,
    ) -> Result<Option<(String, Document)>, PullError> {
        let Edition { questionnaire, version } = edition;
        let name = format!("{QUESTIONNAIRES}{questionnaire}/{version}");
        if store.read(|connection| document(connection, &name))?.is_some() {
            return Ok(None);
        }
        let path = format!("/rest/cx/v1/questionnaires/{questionnaire}/{version}");
        let document = arrived(get(transport, path, None).await?)?;
        if self.questionnaire(&document.token)?.edition() != *edition {
            return Err(PullError::Foreign("a questionnaire is another one than was asked for"));
        }
        Ok(Some((name, document)))
    }

    fn assignment(&self, token: &str) -> Result<Assignment, PullError> {
        let assignment: Assignment = self.verified(TokenKind::Assignment, token)?;
        if assignment.agency == self.agency { Ok(assignment) } else { Err(PullError::Foreign("it is for another agency")) }
    }

    fn questionnaire(&self, token: &str) -> Result<Questionnaire, PullError> {
        self.verified(TokenKind::Questionnaire, token)
    }

    fn verified<T: DeserializeOwned>(&self, kind: TokenKind, token: &str) -> Result<T, PullError> {
        let payload = Token::parse_document(kind, token).and_then(|token| token.verify(&self.aggregator));
        let payload = payload.map_err(|_| PullError::Foreign("it is not signed by the aggregator"))?;
        serde_json::from_slice(&payload).map_err(|_| PullError::Foreign("it is signed, and this version cannot read it"))
    }
}

async fn get(transport: &impl Transport, path: String, etag: Option<String>) -> Result<Reply, Unreachable> {
    let headers = etag.map(|etag| ("If-None-Match", etag)).into_iter().collect();
    transport.send(Request { path, headers, body: None }).await
}

fn arrived(reply: Reply) -> Result<Document, PullError> {
    if reply.status != 200 {
        return Err(PullError::Refused(reply.status));
    }
    let token = String::from_utf8(reply.body).map_err(|_| PullError::Foreign("it is not a token"))?;
    Ok(Document { etag: reply.etag, token })
}

#[cfg(test)]
mod tests;
