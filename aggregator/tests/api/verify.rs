//! `gradimento-aggregator verify`, the program itself, against a running aggregator.

use std::path::Path;
use std::process::Command;

use gradimento_aggregator::vault;
use gradimento_common::message::Payload;
use rusqlite::Connection;

use crate::breakdowns::breakdowns;
use crate::member::Member;
use crate::office::Office;

/// Runs the program off the event loop; yields its status and all that it said.
async fn verify(arguments: Vec<String>) -> (i32, String) {
    let ran = actix_web::web::block(move || {
        let command = Command::new(env!("CARGO_BIN_EXE_gradimento-aggregator")).arg("verify").args(arguments).output().unwrap();
        let said = [command.stdout, command.stderr].concat();
        (command.status.code().unwrap(), String::from_utf8(said).unwrap())
    });
    ran.await.unwrap()
}

fn arguments(url: &str, more: &[(&str, &Path)]) -> Vec<String> {
    let more = more.iter().flat_map(|(name, path)| [(*name).to_owned(), path.display().to_string()]);
    ["--url".to_owned(), url.to_owned()].into_iter().chain(more).collect()
}

#[actix_web::test]
async fn the_program_says_what_holds_keeps_the_checkpoint_and_names_what_does_not_hold() {
    let office = Office::start().await;
    let inps = Member::join(&office, "inps").await;
    assert_eq!(inps.send(&inps.summary("prova", 10, office.now()), office.now()).await.status, 201);
    let (url, root) = (office.running.public_url.clone(), office.folder.path().join("root.pem"));
    let kept = office.folder.path().join("kept.txt");
    let (status, said) = verify(arguments(&url, &[("--root", &root), ("--keep", &kept)])).await;
    assert_eq!((status, said.as_str()), (0, "holds: 1 messages of 1 streams, 1 batches of 10 people, 5 figures\n"));

    let key = Path::new(&office.running.office.welcome.ledger_key).to_owned();
    let (status, said) = verify(arguments(&url, &[("--ledger-key", &key), ("--checkpoint", &kept)])).await;
    assert_eq!(status, 0, "{said}");

    let file = Connection::open(vault::database(office.folder.path())).unwrap();
    file.execute("UPDATE rollup_count SET n = n + 1 WHERE question = 'overall' AND option = '5'", []).unwrap();
    let (status, said) = verify(arguments(&url, &[("--root", &root), ("--checkpoint", &kept)])).await;
    assert_eq!(status, 1, "{said}");
    assert!(
        said.contains("does not hold: indicator country, national-core 1, open, 2026-11: overall, 5: published 11"),
        "{said}"
    );

    file.execute("DELETE FROM entry", []).unwrap();
    let (status, said) = verify(arguments(&url, &[("--root", &root), ("--checkpoint", &kept)])).await;
    assert!(status == 1 && said.contains("the ledger was truncated: it has 0 messages"), "{said}");
}

#[actix_web::test]
async fn breakdowns_are_checked_against_the_ledger() {
    let office = Office::start().await;
    let inps = Member::join(&office, "inps").await;
    let body = inps.message(1, office.now(), Payload::Breakdowns(breakdowns()));
    assert_eq!(inps.send(&body, office.now()).await.status, 201);
    let (url, root) = (office.running.public_url.clone(), office.folder.path().join("root.pem"));
    let (status, said) = verify(arguments(&url, &[("--root", &root)])).await;
    assert_eq!((status, said.as_str()), (0, "holds: 1 messages of 1 streams, 0 batches of 0 people, 1 figures\n"));
    let file = Connection::open(vault::database(office.folder.path())).unwrap();
    // One on top of the other: the first member that differs, in the order of the alphabet, is named.
    let lies = [
        ("UPDATE breakdown SET tables = '[]'", " of inps prova, national-core 1, open, 2026-10: tables"),
        ("UPDATE breakdown SET responses = responses + 1", " of inps prova, national-core 1, open, 2026-10: responses"),
        ("UPDATE breakdown SET period = '2026-09'", " of inps prova, national-core 1, open, 2026-10: period"),
        ("DELETE FROM breakdown", ": the ledger has 1, published are 0"),
    ];
    for (lie, named) in lies {
        file.execute(lie, []).unwrap();
        let (status, said) = verify(arguments(&url, &[("--root", &root)])).await;
        assert!(status == 1 && said.contains(&format!("does not hold: indicator breakdowns{named}")), "{lie}: {said}");
    }
}

#[actix_web::test]
async fn nothing_is_checked_without_something_that_is_known_from_elsewhere() {
    let office = Office::start().await;
    let (url, root) = (office.running.public_url.clone(), office.folder.path().join("root.pem"));
    assert_eq!(verify(arguments(&url, &[])).await.0, 2, "clap's own status for arguments");
    assert_eq!(verify(arguments(&url, &[("--root", Path::new("/nowhere"))])).await.0, 64);
    let (status, said) = verify(arguments("http://127.0.0.1:9", &[("--root", &root)])).await;
    assert!(status == 69 && said.contains("/rest/cx/v1/ledger: "), "{status} {said}");
    let (status, said) = verify(arguments(&url, &[("--root", &root)])).await;
    assert_eq!((status, said.as_str()), (0, "holds: 0 messages of 0 streams, 0 batches of 0 people, 0 figures\n"));
}
