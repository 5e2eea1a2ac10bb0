//! What surrounds the service: TLS, web sockets, the emulator's own calls, whom it answers, how
//! long it waits, how it ends, `exec`.
#![cfg(feature = "server")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests"
)]

use cometchat_emulator::{Emulator, SetupError, StartError};
use futures_util::{SinkExt as _, StreamExt as _};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, pem::PemObject as _};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring::default_provider};
use tokio_tungstenite::tungstenite::Message;

const PROGRAM: &str = env!("CARGO_BIN_EXE_cometchat-emulator");

async fn control(
    emulator: &Emulator,
    method: Method,
    path: &str,
    body: Value,
) -> (StatusCode, Value) {
    let url = format!("http://{}/emulator/v1{path}", emulator.address());
    let mut request = Client::new().request(method, url);
    if !body.is_null() {
        request = request.body(body.to_string());
    }
    let reply = request.send().await.unwrap();
    (reply.status(), reply.json().await.unwrap())
}

async fn data(emulator: &Emulator, method: Method, path: &str, body: Value) -> Value {
    let (status, mut reply) = control(emulator, method, path, body).await;
    assert_eq!(status, StatusCode::OK, "{reply}");
    reply["data"].take()
}

async fn rest(emulator: &Emulator, method: Method, path: &str) -> (StatusCode, Value) {
    let url = format!("http://{}/v3{path}", emulator.address());
    let reply = Client::new()
        .request(method, url)
        .header("apiKey", emulator.rest_api_key())
        .send()
        .await
        .unwrap();
    (reply.status(), reply.json().await.unwrap())
}

async fn login(emulator: &Emulator, uid: &str) -> Value {
    let (_, reply) = rest(emulator, Method::POST, &format!("/users/{uid}/auth_tokens")).await;
    let token = reply["data"]["authToken"].as_str().unwrap().to_owned();
    let url = format!("http://{}/v3.0/me", emulator.address());
    let reply = Client::new().put(url).header("authToken", token).send().await.unwrap();
    reply.json::<Value>().await.unwrap()["data"].take()
}

/// Sends bytes, and gives what came back until the connection ended or a second passed.
async fn raw(emulator: &Emulator, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(emulator.address()).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut reply = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(1), stream.read_to_end(&mut reply)).await;
    String::from_utf8_lossy(&reply).into_owned()
}

// ---- TLS

async fn over_tls(emulator: &Emulator, name: &str) -> Result<String, String> {
    let certificate = emulator.certificate().unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(certificate.ca_pem.as_bytes()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(emulator.address()).await.unwrap();
    let server = ServerName::try_from(name.to_owned()).unwrap();
    let connected = TlsConnector::from(Arc::new(config)).connect(server, stream).await;
    let mut stream = connected.map_err(|error| error.to_string())?;
    let request = format!(
        "GET / HTTP/1.1\r\nHost: {name}\r\nAccept: application/json\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut reply = String::new();
    let _ = stream.read_to_string(&mut reply).await;
    Ok(reply)
}

#[tokio::test]
async fn tls_is_trusted_with_its_authority_and_for_its_names_only() {
    let emulator = Emulator::builder()
        .tls(true)
        .tls_name("*.lab.test")
        .tls_name("devbox")
        .tls_name("*.single")
        .region("eu")
        .start()
        .await
        .unwrap();
    assert!(emulator.url().starts_with("https://127.0.0.1:"));
    for name in [
        "localhost",
        "127.0.0.1",
        "emulator-app.api-eu.cometchat.io",
        "metrics-eu.cometchat.io",
        "x.lab.test",
        "a.websocket-eu.lab.test",
        "devbox",
    ] {
        let reply =
            over_tls(&emulator, name).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(reply.starts_with("HTTP/1.1 200"), "{name}: {reply}");
    }
    for name in ["evil.test", "emulator-app.api-us.cometchat.io", "192.0.2.1"] {
        over_tls(&emulator, name).await.unwrap_err();
    }
    let (status, _) = rest(&emulator, Method::GET, "/users/superhero1").await;
    assert_eq!(status, StatusCode::OK, "plain HTTP on the same port");
    let fingerprint = &emulator.certificate().unwrap().fingerprint;
    assert_eq!((fingerprint.len(), fingerprint.matches(':').count()), (95, 31));
    emulator.stop().await;
    for name in ["*", "http://x", "a b"] {
        let refused = Emulator::builder().tls(true).tls_name(name).start().await;
        assert!(matches!(refused, Err(StartError::Setup(SetupError::HostName(_)))), "{name}");
    }
}

// ---- whom it answers

#[tokio::test]
async fn unknown_host_names_are_refused_before_anything_else() {
    let emulator = Emulator::builder().allow_host("*.lab.test").start().await.unwrap();
    for (host, status) in [
        ("evil.test", 403),
        ("a.lab.test", 200),
        ("localhost", 200),
        ("x.api-us.cometchat.io", 200),
    ] {
        let reply = raw(
            &emulator,
            format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").as_bytes(),
        )
        .await;
        assert!(reply.starts_with(&format!("HTTP/1.1 {status}")), "{host}: {reply}");
    }
    let reply =
        raw(&emulator, b"GET /emulator/v1/state HTTP/1.1\r\nHost: x.api-us.cometchat.io\r\nConnection: close\r\n\r\n")
            .await;
    assert!(
        reply.starts_with("HTTP/1.1 403") && !reply.contains("access-control-allow-origin"),
        "{reply}"
    );
    let attack = b"POST /emulator/v1/reset HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: https://evil.test\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    assert!(raw(&emulator, attack).await.starts_with("HTTP/1.1 403"));
    let own = b"OPTIONS /emulator/v1/reset HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://localhost:3000\r\nAccess-Control-Request-Method: POST\r\nConnection: close\r\n\r\n";
    assert!(
        raw(&emulator, own).await.contains("access-control-allow-origin: http://localhost:3000")
    );
}

#[tokio::test]
async fn too_many_and_too_long_headers_are_refused() {
    let emulator = Emulator::start().await.unwrap();
    let many: String = (0..200).map(|n| format!("X-{n}: y\r\n")).collect();
    let long = format!("X: {}\r\n", "y".repeat(64 * 1024));
    for headers in [many, long] {
        let reply = raw(
            &emulator,
            format!("GET / HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n").as_bytes(),
        )
        .await;
        assert!(reply.starts_with("HTTP/1.1 431"), "{reply}");
    }
}

#[tokio::test]
async fn slow_clients_are_dropped() {
    let patience = Duration::from_millis(300);
    let emulator =
        Emulator::builder().patience(patience, patience).tls(true).start().await.unwrap();
    let cases: [(&[u8], &str); 4] = [
        (b"", ""),
        (b"\x16", ""),
        (b"GET / HTTP/1.1\r\nHost: loc", ""),
        (
            b"POST /v3/users HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{",
            "HTTP/1.1 408",
        ),
    ];
    for (bytes, reply) in cases {
        let started = Instant::now();
        let mut stream = TcpStream::connect(emulator.address()).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        let mut came = Vec::new();
        let ended =
            tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut came)).await;
        assert!(ended.is_ok(), "still open after 5 s: {bytes:?}");
        assert!(started.elapsed() >= patience);
        let came = String::from_utf8_lossy(&came);
        assert!(came.starts_with(reply), "{came}");
    }
}

// ---- the emulator's own calls

#[tokio::test]
async fn reset_restores_the_initial_content_in_the_file_too() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("emulator.db");
    let start = || Emulator::builder().db(&file).seed_json(SEED).start();
    let emulator = start().await.unwrap();
    let created =
        rest(&emulator, Method::POST, "/users/alice/auth_tokens").await.1["data"]["authToken"]
            .clone();
    rest(&emulator, Method::DELETE, "/users/bob").await;
    data(&emulator, Method::POST, "/faults", json!({ "act": { "status": 500 } })).await;
    data(&emulator, Method::PUT, "/clock", json!({ "offsetSeconds": 3600 })).await;
    assert_eq!(
        rest(&emulator, Method::GET, "/users/alice").await.0,
        StatusCode::INTERNAL_SERVER_ERROR
    );
    data(&emulator, Method::POST, "/reset", Value::Null).await;
    let check = async |emulator: &Emulator| {
        assert_eq!(rest(emulator, Method::GET, "/users/bob").await.0, StatusCode::OK);
        let path = format!("/users/alice/auth_tokens/{}", created.as_str().unwrap());
        assert_eq!(rest(emulator, Method::GET, &path).await.0, StatusCode::NOT_FOUND);
        assert_eq!(
            rest(emulator, Method::GET, "/users/alice/auth_tokens/alice_token").await.0,
            StatusCode::OK
        );
        assert_eq!(data(emulator, Method::GET, "/faults", Value::Null).await, json!([]));
        assert_eq!(data(emulator, Method::GET, "/clock", Value::Null).await["offsetSeconds"], 0);
    };
    check(&emulator).await;
    emulator.stop().await;
    let emulator = start().await.unwrap();
    check(&emulator).await;
    emulator.stop().await;
}

const SEED: &str = r#"{ "apps": [{ "id": "my-app",
    "users": [{ "uid": "Alice", "name": "Alice", "metadata": { "a": 1 } }, { "uid": "bob", "name": "Bob", "role": "staff" }],
    "roles": [{ "role": "staff", "name": "Staff" }],
    "keys": [{ "apiKey": "my-full-key", "scope": "fullAccess" }],
    "tokens": [{ "authToken": "alice_token", "uid": "alice" }] },
  { "id": "other" }] }"#;

#[tokio::test]
async fn a_seed_creates_its_apps_and_export_and_import_keep_everything() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("seed.json");
    std::fs::write(&file, SEED).unwrap();
    let emulator = Emulator::builder().seed_file(&file).start().await.unwrap();
    assert_eq!(
        (emulator.app_id(), emulator.users()),
        ("my-app", &["alice".to_owned(), "bob".to_owned()][..])
    );
    assert_eq!((emulator.auth_key(), emulator.rest_api_key()), ("", "my-full-key"));
    assert_eq!(login(&emulator, "alice").await["metadata"], json!({ "a": 1 }));

    let before = data(&emulator, Method::GET, "/state", Value::Null).await;
    let other = before["apps"].as_array().unwrap().iter().find(|app| app["id"] == "other").unwrap();
    assert_eq!(
        (other["users"].as_array().unwrap().len(), other["keys"].as_array().unwrap().len()),
        (10, 2)
    );
    data(&emulator, Method::POST, "/reset", Value::Null).await;
    assert_ne!(data(&emulator, Method::GET, "/state", Value::Null).await, before);
    data(&emulator, Method::PUT, "/state", before.clone()).await;
    assert_eq!(data(&emulator, Method::GET, "/state", Value::Null).await, before);

    let more = json!({
        "apps": [{
            "id": "MY-APP",
            "users": [{ "uid": "bob", "name": "Robert" }, { "uid": "carol", "name": "Carol" }],
        }],
    });
    data(&emulator, Method::POST, "/seed", more).await;
    assert_eq!(rest(&emulator, Method::GET, "/users/bob").await.1["data"]["name"], "Robert");
    assert_eq!(rest(&emulator, Method::GET, "/users/alice").await.0, StatusCode::OK);
    assert_eq!(rest(&emulator, Method::GET, "/users/carol").await.0, StatusCode::OK);
    emulator.stop().await;
}

#[tokio::test]
async fn invalid_seeds_are_refused_with_the_position_and_change_nothing() {
    let emulator = Emulator::start().await.unwrap();
    let before = data(&emulator, Method::GET, "/state", Value::Null).await;
    for (seed, words) in [
        (json!({ "apps": [{ "id": "a.b" }] }), "apps[0].id"),
        (json!({ "apps": [{ "id": "a" }, { "id": "A" }] }), "apps[1].id"),
        (
            json!({
                "apps": [{
                    "id": "a",
                    "users": [{ "uid": "x", "name": "X" }, { "uid": "a b", "name": "Y" }],
                }],
            }),
            "apps[0].users[1].uid",
        ),
        (
            json!({
                "apps": [{ "id": "a", "users": [{ "uid": "x", "name": "X", "role": "boss" }] }],
            }),
            "apps[0].users[0].role",
        ),
        (
            json!({
                "apps": [{ "id": "a", "users": [], "tokens": [{ "authToken": "t", "uid": "x" }] }],
            }),
            "apps[0].tokens[0].uid",
        ),
        (
            json!({
                "apps": [{ "id": "a", "keys": [{ "apiKey": "has space", "scope": "authOnly" }] }],
            }),
            "apps[0].keys[0].apiKey",
        ),
        (json!({ "apps": [{ "id": "a", "user": [] }] }), "unknown field `user`"),
        (json!({ "version": 2, "apps": [] }), "version 2"),
        (json!([]), "expected"),
    ] {
        for (method, path) in [(Method::POST, "/seed"), (Method::PUT, "/state")] {
            let (status, reply) = control(&emulator, method, path, seed.clone()).await;
            let message = reply["error"]["message"].as_str().unwrap();
            assert_eq!(status, StatusCode::BAD_REQUEST);
            assert!(message.contains(words) && !message.contains("has space"), "{message}");
        }
        let refused = Emulator::builder().seed_json(seed.to_string()).start().await;
        assert!(matches!(refused, Err(StartError::Setup(SetupError::Seed { .. }))));
    }
    assert_eq!(data(&emulator, Method::GET, "/state", Value::Null).await, before);
    let missing = Emulator::builder()
        .seed_file("/no/such/seed.json")
        .start()
        .await
        .err()
        .unwrap()
        .to_string();
    assert!(missing.contains("/no/such/seed.json"), "{missing}");
}

#[tokio::test]
async fn the_journal_lists_requests_without_secrets() {
    let emulator = Emulator::start().await.unwrap();
    let token = login(&emulator, "superhero1").await["authToken"].as_str().unwrap().to_owned();
    let client = Client::new();
    let url = format!("http://{}/v3/users?withAuthToken={token}", emulator.address());
    let body = json!({ "uid": "neo", "name": "Neo", "nested": [{ "jwt": "private-jwt" }] });
    client
        .post(url)
        .header("apiKey", "wrong-key-000000000")
        .body(body.to_string())
        .send()
        .await
        .unwrap();
    rest(&emulator, Method::GET, &format!("/users/superhero1/auth_tokens/{token}")).await;

    let journal = data(&emulator, Method::GET, "/requests", Value::Null).await;
    let text = journal.to_string();
    for secret in [token.as_str(), "wrong-key", "emulator-rest-api-key", "private-jwt"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    let entries = journal.as_array().unwrap();
    assert_eq!(entries.len(), 4);
    assert_eq!(
        (&entries[1]["method"], &entries[1]["path"], &entries[1]["uid"]),
        (&json!("PUT"), &json!("/v3.0/me"), &json!("superhero1"))
    );
    assert_eq!(
        (&entries[2]["status"], &entries[2]["code"]),
        (&json!(401), &json!("AUTH_ERR_APIKEY_NOT_FOUND"))
    );
    assert_eq!(entries[2]["body"]["name"], "Neo");
    assert_eq!(entries[3]["path"], "/v3/users/superhero1/auth_tokens/***");
    assert_eq!(
        entries[0]["headers"]["apikey"], entries[3]["headers"]["apikey"],
        "one secret, one mark"
    );
    assert_ne!(entries[0]["headers"]["apikey"], entries[2]["headers"]["apikey"]);
    let after = format!("/requests?after={}", entries[2]["id"]);
    assert_eq!(
        data(&emulator, Method::GET, &after, Value::Null).await.as_array().unwrap().len(),
        1
    );
    data(&emulator, Method::DELETE, "/requests", Value::Null).await;
    assert_eq!(data(&emulator, Method::GET, "/requests", Value::Null).await, json!([]));
}

#[tokio::test]
async fn the_clock_can_be_moved_forward_and_back() {
    let emulator = Emulator::start().await.unwrap();
    let mut made = Vec::new();
    for offset in [0_i64, 86_400, -86_400] {
        data(&emulator, Method::PUT, "/clock", json!({ "offsetSeconds": offset })).await;
        let (_, reply) = rest(&emulator, Method::POST, "/users/superhero1/auth_tokens").await;
        made.push(reply["data"]["createdAt"].as_i64().unwrap());
    }
    assert!((86_395..86_405).contains(&(made[1] - made[0])), "{made:?}");
    assert!((86_395..86_405).contains(&(made[0] - made[2])), "{made:?}");
    assert_eq!(
        control(&emulator, Method::PUT, "/clock", json!({ "offset": 1 })).await.0,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn unknown_control_calls_list_the_known_ones() {
    let emulator = Emulator::start().await.unwrap();
    for (method, path) in
        [(Method::GET, "/nothing"), (Method::POST, "/state"), (Method::DELETE, "/faults/99")]
    {
        assert_eq!(
            control(&emulator, method, path, Value::Null).await.0,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    assert_eq!(
        control(&emulator, Method::DELETE, "/faults/x", Value::Null).await.0,
        StatusCode::BAD_REQUEST
    );
    let (status, _) = control(&emulator, Method::GET, "/requests?before=1", Value::Null).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

// ---- web sockets

type Socket = tokio_tungstenite::WebSocketStream<TcpStream>;

async fn connect(emulator: &Emulator) -> Socket {
    let stream = TcpStream::connect(emulator.address()).await.unwrap();
    tokio_tungstenite::client_async("ws://emulator-app.websocket-us.cometchat.io/", stream)
        .await
        .unwrap()
        .0
}

async fn say(socket: &mut Socket, frame: Value) {
    socket.send(Message::text(frame.to_string())).await.unwrap();
}

async fn hear(socket: &mut Socket) -> Message {
    tokio::time::timeout(Duration::from_secs(5), socket.next())
        .await
        .expect("something within 5 s")
        .unwrap()
        .unwrap()
}

async fn json_of(socket: &mut Socket) -> Value {
    serde_json::from_str(hear(socket).await.to_text().unwrap()).unwrap()
}

fn auth(uid: &str, jwt: &Value) -> Value {
    json!({
        "appId": "emulator-app",
        "deviceId": "WEB-4_2_0-x",
        "type": "auth",
        "sender": uid,
        "body": { "auth": jwt },
    })
}

fn closed_with(message: &Message) -> u16 {
    match message {
        Message::Close(Some(frame)) => frame.code.into(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_socket_accepts_the_pass_of_me_and_answers_pings() {
    let emulator = Emulator::start().await.unwrap();
    let me = login(&emulator, "superhero1").await;
    let mut socket = connect(&emulator).await;
    say(&mut socket, json!({ "action": "ping", "ack": "true" })).await;
    say(&mut socket, auth("superhero1", &me["jwt"])).await;
    let reply = json_of(&mut socket).await;
    assert_eq!(
        (&reply["type"], &reply["deviceId"], &reply["sender"]),
        (&json!("auth"), &json!("WEB-4_2_0-x"), &json!("superhero1"))
    );
    assert_eq!(reply["body"], json!({ "code": "200", "status": "OK" }));
    say(&mut socket, json!({ "action": "ping", "ack": "true" })).await;
    assert_eq!(json_of(&mut socket).await, json!({ "action": "pong", "ack": "true" }));

    // The end of the session is the end of the socket.
    rest(&emulator, Method::DELETE, "/users/superhero1/auth_tokens").await;
    assert_eq!(closed_with(&hear(&mut socket).await), 1008);
}

#[tokio::test]
async fn the_socket_refuses_other_passes() {
    let emulator = Emulator::start().await.unwrap();
    let me = login(&emulator, "superhero1").await;
    for (uid, jwt) in [
        ("superhero1", json!("a.b.c")),
        ("superhero2", me["jwt"].clone()),
        ("superhero1", Value::Null),
    ] {
        let mut socket = connect(&emulator).await;
        say(&mut socket, auth(uid, &jwt)).await;
        assert_eq!(json_of(&mut socket).await["body"]["code"], "401");
        assert_eq!(closed_with(&hear(&mut socket).await), 1008);
    }
    let mut socket = connect(&emulator).await;
    socket.send(Message::text("no JSON")).await.unwrap();
    assert_eq!(closed_with(&hear(&mut socket).await), 1007);
}

#[tokio::test]
async fn stopping_closes_web_sockets_and_does_not_wait_for_hanging_requests() {
    let emulator = Emulator::start().await.unwrap();
    let me = login(&emulator, "superhero1").await;
    let mut socket = connect(&emulator).await;
    say(&mut socket, auth("superhero1", &me["jwt"])).await;
    json_of(&mut socket).await;
    data(
        &emulator,
        Method::POST,
        "/faults",
        json!({ "match": { "path": "superhero2" }, "act": { "hang": "before" } }),
    )
    .await;
    data(
        &emulator,
        Method::POST,
        "/faults",
        json!({ "match": { "path": "superhero3" }, "act": { "hang": "body" } }),
    )
    .await;
    let mut open = vec![TcpStream::connect(emulator.address()).await.unwrap()];
    for uid in ["superhero2", "superhero3"] {
        let mut stream = TcpStream::connect(emulator.address()).await.unwrap();
        let request = format!(
            "GET /v3/users/{uid} HTTP/1.1\r\nHost: localhost\r\napikey: \
             emulator-rest-api-key\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        open.push(stream);
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    let listening = tokio::spawn(async move { closed_with(&hear(&mut socket).await) });
    let started = Instant::now();
    emulator.stop().await;
    assert!(started.elapsed() < Duration::from_millis(1500), "{:?}", started.elapsed());
    assert_eq!(listening.await.unwrap(), 1001);
}

// ---- exec

fn exec(arguments: &[&str], command: &[&str]) -> Command {
    let mut exec = Command::new(PROGRAM);
    exec.arg("exec").args(arguments).arg("--").args(command);
    exec
}

#[test]
fn exec_runs_the_command_with_an_emulator_and_ends_with_its_status() {
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    let script = r#"echo "$COMETCHAT_EMULATOR_URL $COMETCHAT_EMULATOR_APP_ID $COMETCHAT_EMULATOR_REGION $COMETCHAT_EMULATOR_AUTH_KEY $COMETCHAT_EMULATOR_REST_API_KEY $COMETCHAT_EMULATOR_CA_FILE"; exit 7"#;
    let output = exec(
        &["--tls", "--tls-cert-out", ca.to_str().unwrap(), "--app", "mine"],
        &["sh", "-c", script],
    )
    .output()
    .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(7), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.starts_with("https://127.0.0.1:"), "{said}");
    assert!(
        said.trim().ends_with(&format!(
            "mine us emulator-auth-key emulator-rest-api-key {}",
            ca.display()
        )),
        "{said}"
    );
    assert!(std::fs::read_to_string(&ca).unwrap().starts_with("-----BEGIN CERTIFICATE-----"));
    assert_eq!(exec(&[], &["true"]).status().unwrap().code(), Some(0));
    assert_eq!(exec(&[], &["sh", "-c", "kill -9 $$"]).status().unwrap().code(), Some(137));
}

#[tokio::test]
async fn exec_forwards_signals_and_keeps_the_emulator_until_the_command_ends() {
    for (name, signal) in [("TERM", "-TERM"), ("INT", "-INT"), ("HUP", "-HUP")] {
        // The command takes its time to end.
        let script = format!(
            r#"trap 'sleep 0.5; echo got {name}; exit 5' {name}; echo "$COMETCHAT_EMULATOR_URL"; while :; do sleep 0.05; done"#
        );
        let mut child = exec(&[], &["sh", "-c", &script]).stdout(Stdio::piped()).spawn().unwrap();
        let mut said = std::io::BufReader::new(child.stdout.take().unwrap());
        let mut url = String::new();
        std::io::BufRead::read_line(&mut said, &mut url).unwrap();
        let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        tokio::time::sleep(Duration::from_millis(100)).await;
        let alive = Client::new().get(url.trim()).send().await;
        assert!(alive.is_ok(), "the emulator is there while the command ends");
        let mut rest = String::new();
        std::io::Read::read_to_string(&mut said, &mut rest).unwrap();
        assert_eq!(rest.trim(), format!("got {name}"));
        assert_eq!(child.wait().unwrap().code(), Some(5));
        assert!(Client::new().get(url.trim()).send().await.is_err(), "and gone with it");
    }
}

#[test]
fn exec_without_a_command_or_with_an_unknown_one_is_an_error() {
    let output = exec(&[], &["no-such-command-here"]).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), error.lines().count()), (Some(1), 1), "{error}");
    assert!(error.contains("no-such-command-here") && error.contains("sh -c"), "{error}");
    let output = Command::new(PROGRAM).arg("exec").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}
