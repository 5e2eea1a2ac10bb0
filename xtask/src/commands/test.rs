//! `cargo xtask test`: everything that CI checks, and how many tests that was.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use serde_json::json;

use super::{build, docs, emulator, lint, size};
use crate::counts::Counts;
use crate::step::heading;
use crate::tools::{self, BrowserTools};
use crate::workspace::{PACKAGE, Workspace};
use crate::{files, npm, ports, process};

/// The emulator's port in the browser tests. It is compiled in: WebAssembly reads no environment.
const EMULATOR_PORT: u16 = 8598;

/// Options of `cargo xtask test`.
#[derive(clap::Args)]
pub struct Options {
    /// Run this part only
    #[arg(long, value_enum)]
    only: Option<Part>,
    /// Install a missing browser first (as root, by apt)
    #[arg(long)]
    install: bool,
    /// Test this packed package, as `npm pack` wrote it, in place of a build of this checkout
    #[arg(long, value_name = "FILE")]
    tarball: Option<PathBuf>,
    /// Also run the slow apps and recipes, and write docs/reference/bundlers.md. Downloads 900 MB
    /// at first
    #[arg(long)]
    matrix: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Formatting, clippy, TypeScript, ESLint
    Lint,
    /// cargo test
    Native,
    /// The size ceiling
    Size,
    /// The ports of the WebAssembly in Chromium, against the emulator
    Browser,
    /// The built package in Chromium and Node
    Pages,
    /// The packed package: its types, the recipes, apps that install it
    Package,
}

/// The folders with tests for `node --test`: all their `*.test.mjs` run. To add one, add a line.
/// `npm ci` runs in `tests`, and in the folders of the last column.
const SUITES: &[(Part, &str, &[&str])] = &[
    (Part::Pages, "tests/bench", &[]),
    (Part::Pages, "tests/compat", &[]),
    (Part::Pages, "tests/dashboard", &[]),
    (Part::Pages, "tests/docs", &["tests/docs"]),
    (Part::Pages, "tests/emulator", &[]),
    (Part::Pages, "tests/facade", &[]),
    (Part::Pages, "tests/pages", &["www"]),
    (Part::Pages, "tools/wasm-text/test", &["tools/wasm-text"]),
    (Part::Package, "emulator/npm/test", &["emulator/npm"]),
    (Part::Package, "emulator/npm/test/suite", &[]),
    (Part::Package, "tests/types", &[]),
    (Part::Package, "tests/recipes", &[]),
    (Part::Package, "tests/apps", &[]),
];

/// Runs the parts, all of them even if one fails, and prints how many tests ran.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    if options.install {
        tools::install_browser()?;
    }
    let (mut summary, mut total) = (String::new(), Counts::default());
    let only = options.only;
    for part in Part::value_variants().iter().filter(|part| only.is_none_or(|only| only == **part))
    {
        let name = format!("{part:?}").to_lowercase();
        heading(&format!("test: {name}"));
        let line = match run_part(workspace, *part, options) {
            Ok(None) => "ok".to_owned(),
            Ok(Some(counts)) => {
                total += counts;
                format!("{} passed, {} failed", counts.passed, counts.failed)
            }
            Err(error) => {
                eprintln!("\n{name}: {error:#}");
                total.failed += 1;
                "FAILED, see above".to_owned()
            }
        };
        summary += &format!("{name:<10} {line}\n");
    }
    println!("\n== summary\n{summary}{} passed, {} failed", total.passed, total.failed);
    ensure!(total.failed == 0, "{} tests or checks failed", total.failed);
    Ok(())
}

fn run_part(workspace: &Workspace, part: Part, options: &Options) -> Result<Option<Counts>> {
    match part {
        Part::Lint => lint::run(workspace).map(|()| None),
        Part::Size => size::run(workspace, &size::Options::default()).map(|()| None),
        Part::Native => {
            let mut cargo = workspace.cargo();
            Counts::run(cargo.args(["test", "--workspace", "--no-fail-fast"])).map(Some)
        }
        Part::Browser => browser(workspace).map(Some),
        Part::Pages | Part::Package => suites(workspace, part, options).map(Some),
    }
}

/// `tests/browser.rs` by cargo and wasm-bindgen's runner. One of its tests also runs by wasm-pack,
/// which web developers use.
fn browser(workspace: &Workspace) -> Result<Counts> {
    tools::wasm_target(workspace)?;
    let BrowserTools { chromium, chromedriver } = tools::chromium()?;
    let path = tools::wasm_path(workspace)?;
    let capabilities = workspace.scratch().join("webdriver.json");
    let arguments = ["disable-gpu", "disable-background-networking", "disable-sync"];
    let content = json!({ "goog:chromeOptions": { "binary": chromium, "args": arguments } });
    files::write(&capabilities, content.to_string())?;

    let port = ports::choose("the emulator", None, EMULATOR_PORT)?;
    let (_emulator, ready) = emulator::start(workspace, port)?;
    let tests = ["--package", PACKAGE, "--test", "browser"];
    let mut cargo = workspace.cargo();
    cargo.args(["test", "--target", tools::WASM]).args(tests);
    cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", "wasm-bindgen-test-runner");
    let mut pack = Command::new("wasm-pack");
    pack.current_dir(&workspace.root).args(["test", "--headless", "--chrome"]);
    pack.args(["--mode", "no-install", "--chromedriver"]).arg(&chromedriver);
    pack.arg(".").args(tests).args(["--", "b16_"]);
    let mut counts = Counts::default();
    for command in [&mut cargo, &mut pack] {
        command.env("PATH", &path).env("CHROMEDRIVER", &chromedriver);
        command.env("CCA_TEST_EMULATOR", &ready.url);
        command.env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", &capabilities);
        counts += Counts::run(command)?;
    }
    Ok(counts)
}

/// Node.js in `tests/`, with the package, the emulator and the browser.
pub fn node(workspace: &Workspace) -> Result<Command> {
    let tests = workspace.path("tests");
    npm::ci(&tests)?;
    let mut node = Command::new("node");
    node.current_dir(tests)
        .env("CCA_PKG", workspace.pkg())
        .env("CCA_EMULATOR_BIN", emulator::binary(workspace)?)
        .env("CHROMIUM", tools::chromium()?.chromium);
    Ok(node)
}

/// Runs the suites of a part.
fn suites(workspace: &Workspace, part: Part, options: &Options) -> Result<Counts> {
    match &options.tarball {
        Some(tarball) => unpack(tarball, &workspace.pkg())?,
        None => build::run(workspace, &build::Options::default())?,
    }
    let package = [workspace.pkg()];
    let before = files::fingerprint(&package, &[])?;
    let mut test_files = Vec::new();
    for (_, folder, npm) in SUITES.iter().filter(|(of, ..)| *of == part) {
        npm.iter().try_for_each(|folder| npm::ci(&workspace.path(folder)))?;
        let mut found = tests_in(&workspace.path(folder))?;
        ensure!(!found.is_empty(), "{folder} holds no test");
        test_files.append(&mut found);
    }
    match part {
        Part::Pages => docs::write(workspace)?,
        _ => emulator::package(workspace)?,
    }
    // Parts of the packed package share folders to install it in.
    let concurrency = if part == Part::Package { 1 } else { 2 };
    let counts = workspace.scratch().join("counts.json");
    let mut node = node(workspace)?;
    node.arg("--test").arg(format!("--test-concurrency={concurrency}"));
    node.args(["--test-reporter=spec", "--test-reporter-destination=stdout"]);
    node.args(["--test-reporter=./support/counts.mjs", "--test-reporter-destination"]);
    node.arg(&counts).args(test_files).env("PATH", tools::wasm_path(workspace)?);
    if let Some(tarball) = &options.tarball {
        node.env("CCA_TARBALL", fs::canonicalize(tarball)?);
    }
    node.envs(options.matrix.then_some(("CCA_MATRIX", "1")));
    fs::write(&counts, "")?;
    let success = node.status()?.success();
    let counts: Counts = serde_json::from_str(&fs::read_to_string(&counts)?)
        .context("the test runner ended before it counted its tests")?;
    ensure!(files::fingerprint(&package, &[])? == before, "pkg/ changed during the tests");
    counts.check(success)
}

/// Puts the files of a packed package into `pkg/`.
fn unpack(tarball: &Path, pkg: &Path) -> Result<()> {
    files::empty(pkg)?;
    let mut tar = Command::new("tar");
    tar.arg("-xzf").arg(tarball).args(["--strip-components=1", "-C"]).arg(pkg);
    process::quiet(&mut tar).map(drop)
}

fn tests_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files: Vec<_> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    files.retain(|file| file.to_string_lossy().ends_with(".test.mjs"));
    files.sort();
    Ok(files)
}
