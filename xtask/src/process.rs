//! Running programs, with errors that name the program.

use std::ffi::OsStr;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

/// Runs a program. Its output is shown.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| cannot_start(command))?;
    ensure!(status.success(), "{} failed ({status}). See its output above.", name(command));
    Ok(())
}

/// Runs a program and returns its stdout. What it prints is shown only in the error.
pub fn quiet(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| cannot_start(command))?;
    let [stdout, stderr] = [&output.stdout, &output.stderr].map(|it| String::from_utf8_lossy(it));
    let (status, stderr, name) = (output.status, stderr.trim_end(), name(command));
    ensure!(status.success(), "{name} failed ({status}):\n{stdout}{stderr}");
    Ok(stdout.into_owned())
}

/// The context of an error of [`Command::spawn`].
pub fn cannot_start(command: &Command) -> String {
    format!("{} cannot be started", name(command))
}

fn name(command: &Command) -> String {
    Path::new(command.get_program()).file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// How long a program in the background may take to start.
pub const START_LIMIT: Duration = Duration::from_secs(60);

/// A program in the background, started by [`Background::command`]. It ends when this value is
/// dropped, and also when this process is killed.
pub struct Background {
    pub shell: Child,
    name: String,
}

impl Background {
    /// The command to give arguments to. A shell starts the program and ends it at the end of a
    /// pipe, by force if it ignores the signal. Ctrl-C reaches neither of them, so that the program
    /// can be ended in order.
    pub fn command(program: impl AsRef<OsStr>) -> Command {
        const SCRIPT: &str = r#"exec 3<&0
            "$@" </dev/null 3<&- & program=$!
            (cat <&3; kill $program && sleep 5 && kill -KILL $program) >/dev/null 2>&1 & guard=$!
            exec 3<&-; wait $program; status=$?; kill $guard; exit $status"#;
        let mut shell = Command::new("sh");
        shell.process_group(0).args(["-c", SCRIPT, "sh"]).arg(program);
        shell
    }

    pub fn start(name: &str, command: &mut Command) -> Result<Self> {
        let shell = command.stdin(Stdio::piped()).spawn().context("sh cannot be started")?;
        Ok(Self { shell, name: name.to_owned() })
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
        // `wait` closes the pipe first, which ends the program.
        let _ = self.shell.wait();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn a_background_program_ends_when_the_pipe_of_this_process_closes() {
        let mut sleep = Background::command("sleep");
        let mut background = Background::start("sleep", sleep.arg("60")).expect("started");
        background.still_runs().expect("running");
        drop(background.shell.stdin.take());
        let start = Instant::now();
        background.shell.wait().expect("the shell waits for the program");
        assert!(start.elapsed().as_secs() < 30);
        assert!(background.still_runs().is_err());
    }
}
