//! Database files as a fault leaves them: copied while they are in use, as a killed process leaves them behind, or made to
//! refuse a commit, as a full or failing disk does.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::Connection;
use tempfile::TempDir;

/// A folder of its own, in memory where the machine has such a place: what is tested is not the disk.
pub fn fresh_folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() }.unwrap()
}

/// A path in `folder` that nobody has had yet.
pub fn fresh_path(folder: &Path, name: &str) -> PathBuf {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    folder.join(format!("{name}-{}", NUMBER.fetch_add(1, Ordering::Relaxed)))
}

/// Copies a database with its write-ahead log. Whoever calls sees to it that nobody writes meanwhile. The index of the log is
/// left behind: it lives in shared memory and dies with the last process.
pub fn copy(from: &Path, to: &Path) {
    fs::copy(from, to).unwrap();
    let log = |path: &Path| PathBuf::from(format!("{}-wal", path.display()));
    match fs::copy(log(from), log(to)) {
        Ok(_) => (),
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::NotFound),
    }
}

/// While it lives, no transaction that writes to a table can be committed: the statements succeed, the commit fails, as where the
/// disk is full. Made of a constraint that is checked at the commit only.
pub struct Refusal(Connection);

const ARM: &str = "CREATE TABLE nowhere (id INTEGER PRIMARY KEY);
    CREATE TABLE refusal (id INTEGER REFERENCES nowhere (id) DEFERRABLE INITIALLY DEFERRED);
    CREATE TRIGGER refusal_insert AFTER INSERT ON TABLE_NAME BEGIN INSERT INTO refusal VALUES (1); END;
    CREATE TRIGGER refusal_update AFTER UPDATE ON TABLE_NAME BEGIN INSERT INTO refusal VALUES (1); END;";
const DISARM: &str = "DROP TRIGGER refusal_insert; DROP TRIGGER refusal_update; DROP TABLE refusal; DROP TABLE nowhere;";

impl Refusal {
    /// Lets no commit that writes to `table` through, from now on.
    pub fn of(database: &Path, table: &str) -> Self {
        let connection = Connection::open(database).unwrap();
        connection.execute_batch(&format!("BEGIN IMMEDIATE; {} COMMIT;", ARM.replace("TABLE_NAME", table))).unwrap();
        Self(connection)
    }
}

impl Drop for Refusal {
    fn drop(&mut self) {
        self.0.execute_batch(&format!("BEGIN IMMEDIATE; {DISARM} COMMIT;")).unwrap();
    }
}

/// Waits until the last one who had a database open has closed it, which takes its log away.
pub fn await_closed(database: &Path) {
    let log = PathBuf::from(format!("{}-wal", database.display()));
    while log.exists() {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
}

/// Copies the files of a folder that nobody uses.
pub fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}
