//! `cargo xtask docs`: the API reference, from the types as they ship, in `www/public/reference/`.

use anyhow::Result;

use super::build;
use crate::npm;
use crate::step::step;
use crate::workspace::Workspace;

/// Writes the reference; fails where a public member says nothing of itself.
///
/// # Errors
/// When the package does not build, or TypeDoc has something to say.
pub fn run(workspace: &Workspace) -> Result<()> {
    build::run(workspace, &build::Options::default())?;
    write(workspace)
}

/// The reference of the package that is built.
///
/// # Errors
/// When TypeDoc has something to say.
pub fn write(workspace: &Workspace) -> Result<()> {
    let folder = workspace.path("www/reference");
    npm::ci(&folder)?;
    let mut inputs = build::files(&workspace.pkg())?;
    inputs.retain(|file| file.to_string_lossy().ends_with(".d.ts"));
    inputs.extend(
        ["package-lock.json", "tsconfig.json", "typedoc.json"].map(|name| folder.join(name)),
    );
    let inputs = build::fingerprint(&inputs.into_iter().collect::<Vec<_>>(), &[])?;
    let made = workspace.path("www/public/reference/index.html");
    std::fs::create_dir_all(workspace.scratch())?;
    build::cached(&workspace.scratch().join("reference.stamp"), &inputs, &[made], || {
        step("typedoc: the API reference", || {
            crate::process::quiet(&mut npm::program(&folder, "typedoc/bin/typedoc")).map(|_| ())
        })
    })?;
    Ok(())
}
