//! Where things are.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::process;

/// The package that becomes the npm package.
pub const PACKAGE: &str = "cometchat-auth";

/// The version of all packages: `[workspace.package]` in Cargo.toml.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The checkout that this command runs in.
pub struct Workspace {
    pub root: PathBuf,
    /// Cargo's target folder.
    pub target: PathBuf,
}

impl Workspace {
    pub fn find() -> Result<Self> {
        // `cargo run` sets the variable. A program started by hand uses the value from compile time.
        let xtask = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
        let root = xtask.parent().context("xtask/ has no parent folder")?.to_owned();
        let mut cargo = Command::new("cargo");
        cargo.args(["metadata", "--no-deps", "--format-version", "1"]).current_dir(&root);
        let metadata: Value = serde_json::from_str(&process::quiet(&mut cargo)?)?;
        let target = metadata.get("target_directory").and_then(Value::as_str);
        Ok(Self { target: target.context("cargo metadata names no target folder")?.into(), root })
    }

    /// Cargo in the workspace.
    pub fn cargo(&self) -> Command {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.current_dir(&self.root);
        // `cargo run` sets these variables for xtask. Build scripts that read them would run again
        // at every build.
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
