//! Streams that begin again after a restore: which message opens the next epoch, and what is left of the last one.

use gradimento_aggregator::store::sqlite::SqliteStore;
use gradimento_aggregator::store::{Accepted, Refused, Store};
use gradimento_common::epoch::{EpochOpen, LastReceipt};
use gradimento_common::message::{Heartbeat, Payload};
use gradimento_common::modi::BodyDigest;
use tempfile::TempDir;

use crate::sender::{Failed, Sender, batch};

fn store() -> (TempDir, SqliteStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("a.sqlite")).unwrap();
    (folder, store)
}

/// A ledger with the first message of one stream in it.
fn begun() -> (TempDir, SqliteStore, Sender, Vec<u8>, Accepted) {
    let (folder, store) = store();
    let inps = Sender::join(&store, "inps", 1);
    let first = inps.body(1, None, vec![batch("a", [10, 0, 0, 0, 0])]);
    let accepted = inps.send(&store, &first).unwrap();
    (folder, store, inps, first, accepted)
}

fn open(quoted: Option<&[u8]>) -> Payload {
    let last = quoted.map(|body| LastReceipt { epoch: 1, sequence: 1, digest: BodyDigest::of(body), index: 0 });
    Payload::EpochOpen(EpochOpen { last })
}

fn is_gap(sent: Result<Accepted, Failed>) -> bool {
    matches!(sent, Err(Failed::Refused(Refused::Gap(_))))
}

#[test]
fn the_next_epoch_is_opened_by_a_message_that_quotes_what_stands_in_the_ledger() {
    let (_folder, store, inps, first, _) = begun();
    let foreign = inps.body_of(2, 1, None, open(Some(b"never sent")));
    assert!(is_gap(inps.send(&store, &foreign)));
    let opened = inps.body_of(2, 1, None, open(Some(&first)));
    let Ok(Accepted::New(receipt)) = inps.send(&store, &opened) else { panic!("not opened") };
    assert_eq!(inps.send(&store, &opened).unwrap(), Accepted::Before(receipt));
    let head = store.head(inps.stream).unwrap().unwrap();
    assert_eq!((head.epoch, head.expected_sequence, head.previous), (2, 2, Some(BodyDigest::of(&opened))));
    let alive = Payload::Heartbeat(Heartbeat { software: "0".into() });
    let next = inps.body_of(2, 2, Some(&opened), alive);
    assert!(matches!(inps.send(&store, &next), Ok(Accepted::New(_))));
}

/// Where those between were lost on both sides, each with its database.
#[test]
fn a_later_epoch_than_the_next_one_is_opened_too_and_closes_those_between() {
    let (_folder, store, inps, first, _) = begun();
    assert!(is_gap(inps.send(&store, &inps.body_of(3, 1, None, open(Some(b"never sent"))))));
    assert!(matches!(inps.send(&store, &inps.body_of(3, 1, None, open(Some(&first)))), Ok(Accepted::New(_))));
    assert!(is_gap(inps.send(&store, &inps.body_of(2, 1, None, open(Some(&first))))));
}

#[test]
fn a_closed_epoch_takes_nothing_more_and_still_knows_what_it_took() {
    let (_folder, store, inps, first, accepted) = begun();
    let Accepted::New(receipt) = accepted else { panic!("not new") };
    inps.send(&store, &inps.body_of(2, 1, None, open(None))).unwrap();
    let late = inps.body(2, Some(&first), vec![batch("a", [0, 10, 0, 0, 0])]);
    assert!(is_gap(inps.send(&store, &late)));
    assert_eq!(inps.send(&store, &first).unwrap(), Accepted::Before(receipt));
    let totals = store.stream_totals(inps.stream).unwrap().items;
    assert_eq!(totals.iter().map(|total| total.responses).collect::<Vec<_>>(), [10]);
}

#[test]
fn totals_are_those_of_one_stream_by_key() {
    let (_folder, store) = store();
    let (inps, inail) = (Sender::join(&store, "inps", 1), Sender::join(&store, "inail", 2));
    let first = inps.body(1, None, vec![batch("a", [10, 0, 0, 0, 0]), batch("b", [0, 0, 0, 0, 11])]);
    inps.send(&store, &first).unwrap();
    inps.send(&store, &inps.body(2, Some(&first), vec![batch("a", [0, 12, 0, 0, 0])])).unwrap();
    inail.send_as(&store, &inail.body(1, None, vec![batch("a", [13, 0, 0, 0, 0])]), [99; 16]).unwrap();
    let totals = store.stream_totals(inps.stream).unwrap().items;
    let totals: Vec<_> = totals.iter().map(|total| (total.service.as_str(), total.responses)).collect();
    assert_eq!(totals, [("a", 22), ("b", 11)]);
}
