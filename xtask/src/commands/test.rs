//! `cargo xtask test`: everything CI checks, and how much that was.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use serde_json::json;

use super::{build, docs, emulator, lint, size};
use crate::ports;
use crate::step::heading;
use crate::summary::{self, Counts};
use crate::tools::{self, BrowserTools};
use crate::workspace::{PACKAGE, Workspace};
use crate::{npm, process};

/// Where the emulator of the browser tests listens: WebAssembly reads no environment, so the address is compiled in, and a steady one saves compiling.
const EMULATOR_PORT: u16 = 8598;

/// Options of `cargo xtask test`.
#[derive(clap::Args)]
pub struct Options {
    /// Run this part only
    #[arg(long, value_enum)]
    only: Option<Part>,
    /// Try the package in every bundler, framework and runtime of tests/apps instead of the fast ones, and write docs/reference/bundlers.md; and the recipes
    /// that are slow to build. The first time it downloads some 900 MB
    #[arg(long)]
    matrix: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Formatting, clippy, TypeScript, licences
    Lint,
    /// cargo test, on this machine
    Native,
    /// The size ceiling
    Size,
    /// wasm-bindgen tests in headless Chromium against the emulator
    Browser,
    /// Node's tests: the page in Chromium, and the peers
    Pages,
    /// The packed package: its types, the recipes, and apps that install it
    Package,
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Self::Lint => "lint",
            Self::Native => "native tests",
            Self::Size => "build and size",
            Self::Browser => "browser tests",
            Self::Pages => "page tests",
            Self::Package => "packed package",
        }
    }
}

/// Runs the parts, all of them even if one fails, and says how many tests ran.
///
/// # Errors
/// When a check or a test failed, or a part ran nothing.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let parts = Part::value_variants()
        .iter()
        .copied()
        .filter(|part| options.only.is_none_or(|only| only == *part));
    let mut lines = Vec::new();
    let mut all = Counts::default();
    for part in parts {
        let counts = match run_part(workspace, part, options) {
            Ok(counts) => counts,
            Err(error) => {
                eprintln!("\n{}: {error:#}", part.name());
                lines.push(format!(
                    "{:<16} FAILED: {}",
                    part.name(),
                    first_line(&format!("{error:#}"))
                ));
                all.failed += 1;
                continue;
            }
        };
        all += counts;
        lines.push(match part {
            Part::Lint | Part::Size => format!("{:<16} ok", part.name()),
            _ => format!(
                "{:<16} {} passed, {} failed{}",
                part.name(),
                counts.passed,
                counts.failed,
                skipped(counts)
            ),
        });
    }
    println!("\n== summary\n{}", lines.join("\n"));
    println!("{} passed, {} failed", all.passed, all.failed);
    if all.failed > 0 {
        // The line above has said it.
        std::process::exit(1);
    }
    Ok(())
}

fn skipped(counts: Counts) -> String {
    if counts.skipped > 0 { format!(", {} skipped", counts.skipped) } else { String::new() }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

fn run_part(workspace: &Workspace, part: Part, options: &Options) -> Result<Counts> {
    match part {
        Part::Lint => lint::run(workspace).map(|()| Counts::default()),
        Part::Size => size::run(workspace, &size::Options::default()).map(|()| Counts::default()),
        Part::Native => native(workspace),
        Part::Browser => browser(workspace),
        Part::Pages => pages(workspace),
        Part::Package => package(workspace, options.matrix),
    }
}

/// What a runner said, made to mean something: no tests at all, a skipped one, or a failure without a count is an error.
fn judge(success: bool, counts: Counts) -> Result<Counts> {
    if counts.skipped > 0 {
        bail!("{} tests were skipped; nothing here may be", counts.skipped);
    }
    if !success && counts.failed == 0 {
        bail!(
            "the test runner failed before it could count ({} tests passed); its own words are above",
            counts.passed
        );
    }
    if counts.passed + counts.failed == 0 {
        bail!("no test ran");
    }
    Ok(counts)
}

fn native(workspace: &Workspace) -> Result<Counts> {
    heading(Part::Native.name());
    let (success, output) =
        process::tee(workspace.cargo().args(["test", "--workspace", "--no-fail-fast"]))?;
    judge(success, summary::cargo(&output))
}

fn browser(workspace: &Workspace) -> Result<Counts> {
    heading(Part::Browser.name());
    tools::wasm_target(workspace)?;
    let tests = workspace.test_targets()?;
    if tests.is_empty() {
        bail!("tests/ holds no Rust test: the browser tests are missing");
    }
    let BrowserTools { chromium, chromedriver } = tools::chromium()?;
    let wasm_pack = tools::wasm_pack(workspace)?;
    let bindgen = tools::wasm_bindgen(workspace)?;

    let port = ports::next_free("the emulator of the browser tests", EMULATOR_PORT)?;
    let (emulator, ready) = emulator::start(workspace, port, &["--log", "warn"])?;

    // Only what the runner does not set itself; a root user has no sandbox, and no test needs the network.
    let capabilities = workspace.scratch().join("webdriver.json");
    fs::create_dir_all(workspace.scratch())?;
    let arguments = [
        "disable-gpu",
        "disable-quic",
        "disable-background-networking",
        "disable-component-update",
        "disable-sync",
        "no-first-run",
    ];
    let content = json!({ "goog:chromeOptions": { "binary": chromium, "args": arguments } });
    fs::write(&capabilities, content.to_string())
        .with_context(|| format!("writing {}", capabilities.display()))?;

    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(std::iter::once(bindgen).chain(std::env::split_paths(&path)))?;
    let mut command = Command::new(wasm_pack);
    command.current_dir(&workspace.root).args([
        "test",
        "--headless",
        "--chrome",
        "--mode",
        "no-install",
        "--chromedriver",
    ]);
    // The package alone, its library and its integration tests; documentation tests run natively. wasm-pack hands all that follows the path to cargo.
    command.arg(chromedriver).args([".", "--package", PACKAGE, "--lib"]);
    for test in tests {
        command.args(["--test", &test]);
    }
    command
        .env("PATH", path)
        .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", capabilities)
        .env("CCA_TEST_EMULATOR", &ready.url);
    let (success, output) = process::tee(&mut command)?;
    drop(emulator);
    judge(success, summary::cargo(&output))
}

fn pages(workspace: &Workspace) -> Result<Counts> {
    heading(Part::Pages.name());
    let tests = workspace.path("tests");
    let mut files = Vec::new();
    find_tests(&tests, &mut files)?;
    // Those of the part `package`.
    files.retain(|file| {
        !["types", "recipes"].iter().any(|folder| file.starts_with(tests.join(folder)))
    });
    if files.is_empty() {
        bail!("tests/ holds no *.test.mjs: the page tests are missing");
    }
    files.sort();
    npm::ci(&workspace.path("www"))?;
    npm::ci(&tests.join("docs"))?;
    let mut node = node(workspace)?;
    docs::write(workspace)?;
    node.args(["--test", "--test-concurrency=2", "--test-reporter=spec"]).args(files);
    let (success, output) = process::tee(&mut node)?;
    judge(success, summary::node(&output))
}

/// Types and shape of what npm packs, then recipes and apps that install it.
fn package(workspace: &Workspace, matrix: bool) -> Result<Counts> {
    heading(Part::Package.name());
    let mut counts = Counts::default();
    let heavy = matrix.then_some("recipes/axum.mjs");
    for file in ["types/package.test.mjs", "recipes/recipes.test.mjs"].into_iter().chain(heavy) {
        let mut tests = node(workspace)?;
        tests.args(["--test", "--test-reporter=spec", file]);
        let (success, output) = process::tee(&mut tests)?;
        counts += judge(success, summary::node(&output))?;
    }
    let mut apps = node(workspace)?;
    apps.arg("apps/run.mjs").args((!matrix).then_some("--fast"));
    let (success, output) = process::tee(&mut apps)?;
    counts += judge(success, summary::node(&output))?;
    Ok(counts)
}

/// Node in tests/, with the package, the emulator and the browser at hand.
fn node(workspace: &Workspace) -> Result<Command> {
    let tests = workspace.path("tests");
    build::run(workspace, &build::Options::default())?;
    npm::ci(&tests)?;
    let BrowserTools { chromium, .. } = tools::chromium()?;
    let emulator = emulator::binary(workspace)?;
    let mut node = Command::new("node");
    node.current_dir(&tests);
    node.env("CCA_PKG", workspace.pkg())
        .env("CCA_EMULATOR_BIN", emulator)
        .env("CHROMIUM", chromium);
    Ok(node)
}

/// Every `*.test.mjs` below a folder.
fn find_tests(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() {
            if name != "node_modules" {
                find_tests(&entry.path(), found)?;
            }
        } else if name.ends_with(".test.mjs") {
            found.push(entry.path());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(passed: u64, failed: u64, skipped: u64) -> Counts {
        Counts { passed, failed, skipped }
    }

    #[test]
    fn a_part_that_ran_nothing_skipped_something_or_broke_is_an_error() {
        assert_eq!(judge(true, counts(3, 0, 0)).expect("fine"), counts(3, 0, 0));
        assert_eq!(judge(false, counts(3, 2, 0)).expect("counted"), counts(3, 2, 0));
        assert!(judge(true, counts(0, 0, 0)).is_err());
        assert!(judge(true, counts(3, 0, 1)).is_err());
        assert!(judge(false, counts(3, 0, 0)).is_err());
    }
}
