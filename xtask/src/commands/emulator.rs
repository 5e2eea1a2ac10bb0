//! `cargo xtask emulator`, and the emulator as the other commands start it.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use cargo_metadata::Message;
use serde::Deserialize;

use crate::ports::HOST;
use crate::process::{self, Background};
use crate::workspace::Workspace;

const CRATE: &str = "cometchat-emulator";

/// Options of `cargo xtask emulator`.
#[derive(clap::Args)]
#[command(disable_help_flag = true)]
pub struct Options {
    /// Passed on to the emulator
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Builds and runs the emulator until it is ended.
///
/// # Errors
/// When it does not build, or fails.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    process::run(workspace.cargo().args(["run", "--package", CRATE, "--"]).args(&options.arguments))
}

/// Builds the emulator; cargo shows its own progress. Returns the program.
///
/// # Errors
/// When it does not build.
pub fn binary(workspace: &Workspace) -> Result<PathBuf> {
    let messages = process::output(workspace.cargo().args([
        "build",
        "--package",
        CRATE,
        "--message-format",
        "json-render-diagnostics",
    ]))?;
    let program = Message::parse_stream(messages.as_bytes()).filter_map(|message| match message {
        Ok(Message::CompilerArtifact(artifact)) if artifact.target.name == CRATE => {
            artifact.executable
        }
        _ => None,
    });
    program
        .last()
        .map(cargo_metadata::camino::Utf8PathBuf::into_std_path_buf)
        .ok_or_else(|| anyhow!("cargo made no program {CRATE}"))
}

/// What the emulator says when it is ready; what it says besides is for others.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase")]
pub struct Ready {
    /// Its address, without a slash at the end.
    pub url: String,
    /// The default app.
    pub app_id: String,
    /// The region it plays.
    pub region: String,
    /// The seeded Auth Key.
    pub auth_key: String,
    /// The seeded REST API key.
    pub rest_api_key: String,
}

/// Starts the emulator on this port, in memory, with its default seed, and waits until it is ready.
///
/// # Errors
/// When it does not get ready.
pub fn start(workspace: &Workspace, port: u16, arguments: &[&str]) -> Result<(Background, Ready)> {
    let mut command = Command::new(binary(workspace)?);
    command
        .args(["--host", HOST, "--port", &port.to_string()])
        .args(arguments)
        .stdout(Stdio::piped());
    let mut emulator = Background::start("the emulator", &mut command)?;
    let stdout = BufReader::new(emulator.stdout().context("the emulator has no stdout")?);
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut stdout = stdout;
        let mut line = String::new();
        while stdout.read_line(&mut line).is_ok_and(|read| read > 0) {
            if let Ok(ready) = serde_json::from_str::<Ready>(&line) {
                let _ = sender.send(ready);
                break;
            }
            line.clear();
        }
        // Nobody reads the rest, but the emulator must not block on a full pipe.
        let _ = stdout.read_to_end(&mut Vec::new());
    });
    for _ in 0..300 {
        match receiver.recv_timeout(Duration::from_millis(100)) {
            Ok(ready) => return Ok((emulator, ready)),
            Err(_) => emulator.still_runs()?,
        }
    }
    bail!("the emulator did not say that it is ready within 30 s")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ready_line_is_read() {
        let line = r#"{"ready":true,"url":"http://127.0.0.1:8599","appId":"emulator-app","region":"us","authKey":"a","restApiKey":"r","users":["cometchat-uid-1"]}"#;
        let ready: Ready = serde_json::from_str(line).expect("read");
        assert_eq!(
            (ready.url.as_str(), ready.app_id.as_str(), ready.region.as_str()),
            ("http://127.0.0.1:8599", "emulator-app", "us")
        );
    }
}
