//! `cargo xtask release --dry-run`: the files of a release. Only `release.yml` publishes.

use std::fs;

use anyhow::{Context, Result, ensure};

use super::{emulator, size};
use crate::step::{heading, step};
use crate::workspace::{PACKAGE, VERSION, Workspace};
use crate::{files, npm, process};

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
    ensure!(
        options.dry_run,
        "Nothing is published from here. Set the version in Cargo.toml, date its entry in \
         CHANGELOG.md, commit, and push the tag v{VERSION}: .github/workflows/release.yml packs, \
         tests and publishes it. `cargo xtask release --dry-run` shows what that will be."
    );
    let text = files::read(&workspace.path("CHANGELOG.md"))?;
    let (date, notes) = changelog(&text, VERSION)?;
    size::run(workspace, &size::Options::default())?;
    emulator::package(workspace)?;
    heading("release");
    let manifest = files::read(&workspace.pkg().join("package.json"))?;
    let open = [
        (date == "unreleased", "CHANGELOG.md gives it no date"),
        (!manifest.contains("\"repository\""), "pkg-template/package.json names no repository"),
        (options.tag.as_ref().is_some_and(|tag| *tag != format!("v{VERSION}")), "the tag differs"),
    ];
    let open: Vec<&str> = open.iter().filter(|(open, _)| *open).map(|(_, text)| *text).collect();
    let ready = options.tag.is_none() || open.is_empty();
    ensure!(ready, "{VERSION} cannot be released: {}", open.join("; "));

    let folder = workspace.target.join("release-npm");
    files::empty(&folder)?;
    let mut npm = npm::npm(&folder);
    npm.args(["pack", "--silent", "--ignore-scripts"]).arg(workspace.pkg());
    let names = step("npm pack", || process::quiet(npm.arg(workspace.path("emulator/npm"))))?;
    let mut sums = String::new();
    for name in names.lines() {
        let digest = ring::digest::digest(&ring::digest::SHA256, &fs::read(folder.join(name))?);
        let sum: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        sums += &format!("{sum}  {name}\n");
    }
    fs::write(folder.join("SHA256SUMS"), &sums)?;
    fs::write(folder.join("NOTES.md"), format!("{notes}\n"))?;

    let tarball = folder.join(format!("{PACKAGE}-{VERSION}.tgz"));
    let tarball = tarball.strip_prefix(&workspace.root).unwrap_or(&tarball).display();
    println!(
        "\n{PACKAGE} {VERSION}\n{sums}\n{notes}\n\n1. packed: {tarball}\n\
         2. to test: cargo xtask test --install --tarball {tarball}\n\
         3. to publish: the workflow release.yml at the tag v{VERSION}, if the checksum is the same"
    );
    for point in open {
        println!("before a release: {point}");
    }
    Ok(())
}

/// The date (or "unreleased") and the text of a version's entry in the changelog.
fn changelog<'a>(text: &'a str, version: &str) -> Result<(&'a str, &'a str)> {
    let entry = text.split_once(&format!("## [{version}] - "));
    let entry = entry.with_context(|| format!("CHANGELOG.md has no entry for {version}"))?;
    let (date, rest) = entry.1.split_once('\n').unwrap_or_default();
    let notes = rest.split("\n## ").next().unwrap_or_default().trim();
    ensure!(!notes.is_empty(), "The entry for {version} in CHANGELOG.md is empty.");
    Ok((date.trim(), notes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_needs_an_entry_in_the_changelog() {
        let text = "## [0.2.0] - unreleased\n\n### Added\n\n- This.\n\n\
            ## [0.1.0] - 2026-01-31\n\n- That.\n\n## [0.0.1] - 2026-01-01\n";
        let entry = changelog(text, "0.2.0").expect("there");
        assert_eq!(entry, ("unreleased", "### Added\n\n- This."));
        assert_eq!(changelog(text, "0.1.0").expect("there"), ("2026-01-31", "- That."));
        assert!(changelog(text, "0.0.1").is_err());
        assert!(changelog(text, "0.3.0").is_err());
    }
}
