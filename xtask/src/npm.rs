//! npm: dependencies by lock file, and the programs they bring.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;
use crate::step::step;

/// The oldest Node.js that the tools and the tests run on.
const NODE: u32 = 20;

/// Fails with what to install unless Node.js and npm are there.
///
/// # Errors
/// One line that says what is missing.
pub fn require_node() -> Result<()> {
    let install = format!(
        "install Node.js {NODE} or newer with npm, from https://nodejs.org or your system's packages"
    );
    let Ok(version) = process::quiet(Command::new("node").arg("--version")) else {
        bail!("Node.js is missing: {install}");
    };
    let major = version
        .trim()
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|major| major.parse::<u32>().ok());
    if major.is_none_or(|major| major < NODE) {
        bail!("Node.js {} is too old: {install}", version.trim());
    }
    if !process::exists(npm_program()) {
        bail!("npm is missing: {install}");
    }
    Ok(())
}

/// Installs exactly what the lock file of `folder` says, unless that is what is installed.
///
/// # Errors
/// When there is no lock file, or npm fails.
pub fn ci(folder: &Path) -> Result<()> {
    let lock = folder.join("package-lock.json");
    if !lock.is_file() {
        bail!(
            "{} is missing: run `npm install` in that folder once and commit the lock file",
            lock.display()
        );
    }
    require_node()?;
    let wanted = format!("{}{}", read(&folder.join("package.json"))?, read(&lock)?);
    let stamp = folder.join("node_modules/.installed-by-xtask");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    let name = folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy().into_owned();
    step(&format!("npm ci in {name}/"), || {
        // No package here needs a script of its own to work, so none gets to run one.
        process::quiet(
            Command::new(npm_program())
                .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
                .current_dir(folder),
        )?;
        Ok(())
    })?;
    fs::write(&stamp, wanted).with_context(|| format!("writing {}", stamp.display()))
}

/// A program that a package in `folder`'s node_modules brings, by its path there. Started through node: the links in `.bin` are shell scripts on Windows.
pub fn program(folder: &Path, path: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("node");
    command.arg(folder.join("node_modules").join(Path::new(path.as_ref()))).current_dir(folder);
    command
}

/// npm itself.
pub fn npm(folder: &Path) -> Command {
    let mut command = Command::new(npm_program());
    command.current_dir(folder);
    command
}

fn npm_program() -> &'static str {
    if cfg!(windows) { "npm.cmd" } else { "npm" }
}

fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))
}
