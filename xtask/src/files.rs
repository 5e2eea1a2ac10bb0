//! Reading, writing and comparing folders of files, and steps that run only when their inputs changed.

use std::collections::BTreeSet;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Writes a file unless it has this content already.
pub fn write(file: &Path, content: impl AsRef<[u8]>) -> Result<()> {
    if fs::read(file).is_ok_and(|existing| existing == content.as_ref()) {
        return Ok(());
    }
    fs::write(file, content).with_context(|| format!("writing {}", file.display()))
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

/// Every file below a folder.
pub fn files(folder: &Path) -> Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            found.extend(files(&entry.path())?);
        } else {
            found.insert(entry.path());
        }
    }
    Ok(found)
}

/// The paths of the files below a folder, relative to it.
pub fn names(folder: &Path) -> Result<BTreeSet<String>> {
    let relative = |file: &PathBuf| Some(file.strip_prefix(folder).ok()?.display().to_string());
    Ok(files(folder)?.iter().filter_map(relative).collect())
}

/// Makes the flat folder `to` contain exactly what `from` contains. Equal files are not touched, so that watchers stay quiet.
pub fn mirror(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    let names = names(from)?;
    for entry in fs::read_dir(to)? {
        let entry = entry?;
        if !names.contains(&*entry.file_name().to_string_lossy()) {
            let removed = if entry.file_type()?.is_dir() {
                fs::remove_dir_all(entry.path())
            } else {
                fs::remove_file(entry.path())
            };
            removed.with_context(|| format!("removing {}", entry.path().display()))?;
        }
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
    fs::write(stamp, state()?).with_context(|| format!("writing {}", stamp.display()))?;
    Ok(true)
}

/// A hash of some words and of the names and contents of some files and folders.
pub fn fingerprint(paths: &[PathBuf], words: &[&str]) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    words.hash(&mut hasher);
    for path in paths {
        let files = if path.is_dir() { files(path)? } else { BTreeSet::from([path.clone()]) };
        for file in files {
            file.hash(&mut hasher);
            fs::read(&file)
                .with_context(|| format!("reading {}", file.display()))?
                .hash(&mut hasher);
        }
    }
    Ok(format!("{:016x}", hasher.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
        empty(&folder).expect("emptied");
        folder
    }

    #[test]
    fn a_step_runs_again_only_when_something_changed() {
        let folder = scratch("cached");
        let (stamp, output) = (folder.join("stamp"), folder.join("output"));
        let run = |inputs: &str| {
            cached(&stamp, inputs, std::slice::from_ref(&output), || write(&output, "result"))
                .expect("ran")
        };
        assert!(run("one"));
        assert!(!run("one"));
        assert!(run("two"));
        fs::write(&output, "changed by hand").expect("written");
        assert!(run("two"));
        fs::remove_file(&output).expect("removed");
        assert!(run("two"));
        fs::remove_dir_all(&folder).expect("removed");
    }

    #[test]
    fn a_mirror_contains_exactly_what_the_other_folder_contains() {
        let folder = scratch("mirror");
        let (from, to) = (folder.join("from"), folder.join("to"));
        empty(&from).expect("emptied");
        empty(&to.join("stray")).expect("emptied");
        fs::write(from.join("index.js"), "new").expect("written");
        fs::write(to.join("index.js"), "old").expect("written");
        fs::write(to.join("left-over.js"), "").expect("written");
        mirror(&from, &to).expect("mirrored");
        assert_eq!(names(&to).expect("read"), BTreeSet::from(["index.js".to_owned()]));
        assert_eq!(fs::read(to.join("index.js")).expect("read"), b"new");
        fs::remove_dir_all(&folder).expect("removed");
    }
}
