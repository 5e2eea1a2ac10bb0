//! Whose work is compiled into the WebAssembly, and the notices that their licences ask to be passed on.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result, anyhow, bail};
use cargo_metadata::{DependencyKind, MetadataCommand, Package, PackageId, TargetKind};

use crate::tools;
use crate::workspace::{PACKAGE, Workspace};

/// The package and everything that is compiled into its WebAssembly: normal dependencies, without what only runs in the compiler.
///
/// # Errors
/// When cargo cannot say.
pub fn shipped(workspace: &Workspace) -> Result<Vec<Package>> {
    let metadata = MetadataCommand::new()
        .manifest_path(workspace.path("Cargo.toml"))
        .other_options([
            "--locked".to_owned(),
            "--filter-platform".to_owned(),
            tools::WASM.to_owned(),
        ])
        .exec()
        .context("cargo metadata failed")?;
    let nodes: BTreeMap<_, _> = metadata
        .resolve
        .as_ref()
        .context("cargo metadata gave no dependencies")?
        .nodes
        .iter()
        .map(|node| (&node.id, node))
        .collect();
    let package = |id: &PackageId| metadata.packages.iter().find(|package| package.id == *id);
    let root = metadata.packages.iter().find(|package| package.name == PACKAGE);
    let mut waiting =
        vec![&root.ok_or_else(|| anyhow!("the workspace has no package {PACKAGE}"))?.id];
    let mut found = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        if package(id).is_some_and(is_macro) || !found.insert(id) {
            continue;
        }
        let dependencies = nodes.get(id).map(|node| node.deps.as_slice()).unwrap_or_default();
        waiting.extend(
            dependencies
                .iter()
                .filter(|dependency| {
                    dependency.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal)
                })
                .map(|dependency| &dependency.pkg),
        );
    }
    Ok(found.into_iter().filter_map(package).cloned().collect())
}

fn is_macro(package: &Package) -> bool {
    package.targets.iter().any(|target| target.kind.contains(&TargetKind::ProcMacro))
}

/// The licences in the order in which one is taken where a crate offers several, and the names of the files that hold them.
const TEXTS: [(&str, &[&str]); 4] = [
    (
        "MIT",
        &[
            "LICENSE-MIT",
            "LICENSE-MIT.md",
            "LICENSE-MIT.txt",
            "LICENSE.MIT",
            "LICENSE",
            "LICENSE.md",
            "LICENSE.txt",
        ],
    ),
    ("Apache-2.0", &["LICENSE-APACHE", "LICENSE-APACHE.md", "LICENSE"]),
    ("Zlib", &["LICENSE-ZLIB", "LICENSE", "LICENSE.md"]),
    ("Unicode-3.0", &["LICENSE-UNICODE", "LICENSE"]),
];

/// The content of THIRD-PARTY.md.
///
/// # Errors
/// When a crate has a licence for which it is not known here what to pass on.
pub fn third_party(workspace: &Workspace) -> Result<String> {
    let mut crates = shipped(workspace)?;
    crates.retain(|package| package.name != PACKAGE);
    crates.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
    let mut texts = BTreeMap::<String, Vec<String>>::new();
    let mut table = String::new();
    for package in &crates {
        let (licence, text) = notice(package)?;
        let name = format!("{} {}", package.name, package.version);
        let page = package.repository.as_deref().unwrap_or("");
        let _ = writeln!(table, "| {name} | {licence} | {page} |");
        texts.entry(text).or_default().push(name);
    }
    let _ =
        writeln!(table, "| the Rust standard library | MIT | https://github.com/rust-lang/rust |");
    texts
        .entry(mit("The Rust Project contributors"))
        .or_default()
        .push("the Rust standard library".to_owned());

    let mut all = format!(
        "# Third-party notices\n\nThese are compiled into the WebAssembly of this package, each under the licence named here.\n\n\
         | | licence | |\n| --- | --- | --- |\n{table}"
    );
    for (text, names) in &texts {
        let _ = write!(all, "\n## {}\n\n```text\n{text}\n```\n", names.join(", "));
    }
    Ok(all)
}

/// Under which licences a crate is passed on, and the texts that have to go with it.
fn notice(package: &Package) -> Result<(String, String)> {
    let name = format!("{} {}", package.name, package.version);
    let expression =
        package.license.as_deref().with_context(|| format!("{name} names no licence"))?;
    let expression = spdx::Expression::parse_mode(expression, spdx::ParseMode::LAX)
        .map_err(|error| anyhow!("{name}: {}", error.reason))?;
    let met_by = |licences: &[&str]| {
        expression.evaluate(|requirement| {
            requirement.license.id().is_some_and(|id| licences.contains(&id.name))
        })
    };
    // All that are known here, less each that can be done without, the last first.
    let mut taken: Vec<&str> = TEXTS.iter().map(|(licence, _)| *licence).collect();
    if !met_by(&taken) {
        bail!(
            "{name} is under `{expression}`: say in xtask/src/notices.rs which text goes with it"
        );
    }
    for (licence, _) in TEXTS.iter().rev() {
        let fewer: Vec<&str> = taken.iter().copied().filter(|other| other != licence).collect();
        if met_by(&fewer) {
            taken = fewer;
        }
    }
    let folder = package.manifest_path.parent().context("a manifest without a folder")?;
    let mut texts = Vec::new();
    for (licence, files) in TEXTS.iter().filter(|(licence, _)| taken.contains(licence)) {
        let text = match files.iter().find_map(|file| fs::read_to_string(folder.join(file)).ok()) {
            Some(text) => text,
            None if *licence == "MIT" => mit(&holders(package)),
            None => bail!("{name} brings no text of {licence}"),
        };
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        texts.push(lines.join("\n").trim_matches('\n').to_owned());
    }
    Ok((taken.join(" AND "), texts.join("\n\n")))
}

fn holders(package: &Package) -> String {
    match package.authors.as_slice() {
        [] => format!("the {} contributors", package.name),
        authors => authors.join(", "),
    }
}

/// The MIT licence, where its holder does not bring it along.
fn mit(holder: &str) -> String {
    format!(
        "Copyright (c) {holder}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the \"Software\"), to deal in the \
Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, \
and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED \"AS IS\", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A \
PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF \
CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_crate_in_the_webassembly_is_named_with_the_text_of_its_licence() {
        let workspace = Workspace::find().expect("found");
        let text = third_party(&workspace).expect("written");
        let shipped = shipped(&workspace).expect("found");
        let names: Vec<_> = shipped.iter().map(|package| package.name.as_str()).collect();
        // What runs in the page is there, what ran in the compiler is not.
        assert!(
            names.contains(&"wasm-bindgen")
                && names.contains(&"gloo-net")
                && names.contains(&"gloo-storage")
        );
        assert!(!names.contains(&"syn") && !names.contains(&"wasm-bindgen-macro"));
        for package in shipped.iter().filter(|package| package.name != PACKAGE) {
            assert!(
                text.contains(&format!("| {} {} |", package.name, package.version)),
                "{}",
                package.name
            );
        }
        assert!(text.matches("THE SOFTWARE IS PROVIDED").count() > 1);
        let home = std::env::home_dir().expect("a home");
        assert!(!text.contains(&*home.to_string_lossy()));
    }
}
