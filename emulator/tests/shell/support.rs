//! Requests to the emulator.

use cometchat_emulator::Emulator;
use reqwest::{Client, Method, StatusCode};
use serde_json::Value;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_cometchat-emulator");

pub async fn control(
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

pub async fn data(emulator: &Emulator, method: Method, path: &str, body: Value) -> Value {
    let (status, mut reply) = control(emulator, method, path, body).await;
    assert_eq!(status, StatusCode::OK, "{reply}");
    reply["data"].take()
}

pub async fn rest(emulator: &Emulator, method: Method, path: &str) -> (StatusCode, Value) {
    let url = format!("http://{}/v3{path}", emulator.address());
    let reply = Client::new()
        .request(method, url)
        .header("apiKey", emulator.rest_api_key())
        .send()
        .await
        .unwrap();
    (reply.status(), reply.json().await.unwrap())
}

pub async fn login(emulator: &Emulator, uid: &str) -> Value {
    let (_, reply) = rest(emulator, Method::POST, &format!("/users/{uid}/auth_tokens")).await;
    let token = reply["data"]["authToken"].as_str().unwrap().to_owned();
    let url = format!("http://{}/v3.0/me", emulator.address());
    let reply = Client::new().put(url).header("authToken", token).send().await.unwrap();
    reply.json::<Value>().await.unwrap()["data"].take()
}

/// Sends bytes, and gives what came back until the connection ended or a second passed.
pub async fn raw(emulator: &Emulator, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(emulator.address()).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut reply = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(1), stream.read_to_end(&mut reply)).await;
    String::from_utf8_lossy(&reply).into_owned()
}
