//! Embeds the built dashboard (`dashboard/dist`). If it is not built, the emulator shows a plain
//! page in its place.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let dist = root.join("dashboard").join("dist");
    let mut files = Vec::new();
    if dist.join("index.html").is_file() {
        println!("cargo::rerun-if-changed=dashboard/dist");
        collect(&dist, &dist, &mut files)?;
        files.sort();
    } else {
        // Cargo treats a missing path as changed. The folder above changes when the dashboard is
        // built.
        println!("cargo::rerun-if-changed=dashboard");
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let mut table = String::from("&[\n");
    for (at, (name, path)) in files.iter().enumerate() {
        // A copy, because the dashboard may be built again while this crate compiles.
        let copy = out.join(format!("dashboard-{at}"));
        fs::copy(path, &copy)?;
        let _ = writeln!(table, "    ({name:?}, include_bytes!({:?}).as_slice()),", copy.display());
    }
    table.push(']');
    fs::write(out.join("dashboard_files.rs"), table)
}

/// Adds every file below a folder: its path with slashes, and its location.
fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if let Ok(name) = path.strip_prefix(root) {
            let parts: Vec<_> = name.iter().map(|part| part.to_string_lossy()).collect();
            files.push((parts.join("/"), path));
        }
    }
    Ok(())
}
