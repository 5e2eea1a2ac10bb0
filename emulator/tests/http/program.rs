//! The emulator as a program.

use crate::support::{data, rest, token};
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// The emulator as a process of its own. Killed when dropped.
struct Process {
    child: Child,
    ready: Value,
}

impl Process {
    fn start(arguments: &[&str]) -> Self {
        Self::of(
            Command::new(env!("CARGO_BIN_EXE_cometchat-emulator"))
                .args(["--port", "0"])
                .args(arguments),
        )
    }

    fn of(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        Self { child, ready: serde_json::from_str(&line).expect("one JSON line once it is ready") }
    }

    fn url(&self) -> String {
        self.ready["url"].as_str().unwrap().to_owned()
    }

    /// Sends a signal. Returns the exit status and the log.
    fn end(mut self, signal: &str) -> (ExitStatus, String) {
        let kill =
            Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
        assert!(kill.success());
        let mut log = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        (self.child.wait().unwrap(), log)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _reaped_already = self.child.wait();
    }
}

#[tokio::test]
async fn the_program_logs_no_secret_and_ends_on_a_signal() {
    for signal in ["-TERM", "-INT"] {
        let process = Process::start(&["--seed", "docs", "--app", "my-app"]);
        assert_eq!(process.ready["ready"], true);
        assert_eq!(
            (&process.ready["appId"], &process.ready["region"]),
            (&json!("my-app"), &json!("us"))
        );
        assert_eq!(process.ready["authKey"], "emulator-auth-key");
        assert_eq!(process.ready["users"].as_array().unwrap().len(), 11);
        let url = process.url();
        let token = token(&url, "superhero1").await;
        // A connection that stays open must not hold up the end.
        let client = Client::new();
        client
            .get(format!("{url}/v3/users/superhero1/auth_tokens/{token}?x={token}"))
            .header("apiKey", "secret-key-0123")
            .send()
            .await
            .unwrap();
        let body = json!({ "statusMessage": "private words" });
        client
            .put(format!("{url}/v3/me"))
            .header("authToken", &token)
            .json(&body)
            .send()
            .await
            .unwrap();

        let started = Instant::now();
        let (status, log) = process.end(signal);
        assert_eq!(status.code(), Some(0), "{log}");
        assert!(started.elapsed() < Duration::from_secs(2), "the end took {:?}", started.elapsed());
        assert!(log.contains("path=/v3/users/superhero1/auth_tokens/*** status=401"), "{log}");
        assert!(log.contains("app=\"my-app\""), "{log}");
        let banner_end = log.find("stop with Ctrl-C").unwrap();
        for secret in [&token, "secret-key", "emulator-rest-api-key", "private words", "AUTH_TOKEN"]
        {
            assert!(!log[banner_end..].contains(secret), "{secret} in {log}");
        }
    }
}

#[tokio::test]
async fn the_json_log_has_one_object_per_line() {
    let process = Process::start(&["--log-format", "json"]);
    token(&process.url(), "superhero1").await;
    let (_, log) = process.end("-TERM");
    let lines: Vec<Value> =
        log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let line = lines
        .iter()
        .find(|line| line["path"] == "/v3/users/superhero1/auth_tokens")
        .expect("the request's line");
    assert_eq!(
        (&line["method"], &line["status"], &line["app"]),
        (&json!("POST"), &json!(200), &json!("emulator-app"))
    );
    assert!(line["ms"].is_u64());
}

#[test]
fn command_line_errors_are_one_line_that_says_what_to_do() {
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_cometchat-emulator"))
            .args(arguments)
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let (code, error) = run(&["--port", &port]);
    assert_eq!((code, error.lines().count()), (Some(1), 1), "{error}");
    assert!(error.contains(&format!("port {port}")) && error.contains("--port"), "{error}");
    let (code, error) = run(&["--port", "0", "--db", "/no/such/folder/x.db"]);
    assert_eq!((code, error.lines().count()), (Some(1), 1), "{error}");
    assert!(error.contains("/no/such/folder/x.db") && error.contains("directory"), "{error}");
    let (code, error) = run(&["--port", "0", "--app", "not an id"]);
    assert_eq!((code, error.lines().count()), (Some(1), 1), "{error}");
    let (code, error) = run(&["--port", "0", "--host", "no-such-host.invalid"]);
    assert_eq!((code, error.lines().count()), (Some(1), 1), "{error}");
}

/// Kills the emulator `KILL_ROUNDS` times (8 by default, about ten seconds) while several clients
/// write. After each restart, every acknowledged change is in the database.
#[tokio::test]
async fn acknowledged_changes_survive_kill_9() {
    let rounds: u64 = std::env::var("KILL_ROUNDS")
        .ok()
        .map_or(8, |text| text.parse().expect("KILL_ROUNDS is a number"));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("emulator.db");
    let arguments = [
        "--log",
        "off",
        "--db",
        file.to_str().unwrap(),
        "--core-limit",
        "0",
        "--standard-limit",
        "0",
    ];
    let client = Client::new();
    let mut acknowledged = 0;
    for round in 0..rounds {
        let process = Process::start(&arguments);
        let url = process.url();
        let writers: Vec<_> = (0..6)
            .map(|writer| {
                tokio::spawn(write_until_cut(
                    client.clone(),
                    url.clone(),
                    format!("r{round}-w{writer}"),
                ))
            })
            .collect();
        // A different moment in each round, the first ones soon after the start.
        tokio::time::sleep(Duration::from_millis(20 + (round * 37) % 230)).await;
        process.end("-KILL");
        let mut expected = Vec::new();
        for writer in writers {
            expected.extend(writer.await.unwrap());
        }
        acknowledged += expected.len();

        let process = Process::start(&arguments);
        let url = process.url();
        for Expected { uid, name, token } in expected {
            let user =
                request(&client, &url, Method::GET, &format!("/users/{uid}")).send().await.unwrap();
            assert_eq!(
                user.json::<Value>().await.unwrap()["data"]["name"],
                json!(name),
                "{uid} in round {round}"
            );
            if let Some((token, alive)) = token {
                let path = format!("/users/{uid}/auth_tokens/{token}");
                let status =
                    request(&client, &url, Method::GET, &path).send().await.unwrap().status();
                assert_eq!(status == StatusCode::OK, alive, "{path} in round {round}");
            }
        }
        let (status, _) = process.end("-TERM");
        assert_eq!(status.code(), Some(0), "round {round}");
    }
    assert!(acknowledged as u64 > rounds, "only {acknowledged} users were acknowledged");
    println!("{acknowledged} acknowledged users, with their tokens, in {rounds} rounds");
}

/// What the emulator has acknowledged of one user.
struct Expected {
    uid: String,
    name: &'static str,
    /// The token, and whether it must be there.
    token: Option<(String, bool)>,
}

fn request(client: &Client, url: &str, method: Method, path: &str) -> RequestBuilder {
    client.request(method, format!("{url}/v3{path}")).header("apiKey", "emulator-rest-api-key")
}

/// Creates a user and a token, renames the user and revokes every second token, then continues with
/// the next user until the connection breaks. A request without a response may have been stored or
/// not, so only the acknowledged changes of the last user are expected.
async fn write_until_cut(client: Client, url: String, prefix: String) -> Vec<Expected> {
    let mut done: Vec<Expected> = Vec::new();
    let call = async |method: Method, path: String, body: Value| -> Option<Value> {
        let response = request(&client, &url, method, &path).json(&body).send().await.ok()?;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.json().await.ok()
    };
    for n in 0.. {
        let uid = format!("{prefix}-{n}");
        let Some(_) =
            call(Method::POST, "/users".to_owned(), json!({ "uid": uid, "name": "first" })).await
        else {
            break;
        };
        let tokens = format!("/users/{uid}/auth_tokens");
        let Some(response) = call(Method::POST, tokens.clone(), json!({})).await else {
            done.push(Expected { uid, name: "first", token: None });
            break;
        };
        let token = response["data"]["authToken"].as_str().unwrap().to_owned();
        if call(Method::PUT, format!("/users/{uid}"), json!({ "name": "second" })).await.is_none() {
            // The user may have been renamed or not, so neither name is expected.
            break;
        }
        if n % 2 == 0 {
            done.push(Expected { uid, name: "second", token: Some((token, true)) });
        } else if call(Method::DELETE, format!("{tokens}/{token}"), json!({})).await.is_some() {
            done.push(Expected { uid, name: "second", token: Some((token, false)) });
        } else {
            done.push(Expected { uid, name: "second", token: None });
            break;
        }
    }
    done
}

/// The file cannot grow, here because of a limit, elsewhere because of a full disk. The request
/// fails, and no acknowledged change is lost.
#[cfg(unix)]
#[tokio::test]
async fn changes_that_cannot_be_stored_are_not_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("emulator.db");
    let program = env!("CARGO_BIN_EXE_cometchat-emulator");
    let script = format!(
        "trap '' XFSZ; ulimit -f 300; exec {program} --port 0 --log off --db {}",
        file.display()
    );
    let process = Process::of(Command::new("sh").args(["-c", &script]));
    let mut acknowledged = Vec::new();
    let mut refused = None;
    for n in 0..500 {
        let uid = format!("user-{n}");
        let body = json!({ "uid": uid, "name": "N", "metadata": { "filler": "x".repeat(4000) } });
        let response =
            rest(&process.url(), Method::POST, "/users").json(&body).send().await.unwrap();
        if response.status() == StatusCode::OK {
            acknowledged.push(uid);
        } else {
            refused = Some((response.status(), response.json::<Value>().await.unwrap()));
            break;
        }
    }
    let (status, response) = refused.expect("the limit was reached");
    assert_eq!(
        (status, &response["error"]["code"]),
        (StatusCode::INTERNAL_SERVER_ERROR, &json!("ERR_EXCEPTION"))
    );
    assert!(response["error"]["message"].as_str().unwrap().contains("--db"), "{response}");
    let (status, _) = process.end("-TERM");
    assert_eq!(status.code(), Some(0));

    let process = Process::start(&["--db", file.to_str().unwrap()]);
    assert!(!acknowledged.is_empty());
    for uid in &acknowledged {
        data(rest(&process.url(), Method::GET, &format!("/users/{uid}"))).await;
    }
}
