//! `cargo xtask emulator-package`: the npm package `cometchat-emulator` in emulator/npm, ready for
//! `npm pack`.

use std::process::Command;

use anyhow::Result;

use crate::workspace::Workspace;
use crate::{npm, process, tools};

const CRATE: &str = "cometchat-emulator-wasm";

/// Compiles core and lab to WebAssembly, writes the glue, and lets the package's own script do the
/// rest.
pub fn run(workspace: &Workspace) -> Result<()> {
    tools::wasm_target(workspace)?;
    process::run(
        workspace
            .cargo()
            .args(["build", "--release", "--package", CRATE, "--target", tools::WASM])
            // A quarter smaller than at level 3, and compiled faster at each start.
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "s")
            .env("CARGO_TARGET_DIR", workspace.path("target").join("emulator-package")),
    )?;
    let compiled = workspace
        .path("target/emulator-package")
        .join(tools::WASM)
        .join("release/cometchat_emulator_wasm.wasm");
    let package = workspace.path("emulator/npm");
    wasm_bindgen_cli_support::Bindgen::new()
        .input_path(compiled)
        .out_name("emulator")
        .web(true)?
        // core/emulator.d.ts is written by hand: lint needs it before anything is built.
        .typescript(false)
        .remove_producers_section(true)
        .generate(package.join("core"))?;
    let dashboard = workspace.path("emulator/dashboard");
    npm::ci(&dashboard)?;
    process::run(npm::npm(&dashboard).args(["run", "build"]))?;
    npm::ci(&package)?;
    process::run(Command::new("node").arg("build.mjs").current_dir(&package))
}
