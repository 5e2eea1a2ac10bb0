//! Folders of files, and steps that run only if their inputs have changed.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use walkdir::{DirEntry, WalkDir};

/// Writes a file and creates its folder. Does nothing if the file has this content already.
pub fn write(file: &Path, content: impl AsRef<[u8]>) -> Result<()> {
    if fs::read(file).is_ok_and(|existing| existing == content.as_ref()) {
        return Ok(());
    }
    let folder = file.parent().map_or(Ok(()), fs::create_dir_all);
    let written = folder.and_then(|()| fs::write(file, content));
    written.with_context(|| format!("writing {}", file.display()))
}

/// Reads a text file.
pub fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))
}

/// Creates an empty folder, in place of what is there.
pub fn empty(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("emptying {}", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))
}

/// Every file below a folder, or the file itself.
fn files(path: &Path) -> Result<Vec<PathBuf>> {
    let entries: Result<Vec<_>, _> = WalkDir::new(path).sort_by_file_name().into_iter().collect();
    let files = entries?.into_iter().filter(|entry| !entry.file_type().is_dir());
    Ok(files.map(DirEntry::into_path).collect())
}

/// The paths of the files below a folder, relative to it.
pub fn names(folder: &Path) -> Result<Vec<String>> {
    let relative = |file: &PathBuf| Some(file.strip_prefix(folder).ok()?.display().to_string());
    Ok(files(folder)?.iter().filter_map(relative).collect())
}

/// Makes the flat folder `to` contain exactly what `from` contains. Equal files are not touched, so
/// that watchers stay quiet.
pub fn mirror(from: &Path, to: &Path) -> Result<()> {
    let names = names(from)?;
    if to.exists() && self::names(to)?.iter().any(|name| !names.contains(name)) {
        empty(to)?;
    }
    names.iter().try_for_each(|name| write(&to.join(name), fs::read(from.join(name))?))
}

/// Runs `work` unless inputs and outputs are those of its last success. Returns whether it ran.
pub fn cached(
    stamp: &Path,
    inputs: &str,
    outputs: &[PathBuf],
    work: impl FnOnce() -> Result<()>,
) -> Result<bool> {
    let state = || fingerprint(outputs, &[inputs]);
    if fs::read_to_string(stamp).is_ok_and(|last| state().is_ok_and(|now| now == last)) {
        return Ok(false);
    }
    work()?;
    write(stamp, state()?).map(|()| true)
}

/// A hash of some words and of the names and contents of some files and folders.
pub fn fingerprint(paths: &[PathBuf], words: &[&str]) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    words.hash(&mut hasher);
    for file in paths.iter().map(|path| files(path)).collect::<Result<Vec<_>>>()?.concat() {
        let content = fs::read(&file).with_context(|| format!("reading {}", file.display()))?;
        (file, content).hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_runs_again_only_when_something_changed() {
        let folder = std::env::temp_dir().join(format!("xtask-{}", std::process::id()));
        empty(&folder).expect("emptied");
        let (stamp, output) = (folder.join("stamp"), folder.join("output"));
        let outputs = [output.clone()];
        let run = |inputs| cached(&stamp, inputs, &outputs, || write(&output, "result"));
        assert!(run("one").expect("ran"));
        assert!(!run("one").expect("ran"));
        assert!(run("two").expect("ran"));
        fs::write(&output, "changed by hand").expect("written");
        assert!(run("two").expect("ran"));
        fs::remove_dir_all(&folder).expect("removed");
    }
}
