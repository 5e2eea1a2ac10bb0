//! `cargo xtask docs`: the API reference from the types that ship, in `www/public/reference/`.

use std::fs;

use anyhow::Result;

use super::build;
use crate::step::step;
use crate::workspace::Workspace;
use crate::{npm, process};

/// Builds the package and writes its reference.
pub fn run(workspace: &Workspace) -> Result<()> {
    build::run(workspace, &build::Options::default())?;
    write(workspace)
}

/// Writes the reference of the package in `pkg/`.
pub fn write(workspace: &Workspace) -> Result<()> {
    let folder = workspace.path("www/reference");
    npm::ci(&folder)?;
    let mut inputs = build::files(&workspace.pkg())?;
    inputs.retain(|file| file.to_string_lossy().ends_with(".d.ts"));
    let settings = ["package-lock.json", "tsconfig.json", "typedoc.json"];
    inputs.extend(settings.map(|name| folder.join(name)));
    let inputs = build::fingerprint(&inputs.into_iter().collect::<Vec<_>>(), &[])?;
    let page = workspace.path("www/public/reference/index.html");
    fs::create_dir_all(workspace.scratch())?;
    build::cached(&workspace.scratch().join("reference.stamp"), &inputs, &[page], || {
        step("typedoc: the API reference", || {
            process::quiet(&mut npm::program(&folder, "typedoc/bin/typedoc")).map(drop)
        })
    })
    .map(drop)
}
