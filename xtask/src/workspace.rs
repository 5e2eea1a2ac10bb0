//! Where things are, and which versions Cargo.lock holds.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::process;

/// The package that becomes the npm package.
pub const PACKAGE: &str = "cometchat-auth";

/// The checkout that this command runs in.
pub struct Workspace {
    pub root: PathBuf,
    /// Cargo's target folder.
    pub target: PathBuf,
    /// The version in `[workspace.package]` of Cargo.toml.
    pub version: String,
    lock: String,
}

impl Workspace {
    pub fn find() -> Result<Self> {
        // Cargo sets it for `cargo run`. The value from compile time is for a program started by
        // hand.
        let xtask = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
        let root = xtask.parent().context("xtask/ has no parent folder")?.to_owned();
        let mut cargo = Command::new("cargo");
        cargo.args(["metadata", "--no-deps", "--format-version", "1"]).current_dir(&root);
        let metadata: Value = serde_json::from_str(&process::quiet(&mut cargo)?)?;
        let target = metadata.get("target_directory").and_then(Value::as_str);
        let lock = fs::read_to_string(root.join("Cargo.lock")).context("reading Cargo.lock")?;
        Ok(Self {
            target: target.context("cargo metadata names no target folder")?.into(),
            version: locked_version(&lock, PACKAGE)?.to_owned(),
            root,
            lock,
        })
    }

    /// The version of a dependency in Cargo.lock.
    pub fn locked(&self, name: &str) -> Result<&str> {
        locked_version(&self.lock, name)
    }

    /// Cargo in the workspace.
    pub fn cargo(&self) -> Command {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.current_dir(&self.root);
        // `cargo run` describes xtask by these. Build scripts that look at them would run each
        // time.
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
                command.env_remove(&name);
            }
        }
        command
    }

    pub fn path(&self, below: impl AsRef<Path>) -> PathBuf {
        self.root.join(below)
    }

    /// The built npm package.
    pub fn pkg(&self) -> PathBuf {
        self.path("pkg")
    }

    /// The folder for files between cargo's output and `pkg/`.
    pub fn scratch(&self) -> PathBuf {
        self.target.join("npm-package")
    }
}

/// The version of `name` in the text of a Cargo.lock.
fn locked_version<'a>(lock: &'a str, name: &str) -> Result<&'a str> {
    let entry = format!("name = \"{name}\"\nversion = \"");
    let mut versions = lock.split(&entry).skip(1).filter_map(|rest| rest.split('"').next());
    let version = versions.next().with_context(|| format!("Cargo.lock has no {name}"))?;
    ensure!(versions.next().is_none(), "Cargo.lock has several versions of {name}");
    Ok(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locked_version_is_that_of_the_whole_name() {
        let entry =
            |name, version| format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n\n");
        let lock = [("a", "1.0.0"), ("a-b", "2.0.0"), ("c", "3.0.0"), ("c", "4.0.0")];
        let lock: String = lock.map(|(name, version)| entry(name, version)).concat();
        assert_eq!(locked_version(&lock, "a").expect("there"), "1.0.0");
        assert!(locked_version(&lock, "b").is_err());
        assert!(locked_version(&lock, "c").is_err());
    }
}
