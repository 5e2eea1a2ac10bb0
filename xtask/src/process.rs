//! Running programs: with errors that name the program, and without leaving any behind.

use std::io::{ErrorKind, Read, Write};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
#[cfg(unix)]
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};

/// Runs a program to its end; what it prints is seen as it comes.
///
/// # Errors
/// When it cannot be started, or fails.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().map_err(|error| cannot_start(command, &error))?;
    succeeded(command, status)
}

/// Runs a program to its end and returns what it wrote to stdout; stderr is seen as it comes.
///
/// # Errors
/// When it cannot be started, or fails.
pub fn output(command: &mut Command) -> Result<String> {
    let output =
        command.stderr(Stdio::inherit()).output().map_err(|error| cannot_start(command, &error))?;
    succeeded(command, output.status)?;
    String::from_utf8(output.stdout)
        .with_context(|| format!("{} printed something other than text", name(command)))
}

/// Runs a program that has nothing to say while all is well: what it printed is part of the error.
///
/// # Errors
/// When it cannot be started, or fails.
pub fn quiet(command: &mut Command) -> Result<String> {
    let output = command.output().map_err(|error| cannot_start(command, &error))?;
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        bail!("{} failed ({}):\n{}{}", name(command), output.status, stdout, stderr.trim_end());
    }
    Ok(stdout)
}

/// Whether a program can be started at all.
pub fn exists(program: &str) -> bool {
    Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok()
}

pub(crate) fn cannot_start(command: &Command, error: &std::io::Error) -> anyhow::Error {
    match error.kind() {
        ErrorKind::NotFound => anyhow!("{} is not installed, or not in PATH", name(command)),
        _ => anyhow!("{} could not be started: {error}", name(command)),
    }
}

fn succeeded(command: &Command, status: ExitStatus) -> Result<()> {
    if !status.success() {
        let arguments: Vec<_> =
            command.get_args().map(|argument| argument.to_string_lossy()).collect();
        bail!(
            "`{} {}` failed ({status}); its own words are above",
            name(command),
            arguments.join(" ")
        );
    }
    Ok(())
}

fn name(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    program.file_stem().unwrap_or(program.as_os_str()).to_string_lossy().into_owned()
}

/// Runs a program to its end, shows what it writes to stdout as it comes and returns it too, with whether it succeeded.
///
/// # Errors
/// When it cannot be started or read.
pub fn tee(command: &mut Command) -> Result<(bool, String)> {
    let mut child =
        command.stdout(Stdio::piped()).spawn().map_err(|error| cannot_start(command, &error))?;
    let mut all = Vec::new();
    if let Some(mut pipe) = child.stdout.take() {
        let mut buffer = [0; 4096];
        let mut stdout = std::io::stdout();
        loop {
            let read = pipe.read(&mut buffer)?;
            let Some(new) = buffer.get(..read).filter(|new| !new.is_empty()) else { break };
            stdout.write_all(new)?;
            stdout.flush()?;
            all.extend_from_slice(new);
        }
    }
    Ok((child.wait()?.success(), String::from_utf8_lossy(&all).into_owned()))
}

/// A program that runs beside this one, with all it starts. It ends when this value is dropped, and also when this process dies without a word.
pub struct Background {
    child: Child,
    name: String,
    keeper: Option<Child>,
}

impl Background {
    /// Starts it, in a process group of its own: Ctrl-C reaches this process only, which then ends the group in order.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(name: &str, command: &mut Command) -> Result<Self> {
        own_group(command);
        let child =
            command.stdin(Stdio::null()).spawn().map_err(|error| cannot_start(command, &error))?;
        let keeper = keeper(child.id());
        Ok(Self { child, name: name.to_owned(), keeper })
    }

    /// Its stdout, if it was started with a pipe there; once.
    pub fn stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// # Errors
    /// When it has ended by itself.
    pub fn still_runs(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => {
                bail!("{} ended by itself ({status}); its own words are above", self.name)
            }
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        end_group(&mut self.child);
        if let Some(mut keeper) = self.keeper.take() {
            // A line tells the keeper that all is done; an end of file would make it act.
            if let Some(mut pipe) = keeper.stdin.take() {
                let _ = pipe.write_all(b"done\n");
            }
            let _ = keeper.wait();
        }
    }
}

#[cfg(unix)]
fn own_group(command: &mut Command) {
    std::os::unix::process::CommandExt::process_group(command, 0);
}

#[cfg(not(unix))]
fn own_group(_: &mut Command) {}

/// Asks the whole group to end, insists after five seconds.
#[cfg(unix)]
fn end_group(child: &mut Child) {
    use nix::sys::signal::{Signal, killpg};
    let Ok(group) = i32::try_from(child.id()).map(nix::unistd::Pid::from_raw) else { return };
    let _ = killpg(group, Signal::SIGTERM);
    let patience = Instant::now();
    // The first process may be gone while others of the group still end: the group exists as long as any of them does.
    while patience.elapsed() < Duration::from_secs(5) {
        let _ = child.try_wait();
        if killpg(group, None).is_err() {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let _ = killpg(group, Signal::SIGKILL);
    let _ = child.wait();
}

#[cfg(not(unix))]
fn end_group(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

/// A shell that waits at the end of a pipe. If this process is killed, the pipe closes and the shell ends the group in its place.
#[cfg(unix)]
fn keeper(group: u32) -> Option<Child> {
    // No `--` before the group: dash takes it for a process.
    const SCRIPT: &str =
        "trap '' HUP INT TERM; read -r _ || { kill -TERM \"-$1\"; sleep 3; kill -KILL \"-$1\"; }";
    let mut shell = Command::new("sh");
    shell.args(["-c", SCRIPT, "keeper", &group.to_string()]);
    own_group(&mut shell);
    shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()
}

#[cfg(not(unix))]
fn keeper(_: u32) -> Option<Child> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn runs(pid: u32) -> bool {
        // A zombie is gone too: its parent has only not asked yet.
        std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z"))
    }

    #[test]
    fn what_a_background_program_started_ends_with_it() {
        let mut background = Background::start(
            "sh",
            Command::new("sh").args(["-c", "sleep 1000 & echo $!; wait"]).stdout(Stdio::piped()),
        )
        .expect("started");
        let mut line = String::new();
        let mut stdout = std::io::BufReader::new(background.stdout().expect("piped"));
        std::io::BufRead::read_line(&mut stdout, &mut line).expect("read");
        let grandchild: u32 = line.trim().parse().expect("a process id");
        background.still_runs().expect("running");
        if cfg!(target_os = "linux") {
            assert!(runs(grandchild));
        }
        drop(background);
        assert!(!runs(grandchild));
    }

    #[test]
    fn a_background_program_ends_even_if_this_process_dies_without_a_word() {
        let mut background =
            Background::start("sleep", Command::new("sleep").arg("1000")).expect("started");
        let pid = background.child.id();
        let mut keeper = background.keeper.take().expect("kept");
        // What the system does to the pipe of a process that is killed.
        drop(keeper.stdin.take());
        let start = Instant::now();
        while background.still_runs().is_ok() && start.elapsed() < Duration::from_secs(2) {
            std::thread::sleep(Duration::from_millis(10));
        }
        assert!(!runs(pid));
        keeper.wait().expect("ended");
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let error = run(&mut Command::new("no-such-program")).expect_err("missing").to_string();
        assert_eq!(error, "no-such-program is not installed, or not in PATH");
    }

    #[test]
    fn tee_returns_what_was_shown() {
        let (success, text) =
            tee(Command::new("sh").args(["-c", "echo one; exit 3"])).expect("ran");
        assert!(!success);
        assert_eq!(text, "one\n");
    }
}
