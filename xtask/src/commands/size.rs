//! `cargo xtask size`: what a page has to load.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use wasmparser::{KnownCustom, Name, Parser, Payload, TypeRef};

use super::build;
use crate::step::heading;
use crate::workspace::{Workspace, write};
use crate::{encode, npm, process};

/// The ceiling for the default entry as a bundler ships it: bytes after brotli 11. This is the one place.
/// A little above what is reached: another version of the encoder differs by some bytes.
const CEILING: u64 = 18_750;

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
    /// Keep the sizes as those of the present version, for later ones to be compared with: part of a release
    #[arg(long)]
    record: bool,
}

/// The sizes of one file, or the sum of several, in bytes.
#[derive(Deserialize, Serialize, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
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
    let mut files: Vec<_> = names.iter().map(|name| pkg.join(name)).collect();
    files.push(default_entry(workspace)?);
    let mut sizes = measure(&files)?;
    let entry = sizes.pop().context("as many sizes as files")?;
    println!("{}", table(&names, &sizes, entry));
    let version = workspace.version()?;
    let mut released = recorded(workspace)?;
    println!("{}", since(&released, &version, entry));
    if options.record {
        released.insert(version, entry);
        write(&workspace.path(RECORD), serde_json::to_string_pretty(&released)? + "\n")?;
    }
    let named = build::with_names(workspace)?;
    println!("{}", contents(&named)?);
    println!("{}", exports(&named)?);
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

/// The default entry of each version that was released.
pub const RECORD: &str = "docs/reference/sizes.json";

/// What [`RECORD`] holds, by version.
pub fn recorded(workspace: &Workspace) -> Result<BTreeMap<String, Sizes>> {
    let path = workspace.path(RECORD);
    let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("reading {}", path.display()))
}

/// How the default entry differs from that of the last release: the highest version below ours that is recorded.
fn since(released: &BTreeMap<String, Sizes>, version: &str, entry: Sizes) -> String {
    let number = |version: &str| {
        version.split('.').map(|part| part.parse().unwrap_or(0)).collect::<Vec<u64>>()
    };
    let before = released.iter().filter(|(other, _)| number(other) < number(version));
    match before.max_by_key(|(other, _)| number(other)) {
        None => format!("since the last release       nothing was released before {version}\n"),
        Some((last, was)) => {
            let delta = |now: u64, was: u64| format!("{:+}", i128::from(now) - i128::from(was));
            let name = format!("since {last}");
            let [raw, gzip, brotli] =
                [(entry.raw, was.raw), (entry.gzip, was.gzip), (entry.brotli, was.brotli)]
                    .map(|(now, was)| delta(now, was));
            format!("{name:<28}{raw:>10}{gzip:>10}{brotli:>10}\n")
        }
    }
}

fn measure(files: &[PathBuf]) -> Result<Vec<Sizes>> {
    let json = process::output(Command::new("node").arg("-e").arg(SCRIPT).arg("--").args(files))?;
    serde_json::from_str(&json).context("reading the sizes")
}

/// What a bundler ships for all of `cometchat-auth`: the one file.
fn default_entry(workspace: &Workspace) -> Result<PathBuf> {
    let file = workspace.scratch().join("default-entry.js");
    let mut esbuild = npm::program(&workspace.path("pkg-template"), "esbuild/bin/esbuild");
    esbuild.arg(workspace.pkg().join("index.js")).arg(format!("--outfile={}", file.display()));
    esbuild.args([
        "--bundle",
        "--minify",
        "--format=esm",
        "--target=es2022",
        "--log-level=warning",
    ]);
    process::quiet(&mut esbuild)?;
    Ok(file)
}

fn table(names: &[String], sizes: &[Sizes], entry: Sizes) -> String {
    let mut text = format!("{:<28}{:>10}{:>10}{:>10}\n", "bytes", "raw", "gzip -9", "brotli 11");
    let mut line = |name: &str, sizes: Sizes| {
        let _ = writeln!(text, "{name:<28}{:>10}{:>10}{:>10}", sizes.raw, sizes.gzip, sizes.brotli);
    };
    for (name, sizes) in names.iter().zip(sizes) {
        line(name, *sizes);
    }
    line("default entry, bundled", entry);
    let _ = write!(text, "{:<28}{:>30}", "ceiling", CEILING);
    text
}

/// `core.js` with its binary written as now, as base64 and as hex; those two are charged with our reader, some 400 bytes more than theirs.
fn encodings(workspace: &Workspace) -> Result<String> {
    let wasm = fs::read(build::optimised(workspace, "release"))?;
    let core = fs::read_to_string(workspace.pkg().join("core.js"))?;
    let text = encode::encode(&wasm)?.text;
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
                Command::new("node")
                    .args(["-e", script, "--"])
                    .arg(folder.join("module.wasm"))
                    .arg(other),
            )?,
        };
        let file = folder.join(encoding.replace(' ', "-")).with_extension("js");
        fs::write(&file, core.replace(&text, &other))?;
        files.push(file);
        names.push(encoding);
    }
    let mut lines =
        format!("{:<28}{:>10}{:>10}{:>10}\n", "core.js, bytes", "raw", "gzip -9", "brotli 11");
    for (name, sizes) in names.iter().zip(measure(&files)?) {
        let _ =
            writeln!(lines, "{name:<28}{:>10}{:>10}{:>10}", sizes.raw, sizes.gzip, sizes.brotli);
    }
    Ok(lines)
}

/// What the WebAssembly is made of: bytes of code by crate, and of ours by module. What is called from one place only counts there: most
/// of the client in `exports`.
fn contents(named: &[u8]) -> Result<String> {
    let mut bodies = Vec::new();
    let mut imported = 0;
    let mut names = BTreeMap::new();
    for payload in Parser::new(0).parse_all(named) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionEntry(body) => bodies.push(body.range().len()),
            Payload::CustomSection(section) => {
                if let KnownCustom::Name(subsections) = section.as_known() {
                    for subsection in subsections {
                        if let Name::Function(functions) = subsection? {
                            for function in functions {
                                let function = function?;
                                names.insert(
                                    function.index,
                                    rustc_demangle::demangle(function.name).to_string(),
                                );
                            }
                        }
                    }
                }
            }
            _ => {}
        }
    }
    let mut places = BTreeMap::<String, usize>::new();
    for (index, size) in (imported..).zip(&bodies) {
        *places.entry(place(names.get(&index).map_or("", String::as_str))).or_default() += size;
    }
    let all: usize = bodies.iter().sum();
    let mut places: Vec<_> = places.into_iter().collect();
    places.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    let mut text = format!("{:<44}{:>8}\n", "code in the WebAssembly, where it comes from", "raw");
    for (place, size) in places {
        let _ = writeln!(text, "  {place:<42}{size:>8}{:>5} %", size * 100 / all.max(1));
    }
    Ok(text)
}

/// What each export brings: how many bytes of the WebAssembly would go without it.
fn exports(named: &[u8]) -> Result<String> {
    let parse = || walrus::Module::from_buffer(named).context("reading the WebAssembly");
    let mut all = parse()?;
    let whole = all.emit_wasm().len();
    let mut text = format!("{:<44}{:>8}\n", "exports, and what goes without each alone", "raw");
    for export in all.exports.iter() {
        let walrus::ExportItem::Function(function) = export.item else { continue };
        let name = all.funcs.get(function).name.as_deref().unwrap_or(&export.name);
        let mut without = parse()?;
        let same =
            without.exports.iter().find(|other| other.name == export.name).map(walrus::Export::id);
        without.exports.delete(same.context("the same module read twice")?);
        walrus::passes::gc::run(&mut without);
        let alone = whole.saturating_sub(without.emit_wasm().len());
        let _ = writeln!(
            text,
            "  {:<42}{alone:>8}",
            rustc_demangle::demangle(name.split(' ').next().unwrap_or_default()).to_string()
        );
    }
    Ok(text)
}

/// The crate of a function by its name, and of ours the module.
fn place(name: &str) -> String {
    let path = name.trim_start_matches(['<', '&', '*', ' ']).trim_start_matches("mut ");
    let mut parts =
        path.split("::").map(|part| part.split(['[', '<', ' ', '{']).next().unwrap_or_default());
    let first = parts.next().unwrap_or_default();
    match (first, parts.next(), parts.next()) {
        ("cometchat_auth", Some(room @ ("protocol" | "client" | "browser")), Some(module))
            if module.starts_with(char::is_lowercase) =>
        {
            format!("{first}::{room}::{module}")
        }
        ("cometchat_auth", Some(room), _) => format!("{first}::{room}"),
        ("alloc" | "core" | "std" | "__rustc" | "memcpy" | "memcmp" | "memmove" | "memset", ..) => {
            "the standard library".into()
        }
        ("", ..) => "glue of wasm-bindgen".into(),
        (other, ..) if other.starts_with("__") || !path.contains("::") => {
            "glue of wasm-bindgen".into()
        }
        (other, ..) => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_release_is_the_highest_version_below() {
        let sizes = |brotli| Sizes { raw: 10, gzip: 10, brotli };
        let released = BTreeMap::from(
            [("0.9.0", 5), ("0.10.0", 7), ("1.0.0", 9)]
                .map(|(version, size)| (version.to_owned(), sizes(size))),
        );
        assert!(since(&released, "0.11.0", sizes(6)).starts_with("since 0.10.0"));
        assert!(since(&released, "0.11.0", sizes(6)).trim_end().ends_with("-1"));
        assert!(since(&released, "1.0.0", sizes(9)).trim_end().ends_with("+2"));
        assert!(since(&released, "0.9.0", sizes(5)).contains("nothing was released before 0.9.0"));
    }

    #[test]
    fn a_function_belongs_to_its_crate_and_ours_to_its_module() {
        for (name, expected) in [
            ("cometchat_auth::protocol::json::quote", "cometchat_auth::protocol::json"),
            ("cometchat_auth::exports::feed", "cometchat_auth::exports"),
            (
                "<cometchat_auth::browser::Web as cometchat_auth::client::ports::World>::get",
                "cometchat_auth::browser",
            ),
            (
                "<alloc[3ca5]::string::String as core::fmt::Write>::write_char",
                "the standard library",
            ),
            ("js_sys::futures::queue::Queue::new", "js_sys"),
            ("__externref_table_alloc", "glue of wasm-bindgen"),
            ("call", "glue of wasm-bindgen"),
        ] {
            assert_eq!(place(name), expected, "{name}");
        }
    }
}
