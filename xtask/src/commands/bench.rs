//! `cargo xtask bench`: this package, the official SDK and others, side by side in one Chromium. The measuring is in `tests/bench`.

use std::process::Command;

use anyhow::Result;

use super::{build, emulator};
use crate::step::heading;
use crate::tools::{self, BrowserTools};
use crate::workspace::Workspace;
use crate::{npm, process};

/// Options of `cargo xtask bench`.
#[derive(clap::Args)]
pub struct Options {
    /// A few runs of each, in a minute or so: to see that the bench works, not what it says
    #[arg(long)]
    quick: bool,
    /// This part only; may be given several times
    #[arg(long, value_enum)]
    only: Vec<Part>,
    /// Fail when a target is missed; without, machines that are busy with other things may miss some
    #[arg(long)]
    check: bool,
}

/// The parts of `tests/bench/main.mjs`, under the same names.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// What is shipped
    Bytes,
    /// From navigation to init resolved, and to knowing who is logged in
    Start,
    /// What a start costs the main thread
    Blocking,
    /// getLoggedinUser(), call after call
    Calls,
    /// login over TLS, with time added to each round trip
    Login,
    /// Memory after start, and after many logins
    Memory,
    /// What a call costs with more metadata, listeners, tabs, apps
    Growth,
}

/// Builds the package, measures, prints the tables, and writes them to docs/reference/benchmarks.md after a whole run.
///
/// # Errors
/// When something does not build or start, a client does not do what is measured, or, with `--check`, a target is missed.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    build::run(workspace, &build::Options::default())?;
    let tests = workspace.path("tests");
    npm::ci(&tests)?;
    npm::ci(&tests.join("bench"))?;
    let BrowserTools { chromium, .. } = tools::chromium()?;
    let emulator = emulator::binary(workspace)?;
    heading("bench");
    let mut node = Command::new("node");
    node.current_dir(&tests).arg("bench/main.mjs");
    node.arg("--results").arg(workspace.target.join("bench/results.json"));
    node.arg("--page").arg(workspace.path("docs/reference/benchmarks.md"));
    node.args(options.quick.then_some("--quick")).args(options.check.then_some("--check"));
    for part in options.only.iter().filter_map(clap::ValueEnum::to_possible_value) {
        node.args(["--only", part.get_name()]);
    }
    node.env("CCA_PKG", workspace.pkg())
        .env("CCA_EMULATOR_BIN", emulator)
        .env("CHROMIUM", chromium);
    process::run(&mut node)
}
