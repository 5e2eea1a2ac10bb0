//! `cargo xtask emulator`, and the emulator as other commands start it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::ports::HOST;
use crate::process::{self, Background};
use crate::step::step;
use crate::workspace::Workspace;
use crate::{files, npm};

const CRATE: &str = "cometchat-emulator";

/// Options of `cargo xtask emulator`.
#[derive(clap::Args)]
#[command(disable_help_flag = true)]
pub struct Options {
    /// Passed on to the emulator
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Builds and runs the emulator.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    process::run(Command::new(binary(workspace)?).args(&options.arguments))
}

/// Builds the emulator with its dashboard. Cargo puts it next to this program.
pub fn binary(workspace: &Workspace) -> Result<PathBuf> {
    let dashboard = workspace.path("emulator/dashboard");
    npm::ci(&dashboard)?;
    let inputs = ["src", "public", "index.html", "package-lock.json", "vite.config.ts"];
    let inputs = files::fingerprint(&inputs.map(|name| dashboard.join(name)), &[])?;
    fs::create_dir_all(workspace.scratch())?;
    let stamp = workspace.scratch().join("dashboard.stamp");
    files::cached(&stamp, &inputs, &[dashboard.join("dist")], || {
        step("vite build: the dashboard", || {
            process::quiet(npm::program(&dashboard, "vite/bin/vite.js").arg("build")).map(drop)
        })
    })?;
    process::run(workspace.cargo().args(["build", "--package", CRATE]))?;
    Ok(std::env::current_exe()?.with_file_name(CRATE))
}

/// The line that the emulator prints when it is ready.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ready {
    pub url: String,
    pub app_id: String,
    pub region: String,
    pub auth_key: String,
    pub rest_api_key: String,
}

/// Starts the emulator with its default seed, in memory, and waits until it is ready.
pub fn start(workspace: &Workspace, port: u16, arguments: &[&str]) -> Result<(Background, Ready)> {
    let mut command = Background::command(binary(workspace)?);
    command.args(["--host", HOST, "--port", &port.to_string()]).args(arguments);
    let mut emulator = Background::start("the emulator", command.stdout(Stdio::piped()))?;
    let stdout = BufReader::new(emulator.stdout().context("the emulator has no stdout")?);
    let (sender, receiver) = mpsc::channel();
    // It reads to the end: the emulator must not block on a full pipe.
    std::thread::spawn(move || {
        for line in stdout.lines().map_while(Result::ok) {
            if let Ok(ready) = serde_json::from_str::<Ready>(&line) {
                let _ = sender.send(ready);
            }
        }
    });
    // The channel closes when the emulator ends.
    match receiver.recv_timeout(Duration::from_secs(30)) {
        Ok(ready) => Ok((emulator, ready)),
        Err(error) => {
            emulator.still_runs()?;
            Err(error).context("the emulator is not ready")
        }
    }
}
