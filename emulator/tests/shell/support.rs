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
    let response = request.send().await.unwrap();
    (response.status(), response.json().await.unwrap())
}

pub async fn data(emulator: &Emulator, method: Method, path: &str, body: Value) -> Value {
    let (status, mut response) = control(emulator, method, path, body).await;
    assert_eq!(status, StatusCode::OK, "{response}");
    response["data"].take()
}

pub async fn rest(emulator: &Emulator, method: Method, path: &str) -> (StatusCode, Value) {
    let url = format!("http://{}/v3{path}", emulator.address());
    let response = Client::new()
        .request(method, url)
        .header("apiKey", emulator.rest_api_key())
        .send()
        .await
        .unwrap();
    (response.status(), response.json().await.unwrap())
}

pub async fn login(emulator: &Emulator, uid: &str) -> Value {
    let (_, response) = rest(emulator, Method::POST, &format!("/users/{uid}/auth_tokens")).await;
    let token = response["data"]["authToken"].as_str().unwrap().to_owned();
    let url = format!("http://{}/v3.0/me", emulator.address());
    let response = Client::new().put(url).header("authToken", token).send().await.unwrap();
    response.json::<Value>().await.unwrap()["data"].take()
}

/// Sends bytes. Returns what the emulator sends until the connection ends or a second has passed.
pub async fn raw(emulator: &Emulator, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(emulator.address()).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut response = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(1), stream.read_to_end(&mut response)).await;
    String::from_utf8_lossy(&response).into_owned()
}
