//! Processes: the real programs, built and started, and what the kernel tells about them.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::Failure;

/// Ticks in a second of the processor times under /proc: 100 on every Linux since 2.6 (`getconf CLK_TCK`).
const TICKS: f64 = 100.0;

/// A process that ends with this value.
pub struct Process(pub Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Process {
    /// Starts a program.
    pub fn start(program: &Path, arguments: &[&str]) -> io::Result<Self> {
        let mut command = Command::new(program);
        command.args(arguments).env("GRADIMENTO_LOG", "warn");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map(Self)
    }

    /// Processor seconds so far, of the program and of the system for it.
    pub fn cpu_seconds(&self) -> f64 {
        cpu_seconds(&self.0.id().to_string())
    }

    /// A line of its status under /proc, in MB: `VmRSS` (memory that is resident) or `VmHWM` (the most that ever was).
    pub fn megabytes(&self, line: &str) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap_or_default();
        let kilobytes = status.lines().find_map(|text| text.strip_prefix(line)?.split_whitespace().nth(1)?.parse::<f64>().ok());
        kilobytes.map_or(f64::NAN, |kilobytes| kilobytes / 1024.0)
    }
}

/// Runs a program to its end, while this one goes on serving it.
pub async fn run(program: &Path, arguments: &[&str]) -> Result<(), Failure> {
    let done = tokio::process::Command::new(program).args(arguments).stdout(Stdio::null()).status().await?;
    if done.success() { Ok(()) } else { Err(format!("{} {} failed", program.display(), arguments.join(" ")).into()) }
}

/// Processor seconds of a process, `self` for this one.
pub fn cpu_seconds(process: &str) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The second field is a name in parentheses and may hold anything; user and system time are the 14th and 15th.
    let fields = stat.rsplit_once(')').map(|(_, rest)| rest.split_whitespace().skip(11).take(2)).into_iter().flatten();
    fields.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / TICKS
}

/// How busy the machine is, over 1, 5 and 15 minutes.
pub fn machine_load() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split_whitespace().take(3).collect::<Vec<_>>().join(" ")
}

/// The release binary of a package, beside this one. Built first where cargo started us, as it is shipped: on its own.
pub fn binary(package: &str) -> Result<PathBuf, Failure> {
    if let Some(cargo) = std::env::var_os("CARGO") {
        let built = Command::new(cargo).args(["build", "--release", "--quiet", "--package", package, "--bins"]).status()?;
        if !built.success() {
            return Err(format!("{package} cannot be built").into());
        }
    }
    let path = std::env::current_exe()?.with_file_name(package);
    if path.exists() { Ok(path) } else { Err(format!("{} is not there", path.display()).into()) }
}
