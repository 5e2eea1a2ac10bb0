//! `cometchat-emulator exec -- COMMAND`: a command with an emulator of its own, ending as the command ends.

use cometchat_emulator::Emulator;
use std::ffi::OsString;
use std::path::Path;
use std::process::ExitStatus;
use tokio::process::Command;

/// Runs the command with the emulator's addresses in its environment and gives the exit code to end with.
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
        std::io::ErrorKind::NotFound => format!("there is no command \"{shown}\". What follows -- is a program and its arguments; for shell syntax use sh -c '…'."),
        _ => format!("cannot start \"{shown}\": {error}."),
    })?;
    let id = child.id();
    loop {
        tokio::select! {
            status = child.wait() => {
                let status = status.map_err(|error| format!("cannot wait for \"{shown}\": {error}."))?;
                return Ok(code_of(status));
            }
            () = signals.next(id) => {}
        }
    }
}

/// As a shell would say it: the command's own code, or 128 and the signal that ended it.
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

    /// Waits for a signal and hands it to the command. The emulator itself stays until the command has ended.
    async fn next(&mut self, child: Option<u32>) {
        use rustix::process::Signal;
        let (signal, from_keyboard) = tokio::select! {
            _ = self.interrupt.recv() => (Signal::INT, true),
            _ = self.quit.recv() => (Signal::QUIT, true),
            _ = self.terminate.recv() => (Signal::TERM, false),
            _ = self.hang_up.recv() => (Signal::HUP, false),
        };
        // A terminal sends Ctrl-C to the command as well; twice would mean something else to it.
        if from_keyboard && in_foreground() {
            return;
        }
        let pid =
            child.and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw);
        if let Some(pid) = pid {
            // It may have ended just now, which is as well.
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

    /// The system sends Ctrl-C to the command too; the emulator only must not end before it.
    async fn next(&mut self, _child: Option<u32>) {
        let _pressed = tokio::signal::ctrl_c().await;
    }
}
