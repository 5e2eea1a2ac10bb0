//! `cargo xtask docs`: the API reference from the types that ship, in `www/public/reference/`.

use anyhow::Result;

use super::build;
use crate::step::step;
use crate::workspace::Workspace;
use crate::{npm, process};

/// Builds the package and writes its reference. Fails if a public member has no description.
pub fn run(workspace: &Workspace) -> Result<()> {
    build::run(workspace, &build::Options::default())?;
    write(workspace)
}

/// Writes the reference of the package in `pkg/`.
pub fn write(workspace: &Workspace) -> Result<()> {
    let folder = workspace.path("www/reference");
    npm::ci(&folder)?;
    step("typedoc: the API reference", || {
        process::quiet(&mut npm::program(&folder, "typedoc/bin/typedoc")).map(drop)
    })
}
