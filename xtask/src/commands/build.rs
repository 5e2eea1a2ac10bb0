//! `cargo xtask build`: the npm package in `pkg/`.
//!
//! cargo → wasm-bindgen → short names → wasm-opt → text → esbuild, terser and tsc → manifest →
//! checks. Intermediate files are in the target folder; what the TypeScript imports is in
//! `pkg-template/src/generated/`. A step is skipped while its inputs and outputs are those of its
//! last run.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::files::{cached, fingerprint};
use crate::files::{empty, mirror, write};
use crate::step::{heading, step};
use crate::wasm::{Profile, STEM};
use crate::workspace::Workspace;
use crate::{addresses, boundary, bundle, codes, npm, process, tools, wasm};

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
    /// Compile with another `opt-level` than the one in Cargo.toml: for `cargo xtask size
    /// --compare`
    #[arg(skip)]
    pub opt_level: Option<&'static str>,
}

const LICENCES: [&str; 2] = ["LICENSE-MIT", "LICENSE-APACHE"];

/// Writes the package.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let template = workspace.path("pkg-template");
    let profile = if options.plain { Profile::Plain } else { Profile::Shipped };
    heading("build");
    codes::write(workspace)?;
    let sysroot = tools::wasm_target(workspace)?;
    npm::ci(&template)?;

    let compiled = wasm::compile(workspace, profile, &sysroot, options.opt_level)?;
    let scratch = scratch(workspace, options);
    fs::create_dir_all(&scratch)?;
    let generated = template.join("src/generated");
    let this = this_program();
    let optimised = scratch.join(format!("{STEM}.wasm"));
    let text = scratch.join("text");
    let mut outputs = vec![optimised.clone(), text.clone()];
    outputs.extend(
        [&format!("{STEM}.js"), &format!("{STEM}.d.ts"), "wasm.js", "wasm.d.ts"]
            .map(|name| generated.join(name)),
    );
    let inputs = fingerprint(std::slice::from_ref(&compiled), &[&this])?;
    cached(&scratch.join("wasm.stamp"), &inputs, &outputs, || {
        step("wasm-bindgen and wasm-opt", || {
            wasm::bind(workspace, profile, &compiled, &generated, &optimised)
        })?;
        let mut bytes = fs::read(&optimised)?;
        if profile == Profile::Shipped {
            bytes = wasm_text::clear_alignment_hints(&bytes)?;
            fs::write(&optimised, &bytes)?;
        }
        wasm::contains_no_local_path(workspace, &bytes, &sysroot)?;
        let (string, checksum) = match profile {
            // It decodes what it wrote and compares.
            Profile::Shipped => {
                let encoded = wasm_text::encode(&bytes)?;
                (encoded.text, encoded.checksum)
            }
            Profile::Plain => (base64(&optimised)?, 0),
        };
        write(
            &generated.join("wasm.js"),
            format!("export const text = \"{string}\";\nexport const checksum = {checksum};\n"),
        )?;
        write(
            &generated.join("wasm.d.ts"),
            "export declare const text: string;\nexport declare const checksum: number;\n",
        )?;
        write(&text, string)
    })?;

    write(&generated.join("rows.ts"), codes::rows()?)?;
    write(&generated.join("addresses.ts"), addresses::module())?;
    write(&generated.join("boundary.ts"), boundary::module())?;
    let package = options.out.clone().map_or_else(|| workspace.pkg(), |out| workspace.path(out));
    let mut sources = vec![template.join("src"), optimised.clone()];
    sources.extend(
        ["package.json", "package-lock.json", "tsconfig.json", "README.md", "THIRD-PARTY.md"]
            .map(|file| template.join(file)),
    );
    sources.extend(LICENCES.map(|licence| workspace.path(licence)));
    sources.push(workspace.path("tools/wasm-text/reader.ts"));
    let inputs = fingerprint(&sources, &[&this, &workspace.version])?;
    fs::create_dir_all(&package)?;
    let stamp = scratch.join(format!("{}.stamp", fingerprint(&[], &[&package.to_string_lossy()])?));
    let changed = cached(&stamp, &inputs, std::slice::from_ref(&package), || {
        let stage = scratch.join("stage");
        empty(&stage)?;
        step("esbuild and terser", || bundle::scripts(&template, &stage, profile))?;
        step("tsc", || bundle::declarations(&template, &scratch.join("types"), &stage))?;
        let pages = ["README.md", "THIRD-PARTY.md"].map(|page| (template.join(page), page));
        let licences = LICENCES.map(|licence| (workspace.path(licence), licence));
        for (from, to) in licences.into_iter().chain(pages) {
            fs::copy(&from, stage.join(to))
                .with_context(|| format!("copying {}", from.display()))?;
        }
        fs::copy(&optimised, stage.join(format!("{STEM}.wasm")))?;
        bundle::manifest(workspace, &template, &stage)?;
        let text = crate::files::read(&text)?;
        step("checks", || bundle::check(&stage, &text, profile))?;
        mirror(&stage, &package)
    })?;
    let state = if changed { "written" } else { "up to date" };
    eprintln!("{}  {}: {state}", " ".repeat(10), package.display());
    Ok(())
}

/// The folder for the intermediate files of a variant.
pub fn scratch(workspace: &Workspace, options: &Options) -> PathBuf {
    let variant = match (options.plain, options.opt_level) {
        (true, _) => "plain".to_owned(),
        (false, Some(level)) => format!("opt-level-{level}"),
        (false, None) => "shipped".to_owned(),
    };
    workspace.scratch().join(variant)
}

/// The content of a file in base64.
pub fn base64(file: &Path) -> Result<String> {
    let script = "process.stdout.write(require('fs').readFileSync(process.argv[1], 'base64'))";
    process::output(std::process::Command::new("node").args(["-e", script, "--"]).arg(file))
}

/// Identifies this build of xtask: another one may do the steps differently.
fn this_program() -> String {
    let program = std::env::current_exe()
        .and_then(fs::metadata)
        .and_then(|file| Ok((file.len(), file.modified()?)));
    format!("{program:?}")
}
