//! What has to be there besides cargo and npm: brought where that is possible, named in one line where not.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::process;
use crate::step::step;
use crate::workspace::Workspace;

/// The target the package is compiled for.
pub const WASM: &str = "wasm32-unknown-unknown";

/// Adds the standard library for WebAssembly to the active toolchain, if it is not there; returns the toolchain's folder.
///
/// # Errors
/// When it is missing and there is no rustup to bring it.
pub fn wasm_target(workspace: &Workspace) -> Result<String> {
    let sysroot = process::output(Command::new("rustc").args(["--print", "sysroot"]).current_dir(&workspace.root))?;
    let sysroot = sysroot.trim().to_owned();
    if Path::new(&sysroot).join("lib/rustlib").join(WASM).is_dir() {
        return Ok(sysroot);
    }
    if !process::exists("rustup") {
        bail!(
            "Rust's standard library for {WASM} is missing: install it with your toolchain's package, or use rustup (https://rustup.rs)"
        );
    }
    step(&format!("rustup target add {WASM}"), || {
        process::quiet(Command::new("rustup").args(["target", "add", WASM]).current_dir(&workspace.root))
    })?;
    Ok(sysroot)
}
