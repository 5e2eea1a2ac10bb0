//! The emulator in the process of the test.

use crate::support::{data, me, rest};
use cometchat_emulator::{Emulator, SetupError, StartError};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[tokio::test]
async fn log_in_and_out_over_http() {
    let emulator = Emulator::start().await.unwrap();
    let url = emulator.url();
    let client = Client::new();
    let login = client
        .post(format!("{url}/v3.0/users/COMETCHAT-uid-1/auth_tokens"))
        .header("apiKey", emulator.auth_key());
    let token = data(login).await["authToken"].as_str().unwrap().to_owned();
    let user = data(
        client
            .put(format!("{url}/v3.0/me"))
            .header("authToken", &token)
            .json(&json!({ "platform": "WEB" })),
    )
    .await;
    assert_eq!((&user["uid"], &user["authToken"]), (&json!("cometchat-uid-1"), &json!(token)));
    let host = url.strip_prefix("http://").unwrap();
    assert_eq!(user["settings"]["CLIENT_API_HOST"], host);
    let avatar = client.get(user["avatar"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(avatar.headers()["content-type"], "image/svg+xml");
    let logout = data(client.delete(format!("{url}/v3.0/me")).header("authToken", &token)).await;
    assert_eq!(logout["success"], true);
    assert_eq!(me(url, &token).await, StatusCode::UNAUTHORIZED);
    emulator.stop().await;
}

#[tokio::test]
async fn pages_of_other_origins_can_send_requests_and_read_errors() {
    let emulator = Emulator::start().await.unwrap();
    let client = Client::new();
    let url = format!("{}/v3.0/me", emulator.url());
    let preflight = client
        .request(Method::OPTIONS, &url)
        .header("origin", "http://localhost:8600")
        .header("access-control-request-method", "PUT")
        .header("access-control-request-headers", "appid,authtoken")
        .send()
        .await
        .unwrap();
    assert_eq!(preflight.status(), StatusCode::NO_CONTENT);
    assert_eq!(preflight.headers()["access-control-allow-origin"], "*");
    assert_eq!(preflight.headers()["access-control-allow-headers"], "appid,authtoken");
    let error = client.put(&url).header("origin", "http://localhost:8600").send().await.unwrap();
    assert_eq!(error.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(error.headers()["access-control-allow-origin"], "*");
    assert!(
        error.headers()["access-control-expose-headers"].to_str().unwrap().contains("Retry-After")
    );
    assert_eq!(error.headers()["content-type"], "application/json");
    let large = client
        .post(format!("{}/v3/users", emulator.url()))
        .header("apiKey", "emulator-auth-key")
        .body("x".repeat(500_000));
    let large = large.send().await.unwrap();
    assert_eq!(
        (large.status(), &large.headers()["access-control-allow-origin"]),
        (StatusCode::PAYLOAD_TOO_LARGE, &"*".parse().unwrap())
    );
}

#[tokio::test]
async fn the_host_label_chooses_the_app() {
    let emulator = Emulator::builder().app("one").app("two").start().await.unwrap();
    let url = emulator.url();
    data(
        rest(url, Method::PUT, "/users/superhero1")
            .header("host", "two.api-us.cometchat.io")
            .json(&json!({ "name": "Two's" })),
    )
    .await;
    assert_eq!(data(rest(url, Method::GET, "/users/superhero1")).await["name"], "Iron Man");
    assert_eq!(
        data(rest(url, Method::GET, "/users/superhero1").header("appId", "two")).await["name"],
        "Two's"
    );
    let third = rest(url, Method::GET, "/users/superhero1")
        .header("host", "three.api-us.cometchat.io")
        .send()
        .await
        .unwrap();
    assert_eq!(third.json::<Value>().await.unwrap()["error"]["code"], "AUTH_ERR_INVALID_APPID");
}

#[tokio::test]
async fn dropping_an_emulator_frees_its_port() {
    let emulator = Emulator::start().await.unwrap();
    let port = emulator.address().port();
    drop(emulator);
    let started = Instant::now();
    loop {
        match Emulator::builder().port(port).start().await {
            Ok(_) => break,
            Err(error) => assert!(started.elapsed() < Duration::from_secs(5), "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn invalid_settings_are_refused_with_a_reason() {
    let running = Emulator::start().await.unwrap();
    let port = running.address().port();
    let error = Emulator::builder().port(port).start().await.err().unwrap();
    assert!(matches!(error, StartError::PortTaken { port: p, .. } if p == port));
    assert!(matches!(
        Emulator::builder().app("a.b").start().await,
        Err(StartError::Setup(SetupError::AppId(_)))
    ));
    assert!(matches!(
        Emulator::builder().region("US ").start().await,
        Err(StartError::Setup(SetupError::Region(_)))
    ));
}
