//! The file: its lock and its permissions.

use super::error::BUSY;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long an emulator that is stopping may take to release the file.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);

/// Creates the file if it is missing, and makes it readable for its owner only, because it contains
/// secrets. SQLite creates its side files with the same mode.
pub(super) fn make_private(path: &Path) -> Result<File, String> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = match options.open(path) {
        Ok(file) => file,
        Err(error) if path.is_dir() => {
            return Err(format!("it is a directory ({error}). Name a file in it."));
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(
                "its directory does not exist. Create it first, or name another file.".to_owned()
            );
        }
        Err(error) => return Err(format!("{error}. Name a file that can be written.")),
    };
    lock(&file)?;
    restrict(&file)?;
    for suffix in ["-wal", "-shm", "-journal"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        match File::open(PathBuf::from(name)) {
            Ok(side_file) => restrict(&side_file)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(format!("its side file {suffix} cannot be opened: {error}.")),
        }
    }
    Ok(file)
}

/// Locks the file for this emulator. SQLite's own lock is not enough within one process: any code
/// that opens and closes the file releases it. On other systems than Unix the lock would exclude
/// SQLite too.
fn lock(file: &File) -> Result<(), String> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    let give_up = Instant::now() + PATIENCE;
    while let Err(TryLockError::WouldBlock) = file.try_lock() {
        if Instant::now() > give_up {
            return Err(BUSY.to_owned());
        }
        std::thread::sleep(PATIENCE / 20);
    }
    Ok(())
}

fn restrict(file: &File) -> Result<(), String> {
    let problem = |error: std::io::Error| {
        format!("its permissions cannot be limited to its owner: {error}. Name another file.")
    };
    let metadata = file.metadata().map_err(problem)?;
    if !metadata.is_file() {
        return Err("it is not a regular file. Name another one.".to_owned());
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mut permissions = metadata.permissions();
        if permissions.mode() & 0o777 != 0o600 {
            permissions.set_mode(0o600);
            file.set_permissions(permissions).map_err(problem)?;
        }
    }
    Ok(())
}
