//! `cometchat-emulator exec -- COMMAND` runs a command with an emulator of its own, and exits with
//! the status of the command.

use cometchat_emulator::Emulator;
use std::ffi::OsString;
use std::path::Path;
use std::process::ExitStatus;
use tokio::process::Command;

/// Runs the command with the emulator's addresses in its environment, and returns the exit code.
pub async fn run(
    emulator: &Emulator,
    ca_file: Option<&Path>,
    command: &[OsString],
) -> Result<u8, String> {
    let (program, arguments) =
        command.split_first().ok_or("exec needs a command, as in: exec -- npm test")?;
    let mut signals = Signals::listen()?;
    let mut to_run = Command::new(program);
    to_run
        .args(arguments)
        .env("COMETCHAT_EMULATOR_URL", emulator.url())
        .env("COMETCHAT_EMULATOR_APP_ID", emulator.app_id())
        .env("COMETCHAT_EMULATOR_REGION", emulator.region())
        .env("COMETCHAT_EMULATOR_AUTH_KEY", emulator.auth_key())
        .env("COMETCHAT_EMULATOR_REST_API_KEY", emulator.rest_api_key())
        .kill_on_drop(true);
    if let Some(file) = ca_file {
        to_run.env("COMETCHAT_EMULATOR_CA_FILE", file);
    }
    let shown = program.to_string_lossy().into_owned();
    let mut child = to_run.spawn().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => format!(
            "there is no command \"{shown}\". Write a program and its arguments after --, or \
             sh -c '…' for shell syntax."
        ),
        _ => format!("cannot start \"{shown}\": {error}."),
    })?;
    let id = child.id();
    loop {
        tokio::select! {
            status = child.wait() => {
                let problem = |error| format!("cannot wait for \"{shown}\": {error}.");
                let status = status.map_err(problem)?;
                return Ok(code_of(status));
            }
            () = signals.next(id) => {}
        }
    }
}

/// The exit code of a command, as in a shell: its own code, or 128 plus the signal that ended it.
fn code_of(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return u8::try_from(128 + signal).unwrap_or(u8::MAX);
    }
    status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
    quit: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> Result<Self, String> {
        use tokio::signal::unix::{SignalKind, signal};
        let on = |kind| signal(kind).map_err(|error| format!("cannot listen for signals: {error}"));
        Ok(Self {
            interrupt: on(SignalKind::interrupt())?,
            terminate: on(SignalKind::terminate())?,
            hang_up: on(SignalKind::hangup())?,
            quit: on(SignalKind::quit())?,
        })
    }

    /// Waits for a signal and passes it to the command. The emulator runs until the command ends.
    async fn next(&mut self, child: Option<u32>) {
        use rustix::process::Signal;
        let (signal, from_keyboard) = tokio::select! {
            _ = self.interrupt.recv() => (Signal::INT, true),
            _ = self.quit.recv() => (Signal::QUIT, true),
            _ = self.terminate.recv() => (Signal::TERM, false),
            _ = self.hang_up.recv() => (Signal::HUP, false),
        };
        // A terminal sends Ctrl-C to the command too. A second one could have another meaning.
        if from_keyboard && in_foreground() {
            return;
        }
        let pid =
            child.and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw);
        if let Some(pid) = pid {
            // An error means that the command has already ended.
            let _ended = rustix::process::kill_process(pid, signal);
        }
    }
}

#[cfg(unix)]
fn in_foreground() -> bool {
    rustix::termios::tcgetpgrp(std::io::stderr())
        .is_ok_and(|group| group == rustix::process::getpgrp())
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> Result<Self, String> {
        Ok(Self)
    }

    /// The system sends Ctrl-C to the command too. The emulator must not end before the command.
    async fn next(&mut self, _child: Option<u32>) {
        let _pressed = tokio::signal::ctrl_c().await;
    }
}
