//! The database file: who may open it, who may read it, and what happens when it cannot be written.
#![cfg(all(feature = "server", unix))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use cometchat_emulator::{Emulator, StartError};
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Child, Command, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_cometchat-emulator");

/// An emulator in a process of its own.
struct Program {
    child: Child,
}

impl Program {
    fn start(db: &Path) -> Self {
        // A write beyond the limit of `limit_file_size` must fail, not end the process.
        let script = r#"trap "" XFSZ; exec "$0" --port 0 --log error --db "$1""#;
        let mut child = Command::new("sh")
            .args(["-c", script, PROGRAM])
            .arg(db)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(ready["ready"], true);
        Self { child }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn reason(result: Result<Emulator, StartError>) -> String {
    match result {
        Err(StartError::Database { reason, .. }) => reason,
        Err(other) => other.to_string(),
        Ok(_) => "started".to_owned(),
    }
}

// ---- M4

#[tokio::test]
async fn m4_a_second_emulator_on_the_same_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (file, link) = (folder.path().join("emulator.db"), folder.path().join("link.db"));
    symlink(&file, &link).unwrap();
    for round in ["new", "existing"] {
        let first = Emulator::builder().db(&file).start().await.unwrap();
        for path in [&file, &link] {
            let refused = reason(Emulator::builder().db(path).start().await);
            assert!(refused.contains("another emulator"), "{round} file: {refused}");
        }
        first.stop().await;
    }
}

#[tokio::test]
async fn m4_a_killed_emulator_leaves_the_database_free() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("emulator.db");
    for _ in 0..3 {
        let program = Program::start(&file);
        let refused = reason(Emulator::builder().db(&file).start().await);
        assert!(refused.contains("another emulator"), "{refused}");
        // Killed without a chance to clean up.
        drop(program);
        Emulator::builder().db(&file).start().await.unwrap().stop().await;
    }
}

// ---- M8

#[tokio::test]
async fn m8_only_the_owner_can_read_the_database_also_an_existing_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("emulator.db");
    let wal = folder.path().join("emulator.db-wal");
    drop(Program::start(&file));
    assert!(wal.exists(), "a killed emulator leaves the side file");
    for path in [&file, &wal] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o666)).unwrap();
    }
    let emulator = Emulator::builder().db(&file).start().await.unwrap();
    assert_eq!((mode(&file), mode(&wal)), (0o600, 0o600));
    emulator.stop().await;
    let fresh = folder.path().join("fresh.db");
    let emulator = Emulator::builder().db(&fresh).start().await.unwrap();
    assert_eq!(mode(&fresh), 0o600);
    emulator.stop().await;
}

#[tokio::test]
async fn m8_a_database_that_is_not_a_regular_file_is_refused_and_left_alone() {
    let before = mode(Path::new("/dev/null"));
    let refused = reason(Emulator::builder().db("/dev/null").start().await);
    assert!(refused.contains("not a regular file"), "{refused}");
    assert_eq!(mode(Path::new("/dev/null")), before);
}

#[test]
fn m8_the_certificate_is_a_new_file_and_no_link_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    let (precious, out) = (folder.path().join("precious"), folder.path().join("ca.pem"));
    std::fs::write(&precious, "precious").unwrap();
    symlink(&precious, &out).unwrap();
    let run = |out: &Path| {
        let mut exec = Command::new(PROGRAM);
        exec.args(["exec", "--tls", "--tls-cert-out"]).arg(out).args(["--", "true"]);
        exec.output().unwrap()
    };
    assert!(run(&out).status.success());
    assert_eq!(std::fs::read_to_string(&precious).unwrap(), "precious");
    assert!(std::fs::symlink_metadata(&out).unwrap().is_file());
    assert!(std::fs::read_to_string(&out).unwrap().starts_with("-----BEGIN CERTIFICATE-----"));
    let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(names.len(), 2, "nothing else is left behind: {names:?}");
    let refused = run(Path::new("/dev/null"));
    let message = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && message.contains("not a regular file"), "{message}");
}
