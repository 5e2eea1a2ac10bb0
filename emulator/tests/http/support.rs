//! Requests to the emulator.

use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::Value;

pub fn rest(url: &str, method: Method, path: &str) -> RequestBuilder {
    Client::new()
        .request(method, format!("{url}/v3{path}"))
        .header("apiKey", "emulator-rest-api-key")
}

pub async fn data(request: RequestBuilder) -> Value {
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    response.json::<Value>().await.unwrap()["data"].take()
}

pub async fn token(url: &str, uid: &str) -> String {
    data(rest(url, Method::POST, &format!("/users/{uid}/auth_tokens"))).await["authToken"]
        .as_str()
        .unwrap()
        .to_owned()
}

pub async fn me(url: &str, token: &str) -> StatusCode {
    Client::new()
        .get(format!("{url}/v3.0/me"))
        .header("authToken", token)
        .send()
        .await
        .unwrap()
        .status()
}
