//! `cargo xtask lint`: what CI checks besides the tests.

use anyhow::{Context, Result};

use super::build;
use crate::step::{heading, step};
use crate::workspace::{PACKAGE, Workspace};
use crate::{npm, process, tools};

/// The TypeScript projects. To add one, add a line.
const PROJECTS: &[&str] = &[
    "emulator/dashboard/tsconfig.json",
    "emulator/dashboard/tsconfig.node.json",
    "emulator/npm/tsconfig.json",
    "pkg-template/tsconfig.json",
    "www/tsconfig.json",
    "www/tsconfig.node.json",
];

/// Runs all checks. The first that fails ends it.
pub fn run(workspace: &Workspace) -> Result<()> {
    heading("lint");
    tools::wasm_target(workspace)?;
    step("cargo fmt --check", || {
        process::quiet(workspace.cargo().args(["fmt", "--all", "--", "--check", "-l"]))
            .context("Run `cargo fmt --all`.")
    })?;
    let native = ["--workspace", "--all-targets"].as_slice();
    let wasm =
        ["-p", PACKAGE, "-p", "wasm-text-reader", "--lib", "--tests", "--target", tools::WASM];
    for (name, arguments) in [("native", native), (tools::WASM, wasm.as_slice())] {
        eprintln!("{:>10}  clippy, {name}", "");
        let mut clippy = workspace.cargo();
        clippy.arg("clippy").args(arguments).args(["--", "--deny", "warnings"]);
        process::run(&mut clippy)?;
    }

    // The page's side is checked against the types of the built package.
    build::run(workspace, &build::Options::default())?;
    let compiler = workspace.path("pkg-template");
    for project in PROJECTS {
        let (folder, file) = project.rsplit_once('/').context("a project in no folder")?;
        let folder = workspace.path(folder);
        npm::ci(&folder)?;
        step(&format!("tsc --strict, {project}"), || {
            let mut tsc = npm::program(&compiler, "typescript/bin/tsc");
            tsc.current_dir(folder).args(["--noEmit", "--strict", "--project", file]);
            process::quiet(&mut tsc)
        })?;
    }
    let lint = workspace.path("tools/lint");
    npm::ci(&lint)?;
    for script in ["format:check", "lint"] {
        step(&format!("npm run {script} in tools/lint"), || {
            process::quiet(npm::npm(&lint).args(["run", "--silent", script]))
        })?;
    }
    Ok(())
}
