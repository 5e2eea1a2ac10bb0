//! `cargo xtask size`: what a page has to load.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::build;
use crate::step::heading;
use crate::workspace::Workspace;
use crate::{encode, process};

/// The ceiling for the default entry, WebAssembly and JavaScript together: bytes after brotli 11. This is the one place.
const CEILING: u64 = 28 * 1024;

/// What a bundler ships for `import … from "cometchat-auth"`.
const DEFAULT_ENTRY: [&str; 2] = ["index.js", "core.js"];

/// Compresses as servers do: Node's zlib holds the reference encoders.
const SCRIPT: &str = r#"
const zlib = require("zlib"), fs = require("fs");
const params = { [zlib.constants.BROTLI_PARAM_QUALITY]: 11, [zlib.constants.BROTLI_PARAM_LGWIN]: 24 };
console.log(JSON.stringify(process.argv.slice(1).map((file) => {
  const raw = fs.readFileSync(file);
  return {
    raw: raw.length,
    gzip: zlib.gzipSync(raw, { level: 9 }).length,
    brotli: zlib.brotliCompressSync(raw, { params: { ...params, [zlib.constants.BROTLI_PARAM_SIZE_HINT]: raw.length } }).length,
  };
})));
"#;

/// Options of `cargo xtask size`.
#[derive(clap::Args, Default)]
pub struct Options {
    /// Print what core.js would weigh with the WebAssembly written in other ways
    #[arg(long)]
    encodings: bool,
}

/// The sizes of one file, or the sum of several, in bytes.
#[derive(Deserialize, Clone, Copy, Default)]
struct Sizes {
    raw: u64,
    gzip: u64,
    brotli: u64,
}

/// Builds, prints the table, and fails above the ceiling.
///
/// # Errors
/// When the package does not build or the default entry is too large.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    build::run(workspace, &build::Options::default())?;
    heading("size");
    let pkg = workspace.pkg();
    let names: Vec<String> = build::names(&pkg)?.into_iter().collect();
    let sizes = measure(&names.iter().map(|name| pkg.join(name)).collect::<Vec<_>>())?;
    let sizes: BTreeMap<&str, Sizes> = names.iter().map(String::as_str).zip(sizes).collect();
    let entry = sum(&sizes, &DEFAULT_ENTRY)?;
    println!("{}", table(&sizes, entry));
    if options.encodings {
        println!("{}", encodings(workspace)?);
    }
    if entry.brotli > CEILING {
        bail!(
            "the default entry weighs {} bytes after brotli, {} above the ceiling of {CEILING} (xtask/src/commands/size.rs)",
            entry.brotli,
            entry.brotli - CEILING
        );
    }
    Ok(())
}

fn measure(files: &[PathBuf]) -> Result<Vec<Sizes>> {
    let json = process::output(Command::new("node").arg("-e").arg(SCRIPT).arg("--").args(files))?;
    serde_json::from_str(&json).context("reading the sizes")
}

fn sum(sizes: &BTreeMap<&str, Sizes>, names: &[&str]) -> Result<Sizes> {
    names.iter().try_fold(Sizes::default(), |sum, name| {
        let one = sizes.get(name).with_context(|| format!("pkg/ holds no {name}"))?;
        Ok(Sizes { raw: sum.raw + one.raw, gzip: sum.gzip + one.gzip, brotli: sum.brotli + one.brotli })
    })
}

fn table(sizes: &BTreeMap<&str, Sizes>, entry: Sizes) -> String {
    let mut text = format!("{:<28}{:>10}{:>10}{:>10}\n", "bytes", "raw", "gzip -9", "brotli 11");
    let mut line = |name: &str, sizes: Sizes| {
        let _ = writeln!(text, "{name:<28}{:>10}{:>10}{:>10}", sizes.raw, sizes.gzip, sizes.brotli);
    };
    for (name, sizes) in sizes {
        line(name, *sizes);
    }
    line("default entry (index+core)", entry);
    let _ = write!(text, "{:<28}{:>30}", "ceiling", CEILING);
    text
}

/// `core.js` with its binary written as now, as base64 and as hex; the readers differ by less than 200 bytes.
fn encodings(workspace: &Workspace) -> Result<String> {
    let wasm = fs::read(build::optimised(workspace, "release"))?;
    let core = fs::read_to_string(workspace.pkg().join("core.js"))?;
    let text = encode::encode(&wasm).text;
    let folder = workspace.scratch().join("encodings");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("module.wasm"), &wasm)?;
    let script = "process.stdout.write(require('fs').readFileSync(process.argv[1]).toString(process.argv[2]))";
    let mut files = vec![folder.join("module.wasm")];
    let mut names = vec!["the WebAssembly alone"];
    for encoding in ["as now", "base64", "hex"] {
        let other = match encoding {
            "as now" => text.clone(),
            other => process::output(
                Command::new("node").args(["-e", script, "--"]).arg(folder.join("module.wasm")).arg(other),
            )?,
        };
        let file = folder.join(encoding.replace(' ', "-")).with_extension("js");
        fs::write(&file, core.replace(&text, &other))?;
        files.push(file);
        names.push(encoding);
    }
    let mut lines = format!("{:<28}{:>10}{:>10}{:>10}\n", "core.js, bytes", "raw", "gzip -9", "brotli 11");
    for (name, sizes) in names.iter().zip(measure(&files)?) {
        let _ = writeln!(lines, "{name:<28}{:>10}{:>10}{:>10}", sizes.raw, sizes.gzip, sizes.brotli);
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_entry_is_the_sum_of_its_files() {
        let one = Sizes { raw: 3, gzip: 2, brotli: 1 };
        let sizes = BTreeMap::from([("index.js", one), ("core.js", one), ("README.md", one)]);
        let entry = sum(&sizes, &DEFAULT_ENTRY).expect("there");
        assert_eq!((entry.raw, entry.gzip, entry.brotli), (6, 4, 2));
        assert!(sum(&sizes, &["other.js"]).is_err());
        assert!(table(&sizes, entry).contains("default entry"));
    }
}
