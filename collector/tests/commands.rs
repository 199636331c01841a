//! The program as an administrator runs it: doctor, backup and restore.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::process::Command;

use gradimento_collector::store::Store;
use tempfile::TempDir;

struct Machine(TempDir);

impl Machine {
    fn new() -> Self {
        let machine = Self(tempfile::tempdir().unwrap());
        let text = format!("data = {:?}\n[agency]\nname = 'Ente'\n", machine.data());
        let service = "[[services]]\nid = 'prova'\nname = 'Prova'\ntype = 'transaction'\n";
        std::fs::write(machine.config(), text + service).unwrap();
        machine
    }

    fn data(&self) -> PathBuf {
        self.0.path().join("data")
    }

    fn config(&self) -> PathBuf {
        self.0.path().join("collector.toml")
    }

    /// Runs a command; yields its status and all that it said.
    fn run(&self, arguments: &[&str]) -> (i32, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gradimento-collector"));
        let ran = command.arg("--config").arg(self.config()).args(arguments).output().unwrap();
        (ran.status.code().unwrap(), String::from_utf8([ran.stdout, ran.stderr].concat()).unwrap())
    }

    fn succeed(&self, arguments: &[&str]) -> String {
        let (status, said) = self.run(arguments);
        assert_eq!(status, 0, "{arguments:?}: {said}");
        said
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn doctor_says_line_by_line_what_is_well_and_what_is_to_do_next() {
    let machine = Machine::new();
    let said = |machine: &Machine| {
        let (status, said) = machine.run(&["doctor"]);
        (status, said.lines().map(str::to_owned).collect::<Vec<_>>())
    };
    let (status, lines) = said(&machine);
    assert_eq!((status, lines.len()), (1, 2), "{lines:?}");
    assert!(lines[0].starts_with("LOOK database      "), "{lines:?}");
    assert_eq!(lines[1], "LOOK identity      none: run `gradimento-collector init`");

    machine.succeed(&["init"]);
    let (status, lines) = said(&machine);
    let sound = "ok   database      sound, and every answer is on disk before it is acknowledged";
    assert_eq!(status, 1);
    assert_eq!(lines[0], sound);
    assert_eq!(
        lines[1],
        "LOOK identity      this collector has not joined yet: ask Istat for a join token, then `gradimento-collector join TOKEN`"
    );
    assert_eq!(lines[2], "LOOK questionnaires none yet: they arrive when `serve` reaches the aggregator");
    assert_eq!(lines[3..], ["ok   outbox        every message has its receipt"]);

    // Everything behind the file's header is overwritten.
    let database = machine.data().join("collector.sqlite");
    let mut bytes = std::fs::read(&database).unwrap();
    bytes.iter_mut().skip(100).for_each(|byte| *byte = 0xff);
    std::fs::write(&database, bytes).unwrap();
    for beside in ["collector.sqlite-wal", "collector.sqlite-shm"] {
        let _ = std::fs::remove_file(machine.data().join(beside));
    }
    let (status, lines) = said(&machine);
    assert!(status == 1 && lines[0].starts_with("LOOK database      the database is damaged"), "{lines:?}");
    assert!(lines.iter().all(|line| line.starts_with("ok   ") || line.starts_with("LOOK ")), "{lines:?}");
}

#[test]
fn a_backup_goes_to_another_machine_and_an_installation_is_replaced_only_by_force_and_at_rest() {
    let (here, there) = (Machine::new(), Machine::new());
    let backup = here.0.path().join("backup");
    assert!(here.run(&["backup", text(&backup)]).1.contains("holds no collector"));
    here.succeed(&["init"]);
    here.succeed(&["backup", text(&backup)]);
    assert_eq!(here.run(&["backup", text(&backup)]).0, 1, "a backup is never written over");

    assert!(there.succeed(&["restore", text(&backup)]).contains("need a new `ticket-key`"));
    let (status, said) = there.run(&["restore", text(&backup)]);
    assert!(status == 1 && said.contains("--force"), "{said}");
    let serving = Store::open(&there.data().join("collector.sqlite")).unwrap();
    // A key of unlinkable tickets, some of which may have been spent since.
    std::fs::create_dir(there.data().join("unlinkable")).unwrap();
    std::fs::write(there.data().join("unlinkable/a.2026-11.der"), "key").unwrap();
    let (status, said) = there.run(&["restore", text(&backup), "--force"]);
    assert!(status == 1 && said.contains("stop the collector first"), "{said}");
    drop(serving);
    // Its writer closes the file within a moment.
    let moved = (0..100).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        there.run(&["restore", text(&backup), "--force"]).1.contains("What was there before is in")
    });
    assert!(moved);
    assert!(!there.data().join("unlinkable").exists(), "tickets from before count no more");
}

#[test]
fn a_backup_that_is_not_whole_changes_nothing() {
    let (here, there) = (Machine::new(), Machine::new());
    let backup = here.0.path().join("backup");
    here.succeed(&["init"]);
    here.succeed(&["backup", text(&backup)]);
    let database = backup.join("collector.sqlite");
    let mut bytes = std::fs::read(&database).unwrap();
    bytes.truncate(bytes.len() / 2);
    std::fs::write(&database, bytes).unwrap();
    assert_eq!(there.run(&["restore", text(&backup)]).0, 1);
    assert!(!there.data().join("identity.json").exists() && !there.data().join("collector.sqlite").exists());
    std::fs::remove_file(backup.join("identity.json")).unwrap();
    let (status, said) = there.run(&["restore", text(&backup)]);
    assert!(status == 1 && said.contains("holds no collector"), "{said}");
}
