//! The program as an operator runs it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on fails")]

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use gradimento_aggregator::store::Store as _;
use gradimento_aggregator::store::sqlite::SqliteStore;
use gradimento_common::enrolment::JoinToken;
use gradimento_common::ids::StreamId;
use tempfile::TempDir;

struct Machine(TempDir);

struct Said {
    status: i32,
    out: String,
    err: String,
}

impl Machine {
    fn new() -> Self {
        let machine = Self(tempfile::tempdir().unwrap());
        let free = "address = '127.0.0.1:0'";
        machine.configure(&format!(
            "data = {:?}\n[public]\n{free}\ntls = false\n[messages]\n{free}\n[admin]\n{free}",
            machine.data()
        ));
        machine
    }

    fn data(&self) -> PathBuf {
        self.0.path().join("data")
    }

    fn config(&self) -> PathBuf {
        self.0.path().join("aggregator.toml")
    }

    fn configure(&self, text: &str) {
        std::fs::write(self.config(), text).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gradimento-aggregator"));
        command.arg("--config").arg(self.config()).args(arguments);
        command
    }

    fn run(&self, arguments: &[&str]) -> Said {
        let Output { status, stdout, stderr } = self.command(arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Said { status: status.code().unwrap(), out: text(stdout), err: text(stderr) }
    }

    fn succeed(&self, arguments: &[&str]) -> String {
        let Said { status, out, err } = self.run(arguments);
        assert_eq!(status, 0, "{arguments:?}: {err}");
        out
    }
}

#[test]
fn a_folder_is_made_once() {
    let machine = Machine::new();
    let told = machine.succeed(&["init"]);
    assert!(told.contains("root ") && told.contains("root.key"), "{told}");
    let again = machine.run(&["init"]);
    assert_eq!(again.status, 1);
    assert!(again.err.contains("has been set up before"), "{}", again.err);
}

#[test]
fn a_policy_that_changes_needs_another_number() {
    let machine = Machine::new();
    machine.succeed(&["init"]);
    assert_eq!(machine.succeed(&["policy", "1", "20", "3", "1/2"]), "remembered policy 1 (k = 20, r = 3, epsilon = 1/2)\n");
    let refusals = [machine.run(&["serve"]), machine.run(&["policy", "1", "10", "2"]), machine.run(&["policy", "2", "4", "2"])];
    assert_eq!(refusals.each_ref().map(|said| said.status), [1, 1, 1]);
    let [serve, other, weak] = refusals.map(|said| said.err);
    assert!(serve.contains("policy 1 (k = 20, r = 3, epsilon = 1/2)") && serve.contains("needs another"), "{serve}");
    assert!(other.contains("needs another") && weak.contains("under the floor of 5"), "{other}{weak}");
}

#[test]
fn an_agency_is_approved_invited_listed_and_revoked() {
    let machine = Machine::new();
    machine.succeed(&["init"]);
    assert!(machine.run(&["invite", "inps"]).err.contains("has not been approved"));
    machine.succeed(&["agency", "inps", "--name", "INPS", "--category", "C16", "--fiscal-code", "80078750587"]);
    let token: JoinToken = machine.succeed(&["invite", "INPS"]).parse().unwrap();
    assert_eq!(token.agency, "inps".parse().unwrap());

    // A collector that has joined.
    let stream = StreamId::from_random([1; 16]);
    let store = SqliteStore::open(&machine.data().join("aggregator.sqlite")).unwrap();
    store.open_stream(&token.agency, stream).unwrap();
    drop(store);
    let listed = machine.succeed(&["agencies"]);
    assert!(listed.contains("inps\tC16\tIT\tINPS") && listed.contains(&format!("{stream}\tOpen\tnext message 1")), "{listed}");
    assert_eq!(machine.succeed(&["approve", "inps"]), "approved 1\n");
    assert_eq!(machine.succeed(&["revoke", "inps"]), format!("revoked {stream}\n"));
    assert!(machine.succeed(&["agencies"]).contains(&format!("{stream}\tRevoked")));
    assert_eq!(machine.succeed(&["approve", "inps"]), "approved 0\n");
}

#[test]
fn a_bad_configuration_is_told_whole_with_the_status_of_misuse() {
    let machine = Machine::new();
    machine.configure("[survey]\nk = 4\n[admin]\naddress = 'here'\n[mesages]\nname = 'x'");
    let said = machine.run(&["agencies"]);
    assert_eq!(said.status, 64);
    for part in ["data is required", "survey.k must be", "admin.address `here`", "mesages.name is not known"] {
        assert!(said.err.contains(part), "{part} is not in {}", said.err);
    }
    std::fs::remove_file(machine.config()).unwrap();
    let said = machine.run(&["agencies"]);
    assert_eq!(said.status, 64);
    assert!(said.err.contains("aggregator.toml"), "{}", said.err);
    assert_eq!(machine.run(&["revoke", "not an agency"]).status, 2, "clap's own status for arguments");
}

#[test]
fn a_backup_is_a_file_that_opens_and_is_never_written_over() {
    let machine = Machine::new();
    machine.succeed(&["init"]);
    machine.succeed(&["agency", "inps", "--name", "INPS", "--category", "C16"]);
    let file = machine.0.path().join("backup.sqlite");
    machine.succeed(&["backup", file.to_str().unwrap()]);
    let again = machine.run(&["backup", file.to_str().unwrap()]);
    assert!(again.status == 1 && again.err.contains("never written over"), "{}", again.err);
    std::fs::remove_file(machine.data().join("aggregator.sqlite")).unwrap();
    assert!(machine.run(&["agencies"]).err.contains("aggregator.sqlite is not there"), "an empty one is not made");
    assert_eq!(machine.succeed(&["restore", file.to_str().unwrap()]), "restored\n");
    assert!(machine.succeed(&["agencies"]).contains("inps\tC16\tIT\tINPS"));
}

/// A program that ends with the test, however that ends.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = (self.0.kill(), self.0.wait());
    }
}

/// Serves, and has said so.
fn serving(machine: &Machine) -> (Serving, String) {
    let mut serving = Serving(machine.command(&["serve"]).stderr(Stdio::piped()).spawn().unwrap());
    let mut log = BufReader::new(serving.0.stderr.take().unwrap()).lines();
    let said = log.find_map(|line| line.ok().filter(|line| line.contains("serving"))).unwrap();
    (serving, said)
}

#[test]
fn a_copy_takes_the_place_of_a_database_that_was_killed_with_its_log_and_nothing_of_that_is_replayed_into_it() {
    let machine = Machine::new();
    machine.succeed(&["init"]);
    let (serving, _) = serving(&machine);
    machine.succeed(&["agency", "inps", "--name", "INPS", "--category", "C16"]);
    let copy = machine.0.path().join("copy.sqlite");
    let copy = copy.to_str().unwrap();
    machine.succeed(&["backup", copy]);
    machine.succeed(&["agency", "inail", "--name", "INAIL", "--category", "C16"]);
    let refused = machine.run(&["restore", copy]);
    assert!(refused.status == 1 && refused.err.contains("stop the aggregator first"), "{}", refused.err);
    drop(serving);
    let log = std::fs::metadata(machine.data().join("aggregator.sqlite-wal")).unwrap();
    assert!(log.len() > 0, "what the crash has left");
    let told = machine.succeed(&["restore", copy]);
    let aside = PathBuf::from(told.trim().split(" is in ").nth(1).unwrap());
    let listed = machine.succeed(&["agencies"]);
    assert!(listed.contains("inps") && !listed.contains("inail"), "{listed}");
    let former = SqliteStore::open(&aside.join("aggregator.sqlite")).unwrap();
    assert_eq!(former.agencies().unwrap().len(), 2, "with what was in the log");
}

#[test]
fn what_is_no_database_of_an_aggregator_is_not_put_in_place() {
    let machine = Machine::new();
    machine.succeed(&["init"]);
    let file = machine.0.path().join("other.sqlite");
    let refused = || {
        let said = machine.run(&["restore", file.to_str().unwrap()]);
        assert_eq!(said.status, 1);
        said.err
    };
    assert!(refused().contains("is not there"));
    std::fs::write(&file, "not a database, but long enough to be looked at by SQLite".repeat(20)).unwrap();
    assert!(refused().contains("damaged"));
    std::fs::write(&file, "").unwrap();
    assert!(refused().contains("no aggregator's database"));
    machine.succeed(&["agencies"]);
    let left = |name: &str| name.starts_with("before-restore") || name.contains(".new");
    let mut names = std::fs::read_dir(machine.data()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(!names.any(|name| left(&name)), "nothing was moved or left behind");
}

#[test]
fn nothing_is_served_without_a_folder() {
    let said = Machine::new().run(&["serve"]);
    assert_eq!(said.status, 1);
    assert!(said.err.contains("root.pem"), "{}", said.err);
}

#[actix_web::test]
async fn it_serves_until_it_is_told_to_end() {
    let machine = Machine::new();
    machine.succeed(&["init"]);
    let (mut serving, said) = serving(&machine);
    let public = said.split("http://").nth(1).unwrap();
    let port: String = public.trim_start_matches("127.0.0.1:").chars().take_while(char::is_ascii_digit).collect();
    let mut reply = awc::Client::default().get(format!("http://127.0.0.1:{port}/status")).send().await.unwrap();
    assert_eq!(
        (reply.status().as_u16(), reply.json::<serde_json::Value>().await.unwrap()["status"].as_str()),
        (200, Some("ok"))
    );
    let told = Command::new("kill").args(["-TERM", &serving.0.id().to_string()]).status().unwrap();
    assert!(told.success());
    assert!(serving.0.wait().unwrap().success());
}
