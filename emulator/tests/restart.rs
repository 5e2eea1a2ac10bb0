//! Everything that REST can create, change or delete is stored in the database file.
#![cfg(feature = "server")]
#![cfg(test)]

use cometchat_emulator::Emulator;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use std::path::Path;

async fn start(db: &Path) -> Emulator {
    Emulator::builder().db(db).start().await.unwrap()
}

async fn call(emulator: &Emulator, method: Method, path: &str, body: Value) -> Value {
    let request = Client::new().request(method, format!("{}/v3{path}", emulator.url())).json(&body);
    let response = request.header("apikey", emulator.rest_api_key()).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK, "{path}");
    response.json().await.unwrap()
}

#[tokio::test]
async fn users_tokens_keys_and_roles_are_the_same_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let db = folder.path().join("emulator.db");
    let emulator = start(&db).await;
    let (post, put, delete) = (|| Method::POST, || Method::PUT, || Method::DELETE);
    for role in ["stays", "goes"] {
        call(
            &emulator,
            post(),
            "/roles",
            json!({ "role": role, "name": role, "settings": { "listUsers": "all" } }),
        )
        .await;
        call(
            &emulator,
            post(),
            "/users",
            json!({ "uid": role, "name": "N", "role": role, "tags": ["t"] }),
        )
        .await;
    }
    call(&emulator, put(), "/roles/default", json!({ "description": "d" })).await;
    call(&emulator, delete(), "/roles/goes", Value::Null).await;
    let key =
        call(&emulator, post(), "/apikeys", json!({ "name": "goes" })).await["data"]["apiKey"]
            .clone();
    call(&emulator, post(), "/apikeys", json!({ "name": "stays", "scope": "fullAccess" })).await;
    call(&emulator, put(), "/apikeys/emulator-auth-key", json!({ "name": "renamed" })).await;
    call(&emulator, delete(), &format!("/apikeys/{}", key.as_str().unwrap()), Value::Null).await;
    call(
        &emulator,
        delete(),
        "/users",
        json!({ "uidsToDeactivate": ["superhero1", "superhero2"] }),
    )
    .await;
    call(&emulator, put(), "/users", json!({ "uidsToActivate": ["superhero2"] })).await;
    call(&emulator, delete(), "/users/superhero3", json!({ "permanent": true })).await;
    let token =
        call(&emulator, post(), "/users/stays/auth_tokens", Value::Null).await["data"]["authToken"]
            .clone();
    let path = format!("/users/stays/auth_tokens/{}", token.as_str().unwrap());
    call(&emulator, put(), &path, json!({ "platform": "web" })).await;

    let lists =
        ["/users?withDeactivated=1&withTags=1", "/users/stays/auth_tokens", "/apikeys", "/roles"];
    let mut before = Vec::new();
    for list in lists {
        before.push(call(&emulator, Method::GET, list, Value::Null).await.to_string());
    }
    let host = emulator.url().to_owned();
    emulator.stop().await;
    let emulator = start(&db).await;
    for (list, before) in lists.into_iter().zip(before) {
        let after = call(&emulator, Method::GET, list, Value::Null).await.to_string();
        assert_eq!(after.replace(emulator.url(), &host), before, "{list}");
    }
    // Newest first, without the deleted ones.
    let names = |response: Value, name: &str| -> Vec<String> {
        response["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item[name].as_str().unwrap().to_owned())
            .collect()
    };
    let keys = call(&emulator, Method::GET, "/apikeys", Value::Null).await;
    assert_eq!(names(keys, "name"), ["stays", "Rest API Key", "renamed"]);
    let roles = call(&emulator, Method::GET, "/roles", Value::Null).await;
    assert_eq!(names(roles, "role"), ["stays", "default"]);
    let user = call(&emulator, Method::GET, "/users/goes", Value::Null).await;
    assert_eq!(user["data"]["role"], "default");
    emulator.stop().await;
}
