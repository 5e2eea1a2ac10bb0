//! The crates that are compiled into the WebAssembly, and their licence texts.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result};
use cargo_metadata::{DependencyKind, MetadataCommand, Package, PackageId, TargetKind};

use crate::tools;
use crate::workspace::{PACKAGE, Workspace};

/// The crates in the WebAssembly without the package itself: normal dependencies, no macros.
pub fn shipped(workspace: &Workspace) -> Result<Vec<Package>> {
    let metadata = MetadataCommand::new()
        .manifest_path(workspace.path("Cargo.toml"))
        .other_options(["--locked", "--filter-platform", tools::WASM].map(str::to_owned))
        .exec()?;
    let resolve = metadata.resolve.as_ref().context("cargo metadata resolved nothing")?;
    let package = |id: &PackageId| metadata.packages.iter().find(|package| package.id == *id);
    let root = metadata.packages.iter().find(|package| package.name == PACKAGE);
    let root = &root.context("the package is missing")?.id;
    let (mut found, mut waiting) = (BTreeSet::new(), vec![root]);
    while let Some(id) = waiting.pop() {
        if package(id).is_some_and(is_macro) || !found.insert(id) {
            continue;
        }
        let dependencies = resolve.nodes.iter().filter(|node| node.id == *id);
        for dependency in dependencies.flat_map(|node| &node.deps) {
            if dependency.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal) {
                waiting.push(&dependency.pkg);
            }
        }
    }
    found.remove(root);
    let mut crates: Vec<Package> = found.into_iter().filter_map(package).cloned().collect();
    crates.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
    Ok(crates)
}

fn is_macro(package: &Package) -> bool {
    package.targets.iter().any(|target| target.kind.contains(&TargetKind::ProcMacro))
}

/// The content of THIRD-PARTY.md. `cargo deny check licenses` decides which licences are allowed.
pub fn third_party(workspace: &Workspace) -> Result<String> {
    let mit = fs::read_to_string(workspace.path("LICENSE-MIT"))?;
    let start = mit.find("Permission").context("LICENSE-MIT grants no permission")?;
    let mit = mit.split_at(start).1.trim();
    let std = "the Rust standard library";
    let mut texts = BTreeMap::from([(
        format!("Copyright (c) The Rust Project contributors\n\n{mit}"),
        vec![std.to_owned()],
    )]);
    let mut page = String::from(
        "# Third-party notices\n\nThe WebAssembly of this package contains these crates.\n\n\
         | crate | licence | source |\n| --- | --- | --- |\n",
    );
    for package in shipped(workspace)? {
        let name = format!("{} {}", package.name, package.version);
        let licence = package.license.as_deref().unwrap_or_default();
        let source = package.repository.as_deref().unwrap_or_default();
        writeln!(page, "| {name} | {licence} | {source} |")?;
        for text in licence_texts(&package, mit)? {
            texts.entry(text).or_default().push(name.clone());
        }
    }
    writeln!(page, "| {std} | MIT OR Apache-2.0 | https://github.com/rust-lang/rust |")?;
    for (text, names) in texts {
        write!(page, "\n## {}\n\n```text\n{text}\n```\n", names.join(", "))?;
    }
    Ok(page)
}

/// The licence files of a crate. Of a choice the Apache licence is left out. A crate without a file
/// gets the MIT licence with the names of its authors.
fn licence_texts(package: &Package, mit: &str) -> Result<Vec<String>> {
    let folder = package.manifest_path.parent().context("a manifest without a folder")?;
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().to_uppercase();
        if name.starts_with("LICEN") && entry.file_type()?.is_file() {
            let text = fs::read_to_string(entry.path())?;
            let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
            files.insert(name, lines.join("\n").trim_matches('\n').to_owned());
        }
    }
    if files.len() > 1 {
        files.retain(|name, _| !name.contains("APACHE"));
    }
    if files.is_empty() {
        let authors = package.authors.join(", ");
        let holder =
            if authors.is_empty() { format!("the {} contributors", package.name) } else { authors };
        files.insert(String::new(), format!("Copyright (c) {holder}\n\n{mit}"));
    }
    Ok(files.into_values().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crates_in_the_webassembly_are_named_and_macros_are_not() {
        let workspace = Workspace::find().expect("found");
        let page = third_party(&workspace).expect("written");
        assert!(page.contains("| wasm-bindgen 0.") && page.contains("| gloo-net 0."));
        assert!(!page.contains("| syn ") && !page.contains("| wasm-bindgen-macro "));
        assert!(page.matches("THE SOFTWARE IS PROVIDED").count() > 1);
    }
}
