//! `cargo xtask bench`: compares this package, the official SDK and others, by `tests/bench`.

use std::process::Command;

use anyhow::{Context, Result};

use super::{build, emulator, test};
use crate::step::heading;
use crate::workspace::Workspace;
use crate::{npm, process};

/// What is measured besides the package.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Subject {
    /// The emulator's start, tokens and logins; writes docs/reference/emulator-benchmarks.md
    Emulator,
}

/// Options of `cargo xtask bench`.
#[derive(clap::Args)]
pub struct Options {
    /// Measure this in place of the package
    #[arg(value_enum)]
    subject: Option<Subject>,
    /// A few runs of each, in a minute: shows that the bench works, not how fast the package is
    #[arg(long)]
    quick: bool,
    /// This part only: bytes, start, blocking, calls, login, memory or growth. Can be repeated
    #[arg(long, value_name = "PART")]
    only: Vec<String>,
    /// Fail if a target is missed
    #[arg(long)]
    check: bool,
}

/// Measures and prints the tables. A whole run also writes them to docs/reference/benchmarks.md.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    if let Some(Subject::Emulator) = options.subject {
        return run_emulator(workspace, options);
    }
    build::run(workspace, &build::Options::default())?;
    npm::ci(&workspace.path("tests/bench"))?;
    let mut node = test::node(workspace)?;
    heading("bench");
    if let Some(before) = std::env::var_os("CCA_PKG_BEFORE") {
        let before = std::fs::canonicalize(before).context("CCA_PKG_BEFORE is not a folder")?;
        node.env("CCA_PKG_BEFORE", before);
    }
    node.args(["bench/main.mjs", "--results"]).arg(workspace.target.join("bench/results.json"));
    node.arg("--page").arg(workspace.path("docs/reference/benchmarks.md"));
    node.args(options.quick.then_some("--quick")).args(options.check.then_some("--check"));
    process::run(node.args(options.only.iter().flat_map(|part| ["--only", part])))
}

/// Measures both shells of the emulator beside another emulator.
fn run_emulator(workspace: &Workspace, options: &Options) -> Result<()> {
    // Builds the dashboard, which the release build embeds.
    emulator::package(workspace)?;
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--release", "--package", "cometchat-emulator"]);
    process::run(cargo.args(["--bin", "cometchat-emulator", "--example", "load"]))?;
    let bench = workspace.path("tests/bench/emulator");
    npm::ci(&bench)?;
    heading("bench emulator");
    let release = workspace.target.join("release");
    let mut node = Command::new("node");
    node.current_dir(&bench).arg("main.mjs");
    node.arg("--page").arg(workspace.path("docs/reference/emulator-benchmarks.md"));
    node.env("CCA_EMULATOR_RELEASE", release.join("cometchat-emulator"))
        .env("CCA_EMULATOR_NPM", workspace.path("emulator/npm/dist/cli.js"))
        .env("CCA_EMULATOR_LOAD", release.join("examples/load"));
    process::run(node.args(options.quick.then_some("--quick")))
}
