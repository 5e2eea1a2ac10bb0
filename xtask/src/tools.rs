//! What has to be there besides cargo and npm: brought where that is possible, named in one line where not.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

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
    let sysroot = process::output(
        Command::new("rustc").args(["--print", "sysroot"]).current_dir(&workspace.root),
    )?;
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
        process::quiet(
            Command::new("rustup").args(["target", "add", WASM]).current_dir(&workspace.root),
        )
    })?;
    Ok(sysroot)
}

/// wasm-pack's version: it only drives cargo and the test runner, so it need not be any particular one.
const WASM_PACK: &str = "0.15.1";

/// Chromium and its driver.
pub struct BrowserTools {
    /// The browser.
    pub chromium: PathBuf,
    /// What drives it for wasm-bindgen's tests.
    pub chromedriver: PathBuf,
}

/// Finds Chromium and chromedriver, or installs both where that is a matter of one command: as root on Debian and its kin.
///
/// # Errors
/// One line that says what to install.
pub fn chromium() -> Result<BrowserTools> {
    if let Some(found) = find_chromium() {
        return Ok(found);
    }
    let root = process::quiet(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if root && Path::new("/etc/debian_version").is_file() && process::exists("apt-get") {
        step("apt-get install chromium chromium-driver", || {
            process::quiet(Command::new("apt-get").arg("update"))?;
            let mut install = Command::new("apt-get");
            process::quiet(install.env("DEBIAN_FRONTEND", "noninteractive").args([
                "install",
                "-y",
                "chromium",
                "chromium-driver",
            ]))
        })?;
    }
    find_chromium().context(
        "Chromium and chromedriver are missing: install both (Debian: `apt-get install chromium chromium-driver`), or name them in CHROMIUM and CHROMEDRIVER",
    )
}

fn find_chromium() -> Option<BrowserTools> {
    let chromium = given("CHROMIUM").or_else(|| {
        ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(in_path)
    })?;
    let chromedriver = given("CHROMEDRIVER").or_else(|| in_path("chromedriver"))?;
    Some(BrowserTools { chromium, chromedriver })
}

/// A program named by an environment variable.
fn given(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// A program in PATH, or where Debian puts it.
fn in_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&path)
        .chain([PathBuf::from("/usr/bin")])
        .map(|folder| folder.join(&name))
        .find(|file| file.is_file())
}

/// wasm-pack, installed on first use; the program.
///
/// # Errors
/// When it does not install.
pub fn wasm_pack(workspace: &Workspace) -> Result<PathBuf> {
    Ok(installed(workspace, "wasm-pack", WASM_PACK, &["--locked"])?.join("wasm-pack"))
}

/// The folder of wasm-bindgen's programs in the version of Cargo.lock, installed on first use: wasm-pack looks for them in PATH.
///
/// # Errors
/// When they do not install.
pub fn wasm_bindgen(workspace: &Workspace) -> Result<PathBuf> {
    installed(workspace, "wasm-bindgen-cli", workspace.locked("wasm-bindgen")?, &[])
}

/// `cargo install` into the user's cache, by version, so that every checkout shares it; minutes the first time, nothing after. Returns its folder of programs.
fn installed(
    workspace: &Workspace,
    tool: &str,
    version: &str,
    options: &[&str],
) -> Result<PathBuf> {
    let folder = cache()?.join(format!("{tool}-{version}"));
    let programs = folder.join("bin");
    // cargo writes its list only when the programs are in place.
    let list = fs::read_to_string(folder.join(".crates.toml")).unwrap_or_default();
    if list.contains(&format!("\"{tool} {version} ")) && programs.is_dir() {
        return Ok(programs);
    }
    eprintln!("{:>10}  cargo install {tool} {version}: once for this machine, a few minutes", "");
    let mut cargo = workspace.cargo();
    cargo.args(["install", tool, "--version", version, "--root"]).arg(&folder).args(options);
    // Not with the flags or into the target folder of this project.
    cargo
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env_remove("CARGO_TARGET_DIR");
    process::run(&mut cargo)?;
    Ok(programs)
}

fn cache() -> Result<PathBuf> {
    let base = match std::env::var_os("XDG_CACHE_HOME").filter(|path| Path::new(path).is_absolute())
    {
        Some(cache) => PathBuf::from(cache),
        None => std::env::home_dir().context("no home folder; set XDG_CACHE_HOME")?.join(".cache"),
    };
    Ok(base.join("cometchat-auth"))
}
