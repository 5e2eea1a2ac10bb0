//! The database file: who may open it, who may read it, and what happens when it cannot be written.
#![cfg(all(feature = "server", unix))]
#![cfg(test)]

use cometchat_emulator::{Emulator, StartError};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PROGRAM: &str = env!("CARGO_BIN_EXE_cometchat-emulator");

/// An emulator in a process of its own.
struct Program {
    child: Child,
    url: String,
}

impl Program {
    fn start(db: &Path) -> Self {
        // A write beyond the limit of `limit_file_size` must fail, not end the process.
        let script = r#"trap "" XFSZ; exec "$0" --port 0 --log error --db "$1""#;
        // The log is on the same disk, so a full disk concerns it, too.
        let log = std::fs::File::create(db.with_extension("log")).unwrap();
        let mut child = Command::new("sh")
            .args(["-c", script, PROGRAM])
            .arg(db)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        Self { url: ready["url"].as_str().unwrap().to_owned(), child }
    }

    async fn call(&self, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        let request = Client::new().request(method, format!("{}{path}", self.url)).json(&body);
        let request = request.header("apiKey", "emulator-rest-api-key");
        let response = request.header("accept", "application/json").send().await.unwrap();
        (response.status(), response.json().await.unwrap_or_default())
    }

    /// Makes every write of the process fail that lies beyond so many bytes of a file.
    fn limit_file_size(&self, limit: &str) {
        let pid = self.child.id().to_string();
        let limit = format!("--fsize={limit}:unlimited");
        assert!(Command::new("prlimit").args(["--pid", &pid, &limit]).status().unwrap().success());
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
async fn m8_only_the_owner_can_read_a_new_or_existing_database() {
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
async fn m8_a_database_has_to_be_a_regular_file() {
    let before = mode(Path::new("/dev/null"));
    let refused = reason(Emulator::builder().db("/dev/null").start().await);
    assert!(refused.contains("not a regular file"), "{refused}");
    assert_eq!(mode(Path::new("/dev/null")), before);
}

#[test]
fn m8_the_certificate_replaces_a_link_instead_of_following_it() {
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

// ---- M5, M13

/// Each call that changes something, and a call that shows whether it did.
fn changes(token: &str) -> Vec<(Method, String, Value, String)> {
    let user = |uid: &str| format!("/v3/users/{uid}");
    let tokens = || "/v3/users/superhero1/auth_tokens".to_owned();
    let roles = || "/v3/roles".to_owned();
    let state = || "/emulator/v1/state".to_owned();
    let seed = json!({ "apps": [{ "id": "seeded" }] });
    vec![
        (Method::POST, "/v3/users".into(), json!({ "uid": "neo", "name": "Neo" }), user("neo")),
        (Method::PUT, user("superhero1"), json!({ "name": "Tony" }), user("superhero1")),
        (Method::DELETE, user("superhero2"), json!({}), user("superhero2")),
        (Method::DELETE, user("superhero3"), json!({ "permanent": true }), user("superhero3")),
        (Method::POST, tokens(), json!({}), tokens()),
        (Method::DELETE, format!("{}/{token}", tokens()), json!({}), tokens()),
        (Method::POST, "/v3/apikeys".into(), json!({ "name": "k" }), "/v3/apikeys".into()),
        (Method::POST, roles(), json!({ "role": "staff", "name": "Staff" }), roles()),
        (Method::POST, "/emulator/v1/seed".into(), seed.clone(), state()),
        (Method::PUT, state(), seed, state()),
        (Method::POST, "/emulator/v1/reset".into(), json!({}), state()),
    ]
}

#[tokio::test]
async fn m5_a_failed_write_is_not_shown_and_m13_later_writes_succeed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("emulator.db");
    let program = Program::start(&file);
    let path = "/v3/users/superhero1/auth_tokens";
    let (_, created) = program.call(Method::POST, path, json!({})).await;
    let token = created["data"]["authToken"].as_str().unwrap();
    let (status, ready) = program.call(Method::GET, "/", Value::Null).await;
    assert_eq!((status, &ready["storage"]), (StatusCode::OK, &json!("file")));

    program.limit_file_size("1");
    for (method, path, body, shown) in changes(token) {
        let before = program.call(Method::GET, &shown, Value::Null).await;
        let (status, failed) = program.call(method.clone(), &path, body).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR, "{method} {path}: {failed}");
        let after = program.call(Method::GET, &shown, Value::Null).await;
        assert_eq!(before, after, "{method} {path}");
        let (status, ready) = program.call(Method::GET, "/", Value::Null).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!((&ready["ready"], &ready["storage"]), (&json!(false), &json!("failing")));
    }

    program.limit_file_size("unlimited");
    let started = Instant::now();
    while program.call(Method::GET, "/", Value::Null).await.0 != StatusCode::OK {
        assert!(started.elapsed() < Duration::from_secs(5), "not ready although there is room");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    for (method, path, body, _) in changes(token) {
        let (status, response) = program.call(method.clone(), &path, body).await;
        assert_eq!(status, StatusCode::OK, "{method} {path}: {response}");
    }
    let body = json!({ "uid": "trinity", "name": "T" });
    assert_eq!(program.call(Method::POST, "/v3/users", body).await.0, StatusCode::OK);
    drop(program);
    let program = Program::start(&file);
    let (_, trinity) = program.call(Method::GET, "/v3/users/trinity", Value::Null).await;
    assert_eq!(trinity["data"]["name"], "T", "{trinity}");
}

#[tokio::test]
async fn m5_no_reader_sees_a_change_before_it_is_stored() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(&folder.path().join("emulator.db"));
    program.limit_file_size("1");
    let writer = async {
        for at in 0..40 {
            let body = json!({ "uid": format!("u{at}"), "name": "U" });
            let (status, _) = program.call(Method::POST, "/v3/users", body).await;
            assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        }
    };
    let reader = async {
        for _ in 0..200 {
            let (_, list) = program.call(Method::GET, "/v3/users?perPage=1", Value::Null).await;
            assert_eq!(list["meta"]["pagination"]["total"], 10, "{list}");
        }
    };
    tokio::join!(writer, reader);
}

#[tokio::test]
async fn concurrent_calls_are_stored_one_after_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("emulator.db");
    let program = Program::start(&file);
    let create = |at: usize| {
        let body = json!({ "uid": format!("u{}", at % 10), "name": at.to_string() });
        program.call(Method::POST, "/v3/users", body)
    };
    let results = futures_util::future::join_all((0..100).map(create)).await;
    let created = results.iter().filter(|(status, _)| *status == StatusCode::OK).count();
    assert_eq!(created, 10, "each uid is created once");
    let before = program.call(Method::GET, "/emulator/v1/state", Value::Null).await;
    drop(program);
    let program = Program::start(&file);
    assert_eq!(program.call(Method::GET, "/emulator/v1/state", Value::Null).await, before);
}
