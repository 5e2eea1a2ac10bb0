//! The calls of the client: `me`.

use crate::lab::{Lab, NOW, code};
use cometchat_emulator::core::Config;
use serde_json::{Value, json};

#[test]
fn login_returns_the_user_with_token_channel_and_settings() {
    let mut lab = Lab::new();
    let token = lab.token("cometchat-uid-1");
    let app_info = json!({ "version": "v4.2.0", "userAgent": "Test/1" });
    let device = json!({ "platform": "WEB", "deviceId": "d", "appInfo": app_info });
    let (status, response) = lab.me("PUT", &token, device);
    let data = &response["data"];
    assert_eq!(status, 200);
    assert_eq!(
        (&data["uid"], &data["name"], &data["authToken"]),
        (&json!("cometchat-uid-1"), &json!("Andrew Joseph"), &json!(token))
    );
    assert_eq!(data["avatar"], "http://127.0.0.1:8599/avatars/cometchat-uid-1.svg");
    assert_eq!(data["jwt"].as_str().unwrap().split('.').count(), 3);
    assert_eq!(data["wsChannel"]["identity"], "[emulator-app]cometchat-uid-1");
    assert!(data["wsChannel"]["secret"].as_str().unwrap().len() >= 16);
    let settings = &data["settings"];
    for (name, value) in [
        ("ADMIN_API_HOST", json!("127.0.0.1:8599")),
        ("CLIENT_API_HOST", json!("127.0.0.1:8599")),
        ("CHAT_API_VERSION", json!("v3.0")),
        ("APP_VERSION", json!(4)),
        ("REGION", json!("us")),
        ("CHAT_HOST", json!("127.0.0.1")),
        ("CHAT_WSS_PORT", json!("8599")),
        ("ANALYTICS_HOST", json!("127.0.0.1:8599")),
        ("ANALYTICS_VERSION", json!("v1")),
        ("settingsHashReceivedAt", json!(NOW)),
    ] {
        assert_eq!(settings[name], value, "{name}");
    }
    let (_, second) = lab.me("GET", &token, Value::Null);
    assert_eq!(second["data"]["jwt"], data["jwt"], "reading changes nothing");
    assert_eq!(second["data"]["settings"]["settingsHash"], settings["settingsHash"]);
    let (_, read) =
        lab.rest("GET", &format!("/users/cometchat-uid-1/auth_tokens/{token}"), Value::Null);
    assert_eq!(
        (&read["data"]["platform"], &read["data"]["userAgent"]),
        (&json!("WEB"), &json!("Test/1"))
    );
}

#[test]
fn settings_name_hosts_in_the_domain_of_the_request() {
    let mut lab = Lab::new();
    let token = lab.token("superhero1");
    let host = "Emulator-App.apiclient-us.lab.test:9443";
    let (_, response) =
        lab.send("PUT", "/v3/me", &[("authtoken", &token), ("host", host)], json!({}));
    let settings = &response["data"]["settings"];
    assert_eq!(settings["CLIENT_API_HOST"], "emulator-app.apiclient-us.lab.test:9443");
    assert_eq!(settings["ADMIN_API_HOST"], "emulator-app.api-us.lab.test:9443");
    assert_eq!(
        (&settings["CHAT_HOST"], &settings["CHAT_WSS_PORT"]),
        (&json!("emulator-app.websocket-us.lab.test"), &json!("9443"))
    );
    assert_eq!(settings["CHAT_API_VERSION"], "v3", "the version of the request");
}

#[test]
fn put_me_changes_own_fields_but_never_the_role() {
    let mut lab = Lab::new();
    let token = lab.token("superhero1");
    lab.now += 9;
    let (status, response) =
        lab.me("PUT", &token, json!({ "uid": "superhero2", "name": "Tony", "role": "boss" }));
    assert_eq!(status, 200, "{response}");
    let data = &response["data"];
    assert_eq!(
        (&data["uid"], &data["name"], &data["role"]),
        (&json!("superhero1"), &json!("Tony"), &json!("default"))
    );
    assert_eq!((&data["updatedAt"], &data["authToken"]), (&json!(NOW + 9), &json!(token)));
    assert_eq!(
        lab.rest("GET", "/users/superhero2", Value::Null).1["data"]["name"],
        "Captain America"
    );
    let (status, response) = lab.me("PUT", &token, json!({ "name": " " }));
    assert_eq!(
        (status, &response["error"]["details"]),
        (400, &json!({ "name": ["The name field must have a value."] }))
    );
}

#[test]
fn a_drawn_avatar_survives_a_round_trip_and_a_change_of_port() {
    let mut lab = Lab::new();
    let token = lab.token("superhero1");
    let (_, shown) = lab.me("PUT", &token, json!({}));
    lab.me("PUT", &token, json!({ "avatar": shown["data"]["avatar"] }));
    lab.state.config.public_url = "http://127.0.0.1:9999".into();
    let (_, response) = lab.me("GET", &token, Value::Null);
    assert_eq!(response["data"]["avatar"], "http://127.0.0.1:9999/avatars/superhero1.svg");
}

#[test]
fn logout_revokes_only_this_token_unless_tokens_are_kept() {
    let mut lab = Lab::new();
    let (one, two) = (lab.token("superhero1"), lab.token("superhero1"));
    let (status, response) = lab.me("DELETE", &one, Value::Null);
    assert_eq!((status, &response["data"]["success"]), (200, &json!(true)));
    assert!(response["data"]["message"].is_string());
    assert_eq!(code(&lab.me("DELETE", &one, Value::Null).1), "AUTH_ERR_AUTH_TOKEN_NOT_FOUND");
    assert_eq!(lab.me("GET", &two, Value::Null).0, 200);

    let mut lab = Lab::with(Config { logout_keeps_token: true, ..Config::default() });
    let token = lab.token("superhero1");
    lab.me("DELETE", &token, Value::Null);
    assert_eq!(lab.me("GET", &token, Value::Null).0, 200);
}
