//! `cargo xtask lint`: what CI checks besides the tests.

use anyhow::{Context, Result, bail};

use super::build;
use crate::step::{heading, step};
use crate::workspace::{PACKAGE, Workspace};
use crate::{codes, notices, npm, process, tools};

/// The licences under which a crate may become part of the package: each asks for no more than its notice.
const LICENCES: [&str; 10] = [
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Everything in the order of its speed; the first that fails ends it.
///
/// # Errors
/// What the first failing check says.
pub fn run(workspace: &Workspace) -> Result<()> {
    heading("lint");
    tools::wasm_target(workspace)?;
    step("cargo fmt --check", || {
        process::quiet(workspace.cargo().args(["fmt", "--all", "--", "--check", "-l"]))
            .context("`cargo fmt --all` mends it")
    })?;
    step("codes in docs and types", || codes::check(workspace))?;
    step("licences of what ships", || licences(workspace))?;
    // cargo shows its own progress and words.
    let deny = ["--", "--deny", "warnings"];
    eprintln!("{:>10}  clippy, this machine", "");
    process::run(workspace.cargo().args(["clippy", "--workspace", "--all-targets"]).args(deny))?;
    eprintln!("{:>10}  clippy, {}", "", tools::WASM);
    process::run(
        workspace
            .cargo()
            .args(["clippy", "--package", PACKAGE, "--lib", "--tests", "--target", tools::WASM])
            .args(deny),
    )?;

    // The types of the page are those of the built package, and the facade is checked against what Rust exports.
    build::run(workspace, &build::Options::default())?;
    let template = workspace.path("pkg-template");
    for folder in ["pkg-template", "www", "tests"] {
        let folder = workspace.path(folder);
        for project in ["tsconfig.json", "tsconfig.node.json"] {
            if !folder.join(project).is_file() {
                continue;
            }
            npm::ci(&folder)?;
            let shown = folder.join(project);
            let shown = shown.strip_prefix(&workspace.root).unwrap_or(&shown).display().to_string();
            step(&format!("tsc --strict, {shown}"), || {
                // One compiler for all of them.
                let mut tsc = npm::program(&template, "typescript/bin/tsc");
                process::quiet(tsc.current_dir(&folder).args([
                    "--noEmit",
                    "--strict",
                    "--project",
                    project,
                ]))
            })?;
        }
    }
    Ok(())
}

/// Fails when a crate that becomes part of the package has a licence outside the list.
fn licences(workspace: &Workspace) -> Result<()> {
    let refused = notices::shipped(workspace)?
        .iter()
        .filter_map(|package| {
            let reason = match package.license.as_deref() {
                Some(licence) => allowed(licence).err()?,
                None => "it names no licence".to_owned(),
            };
            Some(format!("{} {}: {reason}", package.name, package.version))
        })
        .collect::<Vec<_>>();
    if !refused.is_empty() {
        bail!("{}; the list is in xtask/src/commands/lint.rs", refused.join("; "));
    }
    Ok(())
}

/// Whether an SPDX expression can be met with licences of the list.
fn allowed(licence: &str) -> Result<(), String> {
    let expression = spdx::Expression::parse_mode(licence, spdx::ParseMode::LAX)
        .map_err(|error| format!("`{licence}`: {}", error.reason))?;
    let known = |requirement: &spdx::LicenseReq| {
        requirement.addition.is_none()
            && requirement.license.id().is_some_and(|id| LICENCES.contains(&id.name))
    };
    if expression.evaluate(known) { Ok(()) } else { Err(format!("`{licence}` is not on the list")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_crates_usually_say_is_allowed() {
        for licence in [
            "MIT",
            "MIT OR Apache-2.0",
            "MIT/Apache-2.0",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "Apache-2.0 OR GPL-2.0-only",
            "Zlib",
        ] {
            assert_eq!(allowed(licence), Ok(()), "{licence}");
        }
    }

    #[test]
    fn what_asks_for_more_than_its_notice_is_refused_by_name() {
        for licence in ["GPL-3.0-only", "MIT AND LGPL-2.1-only", "MPL-2.0", "no such licence"] {
            assert!(allowed(licence).expect_err("refused").contains(licence), "{licence}");
        }
    }
}
