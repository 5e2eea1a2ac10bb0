//! Auth tokens.

use crate::lab::{Lab, NOW, code};
use serde_json::{Value, json};

#[test]
fn a_token_has_the_uid_the_time_and_thirty_hex_digits() {
    let mut lab = Lab::new();
    let token = lab.token("Cometchat-UID-1");
    let suffix = token.strip_prefix("cometchat-uid-1_").unwrap();
    assert_eq!(suffix.len(), 40);
    assert_eq!(&suffix[..10], NOW.to_string());
    assert!(suffix[10..].chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c)));
    assert_ne!(token, lab.token("cometchat-uid-1"), "each one is new");
}

#[test]
fn a_user_keeps_the_hundred_newest_tokens() {
    let mut lab = Lab::new();
    let tokens: Vec<String> = (0..103).map(|_| lab.token("superhero1")).collect();
    let alive: Vec<bool> =
        tokens.iter().map(|token| lab.me("GET", token, Value::Null).0 == 200).collect();
    assert_eq!(alive.iter().position(|alive| *alive), Some(3));
    assert!(alive[3..].iter().all(|alive| *alive));
    let (_, list) = lab.rest("GET", "/users/superhero1/auth_tokens", Value::Null);
    let listed = list["data"].as_array().unwrap();
    assert_eq!(listed.len(), 100);
    assert_eq!(listed[0]["authToken"], json!(tokens[102]), "newest first");
}

#[test]
fn tokens_are_listed_read_deleted_and_flushed() {
    let mut lab = Lab::new();
    let (one, two, other) =
        (lab.token("superhero1"), lab.token("superhero1"), lab.token("superhero2"));
    let path = |token: &str| format!("/users/superhero1/auth_tokens/{token}");
    let (status, response) = lab.rest("GET", &path(&one), Value::Null);
    assert_eq!(
        (status, response["data"].clone()),
        (200, json!({ "uid": "superhero1", "authToken": one, "createdAt": NOW }))
    );
    assert_eq!(
        lab.rest("GET", &path(&other), Value::Null).0,
        404,
        "another user's token is not this user's"
    );
    assert_eq!(lab.rest("DELETE", &path(&one), Value::Null).0, 200);
    assert_eq!(lab.rest("DELETE", &path(&one), Value::Null).0, 404);
    let (status, response) = lab.rest("DELETE", "/users/superhero1/auth_tokens", Value::Null);
    assert_eq!(
        (status, &response["data"]["message"]),
        (200, &json!("Cleared Auth Tokens successfully for uid superhero1."))
    );
    assert_eq!(code(&lab.me("GET", &two, Value::Null).1), "AUTH_ERR_AUTH_TOKEN_NOT_FOUND");
    assert_eq!(lab.me("GET", &other, Value::Null).0, 200);
}
