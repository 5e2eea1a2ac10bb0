//! Running programs, with errors that name the program.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

/// Runs a program. Its output is shown.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| cannot_start(command))?;
    check(command, status)
}

/// Runs a program and returns its stdout. Its stderr is shown.
pub fn output(command: &mut Command) -> Result<String> {
    let output =
        command.stderr(Stdio::inherit()).output().with_context(|| cannot_start(command))?;
    check(command, output.status)?;
    Ok(String::from_utf8(output.stdout)?)
}

/// Runs a program and returns its stdout. What it prints is shown only in the error.
pub fn quiet(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| cannot_start(command))?;
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        bail!("{} failed ({}):\n{stdout}{}", name(command), output.status, stderr.trim_end());
    }
    Ok(stdout)
}

/// Runs a program, shows its stdout and hands each line of it on. Returns whether it succeeded.
pub fn each_line(command: &mut Command, mut line: impl FnMut(&str)) -> Result<bool> {
    let mut child =
        command.stdout(Stdio::piped()).spawn().with_context(|| cannot_start(command))?;
    for text in BufReader::new(child.stdout.take().context("no stdout")?).lines() {
        let text = text?;
        println!("{text}");
        line(&text);
    }
    Ok(child.wait()?.success())
}

fn check(command: &Command, status: ExitStatus) -> Result<()> {
    ensure!(status.success(), "{} failed ({status}). See its output above.", name(command));
    Ok(())
}

fn cannot_start(command: &Command) -> String {
    format!("{} cannot be started", name(command))
}

fn name(command: &Command) -> String {
    Path::new(command.get_program()).file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// A program in the background, started by [`Background::command`]. It ends when this value is
/// dropped, and also when this process is killed.
pub struct Background {
    shell: Child,
    pipe: Option<ChildStdin>,
    name: String,
}

impl Background {
    /// The command to give arguments to. A shell starts the program and ends it at the end of a
    /// pipe. Ctrl-C reaches neither of them, so that the program can be ended in order.
    pub fn command(program: impl AsRef<OsStr>) -> Command {
        const SCRIPT: &str = r#"exec 3<&0
            "$@" </dev/null 3<&- & program=$!
            (cat <&3; kill "$program") >/dev/null 2>&1 &
            exec 3<&-; wait "$program""#;
        let mut shell = Command::new("sh");
        shell.process_group(0).args(["-c", SCRIPT, "sh"]).arg(program);
        shell
    }

    pub fn start(name: &str, command: &mut Command) -> Result<Self> {
        let mut shell = command.stdin(Stdio::piped()).spawn().context("sh cannot be started")?;
        Ok(Self { pipe: shell.stdin.take(), shell, name: name.to_owned() })
    }

    pub fn stdout(&mut self) -> Option<ChildStdout> {
        self.shell.stdout.take()
    }

    /// Fails if the program has ended.
    pub fn still_runs(&mut self) -> Result<()> {
        match self.shell.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("{} has ended ({status}). See its output above.", self.name),
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        drop(self.pipe.take());
        let start = Instant::now();
        while matches!(self.shell.try_wait(), Ok(None)) && start.elapsed().as_secs() < 5 {
            std::thread::sleep(Duration::from_millis(20));
        }
        // A program that ignores the signal is killed with its group.
        let group = format!("-{}", self.shell.id());
        let _ = quiet(Command::new("kill").args(["-s", "KILL", "--", &group]));
        let _ = self.shell.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_background_program_ends_when_the_pipe_of_this_process_closes() {
        let mut command = Background::command("sh");
        command.args(["-c", "echo $$; exec sleep 1000"]).stdout(Stdio::piped());
        let mut background = Background::start("sleep", &mut command).expect("started");
        let mut line = String::new();
        let stdout = background.stdout().expect("piped");
        BufReader::new(stdout).read_line(&mut line).expect("read");
        let runs = || quiet(Command::new("kill").args(["-0", line.trim()])).is_ok();
        background.still_runs().expect("running");
        assert!(runs());
        drop(background.pipe.take());
        let start = Instant::now();
        while runs() && start.elapsed().as_secs() < 5 {
            std::thread::sleep(Duration::from_millis(10));
        }
        assert!(!runs());
    }
}
