//! `cargo xtask release --dry-run`: the files of a release. Only the workflow `release.yml`
//! publishes.

use std::fs;

use anyhow::{Context, Result, bail};

use super::{build, size};
use crate::step::{heading, step};
use crate::workspace::{PACKAGE, Workspace};
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
    let version = &workspace.version;
    if !options.dry_run {
        bail!(
            "Nothing is published from here. Set the version in Cargo.toml, date its entry in \
             CHANGELOG.md, commit, and push the tag v{version}: \
             .github/workflows/release.yml packs, tests and publishes it. \
             `cargo xtask release --dry-run` shows what that will be."
        );
    }
    let text = fs::read_to_string(workspace.path("CHANGELOG.md"))?;
    let (date, notes) = changelog(&text, version)?;
    build::run(workspace, &build::Options::default())?;
    size::run(workspace, &size::Options::default())?;
    heading("release");
    let manifest = fs::read_to_string(workspace.pkg().join("package.json"))?;
    let open = [
        (date == "unreleased", "CHANGELOG.md gives it no date"),
        (!manifest.contains("\"repository\""), "pkg-template/package.json names no repository"),
        (options.tag.as_ref().is_some_and(|tag| *tag != format!("v{version}")), "the tag differs"),
    ];
    let open: Vec<&str> = open.iter().filter(|(open, _)| *open).map(|(_, text)| *text).collect();
    if options.tag.is_some() && !open.is_empty() {
        bail!("{version} cannot be released: {}", open.join("; "));
    }

    let folder = workspace.target.join("release-npm");
    files::empty(&folder)?;
    let mut npm = npm::npm(&workspace.pkg());
    npm.args(["pack", "--silent", "--ignore-scripts", "--pack-destination"]).arg(&folder);
    let name = step("npm pack", || process::quiet(&mut npm))?;
    let tarball = folder.join(name.trim());
    let digest = ring::digest::digest(&ring::digest::SHA256, &fs::read(&tarball)?);
    let sum: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let sums = format!("{sum}  {}\n", name.trim());
    fs::write(folder.join("SHA256SUMS"), &sums)?;
    fs::write(folder.join("NOTES.md"), format!("{notes}\n"))?;

    let tarball = tarball.strip_prefix(&workspace.root).unwrap_or(&tarball).display();
    println!(
        "\n{PACKAGE} {version}\n{sums}\n{notes}\n\n1. packed: {tarball}\n\
         2. to test: cargo xtask test --install --tarball {tarball}\n\
         3. to publish: the workflow release.yml at the tag v{version}, if the checksum is the same"
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
    if notes.is_empty() {
        bail!("The entry for {version} in CHANGELOG.md is empty.");
    }
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
