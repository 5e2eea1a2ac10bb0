//! The control API.

use crate::support::{control, data, login, rest};
use cometchat_emulator::{Emulator, SetupError, StartError};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

#[tokio::test]
async fn reset_restores_the_seed_in_memory_and_in_the_file() {
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
    "users": [
      { "uid": "Alice", "name": "Alice", "metadata": { "a": 1 } },
      { "uid": "bob", "name": "Bob", "role": "staff" }
    ],
    "roles": [{ "role": "staff", "name": "Staff" }],
    "keys": [{ "apiKey": "my-full-key", "scope": "fullAccess" }],
    "tokens": [{ "authToken": "alice_token", "uid": "alice" }] },
  { "id": "other" }] }"#;

#[tokio::test]
async fn a_seed_creates_apps_and_an_exported_state_can_be_imported() {
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
async fn invalid_seeds_are_refused_with_the_position_of_the_error() {
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
            let (status, response) = control(&emulator, method, path, seed.clone()).await;
            let message = response["error"]["message"].as_str().unwrap();
            assert_eq!(status, StatusCode::BAD_REQUEST);
            assert!(message.contains(words) && !message.contains("has space"), "{message}");
        }
        let result = Emulator::builder().seed_json(seed.to_string()).start().await;
        assert!(matches!(result, Err(StartError::Setup(SetupError::Seed { .. }))));
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
    let mut created_at = Vec::new();
    for offset in [0_i64, 86_400, -86_400] {
        data(&emulator, Method::PUT, "/clock", json!({ "offsetSeconds": offset })).await;
        let (_, response) = rest(&emulator, Method::POST, "/users/superhero1/auth_tokens").await;
        created_at.push(response["data"]["createdAt"].as_i64().unwrap());
    }
    assert!((86_395..86_405).contains(&(created_at[1] - created_at[0])), "{created_at:?}");
    assert!((86_395..86_405).contains(&(created_at[0] - created_at[2])), "{created_at:?}");
    assert_eq!(
        control(&emulator, Method::PUT, "/clock", json!({ "offset": 1 })).await.0,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn unknown_control_calls_and_invalid_parameters_are_rejected() {
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
