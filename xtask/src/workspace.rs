//! Where things are, and which versions Cargo.lock holds.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow, bail};
use cargo_metadata::{Metadata, MetadataCommand, Package};

pub use crate::files::write;

/// The package that becomes the npm package.
pub const PACKAGE: &str = "cometchat-auth";

/// The checkout this command runs in.
pub struct Workspace {
    /// The folder of the workspace's Cargo.toml.
    pub root: PathBuf,
    /// Where cargo builds, whatever the environment and the configuration say about it.
    pub target: PathBuf,
    metadata: Metadata,
    lock: String,
}

impl Workspace {
    /// Asks cargo; takes about 50 ms.
    pub fn find() -> Result<Self> {
        // cargo sets it for `cargo run`; the value from compile time serves a binary that is started by hand.
        let xtask = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
        let manifest = xtask.parent().context("xtask/ has no parent folder")?.join("Cargo.toml");
        let metadata = MetadataCommand::new()
            .manifest_path(&manifest)
            .no_deps()
            .exec()
            .context("cargo metadata failed")?;
        let root = metadata.workspace_root.clone().into_std_path_buf();
        let lock_file = root.join("Cargo.lock");
        let lock = fs::read_to_string(&lock_file)
            .with_context(|| format!("reading {}", lock_file.display()))?;
        Ok(Self {
            target: metadata.target_directory.clone().into_std_path_buf(),
            root,
            metadata,
            lock,
        })
    }

    /// The version of a dependency in Cargo.lock.
    pub fn locked(&self, name: &str) -> Result<&str> {
        locked_version(&self.lock, name)
    }

    /// The version of the package: the one place is `[workspace.package]` in Cargo.toml.
    pub fn version(&self) -> Result<String> {
        Ok(self.package()?.version.to_string())
    }

    fn package(&self) -> Result<&Package> {
        let package = self.metadata.packages.iter().find(|package| package.name == PACKAGE);
        package.ok_or_else(|| anyhow!("the workspace has no package {PACKAGE}"))
    }

    /// Cargo, started in the workspace.
    pub fn cargo(&self) -> Command {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.current_dir(&self.root);
        // What cargo tells the program it runs about its package is not about what that compiles: build scripts that look at it would run each time anew.
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(|name| {
                name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
            }) {
                command.env_remove(name);
            }
        }
        command
    }

    /// A path below the root.
    pub fn path(&self, below: impl AsRef<Path>) -> PathBuf {
        self.root.join(below)
    }

    /// The built npm package.
    pub fn pkg(&self) -> PathBuf {
        self.path("pkg")
    }

    /// The folder for what lies between cargo's output and `pkg/`.
    pub fn scratch(&self) -> PathBuf {
        self.target.join("npm-package")
    }
}

/// The version of `name` in the text of a Cargo.lock.
fn locked_version<'a>(lock: &'a str, name: &str) -> Result<&'a str> {
    let value =
        |line: &'a str, key: &str| line.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"');
    let mut versions = lock.split("[[package]]").skip(1).filter_map(|package| {
        let found = package.lines().find_map(|line| value(line, "name"))?;
        (found == name).then(|| package.lines().find_map(|line| value(line, "version")))?
    });
    let version = versions.next().ok_or_else(|| anyhow!("Cargo.lock holds no {name}"))?;
    if versions.next().is_some() {
        bail!(
            "Cargo.lock holds {name} in several versions; `cargo tree -i {name}` shows who asks for them"
        );
    }
    Ok(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "version = 4\n\n[[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\ndependencies = [\n \"cfg-if\",\n]\n\n\
        [[package]]\nname = \"wasm-bindgen-futures\"\nversion = \"0.4.80\"\n\n[[package]]\nname = \"syn\"\nversion = \"1.0.0\"\n\n\
        [[package]]\nname = \"syn\"\nversion = \"2.0.0\"\n";

    #[test]
    fn the_locked_version_is_that_of_the_whole_name() {
        assert_eq!(locked_version(LOCK, "wasm-bindgen").expect("there"), "0.2.130");
        assert_eq!(locked_version(LOCK, "wasm-bindgen-futures").expect("there"), "0.4.80");
    }

    #[test]
    fn a_missing_or_doubled_version_is_an_error_that_names_it() {
        assert!(locked_version(LOCK, "wasm").expect_err("missing").to_string().contains("no wasm"));
        assert!(locked_version(LOCK, "syn").expect_err("doubled").to_string().contains("several"));
    }

    #[test]
    fn this_workspace_is_found_and_its_versions_agree() {
        let workspace = Workspace::find().expect("found");
        assert!(workspace.path("xtask/Cargo.toml").is_file());
        assert_eq!(
            workspace.locked("wasm-bindgen").expect("there"),
            workspace.locked("wasm-bindgen-cli-support").expect("there")
        );
    }
}
