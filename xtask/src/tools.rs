//! Programs that the commands need besides cargo and npm.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::process;
use crate::step::step;
use crate::workspace::Workspace;

/// The target that the package is compiled for.
pub const WASM: &str = "wasm32-unknown-unknown";

/// The version of wasm-pack.
const WASM_PACK: &str = "0.15.1";

/// Adds the WebAssembly target and the standard library's source to the toolchain if they are
/// missing: rustup adds them to a toolchain that it installs, not to one that is there. Returns the
/// toolchain's folder.
pub fn wasm_target(workspace: &Workspace) -> Result<String> {
    let mut rustc = Command::new("rustc");
    let sysroot = process::quiet(rustc.args(["--print", "sysroot"]).current_dir(&workspace.root))?;
    let sysroot = sysroot.trim().to_owned();
    let rustlib = Path::new(&sysroot).join("lib/rustlib");
    for (folder, arguments) in
        [(WASM, ["target", "add", WASM]), ("src/rust/library", ["component", "add", "rust-src"])]
    {
        if !rustlib.join(folder).is_dir() {
            step(&format!("rustup {}", arguments.join(" ")), || {
                let mut rustup = Command::new("rustup");
                process::quiet(rustup.args(arguments).current_dir(&workspace.root))
            })?;
        }
    }
    Ok(sysroot)
}

/// Chromium and its driver.
pub struct BrowserTools {
    pub chromium: PathBuf,
    pub chromedriver: PathBuf,
}

/// Finds Chromium and chromedriver: by CHROMIUM and CHROMEDRIVER, or in PATH.
pub fn chromium() -> Result<BrowserTools> {
    let find = |variable: &str, names: &[&str]| match std::env::var_os(variable) {
        Some(path) if !path.is_empty() => Some(PathBuf::from(path)),
        _ => names.iter().find_map(|name| which::which(name).ok()),
    };
    let chromium = find("CHROMIUM", &["chromium", "chromium-browser", "google-chrome"]);
    let chromedriver = find("CHROMEDRIVER", &["chromedriver"]);
    match (chromium, chromedriver) {
        (Some(chromium), Some(chromedriver)) => Ok(BrowserTools { chromium, chromedriver }),
        _ => bail!(
            "Chromium or chromedriver is missing. Install both (Debian: `cargo xtask test \
             --install` as root), or set CHROMIUM and CHROMEDRIVER."
        ),
    }
}

/// Installs the browser if it is missing, as root by apt.
pub fn install_browser() -> Result<()> {
    if chromium().is_ok() {
        return Ok(());
    }
    step("apt-get install chromium chromium-driver", || {
        process::quiet(Command::new("apt-get").arg("update"))?;
        let mut install = Command::new("apt-get");
        install.env("DEBIAN_FRONTEND", "noninteractive").args(["install", "-y"]);
        process::quiet(install.args(["chromium", "chromium-driver"]))
    })?;
    chromium().map(drop)
}

/// PATH with wasm-pack and wasm-bindgen's programs, which are installed at the first use.
/// `tools/wasm-bindgen-cli` pins the latter and their dependencies.
pub fn wasm_path(workspace: &Workspace) -> Result<OsString> {
    let pack = ["wasm-pack", "--version", WASM_PACK];
    let pack = installed(workspace, &format!("wasm-pack-{WASM_PACK}"), &pack)?;
    let id = process::quiet(workspace.cargo().args(["pkgid", "wasm-bindgen"]))?;
    let (_, version) = id.trim().rsplit_once('@').context("cargo pkgid gave no version")?;
    let source = workspace.path("tools/wasm-bindgen-cli");
    let manifest = fs::read_to_string(source.join("Cargo.toml"))?;
    ensure!(
        manifest.contains(&format!("version = \"={version}\"")),
        "Set wasm-bindgen-cli to ={version} in tools/wasm-bindgen-cli/Cargo.toml."
    );
    let source = ["--path", &*source.to_string_lossy()];
    let bindgen = installed(workspace, &format!("wasm-bindgen-{version}"), &source)?;
    let path = std::env::var_os("PATH").unwrap_or_default();
    Ok(std::env::join_paths([pack, bindgen].into_iter().chain(std::env::split_paths(&path)))?)
}

/// Installs a crate's programs into a folder of the user's cache, which all checkouts share.
fn installed(workspace: &Workspace, name: &str, source: &[&str]) -> Result<PathBuf> {
    let home = std::env::home_dir().context("no home folder; set HOME")?;
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.filter(|folder| folder.is_absolute()).unwrap_or_else(|| home.join(".cache"));
    let folder = cache.join("cometchat-auth").join(name);
    let programs = folder.join("bin");
    // cargo writes this file last, when all programs are installed.
    if folder.join(".crates.toml").is_file() {
        return Ok(programs);
    }
    eprintln!("{:>10}  cargo install {name}, once for this machine, a few minutes", "");
    let mut cargo = workspace.cargo();
    cargo.args(["install", "--locked", "--root"]).arg(&folder).args(source);
    // The environment's flags and target folder are those of this project.
    for name in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_TARGET_DIR"] {
        cargo.env_remove(name);
    }
    cargo.arg("--target-dir").arg(folder.join("target"));
    process::run(&mut cargo)?;
    fs::remove_dir_all(folder.join("target"))?;
    Ok(programs)
}
