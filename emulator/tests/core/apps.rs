//! Several apps.

use crate::lab::{KEY, Lab, NOW, code};
use cometchat_emulator::core::{ApiKey, Change, Scope, seed};
use serde_json::{Value, json};

#[test]
fn the_app_comes_from_host_then_header_then_default() {
    let mut lab = Lab::new();
    lab.apply(seed::app(&lab.state, "Second", NOW));
    lab.rest("PUT", "/users/superhero1", json!({ "name": "Of the default app" }));
    let name = |lab: &mut Lab, headers: &[(&str, &str)]| {
        let headers: Vec<_> = [KEY].into_iter().chain(headers.iter().copied()).collect();
        lab.send("GET", "/v3/users/superhero1", &headers, Value::Null).1["data"]["name"].clone()
    };
    assert_eq!(name(&mut lab, &[]), "Of the default app");
    assert_eq!(name(&mut lab, &[("appid", "Second")]), "Iron Man");
    assert_eq!(name(&mut lab, &[("host", "second.api-us.cometchat.io")]), "Iron Man");
    assert_eq!(
        name(&mut lab, &[("host", "second.api-us.localhost:8599"), ("appid", "emulator-app")]),
        "Iron Man"
    );
    assert_eq!(name(&mut lab, &[("host", "api-us.cometchat.io"), ("appid", "second")]), "Iron Man");

    let (_, response) =
        lab.send("GET", "/v3/users/superhero1", &[KEY, ("appid", "third")], Value::Null);
    assert!(response["error"]["message"].as_str().unwrap().contains("--app third"), "{response}");
    let (_, response) = lab.send(
        "GET",
        "/v3/users/superhero1",
        &[KEY, ("host", "second.api-eu.cometchat.io")],
        Value::Null,
    );
    assert_eq!(code(&response), "AUTH_ERR_INVALID_APPID");
    assert!(response["error"]["message"].as_str().unwrap().contains("--region eu"), "{response}");
}

#[test]
fn keys_and_tokens_of_one_app_are_not_valid_in_another() {
    let mut lab = Lab::new();
    lab.apply(seed::app(&lab.state, "second", NOW));
    let key = ApiKey {
        api_key: "only-of-second".into(),
        name: "k".into(),
        scope: Scope::FullAccess,
        created_at: NOW,
        seq: 99,
    };
    lab.apply(vec![Change::PutKey { app: "second".into(), key }]);
    let with = |app| [("apikey", "only-of-second"), ("appid", app)];
    assert_eq!(lab.send("GET", "/v3/users/superhero1", &with("second"), Value::Null).0, 200);
    assert_eq!(lab.send("GET", "/v3/users/superhero1", &with("emulator-app"), Value::Null).0, 401);
    let token = lab.token("superhero1");
    let headers = [("authtoken", token.as_str()), ("appid", "second")];
    assert_eq!(lab.send("GET", "/v3/me", &headers, Value::Null).0, 401);
}
