//! API keys.

use crate::lab::{Lab, code};
use cometchat_emulator::core::{Config, routes};
use serde_json::{Value, json};

/// The names of the calls with an API key that accept the auth key.
fn allowed_with_auth_key(config: &Config) -> Vec<&'static str> {
    let takes_token = ["me", "settings", "user_sessions"];
    let mut allowed = Vec::new();
    for route in routes::ROUTES.iter().filter(|route| !takes_token.contains(&route.path[0])) {
        let mut lab = Lab::with(config.clone());
        let path: Vec<&str> = route
            .path
            .iter()
            .map(|part| if *part == "{uid}" { "superhero1" } else { *part })
            .collect();
        let method = format!("{:?}", route.method).to_uppercase();
        let (status, response) = lab.auth(
            &method,
            &format!("/{}", path.join("/")),
            json!({ "uid": "new", "name": "New" }),
        );
        match (status, code(&response)) {
            (200, _) => allowed.push(route.name),
            other => assert_eq!(other, (403, "AUTH_ERR_NO_ACCESS"), "{}: {response}", route.name),
        }
    }
    allowed
}

#[test]
fn an_auth_key_only_creates_and_updates_users_and_creates_tokens() {
    assert_eq!(
        allowed_with_auth_key(&Config::default()),
        ["createUser", "updateUser", "createAuthToken"]
    );
}

#[test]
fn a_strict_auth_key_only_creates_tokens() {
    assert_eq!(
        allowed_with_auth_key(&Config { strict_auth_keys: true, ..Config::default() }),
        ["createAuthToken"]
    );
}

#[test]
fn keys_are_masked_in_messages() {
    let mut lab = Lab::new();
    let key = "ab12cdefgh0123456789abcdefg9f0e1";
    let (_, response) = lab.send("POST", "/v3/users", &[("apikey", key)], json!({}));
    assert_eq!(
        response["error"]["message"],
        format!("The key ab12c{}9f0e1 does not exist. Please use correct apiKey.", "*".repeat(22))
    );
    assert!(!response.to_string().contains(key));
    let of_24 = "abcde0123456789012fghij0";
    let (_, response) = lab.send("POST", "/v3/users", &[("apikey", of_24)], json!({}));
    assert!(
        response["error"]["message"].as_str().unwrap().contains("abcde**************ghij0"),
        "{response}"
    );
    for short in ["abcde012345678901fghij0", "emulator-auth-kee", "short"] {
        let (_, response) = lab.send("POST", "/v3/users", &[("apikey", short)], json!({}));
        let stars = "*".repeat(short.len());
        assert_eq!(
            response["error"]["message"],
            format!("The key {stars} does not exist. Please use correct apiKey."),
            "a mistyped short key would be quoted nearly whole"
        );
        let (_, response) = lab.rest("GET", &format!("/apikeys/{short}"), Value::Null);
        assert!(!response.to_string().contains(&short[..5]), "{response}");
    }
}
