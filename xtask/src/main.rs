//! The project's own commands, one module each in `commands`.
//!
//! A command is a list of steps. The steps run programs (`process`), most of them npm's (`npm`) or
//! tools that are installed at the first use (`tools`), in the checkout (`workspace`).

use anyhow::Result;
use clap::Parser;

mod bundle;
mod commands;
mod counts;
mod files;
mod generated;
mod npm;
mod ports;
mod process;
mod step;
mod tools;
mod wasm;
mod workspace;

use commands::{bench, build, demo, docs, emulator, lint, release, size, test};
use workspace::Workspace;

#[derive(Parser)]
#[command(bin_name = "cargo xtask", about = "The project's own commands")]
enum Command {
    /// Write pkg/, the npm package, ready for `npm pack`
    Build(build::Options),
    /// Build, start the emulator and the demo page, print the address. Ctrl-C ends both
    Demo(demo::Options),
    /// Start the emulator. Its own options follow: `cargo xtask emulator --help`
    Emulator(emulator::Options),
    /// Write the npm package cometchat-emulator in emulator/npm, ready for `npm pack`
    EmulatorPackage,
    /// Everything that CI checks: lint, native tests, size, browser, pages, the packed package
    Test(test::Options),
    /// Formatting, clippy with warnings denied, TypeScript strict, ESLint
    Lint,
    /// Print raw, gzip and brotli sizes of every shipped file. Fail above the ceiling
    Size(size::Options),
    /// Measure against the official SDK and others. A whole run writes docs/reference/benchmarks.md
    Bench(bench::Options),
    /// Write the API reference, www/public/reference/, from the types that ship
    Docs,
    /// Show what a release would publish: tarball, checksum, notes
    Release(release::Options),
}

fn main() {
    if let Err(error) = run(Command::parse()) {
        eprintln!("\ncargo xtask: {error:#}");
        std::process::exit(1);
    }
}

fn run(command: Command) -> Result<()> {
    let workspace = &Workspace::find()?;
    match command {
        Command::Build(options) => build::run(workspace, &options),
        Command::Demo(options) => demo::run(workspace, &options),
        Command::Emulator(options) => emulator::run(workspace, &options),
        Command::EmulatorPackage => emulator::package(workspace),
        Command::Test(options) => test::run(workspace, &options),
        Command::Lint => lint::run(workspace),
        Command::Size(options) => size::run(workspace, &options),
        Command::Bench(options) => bench::run(workspace, &options),
        Command::Docs => docs::run(workspace),
        Command::Release(options) => release::run(workspace, &options),
    }
}
