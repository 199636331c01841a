//! The one thread that writes. It takes whatever waits, stores it in one transaction, and only then replies: the disk is
//! asked once for many citizens (group commit), and nobody is told more than the disk has confirmed.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

use prometheus_client::metrics::histogram::Histogram;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::oneshot;

use super::answers::{Outcome, TallySheet, insert};
use super::suspected::SuspectedSheet;
use super::{StoreError, tidy};
use crate::intake::Response;

/// Answers that may wait for the disk. At the slowest disk that we know (50 commits/s) a full group each time empties the
/// queue in half a second; more waiting would only turn a clear "busy" into a browser's timeout.
const QUEUE_MAX: usize = 4_096;
/// Answers in one transaction. Measured gains end near 200; a larger group only makes the first of it wait.
const GROUP_MAX: usize = 256;
/// How long the writer must have nothing to do before it tidies up behind itself.
const IDLE: Duration = Duration::from_secs(1);

type Work = Box<dyn FnOnce(&mut Connection) + Send>;

enum Job {
    Store(Box<Response>, oneshot::Sender<Result<Outcome, StoreError>>),
    Other(Work),
}

#[derive(Debug)]
pub(super) struct Writer(SyncSender<Job>);

impl Writer {
    pub(super) fn start(connection: Connection, commit_sizes: Histogram) -> Self {
        let (sender, receiver) = sync_channel(QUEUE_MAX);
        thread::spawn(move || run(connection, &receiver, &commit_sizes));
        Self(sender)
    }

    pub(super) async fn store(&self, response: Response) -> Result<Outcome, StoreError> {
        let (reply, outcome) = oneshot::channel();
        self.send(Job::Store(Box::new(response), reply))?;
        outcome.await.map_err(|_| StoreError::Ended)?
    }

    pub(super) async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let (reply, outcome) = oneshot::channel();
        let job = move |connection: &mut Connection| {
            // Nobody waits any more where this fails; the work is done all the same.
            let _ = reply.send(in_transaction(connection, work));
        };
        self.send(Job::Other(Box::new(job)))?;
        outcome.await.map_err(|_| StoreError::Ended)?
    }

    /// Does what an idle second would have done, now.
    pub(super) async fn tidy(&self) -> Result<(), StoreError> {
        let (reply, outcome) = oneshot::channel();
        let job = move |connection: &mut Connection| drop(reply.send(tidy::tidy(connection)));
        self.send(Job::Other(Box::new(job)))?;
        outcome.await.map_err(|_| StoreError::Ended)?
    }

    fn send(&self, job: Job) -> Result<(), StoreError> {
        self.0.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => StoreError::Busy,
            TrySendError::Disconnected(_) => StoreError::Ended,
        })
    }
}

fn run(mut connection: Connection, jobs: &Receiver<Job>, commit_sizes: &Histogram) {
    // A start after a crash finds what the crash left.
    let mut dirty = true;
    loop {
        match jobs.recv_timeout(IDLE) {
            Ok(job) => {
                step(&mut connection, job, jobs, commit_sizes);
                dirty = true;
            }
            Err(RecvTimeoutError::Timeout) if dirty => {
                if let Err(error) = tidy::tidy(&mut connection) {
                    tracing::warn!(%error, "tidying up failed; it is tried again after the next answer");
                }
                dirty = false;
            }
            Err(RecvTimeoutError::Timeout) => (),
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    if let Err(error) = tidy::tidy(&mut connection) {
        tracing::warn!(%error, "tidying up at the end failed");
    }
}

/// Does one job, and with it all answers that wait behind it.
fn step(connection: &mut Connection, first: Job, jobs: &Receiver<Job>, commit_sizes: &Histogram) {
    let mut group = Vec::new();
    let mut next = Some(first);
    while let Some(job) = next.take() {
        match job {
            Job::Store(response, reply) => group.push((response, reply)),
            Job::Other(work) => {
                // Order is kept: what came before is stored before.
                store_group(connection, std::mem::take(&mut group), commit_sizes);
                return work(connection);
            }
        }
        if group.len() < GROUP_MAX {
            next = jobs.try_recv().ok();
        }
    }
    store_group(connection, group, commit_sizes);
}

type Waiting = (Box<Response>, oneshot::Sender<Result<Outcome, StoreError>>);

fn store_group(connection: &mut Connection, group: Vec<Waiting>, commit_sizes: &Histogram) {
    if group.is_empty() {
        return;
    }
    let (responses, replies): (Vec<_>, Vec<_>) = group.into_iter().unzip();
    let stored = in_transaction(connection, |transaction| {
        let mut sheet = TallySheet::default();
        let outcomes =
            responses.iter().map(|response| insert(transaction, response, &mut sheet)).collect::<Result<Vec<_>, _>>()?;
        sheet.write(transaction)?;
        let mut suspected = SuspectedSheet::default();
        responses.iter().zip(&outcomes).for_each(|(response, outcome)| suspected.note(response, *outcome));
        suspected.write(transaction)?;
        Ok(outcomes)
    });
    match stored {
        Ok(outcomes) => {
            commit_sizes.observe(u32::try_from(outcomes.len()).unwrap_or(u32::MAX).into());
            replies.into_iter().zip(outcomes).for_each(|(reply, outcome)| drop(reply.send(Ok(outcome))));
        }
        Err(error) => {
            tracing::error!(%error, answers = replies.len(), "a group of answers was not stored");
            let told = || if matches!(error, StoreError::Busy) { StoreError::Busy } else { StoreError::NotStored };
            replies.into_iter().for_each(|reply| drop(reply.send(Err(told()))));
        }
    }
}

fn in_transaction<T>(
    connection: &mut Connection,
    work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    // IMMEDIATE: a read that turns into a write halfway is not helped by any timeout.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let outcome = work(&transaction)?;
    Ok(confirmed(transaction.commit()).map(|()| outcome)?)
}

/// Lets through what the disk has confirmed or SQLite has undone; does not return where the disk has not confirmed a sync.
pub(super) fn confirmed<T>(written: Result<T, rusqlite::Error>) -> Result<T, rusqlite::Error> {
    written.inspect_err(|error| {
        if is_failed_sync(error) {
            end_process(error);
        }
    })
}

fn is_failed_sync(error: &rusqlite::Error) -> bool {
    // SQLITE_IOERR_FSYNC (1034) and SQLITE_IOERR_DIR_FSYNC (1290).
    matches!(error.sqlite_error().map(|error| error.extended_code), Some(1034 | 1290))
}

/// After a failed fsync the page cache no longer tells what the disk holds; trying again would lose answers (ATC '20,
/// "Can Applications Recover from fsync Failures?"). A fresh start reads what is really there.
fn end_process(error: &rusqlite::Error) -> ! {
    tracing::error!(%error, "the disk did not confirm a write; ending, so that the start reads what it really holds");
    std::process::abort()
}
