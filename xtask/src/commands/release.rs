//! `cargo xtask release --dry-run`: all that a release consists of, in a folder, and nothing leaves the machine. Publishing is the workflow's part.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
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
    /// The tag that is being released, such as v1.2.3: then everything has to be final
    #[arg(long, requires = "dry_run")]
    tag: Option<String>,
}

/// Where the version stands, and nowhere else.
const VERSION_IN: &str = "[workspace.package] in Cargo.toml";

/// Makes the release, or says how one is made.
///
/// # Errors
/// When something is missing that a release needs; and without `--dry-run`.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let version = workspace.version()?;
    if !options.dry_run {
        bail!(
            "nothing is published from here. Set the version ({VERSION_IN}), give its entry in CHANGELOG.md a date, run `cargo xtask size --record`, commit, and push the tag \
             v{version}: .github/workflows/release.yml tests, builds and publishes it. `cargo xtask release --dry-run` shows what that will be"
        );
    }
    let entry = changelog(
        &fs::read_to_string(workspace.path("CHANGELOG.md")).context("reading CHANGELOG.md")?,
        &version,
    )?;
    build::run(workspace, &build::Options::default())?;
    size::run(workspace, &size::Options::default())?;
    heading("release");
    let manifest: Value =
        serde_json::from_str(&fs::read_to_string(workspace.pkg().join("package.json"))?)?;
    let recorded = size::recorded(workspace)?.contains_key(&version);
    let open = open_points(&version, &entry, &manifest, recorded, options.tag.as_deref());
    if options.tag.is_some() && !open.is_empty() {
        bail!("not to be released yet: {}", open.join("; "));
    }

    let folder = workspace.target.join("release-npm");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("emptying {}", folder.display()))?;
    }
    fs::create_dir_all(&folder)?;
    let tarball = step("npm pack", || pack(workspace, &folder))?;
    let hash = sha256(&tarball)?;
    let list = folder.join(format!("{PACKAGE}-{version}.cdx.json"));
    step("bill of materials", || {
        workspace::write(
            &list,
            format!("{:#}\n", bill_of_materials(workspace, &version, &manifest, &hash)?),
        )
    })?;
    workspace::write(&folder.join("NOTES.md"), format!("{}\n", entry.notes))?;
    let mut sums = String::new();
    for file in [&tarball, &list] {
        let name = file.file_name().context("a file without a name")?.to_string_lossy();
        let _ = writeln!(sums, "{}  {name}", sha256(file)?);
    }
    workspace::write(&folder.join("SHA256SUMS"), &sums)?;

    println!("\nwould be published: {PACKAGE} {version}, as `{}`", dist_tag(&version));
    println!("from {}:\n{sums}", folder.strip_prefix(&workspace.root).unwrap_or(&folder).display());
    println!(
        "{} bytes packed, {} files",
        fs::metadata(&tarball)?.len(),
        build::names(&workspace.pkg())?.len()
    );
    println!("\n{}", entry.notes);
    for point in open {
        println!("\nbefore a release: {point}");
    }
    Ok(())
}

/// What the changelog says of a version.
#[derive(Debug, PartialEq, Eq)]
struct Entry {
    /// When it was released; None as long as it is not.
    date: Option<String>,
    notes: String,
}

/// The entry of a version in a changelog that is kept as <https://keepachangelog.com> says.
fn changelog(text: &str, version: &str) -> Result<Entry> {
    let heading = format!("## [{version}]");
    let missing = || {
        anyhow!(
            "CHANGELOG.md has no entry `{heading} - YYYY-MM-DD` for the version of {VERSION_IN}"
        )
    };
    let mut lines = text.lines().skip_while(|line| !line.starts_with(&heading));
    let said = lines.next().and_then(|line| line.strip_prefix(&heading)).ok_or_else(missing)?;
    let date = said.trim_start_matches([' ', '-']).trim();
    let notes: Vec<&str> =
        lines.take_while(|line| !line.starts_with("## ") && !line.starts_with('[')).collect();
    let notes = notes.join("\n").trim().to_owned();
    if notes.is_empty() {
        bail!("the entry for {version} in CHANGELOG.md says nothing");
    }
    Ok(Entry { date: is_date(date).then(|| date.to_owned()), notes })
}

fn is_date(text: &str) -> bool {
    text.len() == 10
        && text
            .char_indices()
            .all(|(at, c)| if at == 4 || at == 7 { c == '-' } else { c.is_ascii_digit() })
}

/// What forbids a release as things are.
fn open_points(
    version: &str,
    entry: &Entry,
    manifest: &Value,
    recorded: bool,
    tag: Option<&str>,
) -> Vec<String> {
    let mut open = Vec::new();
    if entry.date.is_none() {
        open.push(format!("the entry for {version} in CHANGELOG.md has no date"));
    }
    if manifest.pointer("/repository/url").and_then(Value::as_str).is_none() {
        open.push(
            "pkg-template/package.json names no `repository`, against which npm checks the provenance".to_owned(),
        );
    }
    if !recorded {
        open.push(format!(
            "the sizes of {version} are not in {} (cargo xtask size --record)",
            size::RECORD
        ));
    }
    if let Some(tag) = tag.filter(|tag| tag.strip_prefix('v') != Some(version)) {
        open.push(format!("the tag is {tag}, the version {version} ({VERSION_IN})"));
    }
    open
}

/// What npm is to call it: a version such as 1.0.0-beta.1 must not become everybody's.
fn dist_tag(version: &str) -> &'static str {
    if version.contains('-') { "next" } else { "latest" }
}

/// Packs `pkg/` into the folder. The same package gives the same bytes.
fn pack(workspace: &Workspace, folder: &Path) -> Result<PathBuf> {
    let mut npm = npm::npm(&workspace.pkg());
    npm.args(["pack", "--json", "--ignore-scripts", "--pack-destination"]).arg(folder);
    let report: Value = serde_json::from_str(&process::quiet(&mut npm)?)
        .context("reading what npm pack printed")?;
    let name =
        report.pointer("/0/filename").and_then(Value::as_str).context("npm pack named no file")?;
    Ok(folder.join(name))
}

fn sha256(file: &Path) -> Result<String> {
    let bytes = fs::read(file).with_context(|| format!("reading {}", file.display()))?;
    let digest = ring::digest::digest(&ring::digest::SHA256, &bytes);
    Ok(digest.as_ref().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    }))
}

/// What the package is made of, as CycloneDX: the crates that are compiled into its WebAssembly. It has no npm dependencies.
fn bill_of_materials(
    workspace: &Workspace,
    version: &str,
    manifest: &Value,
    tarball: &str,
) -> Result<Value> {
    let package = format!("pkg:npm/{PACKAGE}@{version}");
    let mut crates = notices::shipped(workspace)?;
    crates.retain(|found| found.name != PACKAGE);
    crates.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
    let mut components = Vec::new();
    for found in &crates {
        let reference = format!("pkg:cargo/{}@{}", found.name, found.version);
        let checksum = workspace
            .locked_checksum(&found.name, &found.version.to_string())
            .with_context(|| format!("Cargo.lock has no checksum of {reference}"))?;
        let mut component = json!({
            "type": "library", "bom-ref": &reference, "name": found.name.as_str(), "version": found.version.to_string(),
            "purl": &reference, "hashes": [{ "alg": "SHA-256", "content": checksum }],
        });
        // A slash was cargo's way to say OR before there were expressions.
        if let (Some(licence), Some(fields)) = (&found.license, component.as_object_mut()) {
            fields.insert(
                "licenses".to_owned(),
                json!([{ "expression": licence.replace('/', " OR ") }]),
            );
        }
        components.push(component);
    }
    let toolchain = process::quiet(
        std::process::Command::new("rustc").arg("--version").current_dir(&workspace.root),
    )?;
    let toolchain =
        toolchain.split_whitespace().nth(1).context("rustc says no version")?.to_owned();
    let std = format!("pkg:generic/rust-std@{toolchain}");
    components.push(json!({
        "type": "library", "bom-ref": &std, "name": "the Rust standard library", "version": toolchain, "purl": &std,
        "licenses": [{ "expression": "MIT OR Apache-2.0" }],
    }));
    let references: Vec<&Value> =
        components.iter().filter_map(|component| component.get("bom-ref")).collect();
    Ok(json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": {
            "component": {
                "type": "library", "bom-ref": &package, "name": PACKAGE, "version": version, "purl": &package,
                "description": manifest.get("description"), "hashes": [{ "alg": "SHA-256", "content": tarball }],
                "licenses": [{ "expression": manifest.get("license") }],
            },
            "tools": { "components": [
                { "type": "application", "name": "rustc", "version": toolchain },
                { "type": "application", "name": "wasm-bindgen", "version": workspace.locked("wasm-bindgen-cli-support")? },
            ] },
        },
        "components": &components,
        "dependencies": [{ "ref": &package, "dependsOn": references }],
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHANGELOG: &str = "# Changelog\n\n## [0.2.0] - unreleased\n\n### Added\n\n- This.\n\n## [0.1.0] - 2026-01-31\n\n- That.\n\n[0.1.0]: https://x.test\n";

    #[test]
    fn the_changelog_has_an_entry_for_the_version_or_nothing_is_released() {
        let entry = changelog(CHANGELOG, "0.2.0").expect("there");
        assert_eq!(entry, Entry { date: None, notes: "### Added\n\n- This.".to_owned() });
        let entry = changelog(CHANGELOG, "0.1.0").expect("there");
        assert_eq!(
            entry,
            Entry { date: Some("2026-01-31".to_owned()), notes: "- That.".to_owned() }
        );
        assert!(changelog(CHANGELOG, "0.3.0").expect_err("missing").to_string().contains("0.3.0"));
        assert!(changelog("## [1.0.0] - 2026-01-31\n\n## [0.9.0]\n", "1.0.0").is_err());
    }

    #[test]
    fn a_release_needs_a_date_a_repository_and_the_right_tag() {
        let dated = changelog(CHANGELOG, "0.1.0").expect("there");
        let manifest = json!({ "repository": { "url": "git+https://github.com/a/b.git" } });
        assert_eq!(
            open_points("0.1.0", &dated, &manifest, true, Some("v0.1.0")),
            Vec::<String>::new()
        );
        assert_eq!(open_points("0.1.0", &dated, &manifest, true, Some("v0.1.1")).len(), 1);
        assert_eq!(open_points("0.1.0", &dated, &manifest, true, Some("0.1.0")).len(), 1);
        let undated = changelog(CHANGELOG, "0.2.0").expect("there");
        assert_eq!(open_points("0.2.0", &undated, &json!({}), false, None).len(), 3);
    }

    #[test]
    fn a_version_that_is_a_trial_does_not_become_everybodys() {
        assert_eq!((dist_tag("1.0.0"), dist_tag("1.0.0-beta.1")), ("latest", "next"));
    }

    #[test]
    fn the_changelog_of_this_checkout_has_the_version_of_this_checkout() {
        let workspace = Workspace::find().expect("found");
        let text = fs::read_to_string(workspace.path("CHANGELOG.md")).expect("read");
        changelog(&text, &workspace.version().expect("known")).expect("there");
    }

    #[test]
    fn the_bill_of_materials_names_every_crate_in_the_webassembly_with_its_checksum() {
        let workspace = Workspace::find().expect("found");
        let bill =
            bill_of_materials(&workspace, "1.2.3", &json!({ "license": "MIT" }), &"0".repeat(64))
                .expect("made");
        let components = bill.get("components").and_then(Value::as_array).expect("listed");
        let shipped = notices::shipped(&workspace).expect("found");
        // Every crate but the package itself, and the standard library.
        assert_eq!(components.len(), shipped.len());
        let named = |name: &str| {
            components
                .iter()
                .find(|component| component.get("name").is_some_and(|said| said == name))
        };
        for found in shipped.iter().filter(|found| found.name != PACKAGE) {
            let component = named(&found.name).expect("named");
            assert_eq!(
                component.pointer("/hashes/0/content").and_then(Value::as_str).map(str::len),
                Some(64)
            );
        }
        assert!(named("proptest").is_none() && named("wasm-bindgen-macro").is_none());
    }

    #[test]
    fn a_checksum_is_what_sha256sum_prints() {
        let file = std::env::temp_dir().join(format!("xtask-sha256-{}", std::process::id()));
        fs::write(&file, "abc").expect("written");
        assert_eq!(
            sha256(&file).expect("read"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        fs::remove_file(&file).expect("removed");
    }
}
