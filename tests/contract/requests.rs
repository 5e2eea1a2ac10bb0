//! B16–B19: what is sent, and where.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::harness::*;

fn headers(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
}

const RESOURCE: &str = "WEB-4_2_0-02020202-0202-4202-8202-020202020202-1800000000000";

fn device_body() -> Value {
    json!({
        "platform": "WEB",
        "deviceId": "myapp_01010101-0101-4101-8101-010101010101_1800000000000",
        "appInfo": {"version": "v4.2.0", "apiVersion": "v3.0", "userAgent": "Some Browser",
            "client": format!("cometchat-auth/{}", env!("CARGO_PKG_VERSION"))},
    })
}

#[test]
fn b16_a_login_with_a_key_is_two_requests_of_the_official_form() {
    let mut tab = Tab::ready();
    let login = tab.login_key("alice", AUTH_KEY);
    let post = tab.open_requests()[0].clone();
    assert_eq!(
        (post.method, post.url.as_str()),
        ("POST", "https://myapp.api-us.cometchat.io/v3.0/users/alice/auth_tokens")
    );
    let mut expected = headers(&[
        ("appId", APP),
        ("Accept", "application/json"),
        ("Content-Type", "application/json"),
        ("sdk", "javascript@4.2.0"),
        ("resource", RESOURCE),
        ("apiKey", AUTH_KEY),
    ]);
    assert_eq!(post.headers, expected);
    assert_eq!(post.body, device_body());
    assert!(!post.keepalive);
    tab.respond(token("alice", "alice-token-1"));

    let put = tab.open_requests()[0].clone();
    assert_eq!(
        (put.method, put.url.as_str()),
        ("PUT", "https://myapp.apiclient-us.cometchat.io/v3.0/me")
    );
    expected.remove("apiKey");
    expected.insert("authToken".into(), "alice-token-1".into());
    assert_eq!(put.headers, expected);
    assert_eq!(put.body, device_body());
    assert!(!put.keepalive);
    tab.respond(me("alice"));
    tab.user(login);
    assert_eq!(tab.sent.len(), 2);
}

#[test]
fn b16_a_token_login_and_a_logout_are_one_request_each() {
    let mut tab = Tab::ready();
    tab.log_in("alice", "alice-token-1");
    tab.logout();
    assert_eq!(tab.sent_request_lines(), ["PUT /me", "DELETE /me"]);
    let delete = tab.open_requests()[0].clone();
    assert_eq!(delete.body, Value::Null);
    assert_eq!(delete.headers, tab.sent[0].headers);
    tab.respond(data(json!({})));
}

#[test]
fn b16_a_login_ignores_the_hosts_of_an_older_session() {
    let mut tab = Tab::logged_in("alice");
    let login = tab.login_key("bob", AUTH_KEY);
    assert_eq!(
        tab.open_requests()[0].url,
        "https://myapp.api-us.cometchat.io/v3.0/users/bob/auth_tokens"
    );
    tab.respond(token("bob", "bob-token-1"));
    assert_eq!(tab.open_requests()[0].url, "https://myapp.apiclient-us.cometchat.io/v3.0/me");
    tab.respond(me("bob"));
    tab.user(login);
}

#[test]
fn b16_a_stored_session_with_a_foreign_host_is_ignored() {
    for (name, host) in
        [("CLIENT_API_HOST", "evil.example"), ("ADMIN_API_HOST", "evil.example/x.cometchat.io")]
    {
        let platform = TestPlatform::default();
        write_session(&platform.local, "alice", "alice-token-1");
        platform.local.put(SETTINGS, &double_encoded(&json!({name: host})));
        let mut tab = Tab::ready_on(platform.clone());
        assert_eq!(tab.logged_in_user(), None, "{host}");
        let logout = tab.logout();
        assert_eq!(tab.code(logout), "USER_NOT_LOGGED_IN");
        assert!(tab.sent.is_empty());

        let mut tab = Tab::new(platform);
        tab.init(json!({"appId": APP, "region": "us", "clientHost": "https://chat.example.com"}));
        assert_eq!(
            tab.logged_in_user(),
            uid_and_token("alice", "alice-token-1"),
            "an override of the app decides where calls go"
        );
        tab.logout();
        assert_eq!(tab.open_requests()[0].url, "https://chat.example.com/me");
        tab.respond(data(json!({})));
    }
}

#[test]
fn b16_every_domain_of_the_service_is_accepted() {
    for host in ["x.apiclient-us.cometchat.io", "x.cc-cluster-2.io", "x.cc-edge-2.io"] {
        let platform = TestPlatform::default();
        write_session(&platform.local, "alice", "alice-token-1");
        platform.local.put(
            SETTINGS,
            &double_encoded(&json!({"CLIENT_API_HOST": host, "CHAT_API_VERSION": "v3.1"})),
        );
        let mut tab = Tab::ready_on(platform);
        tab.logout();
        assert_eq!(tab.open_requests()[0].url, format!("https://{host}/v3.1/me"));
        tab.respond(data(json!({})));
    }
}

#[test]
fn b17_a_uid_is_one_segment_of_the_path() {
    for (uid, path) in [
        ("a/b?c#d", "a%2Fb%3Fc%23d"),
        ("../../apps", "..%2F..%2Fapps"),
        ("50%", "50%25"),
        ("jürgen k", "j%C3%BCrgen%20k"),
        ("Upper-Case_1", "Upper-Case_1"),
    ] {
        let mut tab = Tab::ready();
        let login = tab.login_key(uid, AUTH_KEY);
        assert_eq!(
            tab.open_requests()[0].url,
            format!("https://myapp.api-us.cometchat.io/v3.0/users/{path}/auth_tokens")
        );
        tab.respond(token(uid, "some-token-1"));
        tab.respond(data(json!({"uid": uid})));
        assert_eq!(tab.user(login)["uid"], uid);
    }
}

#[test]
fn b17_dots_alone_cannot_be_a_uid() {
    for uid in [".", "..", " .. "] {
        let mut tab = Tab::ready();
        let login = tab.login_key(uid, AUTH_KEY);
        assert_eq!(tab.code(login), "INVALID_UID");
        assert!(tab.sent.is_empty());
    }
}

#[test]
fn b17_values_are_trimmed_before_use() {
    let mut tab = Tab::default();
    tab.init(json!({"appId": " myapp\n", "region": " US "}));
    let login = tab.login_key("\talice ", " an-auth-key\n");
    assert_eq!(
        tab.open_requests()[0].url,
        "https://myapp.api-us.cometchat.io/v3.0/users/alice/auth_tokens"
    );
    assert_eq!(tab.open_requests()[0].headers["apiKey"], AUTH_KEY);
    tab.respond(token("alice", "alice-token-1"));
    tab.respond(me("alice"));
    tab.user(login);
    tab.log_in("bob", " bob-token-1 ");
    assert_eq!(tab.logged_in_user(), uid_and_token("bob", "bob-token-1"));
}

#[test]
fn b18_an_override_wins_over_the_region_and_over_the_service() {
    let mut tab = Tab::default();
    tab.init(json!({
        "appId": APP,
        "adminHost": "https://admin.example.com",
        "clientHost": "https://client.example.com/v3.0",
    }));
    tab.login_key("alice", AUTH_KEY);
    tab.respond(token("alice", "alice-token-1"));
    tab.respond(me("alice"));
    tab.logout();
    let urls: Vec<_> = tab.sent.iter().map(|sent| sent.url.as_str()).collect();
    assert_eq!(
        urls,
        [
            "https://admin.example.com/users/alice/auth_tokens",
            "https://client.example.com/v3.0/me",
            "https://client.example.com/v3.0/me"
        ]
    );
    tab.respond(data(json!({})));
}

#[test]
fn b18_the_emulator_is_used_as_both_hosts() {
    let mut tab = Tab::default();
    tab.init(json!({"appId": APP, "region": "us", "emulator": "http://127.0.0.1:8599"}));
    assert_eq!(tab.warnings().len(), 1);
    assert!(tab.warnings()[0].contains("emulator"));
    tab.login_key("alice", AUTH_KEY);
    tab.respond(token("alice", "alice-token-1"));
    let settings = json!({"CLIENT_API_HOST": "127.0.0.1:8599", "CHAT_API_VERSION": "v3.0"});
    tab.respond(data(json!({"uid": "alice", "settings": settings})));
    tab.logout();
    tab.respond(data(json!({})));
    assert!(
        tab.sent.iter().all(|sent| sent.url.starts_with("http://127.0.0.1:8599/v3.0/")),
        "{:?}",
        tab.sent_request_lines()
    );
    assert_eq!(tab.sent.len(), 3);
}

#[test]
fn b18_an_empty_host_and_an_emulator_with_overrides_are_invalid() {
    for settings in [
        json!({"appId": APP, "region": "us", "clientHost": ""}),
        json!({"appId": APP, "region": "us", "emulator": ""}),
        json!({
            "appId": APP,
            "region": "us",
            "emulator": "http://localhost:8599",
            "clientHost": "https://x.example",
        }),
    ] {
        let mut tab = Tab::default();
        let init = tab.init(settings);
        assert_eq!(tab.code(init), "INVALID_HOST");
        assert_eq!(tab.client.app_id(), None);
    }
}

#[test]
fn b19_without_a_region_eu_is_used_with_a_warning() {
    let mut tab = Tab::default();
    tab.init(json!({"appId": APP}));
    assert_eq!(tab.warnings().len(), 1);
    assert!(tab.warnings()[0].contains("setRegion"));
    tab.login_token("alice-token-1");
    assert_eq!(tab.open_requests()[0].url, "https://myapp.apiclient-eu.cometchat.io/v3.0/me");
    tab.respond(me("alice"));
    assert_eq!(Tab::ready().warnings(), Vec::<&str>::new());
}

#[test]
fn b16_a_session_with_a_foreign_host_is_ignored_without_its_override() {
    let platform = TestPlatform::default();
    write_session(&platform.local, "alice", "alice-token-1");
    platform.local.put(SETTINGS, &double_encoded(&json!({"CLIENT_API_HOST": "evil.example"})));
    let mut tab = Tab::new(platform);
    tab.init(json!({"appId": APP, "region": "us", "clientHost": "https://chat.example.com"}));
    tab.init_app();
    let logout = tab.logout();
    assert_eq!(
        tab.sent.iter().map(|sent| sent.url.as_str()).collect::<Vec<_>>(),
        Vec::<&str>::new()
    );
    assert_eq!(tab.code(logout), "USER_NOT_LOGGED_IN");
}

#[test]
fn b16_with_only_an_admin_host_a_foreign_stored_host_is_not_used() {
    let platform = TestPlatform::default();
    write_session(&platform.local, "alice", "alice-token-1");
    platform.local.put(SETTINGS, &double_encoded(&json!({"CLIENT_API_HOST": "evil.example"})));
    let mut tab = Tab::new(platform);
    tab.init(json!({"appId": APP, "region": "us", "adminHost": "https://admin.example.com"}));
    tab.logout();
    assert_eq!(tab.open_requests()[0].url, "https://myapp.apiclient-us.cometchat.io/v3.0/me");
    tab.respond(data(json!({})));
}
