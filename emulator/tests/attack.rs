//! What a hostile page or client can do to the emulator.
#![cfg(feature = "server")]
#![cfg(test)]
#![allow(clippy::string_slice, reason = "tests slice ASCII texts")]

use cometchat_emulator::Emulator;
use futures_util::{SinkExt as _, StreamExt as _};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

async fn journal(emulator: &Emulator) -> Value {
    let url = format!("{}/emulator/v1/requests", emulator.url());
    let mut response: Value = Client::new().get(url).send().await.unwrap().json().await.unwrap();
    response["data"].take()
}

/// The emulator in a process of its own, so that its memory can be measured.
struct Program(std::process::Child, String);

impl Program {
    fn start() -> Self {
        use std::io::BufRead as _;
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_cometchat-emulator"))
            .args(["--port", "0", "--log", "off"])
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        std::io::BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        let url = ready["url"].as_str().unwrap().to_owned();
        Self(child, url)
    }

    /// A figure of `/proc/…/status`, in MiB.
    fn memory(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn m1_nested_json_in_posts_takes_little_memory() {
    let emulator = Program::start();
    let before = emulator.memory("VmRSS");
    let unit = "[0],";
    let body = format!("[{}[0]]", unit.repeat(1024 * 1024 / unit.len() - 2));
    let client = Client::new();
    let posts = (0..40).map(|at| {
        let request = client.post(format!("{}/x{at}", emulator.1)).body(body.clone());
        tokio::spawn(async move { request.send().await.map(|response| response.status()) })
    });
    let posts: Vec<_> = posts.collect();
    for post in posts {
        assert_eq!(post.await.unwrap().unwrap(), StatusCode::NOT_FOUND);
    }
    let (during, after) = (emulator.memory("VmHWM"), emulator.memory("VmRSS"));
    println!("posts: {before} MiB before, {during} MiB at most, {after} MiB after");
    assert!(during < 128, "{before} MiB before, {during} MiB at most, {after} MiB after");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn m1_nested_json_in_frames_takes_little_memory() {
    let emulator = Program::start();
    let before = emulator.memory("VmRSS");
    let frame = format!("[{}[0]]", "[0],".repeat(16_000));
    let url = emulator.1.replace("http:", "ws:");
    let sockets = (0..40).map(|_| {
        let (url, frame) = (url.clone(), frame.clone());
        tokio::spawn(async move {
            let (mut socket, _) = connect_async(format!("{url}/")).await.unwrap();
            for _ in 0..25 {
                socket.send(Message::text(frame.clone())).await.unwrap();
            }
            socket
        })
    });
    let tasks: Vec<_> = sockets.collect();
    let mut sockets = Vec::new();
    for task in tasks {
        sockets.push(task.await.unwrap());
    }
    let (during, after) = (emulator.memory("VmHWM"), emulator.memory("VmRSS"));
    println!("frames: {before} MiB before, {during} MiB at most, {after} MiB after");
    assert!(during < 128, "{before} MiB before, {during} MiB at most, {after} MiB after");
}

#[tokio::test]
async fn m1_a_large_body_is_not_in_the_journal() {
    let emulator = Emulator::start().await.unwrap();
    let url = format!("{}/v3/users", emulator.url());
    for count in [10_000, 11_000, 1_000_000] {
        let body = format!("[{}]", "0,".repeat(count / 2 - 2) + "0");
        let response = Client::new().post(&url).body(body).send().await.unwrap();
        assert!(response.status().is_client_error(), "{count}");
    }
    let journal = journal(&emulator).await;
    assert_eq!(journal[0]["body"].as_array().map(Vec::len), Some(4999));
    for at in [1, 2] {
        assert_eq!(journal[at]["body"], "(more than 10240 bytes)");
    }
}

#[tokio::test]
async fn m2_there_are_at_most_256_web_sockets() {
    let emulator = Emulator::start().await.unwrap();
    let url = emulator.url().replace("http:", "ws:") + "/";
    let mut sockets = Vec::new();
    for _ in 0..256 {
        sockets.push(connect_async(&url).await.unwrap().0);
    }
    let refused = connect_async(&url).await.unwrap_err().to_string();
    assert!(refused.contains("503"), "{refused}");
    sockets.pop().unwrap().close(None).await.unwrap();
    let reconnect = async {
        while connect_async(&url).await.is_err() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(5), reconnect).await.unwrap();
    for mut socket in sockets {
        socket.close(None).await.unwrap();
        while socket.next().await.is_some_and(|message| message.is_ok()) {}
    }
    emulator.stop().await;
}

#[tokio::test]
async fn m3_pages_of_other_machines_are_refused() {
    let builder = Emulator::builder().allow_origin("https://app.example.test");
    let emulator = builder.start().await.unwrap();
    let url = format!("{}/v3/users/superhero1/auth_tokens", emulator.url());
    let key = emulator.rest_api_key();
    for (origin, allowed) in [
        ("https://evil.example", false),
        ("null", false),
        ("http://localhost:5173", true),
        ("http://127.0.0.1:3000", true),
        ("https://app.example.test", true),
    ] {
        let request = Client::new().post(&url).header("apiKey", key).header("origin", origin);
        let response = request.send().await.unwrap();
        let expected = if allowed { StatusCode::OK } else { StatusCode::FORBIDDEN };
        assert_eq!(response.status(), expected, "{origin}");
        let readable = response.headers().contains_key("access-control-allow-origin");
        assert_eq!(readable, allowed, "{origin}");
        let preflight = Client::new()
            .request(reqwest::Method::OPTIONS, &url)
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "apikey");
        let response = preflight.send().await.unwrap();
        assert_eq!(response.status().is_success(), allowed, "{origin}");
        let mut handshake =
            (emulator.url().replace("http:", "ws:") + "/").into_client_request().unwrap();
        handshake.headers_mut().insert("origin", origin.parse().unwrap());
        assert_eq!(connect_async(handshake).await.is_ok(), allowed, "a web socket of {origin}");
    }
    let entries = journal(&emulator).await;
    assert!(
        !entries.to_string().contains("evil.example"),
        "refused requests are not in the journal"
    );
}

#[tokio::test]
async fn m9_the_journal_contains_no_secret() {
    let emulator = Emulator::start().await.unwrap();
    let client = Client::new();
    let url = emulator.url();
    let login = client
        .post(format!("{url}/v3/users/superhero1/auth_tokens"))
        .header("apiKey", emulator.rest_api_key());
    let token: Value = login.send().await.unwrap().json().await.unwrap();
    let token = token["data"]["authToken"].as_str().unwrap().to_owned();
    let me = client.put(format!("{url}/v3.0/me")).header("authToken", &token).body("{}");
    let me: Value = me.send().await.unwrap().json().await.unwrap();
    let jwt = me["data"]["jwt"].as_str().unwrap().to_owned();
    let channel = me["data"]["wsChannel"]["secret"].as_str().unwrap().to_owned();
    let rest_key = emulator.rest_api_key().to_owned();
    let auth_key = emulator.auth_key().to_owned();
    let secrets = [token, jwt, channel, rest_key, auth_key, "a-key-of-no-app".to_owned()];
    for secret in &secrets {
        let encoded: String = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
        for path in [
            format!("/v3/users/{secret}"),
            format!("/v3/users/{encoded}"),
            format!("/v3/users/superhero1/auth%5Ftokens/{secret}"),
            format!("/v3/users/superhero1/auth_tokens/{encoded}"),
            format!("/v3/apikeys/{secret}"),
            format!("/{secret}"),
            format!("/v3/users?searchKey={secret}&authToken={encoded}"),
            format!("/v3/users?{encoded}=1"),
        ] {
            client.get(format!("{url}{path}")).header("x-api-key", secret).send().await.unwrap();
        }
        let body = json!({
            "restApiKey": secret,
            "authKey": [secret],
            "tokens": { "deep": [secret] },
            "metadata": { "note": format!("it is {secret}!") },
            secret: 1,
        });
        client
            .post(format!("{url}/v3/users"))
            .header("authorization", format!("Bearer {secret}"))
            .header("x-note", secret)
            .header("restApiKey", secret)
            .header("user-agent", format!("agent {secret}"))
            .body(body.to_string())
            .send()
            .await
            .unwrap();
        let socket = format!("{}/?pass={secret}", url.replace("http:", "ws:"));
        let (mut socket, _) = connect_async(socket).await.unwrap();
        let frame =
            json!({ "type": "auth", "appId": "x", "body": { "auth": secret }, "note": secret });
        socket.send(Message::text(frame.to_string())).await.unwrap();
        while socket.next().await.is_some_and(|message| message.is_ok()) {}
    }
    let entries = journal(&emulator).await;
    let text = entries.to_string().to_lowercase();
    for secret in &secrets {
        let encoded: String = secret.bytes().map(|byte| format!("%{byte:02x}")).collect();
        for form in [secret.to_lowercase(), encoded] {
            let at = text.find(&form).map(|at| &text[at.saturating_sub(200)..at + 20]);
            assert_eq!(at, None, "{secret}");
        }
    }
    assert!(entries.as_array().unwrap().len() > 40);
}
