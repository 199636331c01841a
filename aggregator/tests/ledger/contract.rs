//! What every adapter of the store must do.

use gradimento_aggregator::publish::dimension::Dimensions;
use gradimento_aggregator::publish::{Level, indicators};
use gradimento_aggregator::registry::StreamState;
use gradimento_aggregator::store::sqlite::SqliteStore;
use gradimento_aggregator::store::{Accepted, Enrolled, NotRedeemed, Refused, RollupFilter, Store};
use gradimento_aggregator::verify::NotSound;
use gradimento_common::disclosure::Policy;
use gradimento_common::ids::StreamId;
use gradimento_common::merkle::{Frontier, leaf_hash};
use gradimento_common::message::{Heartbeat, Payload};
use gradimento_common::modi::BodyDigest;
use tempfile::TempDir;

use crate::sender::{Failed, Sender, batch, now};

fn store() -> (TempDir, SqliteStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("a.sqlite")).unwrap();
    (folder, store)
}

fn national(store: &dyn Store) -> u64 {
    let rollups = store.rollups(&RollupFilter::default()).unwrap();
    indicators(&rollups, Level::Country, &Dimensions::default()).iter().map(|figure| figure.responses).sum()
}

#[test]
fn a_message_counts_once_and_a_repetition_gets_the_stored_receipt() {
    let (_folder, store) = store();
    let inps = Sender::join(&store, "inps", 1);
    let body = inps.body(1, None, vec![batch("pensioni", [1, 2, 3, 4, 5])]);
    let Ok(Accepted::New(receipt)) = inps.send(&store, &body) else { panic!("not accepted") };
    assert_eq!(inps.send(&store, &body).unwrap(), Accepted::Before(receipt));
    assert_eq!((store.ledger_size().unwrap(), national(&store)), (1, 15));
}

#[test]
fn messages_come_in_order_or_the_expected_one_is_named() {
    let (_folder, store) = store();
    let inps = Sender::join(&store, "inps", 1);
    let first = inps.body(1, None, vec![batch("a", [10, 0, 0, 0, 0])]);
    let second = inps.body(2, Some(&first), vec![batch("a", [0, 10, 0, 0, 0])]);
    let Err(Failed::Refused(Refused::Gap(head))) = inps.send(&store, &second) else { panic!("accepted out of order") };
    assert_eq!((head.expected_sequence, head.previous), (1, None));
    inps.send(&store, &first).unwrap();
    let forked = inps.body(2, Some(b"something else"), vec![]);
    let Err(Failed::Refused(Refused::Gap(head))) = inps.send(&store, &forked) else { panic!("a fork was accepted") };
    assert_eq!(head.previous, Some(BodyDigest::of(&first)));
    inps.send(&store, &second).unwrap();
    assert_eq!(national(&store), 20);
}

#[test]
fn two_bodies_for_one_number_quarantine_the_stream() {
    let (_folder, store) = store();
    let inps = Sender::join(&store, "inps", 1);
    let first = inps.body(1, None, vec![batch("a", [10, 0, 0, 0, 0])]);
    inps.send(&store, &first).unwrap();
    let other = inps.body(1, None, vec![batch("a", [0, 0, 0, 0, 10])]);
    assert!(matches!(inps.send(&store, &other), Err(Failed::Refused(Refused::Equivocation))));
    let next = inps.body(2, Some(&first), vec![batch("a", [10, 0, 0, 0, 0])]);
    assert!(matches!(inps.send(&store, &next), Err(Failed::Refused(Refused::Quarantined))));
    assert_eq!((store.ledger_size().unwrap(), national(&store)), (1, 10));
}

#[test]
fn a_quarantined_stream_that_a_person_releases_goes_on_from_what_the_ledger_has_and_the_other_body_is_kept() {
    let (folder, store) = store();
    let (inps, inail) = (Sender::join(&store, "inps", 1), Sender::join(&store, "inail", 2));
    let first = inps.body(1, None, vec![batch("a", [10, 0, 0, 0, 0])]);
    inps.send(&store, &first).unwrap();
    let other = inps.body(1, None, vec![batch("a", [0, 0, 0, 0, 10])]);
    assert!(inps.send(&store, &other).is_err());
    store.set_stream_state(inail.stream, StreamState::Revoked, now()).unwrap();
    assert_eq!(store.release(&"inail".parse().unwrap(), now()).unwrap(), [], "for ever is for ever");
    assert_eq!(store.release(&"inps".parse().unwrap(), now()).unwrap(), [inps.stream]);
    let forked = inps.body(2, Some(&other), vec![]);
    assert!(matches!(inps.send(&store, &forked), Err(Failed::Refused(Refused::Gap(_)))));
    inps.send(&store, &inps.body(2, Some(&first), vec![batch("a", [10, 0, 0, 0, 0])])).unwrap();
    assert_eq!((store.ledger_size().unwrap(), national(&store)), (2, 20));
    let file = rusqlite::Connection::open(folder.path().join("a.sqlite")).unwrap();
    let kept: Vec<u8> = file.query_row("SELECT body FROM equivocation", [], |row| row.get(0)).unwrap();
    assert_eq!(kept, other);
}

#[test]
fn a_revoked_agency_does_not_join_again_with_a_token_that_it_had_left() {
    let (_folder, store) = store();
    let (inps, inail) = (Sender::join(&store, "inps", 1), Sender::join(&store, "inail", 2));
    for (secret, code) in [([1; 32], "inps"), ([2; 32], "inail")] {
        store.put_invitation(secret, &code.parse().unwrap(), now().as_second() + 3_600).unwrap();
    }
    assert_eq!(store.revoke(&"inps".parse().unwrap(), now()).unwrap(), [inps.stream]);
    assert_eq!(store.revoke(&"inps".parse().unwrap(), now()).unwrap(), [], "once is enough");
    let redeem = |secret| store.redeem(secret, [9; 32], now(), &|_| None);
    assert!(matches!(redeem([1; 32]), Err(NotRedeemed::Expired)));
    assert!(matches!(redeem([2; 32]), Err(NotRedeemed::Issuing)), "another's is as good as it was");
    assert_eq!(store.streams(&"inail".parse().unwrap()).unwrap(), [(inail.stream, StreamState::Open)]);
}

#[test]
fn a_join_token_that_comes_back_with_other_keys_names_its_agency_and_how_often() {
    let (_folder, store) = store();
    Sender::join(&store, "inps", 1);
    store.put_invitation([1; 32], &"inps".parse().unwrap(), now().as_second() + 3_600).unwrap();
    let enrolled = Enrolled { stream: StreamId::from_random([9; 16]), certificates: Vec::new(), reply: "welcome".to_owned() };
    let redeem = |keys| store.redeem([1; 32], keys, now(), &|_| Some(enrolled.clone()));
    assert_eq!([redeem([1; 32]).unwrap(), redeem([1; 32]).unwrap()], ["welcome", "welcome"]);
    for expected in [1, 2] {
        let Err(NotRedeemed::Used { agency, times }) = redeem([2; 32]) else { panic!("redeemed by two pairs of keys") };
        assert_eq!((agency, times), ("inps".parse().unwrap(), expected));
    }
}

#[test]
fn a_token_is_good_for_one_attempt() {
    let (_folder, store) = store();
    let inps = Sender::join(&store, "inps", 1);
    let first = inps.body(1, None, vec![]);
    inps.send_as(&store, &first, [9; 16]).unwrap();
    let second = inps.body(2, Some(&first), vec![]);
    assert!(matches!(inps.send_as(&store, &second, [9; 16]), Err(Failed::Refused(Refused::Replayed))));
    assert_eq!(store.ledger_size().unwrap(), 1);
}

#[test]
fn a_batch_below_the_floor_or_that_does_not_add_up_changes_nothing() {
    let (_folder, store) = store();
    let inps = Sender::join(&store, "inps", 1);
    let small = inps.body(1, None, vec![batch("a", [9, 0, 0, 0, 0])]);
    assert!(matches!(inps.send(&store, &small), Err(Failed::NotSound(NotSound::Batch(_)))));
    let mut wrong = batch("a", [10, 0, 0, 0, 0]);
    wrong.responses = 11;
    let wrong = inps.body(1, None, vec![wrong]);
    assert!(matches!(inps.send(&store, &wrong), Err(Failed::NotSound(NotSound::Batch(_)))));
    let mut foreign = batch("a", [10, 0, 0, 0, 0]);
    foreign.version = 7;
    let foreign = inps.body(1, None, vec![foreign]);
    assert!(matches!(inps.send(&store, &foreign), Err(Failed::NotSound(NotSound::QuestionnaireUnknown(_)))));
    assert_eq!((store.ledger_size().unwrap(), national(&store)), (0, 0));
}

#[test]
fn what_was_sealed_under_an_earlier_policy_is_taken_under_that_one() {
    let (_folder, store) = store();
    let inps = Sender::join(&store, "inps", 1);
    let body = inps.body(1, None, vec![batch("a", [10, 0, 0, 0, 0])]);
    let policy = |version, k| Policy::new(version, k, 2).unwrap();
    let weaker = |jti| {
        matches!(inps.send_under(policy(2, 20), &store, &body, [jti; 16]), Err(Failed::NotSound(NotSound::PolicyWeaker { .. })))
    };
    assert!(weaker(1), "nobody remembers a policy 1, and 2 asks for twenty people");
    assert_eq!(store.remember_policy(policy(1, 10)).unwrap(), policy(1, 10));
    assert!(inps.send_under(policy(2, 20), &store, &body, [2; 16]).is_ok());
    let small = inps.body(2, Some(&body), vec![batch("a", [9, 0, 0, 0, 0])]);
    let refused = inps.send_under(policy(2, 5), &store, &small, [3; 16]);
    assert!(matches!(refused, Err(Failed::NotSound(NotSound::Batch(_)))), "of the policy that they name");
}

#[test]
fn a_policy_that_somebody_makes_easier_for_himself_is_refused() {
    let (_folder, store) = store();
    let inps = Sender::join(&store, "inps", 1);
    let strict = Policy::new(1, 20, 2).unwrap();
    store.remember_policy(strict).unwrap();
    // Bodies name a policy 1 with k = 10.
    let body = inps.body(1, None, vec![batch("a", [30, 0, 0, 0, 0])]);
    let refused = inps.send_under(Policy::new(2, 5, 2).unwrap(), &store, &body, [1; 16]);
    assert!(matches!(refused, Err(Failed::NotSound(NotSound::PolicyWeaker { known, .. })) if known == strict));
    let noisier = Policy::new(1, 10, 2).unwrap().with_epsilon("1/2".parse().unwrap()).unwrap();
    assert!(!Policy::new(1, 10, 2).unwrap().is_as_strict_as(&noisier), "less noise");
    let heartbeat = inps.body_of(1, 1, None, Payload::Heartbeat(Heartbeat { software: "1".into() }));
    assert!(inps.send(&store, &heartbeat).is_ok(), "what counts nobody needs no policy");
}

#[test]
fn a_policy_is_remembered_for_ever() {
    let (_folder, store) = store();
    let policy = |version, k| Policy::new(version, k, 2).unwrap();
    for remembered in [policy(2, 20), policy(1, 10)] {
        assert_eq!(store.remember_policy(remembered).unwrap(), remembered);
    }
    assert_eq!(store.remember_policy(policy(2, 5)).unwrap(), policy(2, 20), "its number is taken");
    assert_eq!(store.policies().unwrap(), [policy(1, 10), policy(2, 20)]);
}

#[test]
fn a_collector_speaks_for_its_own_stream_only_and_not_after_revocation() {
    let (_folder, store) = store();
    let (inps, inail) = (Sender::join(&store, "inps", 1), Sender::join(&store, "inail", 2));
    let body = inail.body(1, None, vec![]);
    assert!(matches!(inps.send(&store, &body), Err(Failed::NotSound(NotSound::Foreign))));
    store.set_stream_state(inail.stream, StreamState::Revoked, now()).unwrap();
    assert!(matches!(inail.send(&store, &body), Err(Failed::NotSound(NotSound::Revoked))));
    assert_eq!(store.ledger_size().unwrap(), 0);
}

#[test]
fn identical_messages_at_the_same_moment_count_once() {
    let (folder, store) = store();
    let inps = Sender::join(&store, "inps", 1);
    let body = inps.body(1, None, vec![batch("a", [10, 0, 0, 0, 0])]);
    drop(store);
    let path = folder.path().join("a.sqlite");
    // Two stores over one file, as two processes would have.
    let stores = [SqliteStore::open(&path).unwrap(), SqliteStore::open(&path).unwrap()];
    let senders = [Sender::clone_of(&inps, 100), Sender::clone_of(&inps, 200)];
    let outcomes: Vec<_> = std::thread::scope(|scope| {
        let body = &body;
        let running: Vec<_> =
            stores.iter().zip(senders).map(|(store, sender)| scope.spawn(move || sender.send(store, body).unwrap())).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, Accepted::New(_))).count(), 1);
    assert_eq!((stores[0].ledger_size().unwrap(), national(&stores[0])), (1, 10));
}

#[test]
fn the_tree_of_the_stored_hashes_is_the_tree_of_the_bodies() {
    let (_folder, store) = store();
    let inps = Sender::join(&store, "inps", 1);
    let mut previous: Option<Vec<u8>> = None;
    for sequence in 1..=60 {
        let body = inps.body(sequence, previous.as_deref(), vec![]);
        inps.send(&store, &body).unwrap();
        previous = Some(body);
    }
    let stored: Frontier = store.row_hashes(0, 0, 256).unwrap().into_iter().collect();
    let made: Frontier = store.bodies(0, 256).unwrap().iter().map(|body| leaf_hash(body)).collect();
    assert_eq!((stored.size(), stored.root()), (60, made.root()));
}
