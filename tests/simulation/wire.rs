//! The line between a collector and the aggregator, in memory. It loses, repeats, holds up and forges, as it is told.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use gradimento_aggregator::peer::PeerCertificate;
use gradimento_collector::wire::{Reply, Request, Transport, Unreachable};

use crate::aggregator::Aggregator;
use crate::op::Line;

/// Requests that are kept for being repeated.
const KEPT_MAX: usize = 32;

/// A request on its way, with the certificate of the connection by which it came.
type Letter = (PeerCertificate, Request);

/// What is on its way, and what has been.
#[derive(Default)]
pub struct Post {
    held_up: RefCell<Vec<Letter>>,
    arrived: RefCell<VecDeque<Letter>>,
    receipts: RefCell<VecDeque<Vec<u8>>>,
    sent: Cell<u64>,
    delivered: Cell<u64>,
}

impl Post {
    /// How many requests have been sent, whatever became of them.
    pub fn sent(&self) -> u64 {
        self.sent.get()
    }

    /// How many requests have arrived.
    pub fn delivered(&self) -> u64 {
        self.delivered.get()
    }

    /// A request that was held up, out of those that are.
    pub fn held_up(&self, nth: u8) -> Option<Letter> {
        let mut held_up = self.held_up.borrow_mut();
        let position = usize::from(nth).checked_rem(held_up.len())?;
        Some(held_up.swap_remove(position))
    }

    /// A request that has arrived before.
    pub fn arrived(&self, nth: u8) -> Option<Letter> {
        let arrived = self.arrived.borrow();
        let position = usize::from(nth).checked_rem(arrived.len())?;
        Some(arrived[position].clone())
    }

    /// A receipt that was given for something, earlier.
    fn old_receipt(&self) -> Option<Vec<u8>> {
        self.receipts.borrow().front().cloned()
    }

    /// Hands a letter over and brings what is answered.
    pub fn deliver(&self, aggregator: &Aggregator, letter: Letter) -> Reply {
        self.delivered.set(self.delivered.get() + 1);
        let reply = aggregator.answer(&letter.0, &letter.1);
        if letter.1.body.is_some() {
            keep(&mut self.arrived.borrow_mut(), letter);
        }
        if matches!(reply.status, 200 | 201) && reply.body.starts_with(b"{\"receipt\"") {
            keep(&mut self.receipts.borrow_mut(), reply.body.clone());
        }
        reply
    }
}

fn keep<T>(kept: &mut VecDeque<T>, item: T) {
    kept.push_back(item);
    if kept.len() > KEPT_MAX {
        kept.pop_front();
    }
}

/// One end of the line: a collector's, for one errand.
pub struct Wire<'a> {
    /// Who listens.
    pub aggregator: &'a Aggregator,
    /// What is on its way.
    pub post: &'a Post,
    /// By which certificate the collector is known.
    pub certificate: PeerCertificate,
    /// What becomes of its requests.
    pub line: Line,
}

impl Transport for Wire<'_> {
    async fn send(&self, request: Request) -> Result<Reply, Unreachable> {
        let letter = (self.certificate.clone(), request);
        self.post.sent.set(self.post.sent.get() + 1);
        let lost = || Err(Unreachable("the line is down".to_owned()));
        match self.line {
            Line::RequestLost => lost(),
            Line::Late => {
                self.post.held_up.borrow_mut().push(letter);
                lost()
            }
            Line::Whole => Ok(self.post.deliver(self.aggregator, letter)),
            Line::ReplyLost => {
                self.post.deliver(self.aggregator, letter);
                lost()
            }
            Line::Twice => {
                let reply = self.post.deliver(self.aggregator, letter.clone());
                self.post.deliver(self.aggregator, letter);
                Ok(reply)
            }
            Line::Impostor => {
                let body = self.post.old_receipt().unwrap_or_else(|| br#"{"receipt":"none"}"#.to_vec());
                Ok(Reply { status: 201, body, ..Reply::default() })
            }
        }
    }
}
