//! The emulator under load.

use crate::Result;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

/// An emulator in a process of its own.
pub struct Emulator {
    child: Child,
    pub address: SocketAddr,
    pub start_ms: u128,
}

impl Emulator {
    /// Starts it with so many users, and with a database file if `db` is set.
    pub fn start(program: &Path, users: usize, db: bool, folder: &Path) -> Result<Self> {
        let user = |at: usize| {
            json!({
                "uid": format!("user-{at:06}"),
                "name": name(at),
                "tags": [format!("t{}", at % 50)],
            })
        };
        let users: Vec<Value> = (0..users).map(user).collect();
        let seed = folder.join("seed.json");
        let apps = json!([{ "id": "load", "users": users }]);
        std::fs::write(&seed, json!({ "apps": apps }).to_string())?;
        let is_script = program.extension().is_some_and(|extension| extension == "js");
        let mut command = Command::new(if is_script { Path::new("node") } else { program });
        command.args(is_script.then_some(program));
        command.args(["--port", "0", "--log", "off", "--core-limit", "0", "--standard-limit", "0"]);
        command.arg("--seed").arg(seed);
        if db {
            command.arg("--db").arg(folder.join("emulator.db"));
        }
        let started = Instant::now();
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut line = String::new();
        let stdout = child.stdout.take().ok_or("the emulator has no stdout")?;
        BufReader::new(stdout).read_line(&mut line)?;
        let start_ms = started.elapsed().as_millis();
        let ready: Value = serde_json::from_str(&line)?;
        let url = ready.get("url").and_then(Value::as_str).ok_or("the emulator is not ready")?;
        let address = url.trim_start_matches("http://").parse()?;
        Ok(Self { child, address, start_ms })
    }

    /// The processor time of the emulator and of this process, in microseconds.
    pub fn processor_time(&self) -> u64 {
        let ticks = |process: &str| {
            let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
            // The name before the bracket may contain spaces. Times are the 12th and 13th after it.
            let after_name = stat.rsplit(')').next().unwrap_or_default().to_owned();
            let times = after_name.split_whitespace().skip(11).take(2);
            times.filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>()
        };
        /// Linux counts in hundredths of a second.
        const TICK: u64 = 10_000;
        (ticks(&self.child.id().to_string()) + ticks("self")) * TICK
    }

    /// Resident memory, in MiB.
    pub fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        kilobytes.unwrap_or(0) / 1024
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // An emulator that has ended is what is wanted.
        let _ended = self.child.kill().and_then(|()| self.child.wait());
    }
}

/// Names with different beginnings, so that a search finds a part of the users.
fn name(at: usize) -> String {
    let letter = |index: usize| char::from(b'A' + u8::try_from(index % 26).unwrap_or(0));
    format!("{}{}-{at}", letter(at), letter(at / 26))
}
