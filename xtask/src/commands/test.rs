//! `cargo xtask test`: everything that CI checks, and how many tests that was.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use serde_json::json;

use super::{build, docs, emulator, lint, size};
use crate::counts::Counts;
use crate::step::heading;
use crate::tools::{self, BrowserTools};
use crate::workspace::{PACKAGE, Workspace};
use crate::{npm, ports, process};

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
    /// Also run the slow apps and recipes, and write docs/reference/bundlers.md. Downloads 900 MB at first
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

/// A folder with tests for `node --test`.
struct Suite {
    part: Part,
    folder: &'static str,
    /// Where `npm ci` runs first, besides `tests`.
    npm: &'static [&'static str],
}

const fn suite(part: Part, folder: &'static str, npm: &'static [&'static str]) -> Suite {
    Suite { part, folder, npm }
}

/// All `*.test.mjs` in these folders run. To add a folder, add a line.
const SUITES: &[Suite] = &[
    suite(Part::Pages, "tests/bench", &[]),
    suite(Part::Pages, "tests/compat", &[]),
    suite(Part::Pages, "tests/docs", &["tests/docs"]),
    suite(Part::Pages, "tests/emulator", &[]),
    suite(Part::Pages, "tests/pages", &["www"]),
    suite(Part::Package, "tests/types", &[]),
    suite(Part::Package, "tests/recipes", &[]),
    suite(Part::Package, "tests/apps", &[]),
];

/// Runs the parts, all of them even if one fails, and prints how many tests ran.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    if options.install {
        tools::install_browser()?;
    }
    let (mut summary, mut total) = (String::new(), Counts::default());
    for part in Part::value_variants() {
        if options.only.is_some_and(|only| only != *part) {
            continue;
        }
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
                format!("FAILED: {}", format!("{error:#}").lines().next().unwrap_or_default())
            }
        };
        summary += &format!("{name:<10} {line}\n");
    }
    println!("\n== summary\n{summary}{} passed, {} failed", total.passed, total.failed);
    if total.failed > 0 {
        bail!("{} tests or checks failed", total.failed);
    }
    Ok(())
}

fn run_part(workspace: &Workspace, part: Part, options: &Options) -> Result<Option<Counts>> {
    match part {
        Part::Lint => lint::run(workspace).map(|()| None),
        Part::Size => size::run(workspace, &size::Options::default()).map(|()| None),
        Part::Native => {
            let mut cargo = workspace.cargo();
            count_lines(cargo.args(["test", "--workspace", "--no-fail-fast"])).map(Some)
        }
        Part::Browser => browser(workspace).map(Some),
        Part::Pages | Part::Package => node(workspace, part, options).map(Some),
    }
}

fn count_lines(command: &mut Command) -> Result<Counts> {
    let mut counts = Counts::default();
    let success = process::each_line(command, |line| counts.add_line(line))?;
    counts.check(success)
}

/// The tests in `tests/*.rs` that run in a browser, by cargo and wasm-bindgen's runner. One of them
/// also runs by wasm-pack, which web developers use.
fn browser(workspace: &Workspace) -> Result<Counts> {
    tools::wasm_target(workspace)?;
    let BrowserTools { chromium, chromedriver } = tools::chromium()?;
    let (wasm_pack, bindgen) = (tools::wasm_pack(workspace)?, tools::wasm_bindgen(workspace)?);

    let capabilities = workspace.scratch().join("webdriver.json");
    fs::create_dir_all(workspace.scratch())?;
    let content = json!({ "goog:chromeOptions": {
        "binary": chromium,
        "args": ["disable-gpu", "disable-background-networking", "disable-sync", "no-first-run"],
    }});
    fs::write(&capabilities, content.to_string())?;

    let port = ports::choose("the emulator", None, EMULATOR_PORT)?;
    let (_emulator, ready) = emulator::start(workspace, port, &["--log", "warn"])?;
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path =
        std::env::join_paths([bindgen.clone()].into_iter().chain(std::env::split_paths(&path)))?;
    let tests = ["--package", PACKAGE, "--test", "browser"];
    let mut cargo = workspace.cargo();
    cargo.args(["test", "--target", tools::WASM]).args(tests);
    cargo.env(
        "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
        bindgen.join("wasm-bindgen-test-runner"),
    );
    cargo.env("CHROMEDRIVER", &chromedriver);
    let mut pack = Command::new(wasm_pack.join("wasm-pack"));
    pack.current_dir(&workspace.root).args(["test", "--headless", "--chrome"]);
    pack.args(["--mode", "no-install", "--chromedriver"]).arg(&chromedriver);
    pack.arg(".").args(tests).args(["--", "b16_"]);
    let mut counts = Counts::default();
    for command in [&mut cargo, &mut pack] {
        command.env("PATH", &path).env("CCA_TEST_EMULATOR", &ready.url);
        counts += count_lines(command.env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", &capabilities))?;
    }
    Ok(counts)
}

/// The suites of a part, with the package, the emulator and the browser at hand.
fn node(workspace: &Workspace, part: Part, options: &Options) -> Result<Counts> {
    let tests = workspace.path("tests");
    match &options.tarball {
        Some(tarball) => unpack(workspace, tarball)?,
        None => build::run(workspace, &build::Options::default())?,
    }
    let package = build::files(&workspace.pkg())?.into_iter().collect::<Vec<_>>();
    let before = build::fingerprint(&package, &[])?;
    npm::ci(&tests)?;
    let mut files = Vec::new();
    for suite in SUITES.iter().filter(|suite| suite.part == part) {
        for folder in suite.npm {
            npm::ci(&workspace.path(folder))?;
        }
        files.extend(test_files(&workspace.path(suite.folder))?);
    }
    if part == Part::Pages {
        docs::write(workspace)?;
    }
    // Parts of the packed package share folders to install it in.
    let concurrency = if part == Part::Package { 1 } else { 2 };
    let counts = workspace.scratch().join("counts.json");
    let mut node = Command::new("node");
    node.arg("--test").arg(format!("--test-concurrency={concurrency}"));
    node.args(["--test-reporter=spec", "--test-reporter-destination=stdout"]);
    node.args(["--test-reporter=./support/counts.mjs", "--test-reporter-destination"]);
    node.arg(&counts).args(files).current_dir(&tests);
    node.env("CCA_PKG", workspace.pkg())
        .env("CCA_EMULATOR_BIN", emulator::binary(workspace)?)
        .env("CHROMIUM", tools::chromium()?.chromium);
    if let Some(tarball) = &options.tarball {
        node.env("CCA_TARBALL", fs::canonicalize(tarball)?);
    }
    if options.matrix {
        node.env("CCA_MATRIX", "1");
    }
    fs::write(&counts, "")?;
    let success = node.status()?.success();
    let counts: Counts = serde_json::from_str(&fs::read_to_string(&counts)?)
        .context("the test runner ended before it counted its tests")?;
    if build::fingerprint(&package, &[])? != before {
        bail!("pkg/ changed during the tests, so they did not all test the same package");
    }
    counts.check(success)
}

/// Puts the files of a packed package into `pkg/`.
fn unpack(workspace: &Workspace, tarball: &Path) -> Result<()> {
    let pkg = workspace.pkg();
    if pkg.exists() {
        fs::remove_dir_all(&pkg)?;
    }
    fs::create_dir_all(&pkg)?;
    let mut tar = Command::new("tar");
    tar.arg("-xzf").arg(tarball).args(["--strip-components=1", "-C"]).arg(&pkg);
    process::quiet(&mut tar).map(drop)
}

fn test_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let file = entry?.path();
        if file.to_string_lossy().ends_with(".test.mjs") {
            files.push(file);
        }
    }
    if files.is_empty() {
        bail!("{} holds no test", folder.display());
    }
    files.sort();
    Ok(files)
}
