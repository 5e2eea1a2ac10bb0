//! The database file.

use crate::support::{data, me, rest, token};
use cometchat_emulator::{Emulator, StartError};
use reqwest::{Method, StatusCode};
use serde_json::json;
use std::path::Path;

#[tokio::test]
async fn the_database_file_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("emulator.db");
    let start = || Emulator::builder().db(&file).start();

    let emulator = start().await.unwrap();
    let (valid, revoked) =
        (token(emulator.url(), "superhero1").await, token(emulator.url(), "superhero1").await);
    data(
        rest(emulator.url(), Method::POST, "/users").json(&json!({ "uid": "neo", "name": "Neo" })),
    )
    .await;
    data(
        rest(emulator.url(), Method::DELETE, "/users/superhero5")
            .json(&json!({ "permanent": true })),
    )
    .await;
    data(rest(emulator.url(), Method::DELETE, &format!("/users/superhero1/auth_tokens/{revoked}")))
        .await;
    emulator.stop().await;

    let emulator = start().await.unwrap();
    let url = emulator.url();
    assert_eq!(me(url, &valid).await, StatusCode::OK);
    assert_eq!(me(url, &revoked).await, StatusCode::UNAUTHORIZED);
    assert_eq!(data(rest(url, Method::GET, "/users/neo")).await["name"], "Neo");
    let deleted = rest(url, Method::GET, "/users/superhero5").send().await.unwrap();
    assert_eq!(deleted.status(), StatusCode::NOT_FOUND, "what was deleted is not seeded again");
    assert_eq!(emulator.users().last().unwrap(), "neo");
    emulator.stop().await;
}

#[tokio::test]
async fn files_that_are_not_a_usable_database_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let reason = async |path: &Path| match Emulator::builder().db(path).start().await {
        Err(StartError::Database { reason, .. }) => reason,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("started"),
    };
    let text = folder.path().join("notes.txt");
    std::fs::write(&text, "my notes, which are longer than a header of sixteen bytes").unwrap();
    assert!(reason(&text).await.contains("not an SQLite database"));
    assert!(std::fs::read_to_string(&text).unwrap().starts_with("my notes"));

    let other = folder.path().join("other.db");
    rusqlite::Connection::open(&other).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
    assert!(reason(&other).await.contains("another program"));

    let ours = folder.path().join("ours.db");
    let first = Emulator::builder().db(&ours).start().await.unwrap();
    assert!(reason(&ours).await.contains("perhaps another emulator"));
    first.stop().await;
    rusqlite::Connection::open(&ours).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert!(reason(&ours).await.contains("newer version"));

    assert!(reason(&folder.path().join("no/such/folder.db")).await.contains("directory"));
    assert!(reason(folder.path()).await.contains("directory"));
}
