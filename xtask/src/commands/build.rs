//! `cargo xtask build`: the npm package in `pkg/`.
//!
//! cargo → wasm-bindgen → short names → wasm-opt → text → esbuild, terser and tsc → manifest.
//! Intermediate files are in the target folder. What the TypeScript imports is in
//! `pkg-template/src/generated/`. A step is skipped while its inputs and outputs are those of its
//! last run.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use base64::prelude::{BASE64_STANDARD, Engine as _};

use crate::files::{cached, empty, fingerprint, mirror, write};
use crate::step::{heading, step};
use crate::wasm::{Profile, STEM};
use crate::workspace::{VERSION, Workspace};
use crate::{bundle, generated, npm, tools, wasm};

/// Options of `cargo xtask build`.
#[derive(clap::Args, Default)]
pub struct Options {
    /// Build without the steps that only save bytes: the toolchain's own standard library,
    /// wasm-bindgen's names, base64
    #[arg(long)]
    pub plain: bool,
    /// Write the package to this folder, not to pkg/
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
    /// The `opt-level` in place of the one in Cargo.toml, for `cargo xtask size --compare`
    #[arg(skip)]
    pub opt_level: Option<&'static str>,
}

/// The files that the package contains unchanged.
const COPIED: [&str; 4] =
    ["LICENSE-MIT", "LICENSE-APACHE", "pkg-template/README.md", "pkg-template/THIRD-PARTY.md"];
/// Other inputs of the bundlers, besides `pkg-template/src` and the WebAssembly.
const INPUTS: [&str; 4] = [
    "pkg-template/package.json",
    "pkg-template/package-lock.json",
    "pkg-template/tsconfig.json",
    "tools/wasm-text/reader.ts",
];

/// The types of `generated/wasm.js`. The shipped build has `encoded`, the plain one `text`.
const WASM_TYPES: &str = "export declare const text: string;
export declare const encoded: import(\"../../../tools/wasm-text/reader.js\").Encoded;\n";

/// Writes the package.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let template = workspace.path("pkg-template");
    let profile = if options.plain { Profile::Plain } else { Profile::Shipped };
    heading("build");
    let sysroot = tools::wasm_target(workspace)?;
    npm::ci(&template)?;

    let compiled = &wasm::compile(workspace, profile, &sysroot, options.opt_level)?;
    let [core, reader] = compiled;
    let scratch = scratch(workspace, options);
    let generated = template.join("src/generated");
    generated::write_modules(&generated)?;
    // Another build of xtask may do the steps differently.
    let this = std::env::current_exe().and_then(fs::metadata).and_then(|this| this.modified());
    let this = format!("{this:?}");
    let optimised = scratch.join(format!("{STEM}.wasm"));
    let outputs = [optimised.clone(), generated.clone()];
    let inputs = fingerprint(compiled, &[&this])?;
    cached(&scratch.join("wasm.stamp"), &inputs, &outputs, || {
        step("wasm-bindgen and wasm-opt", || {
            wasm::bind(workspace, profile, core, &generated, &optimised)
        })?;
        let bytes = fs::read(&optimised)?;
        let script = match profile {
            Profile::Shipped => {
                let bytes = wasm_text::clear_alignment_hints(&bytes)?;
                write(&optimised, &bytes)?;
                // It decodes what it wrote and compares.
                wasm_text::encode(&bytes)?.javascript(&wasm::reader(workspace, reader)?)
            }
            Profile::Plain => format!("export const text = {:?};", BASE64_STANDARD.encode(&bytes)),
        };
        write(&generated.join("wasm.d.ts"), WASM_TYPES)?;
        write(&generated.join("wasm.js"), script)
    })?;

    let package = options.out.clone().map_or_else(|| workspace.pkg(), |out| workspace.path(out));
    let mut sources = vec![template.join("src"), optimised.clone()];
    sources.extend(COPIED.iter().chain(&INPUTS).map(|file| workspace.path(file)));
    let inputs = fingerprint(&sources, &[&this, VERSION])?;
    let stamp = scratch.join(format!("{}.stamp", fingerprint(&[], &[&package.to_string_lossy()])?));
    let changed = cached(&stamp, &inputs, std::slice::from_ref(&package), || {
        let stage = scratch.join("stage");
        empty(&stage)?;
        step("esbuild and terser", || bundle::scripts(&template, &stage, profile))?;
        step("tsc", || bundle::declarations(&template, &scratch.join("types"), &stage))?;
        for file in COPIED.map(Path::new) {
            let name = file.file_name().unwrap_or_default();
            fs::copy(workspace.path(file), stage.join(name))
                .with_context(|| format!("copying {}", file.display()))?;
        }
        fs::copy(&optimised, stage.join(format!("{STEM}.wasm")))?;
        bundle::manifest(&template, &stage)?;
        mirror(&stage, &package)
    })?;
    let state = if changed { "written" } else { "up to date" };
    eprintln!("{:>10}  {}: {state}", "", package.display());
    Ok(())
}

/// The folder for the intermediate files of a variant.
pub fn scratch(workspace: &Workspace, options: &Options) -> PathBuf {
    let variant = if options.plain { "plain" } else { options.opt_level.unwrap_or("shipped") };
    workspace.scratch().join(variant)
}
