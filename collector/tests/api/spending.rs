//! One ticket, spent twice: by two threads, by two stores on one file, by two processes, and again after a crash. One answer.

#![expect(clippy::print_stdout, reason = "how a process tells the one that started it")]

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use gradimento_collector::intake::submission::SubmissionKey;
use gradimento_collector::intake::tokens::TokenKey;
use gradimento_collector::intake::{Response, accept};
use gradimento_collector::store::{Outcome, Store, open_reader};
use gradimento_common::calendar::Day;
use gradimento_common::ids::ServiceId;
use gradimento_common::questionnaire::{Questionnaire, SHIPPED};
use gradimento_common::response::RawResponse;
use rand::SeedableRng as _;
use rand::rngs::StdRng;

use crate::desk::stars;

/// How a process that this test starts learns what it is to spend: folder, citizen, and whether it crashes afterwards.
const ROLE: &str = "GRADIMENTO_TEST_SPENDS";

/// The `n`th ticket, in the hands of a citizen.
fn response(n: u64, citizen: u8) -> Response {
    let service: ServiceId = "prova".parse().unwrap();
    let today: Day = "2026-11-24".parse().unwrap();
    let tokens = TokenKey::new(&[7; 32]);
    let ticket = tokens.issue_ticket(&service, today.later_by(9), &mut StdRng::seed_from_u64(n));
    let ticket = tokens.ticket(&service, &ticket, today).unwrap();
    let questionnaire: Arc<Questionnaire> = Arc::new(serde_json::from_str(SHIPPED[1]).unwrap());
    let raw: RawResponse = serde_json::from_value(stars(4)).unwrap();
    let mut key = [citizen; 16];
    key[..8].copy_from_slice(&n.to_be_bytes());
    accept(&raw, &service, &questionnaire, &SubmissionKey::from_token(key), Some(ticket), today).unwrap()
}

async fn spend(store: &Store, n: u64, citizen: u8) -> Outcome {
    store.store(response(n, citizen)).await.unwrap()
}

fn answers(database: &Path) -> u64 {
    open_reader(database).unwrap().query_row("SELECT COUNT(*) FROM pool", [], |row| row.get(0)).unwrap()
}

#[actix_web::test]
async fn a_ticket_that_two_threads_spend_in_two_stores_on_one_file_counts_once() {
    const TICKETS: u64 = 20;
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("collector.sqlite");
    let spenders: Vec<_> = (1..=4)
        .map(|citizen| {
            let path = database.clone();
            std::thread::spawn(move || {
                let store = Store::open(&path).unwrap();
                let outcomes = actix_web::rt::System::new().block_on(async {
                    let mut outcomes = Vec::new();
                    for n in 0..TICKETS {
                        let (one, other) =
                            futures_util::future::join(spend(&store, n, citizen), spend(&store, n, citizen + 100)).await;
                        outcomes.extend([one, other]);
                    }
                    outcomes
                });
                outcomes.iter().filter(|outcome| **outcome == Outcome::Stored).count() as u64
            })
        })
        .collect();
    let stored: u64 = spenders.into_iter().map(|spender| spender.join().unwrap()).sum();
    assert_eq!((stored, answers(&database)), (TICKETS, TICKETS));
}

#[actix_web::test]
async fn a_ticket_that_two_processes_spend_counts_once_and_a_crash_does_not_give_it_back() {
    if let Ok(role) = std::env::var(ROLE) {
        return spend_in_a_process_of_its_own(&role).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("collector.sqlite");
    drop(Store::open(&database).unwrap());
    let (one, other) = (process(folder.path(), 1, false), process(folder.path(), 2, false));
    std::fs::write(folder.path().join("go"), "").unwrap();
    let mut told = [said(one), said(other)].concat();
    told.sort_unstable();
    assert_eq!(told, ["stored", "ticket_spent"], "each spends the same ticket");
    // The next ticket's spender is told that it counts, and dies at once.
    assert_eq!(said(process(folder.path(), 3, true)), ["stored"]);
    let store = Store::open(&database).unwrap();
    assert_eq!(spend(&store, 1, 4).await, Outcome::TicketSpent);
    assert_eq!(spend(&store, 1, 3).await, Outcome::CountedBefore, "the same citizen trying again is told that it counts");
    assert_eq!(answers(&database), 2);
}

/// Runs this very test again, in the other role.
fn process(folder: &Path, citizen: u8, crash: bool) -> Child {
    let name = "spending::a_ticket_that_two_processes_spend_counts_once_and_a_crash_does_not_give_it_back";
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(ROLE, format!("{} {citizen} {crash}", folder.display()))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

fn said(process: Child) -> Vec<String> {
    let output = process.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter_map(|line| line.split("outcome: ").nth(1)).map(str::to_owned).collect()
}

async fn spend_in_a_process_of_its_own(role: &str) {
    let parts: Vec<&str> = role.split(' ').collect();
    let (folder, citizen, crash) = (Path::new(parts[0]), parts[1].parse().unwrap(), parts[2] == "true");
    let store = Store::open(&folder.join("collector.sqlite")).unwrap();
    while !folder.join("go").exists() {
        std::thread::sleep(Duration::from_millis(1));
    }
    let outcome = spend(&store, u64::from(crash), citizen).await;
    println!("outcome: {}", outcome.name());
    if crash {
        std::process::abort();
    }
}
