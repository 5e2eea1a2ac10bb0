//! `cargo xtask release --dry-run`: the files of a release. Only the workflow `release.yml` publishes.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::{build, size};
use crate::step::{heading, step};
use crate::workspace::{self, PACKAGE, Workspace};
use crate::{notices, npm, process};

/// Options of `cargo xtask release`.
#[derive(clap::Args)]
pub struct Options {
    /// Write what would be published to target/release-npm/, and publish nothing
    #[arg(long)]
    dry_run: bool,
    /// The tag of the release, such as v1.2.3: everything must be final
    #[arg(long, requires = "dry_run")]
    tag: Option<String>,
}

/// Writes the files of a release and prints the steps that follow.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let version = workspace.version()?;
    if !options.dry_run {
        bail!(
            "Nothing is published from here. Set the version in Cargo.toml, date its entry in \
             CHANGELOG.md, run `cargo xtask size --record`, commit, and push the tag v{version}: \
             .github/workflows/release.yml packs, tests and publishes it. \
             `cargo xtask release --dry-run` shows what that will be."
        );
    }
    let (date, notes) = changelog(&fs::read_to_string(workspace.path("CHANGELOG.md"))?, &version)?;
    build::run(workspace, &build::Options::default())?;
    size::run(workspace, &size::Options::default())?;
    heading("release");
    let manifest = fs::read_to_string(workspace.pkg().join("package.json"))?;
    let manifest: Value = serde_json::from_str(&manifest)?;
    let open = [
        (date.is_none(), "CHANGELOG.md gives the version no date"),
        (manifest.get("repository").is_none(), "pkg-template/package.json names no repository"),
        (!size::recorded(workspace)?.contains_key(&version), "its sizes are not recorded"),
        (options.tag.as_ref().is_some_and(|tag| *tag != format!("v{version}")), "the tag differs"),
    ];
    let open: Vec<&str> = open.iter().filter(|(open, _)| *open).map(|(_, text)| *text).collect();
    if options.tag.is_some() && !open.is_empty() {
        bail!("{version} cannot be released: {}", open.join("; "));
    }

    let folder = workspace.target.join("release-npm");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let tarball = step("npm pack", || pack(workspace, &folder))?;
    let bill = folder.join(format!("{PACKAGE}-{version}.cdx.json"));
    let content = bill_of_materials(workspace, &version, &manifest, &sha256(&tarball)?)?;
    workspace::write(&bill, format!("{content:#}\n"))?;
    workspace::write(&folder.join("NOTES.md"), format!("{notes}\n"))?;
    let mut sums = String::new();
    for file in [&tarball, &bill] {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        writeln!(sums, "{}  {name}", sha256(file)?)?;
    }
    workspace::write(&folder.join("SHA256SUMS"), &sums)?;

    let tag = if version.contains('-') { "next" } else { "latest" };
    let tarball = tarball.strip_prefix(&workspace.root).unwrap_or(&tarball).display();
    println!(
        "\n{PACKAGE} {version}, dist-tag {tag}\n\n{sums}\n{notes}\n\n\
         1. packed:    {tarball}\n\
         2. to test:   cargo xtask test --install --tarball {tarball}\n\
         3. to publish, if its checksum is still the same: the workflow release.yml, at the tag \
         v{version}"
    );
    for point in open {
        println!("before a release: {point}");
    }
    Ok(())
}

/// The date, if there is one, and the text of a version's entry in the changelog.
fn changelog(text: &str, version: &str) -> Result<(Option<String>, String)> {
    let heading = format!("## [{version}] - ");
    let entry = text.split_once(&heading).with_context(|| {
        format!("CHANGELOG.md has no entry `{heading}YYYY-MM-DD` for the version in Cargo.toml")
    })?;
    let (date, rest) = entry.1.split_once('\n').unwrap_or_default();
    let notes = rest.split("\n## ").next().unwrap_or_default().trim().to_owned();
    if notes.is_empty() {
        bail!("The entry for {version} in CHANGELOG.md is empty.");
    }
    Ok(((date.trim() != "unreleased").then(|| date.trim().to_owned()), notes))
}

/// Packs `pkg/` into the folder. The same files give the same bytes.
fn pack(workspace: &Workspace, folder: &Path) -> Result<PathBuf> {
    let mut npm = npm::npm(&workspace.pkg());
    npm.args(["pack", "--json", "--ignore-scripts", "--pack-destination"]).arg(folder);
    let report: Value = serde_json::from_str(&process::quiet(&mut npm)?)?;
    let name = report.pointer("/0/filename").and_then(Value::as_str);
    Ok(folder.join(name.context("npm pack named no file")?))
}

fn sha256(file: &Path) -> Result<String> {
    let digest = ring::digest::digest(&ring::digest::SHA256, &fs::read(file)?);
    Ok(digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The crates in the WebAssembly, as CycloneDX. The package has no npm dependencies.
fn bill_of_materials(
    workspace: &Workspace,
    version: &str,
    manifest: &Value,
    tarball: &str,
) -> Result<Value> {
    let purl = format!("pkg:npm/{PACKAGE}@{version}");
    let mut components = Vec::new();
    for found in notices::shipped(workspace)? {
        let (name, version) = (found.name.as_str(), found.version.to_string());
        let purl = format!("pkg:cargo/{name}@{version}");
        let checksum = workspace.locked_checksum(name, &version);
        let checksum = checksum.with_context(|| format!("Cargo.lock has no checksum of {name}"))?;
        // A slash was cargo's way to write OR.
        let licence = found.license.unwrap_or_default().replace('/', " OR ");
        components.push(json!({
            "type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl,
            "hashes": [{ "alg": "SHA-256", "content": checksum }],
            "licenses": [{ "expression": licence }],
        }));
    }
    let mut rustc = std::process::Command::new("rustc");
    let toolchain = process::quiet(rustc.arg("--version").current_dir(&workspace.root))?;
    let toolchain = toolchain.split_whitespace().nth(1).context("rustc has no version")?;
    let std = format!("pkg:generic/rust-std@{toolchain}");
    components.push(json!({
        "type": "library", "bom-ref": std, "name": "the Rust standard library",
        "version": toolchain, "purl": std, "licenses": [{ "expression": "MIT OR Apache-2.0" }],
    }));
    let references: Vec<_> =
        components.iter().filter_map(|component| component.get("bom-ref")).cloned().collect();
    let tool = |name: &str, version: &str| json!({ "type": "application", "name": name, "version": version });
    Ok(json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": {
            "component": {
                "type": "library", "bom-ref": purl, "name": PACKAGE, "version": version,
                "purl": purl, "description": manifest.get("description"),
                "hashes": [{ "alg": "SHA-256", "content": tarball }],
                "licenses": [{ "expression": manifest.get("license") }],
            },
            "tools": { "components": [
                tool("rustc", toolchain),
                tool("wasm-bindgen", workspace.locked("wasm-bindgen-cli-support")?),
            ] },
        },
        "components": components,
        "dependencies": [{ "ref": purl, "dependsOn": references }],
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHANGELOG: &str = "# Changelog\n\n## [0.2.0] - unreleased\n\n### Added\n\n- This.\n\n\
        ## [0.1.0] - 2026-01-31\n\n- That.\n\n## [0.0.1] - 2026-01-01\n";

    #[test]
    fn a_version_needs_an_entry_in_the_changelog() {
        let entry = changelog(CHANGELOG, "0.2.0").expect("there");
        assert_eq!(entry, (None, "### Added\n\n- This.".to_owned()));
        let entry = changelog(CHANGELOG, "0.1.0").expect("there");
        assert_eq!(entry, (Some("2026-01-31".to_owned()), "- That.".to_owned()));
        assert!(changelog(CHANGELOG, "0.0.1").is_err());
        assert!(changelog(CHANGELOG, "0.3.0").is_err());
    }

    #[test]
    fn a_checksum_is_what_sha256sum_prints() {
        let file = std::env::temp_dir().join(format!("xtask-sha256-{}", std::process::id()));
        fs::write(&file, "abc").expect("written");
        let sum = sha256(&file).expect("read");
        fs::remove_file(&file).expect("removed");
        assert_eq!(sum, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
