//! npm: dependencies by lock file, and the programs that they bring.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::files::read;
use crate::process;
use crate::step::step;

/// The oldest major version of Node.js that tools and tests run on.
const NODE: u32 = 20;

fn require_node() -> Result<()> {
    let version = process::quiet(Command::new("node").arg("--version")).unwrap_or_default();
    let major = version.trim_start_matches('v').split('.').next().unwrap_or_default();
    let fits = major.parse::<u32>().is_ok_and(|major| major >= NODE);
    ensure!(fits, "Node.js {NODE} or newer and npm are needed. See https://nodejs.org.");
    Ok(())
}

/// Installs what the lock file of `folder` says, unless it is installed.
pub fn ci(folder: &Path) -> Result<()> {
    let wanted = read(&folder.join("package.json"))? + &read(&folder.join("package-lock.json"))?;
    let stamp = folder.join("node_modules/.installed-by-xtask");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    require_node()?;
    step(&format!("npm ci in {}", folder.display()), || {
        // No dependency needs an install script.
        let arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
        process::quiet(npm(folder).args(arguments))
    })?;
    Ok(fs::write(&stamp, wanted)?)
}

/// A program of a dependency, by its path in `node_modules`.
pub fn program(folder: &Path, path: &str) -> Command {
    let mut command = Command::new("node");
    command.arg(folder.join("node_modules").join(path)).current_dir(folder);
    command
}

/// npm in a folder.
pub fn npm(folder: &Path) -> Command {
    let mut command = Command::new("npm");
    command.current_dir(folder);
    command
}
