//! `cargo xtask emulator` and `emulator-package`, and the emulator as other commands start it.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::ports::HOST;
use crate::process::{self, Background, START_LIMIT};
use crate::step::step;
use crate::workspace::Workspace;
use crate::{files, npm, tools};

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
    dashboard(workspace)?;
    process::run(workspace.cargo().args(["build", "--package", CRATE]))?;
    Ok(std::env::current_exe()?.with_file_name(CRATE))
}

/// Builds the dashboard if its sources have changed.
fn dashboard(workspace: &Workspace) -> Result<()> {
    let folder = workspace.path("emulator/dashboard");
    npm::ci(&folder)?;
    let inputs = ["src", "public", "index.html", "package-lock.json", "vite.config.ts"];
    let inputs = files::fingerprint(&inputs.map(|name| folder.join(name)), &[])?;
    let stamp = workspace.scratch().join("dashboard.stamp");
    let vite = || process::quiet(npm::program(&folder, "vite/bin/vite.js").arg("build")).map(drop);
    let build = || step("vite build: the dashboard", vite);
    files::cached(&stamp, &inputs, &[folder.join("dist")], build).map(drop)
}

/// `cargo xtask emulator-package`: the npm package `cometchat-emulator` in `emulator/npm`. Its own
/// script completes it.
pub fn package(workspace: &Workspace) -> Result<()> {
    tools::wasm_target(workspace)?;
    let target = workspace.target.join("emulator-package");
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--release", "--package", "cometchat-emulator-wasm"]);
    // A quarter smaller than at level 3, and compiled faster at each start.
    cargo.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "s").env("CARGO_TARGET_DIR", &target);
    process::run(cargo.args(["--target", tools::WASM]))?;
    let package = workspace.path("emulator/npm");
    let compiled = target.join(tools::WASM).join("release/cometchat_emulator_wasm.wasm");
    wasm_bindgen_cli_support::Bindgen::new()
        .input_path(compiled)
        .out_name("emulator")
        .web(true)?
        // core/emulator.d.ts is written by hand: lint needs it before anything is built.
        .typescript(false)
        .remove_producers_section(true)
        .generate(package.join("core"))?;
    dashboard(workspace)?;
    npm::ci(&package)?;
    process::run(Command::new("node").arg("build.mjs").current_dir(&package))
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
pub fn start(workspace: &Workspace, port: u16) -> Result<(Background, Ready)> {
    let mut command = Background::command(binary(workspace)?);
    command.args(["--host", HOST, "--port", &port.to_string(), "--log", "warn"]);
    let mut emulator = Background::start("the emulator", command.stdout(Stdio::piped()))?;
    let ready = wait(&mut emulator, START_LIMIT)?;
    Ok((emulator, ready))
}

/// Waits for the line that the emulator prints when it is ready.
fn wait(emulator: &mut Background, limit: Duration) -> Result<Ready> {
    let mut lines = BufReader::new(emulator.shell.stdout.take().context("no stdout")?).lines();
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let ready = lines.by_ref().find_map(|line| serde_json::from_str(&line.ok()?).ok());
        let _ = sender.send(ready);
        // Reads to the end: the emulator must not block on a full pipe.
        lines.map_while(Result::ok).for_each(drop);
    });
    let ready: Option<Ready> = receiver.recv_timeout(limit).ok().with_context(|| {
        format!("The emulator is not ready after {limit:?}. Run `cargo xtask emulator` to see why.")
    })?;
    ready.context("The emulator ended before it was ready. See its output above.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_emulator_that_never_gets_ready_is_an_error() {
        let mut sleep = Background::command("sleep");
        let sleep = sleep.arg("60").stdout(Stdio::piped());
        let mut emulator = Background::start("sleep", sleep).expect("started");
        let error = wait(&mut emulator, Duration::from_millis(100)).err().expect("not ready");
        assert!(error.to_string().contains("not ready after 100ms"), "{error}");
    }
}
