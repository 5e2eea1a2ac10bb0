//! `cargo xtask size`: what a page has to load.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::build;
use crate::files::names;
use crate::step::heading;
use crate::workspace::Workspace;
use crate::{npm, process};

/// The ceiling for the default entry as a bundler ships it, in bytes after brotli 11.
const CEILING: u64 = 26_850;

/// Options of `cargo xtask size`.
#[derive(clap::Args, Default)]
pub struct Options {
    /// Also print the default entry of other builds: `--plain`, other opt-levels. Takes minutes
    #[arg(long)]
    compare: bool,
}

/// The sizes of a file in bytes.
#[derive(Deserialize, Clone, Copy)]
pub struct Sizes {
    raw: u64,
    gzip: u64,
    brotli: u64,
}

/// Builds, prints the sizes, and fails above the ceiling.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    build::run(workspace, &build::Options::default())?;
    heading("size");
    let pkg = workspace.pkg();
    println!("{:<34}{:>10}{:>10}{:>10}", "bytes", "raw", "gzip -9", "brotli 11");
    for name in names(&pkg)? {
        println!("{}", row(&name, measure(workspace, &pkg.join(&name))?));
    }
    let entry = default_entry(workspace, &pkg)?;
    println!("\n{}", row("default entry, bundled", entry));
    println!("{:<34}{:>30}", "ceiling", CEILING);
    if options.compare {
        println!("\n{}", compare(workspace, entry)?);
    }
    let over = entry.brotli.saturating_sub(CEILING);
    ensure!(
        over == 0,
        "the default entry has {} bytes after brotli, {over} above the ceiling of {CEILING} \
         (xtask/src/commands/size.rs)",
        entry.brotli
    );
    Ok(())
}

/// The sizes of the default entry in other builds, as a table.
fn compare(workspace: &Workspace, shipped: Sizes) -> Result<String> {
    let mut rows = vec![row("default entry, as shipped", shipped)];
    let plain = build::Options { plain: true, ..Default::default() };
    let levels = ["2", "3", "s", "z"]
        .map(|level| build::Options { opt_level: Some(level), ..Default::default() });
    for mut options in [plain].into_iter().chain(levels) {
        let package = build::scratch(workspace, &options).join("package");
        options.out = Some(package.clone());
        build::run(workspace, &options)?;
        let name =
            options.opt_level.map_or("  --plain".to_owned(), |it| format!("  opt-level {it}"));
        rows.push(row(&name, default_entry(workspace, &package)?));
    }
    Ok(rows.join("\n"))
}

fn row(name: &str, Sizes { raw, gzip, brotli }: Sizes) -> String {
    format!("{name:<34}{raw:>10}{gzip:>10}{brotli:>10}")
}

fn measure(workspace: &Workspace, file: &Path) -> Result<Sizes> {
    let script = workspace.path("tests/support/sizes.mjs");
    let json = process::quiet(Command::new("node").arg(script).arg(file))?;
    let [sizes] = serde_json::from_str(&json).context("reading the sizes")?;
    Ok(sizes)
}

/// What a bundler ships for all of `cometchat-auth`: one file.
fn default_entry(workspace: &Workspace, package: &Path) -> Result<Sizes> {
    let file = workspace.scratch().join("default-entry.js");
    let mut esbuild = npm::program(&workspace.path("pkg-template"), "esbuild/bin/esbuild");
    esbuild.arg(package.join("index.js")).arg(format!("--outfile={}", file.display()));
    esbuild.args(["--bundle", "--minify", "--format=esm", "--target=es2022"]);
    process::quiet(esbuild.arg("--log-level=warning"))?;
    measure(workspace, &file)
}
