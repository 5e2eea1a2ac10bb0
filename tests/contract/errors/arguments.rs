//! B1, B23: arguments of a login that are missing or invalid.

use cometchat_auth::client::Call;
use serde_json::{Value, json};

use crate::harness::*;

#[test]
fn b1_arguments_that_are_not_json_reject_as_missing() {
    let mut tab = Tab::ready();
    for args in ["", "{", "5", "[]", "null", "{\"count\":"] {
        let id = tab.raw_call(Call::Login, args.into());
        assert_eq!(tab.code(id), "MISSING_PARAMETERS", "{args}");
    }
    assert!(tab.sent.is_empty());
}

#[test]
fn b23_a_missing_argument_is_named_and_no_request_is_sent() {
    let unset = [
        json!(""),
        json!("  "),
        json!("undefined"),
        json!("null"),
        json!("0"),
        json!(" null "),
        Value::Null,
        json!(true),
    ];
    let mut tab = Tab::ready();
    for value in &unset {
        for (args, named) in [
            (json!({"count": 1, "0": value}), "authToken"),
            (json!({"count": 2, "0": "alice", "1": value}), "authKey"),
            (json!({"uid": "alice", "authKey": value}), "authKey"),
            (json!({"authToken": value}), "authToken"),
            (json!({"uid": "alice", "authToken": value}), "authToken"),
        ] {
            let login = tab.login(args.clone());
            let error = tab.error(login);
            assert_eq!(error.code, "MISSING_PARAMETERS", "{args}");
            assert!(error.message.contains(named), "{args}: {}", error.message);
        }
    }
    for uid in [json!(""), json!(" \n"), Value::Null] {
        for args in
            [json!({"count": 2, "0": uid, "1": AUTH_KEY}), json!({"uid": uid, "authKey": AUTH_KEY})]
        {
            let login = tab.login(args.clone());
            assert!(tab.error(login).message.contains("uid"), "{args}");
            assert_eq!(tab.code(login), "MISSING_PARAMETERS", "{args}");
        }
    }
    for args in [
        json!({"count": 1}),
        json!({"count": 2, "0": "alice"}),
        json!({"uid": "alice"}),
        json!({"authKey": AUTH_KEY}),
        json!({}),
    ] {
        let login = tab.login(args.clone());
        assert_eq!(tab.code(login), "MISSING_PARAMETERS", "{args}");
    }
    for count in [0, 3, 4] {
        let login = tab.login(json!({"count": count, "0": "alice", "1": AUTH_KEY, "2": "x"}));
        assert_eq!(tab.code(login), "MISSING_PARAMETERS");
        assert!(tab.error(login).message.contains("(uid, authKey)"));
    }
    assert!(tab.sent.is_empty() && tab.platform.local.get(USER).is_none());
}

#[test]
fn b23_login_accepts_uids_that_look_like_missing_values() {
    for uid in ["0", "null", "undefined", "false", "NaN", "[object Object]", "🦊"] {
        let mut tab = Tab::ready();
        let login = tab.login_key(uid, AUTH_KEY);
        tab.respond(token(uid, "some-token-1"));
        tab.respond(data(json!({"uid": uid})));
        assert_eq!(tab.user(login)["uid"], uid);
    }
}

#[test]
fn b23_a_credential_with_invalid_characters_is_not_sent() {
    let mut tab = Tab::ready();
    let calls = [
        tab.login_key("alice", "a\nkey"),
        tab.login_key("alice", "schlüssel"),
        tab.login_token("tok\u{7f}en"),
        tab.login_token("tökën"),
    ];
    assert_eq!(
        calls.map(|call| tab.code(call)),
        ["INVALID_AUTH_KEY", "INVALID_AUTH_KEY", "INVALID_AUTH_TOKEN", "INVALID_AUTH_TOKEN"]
    );
    for call in calls {
        let message = tab.error(call).message.clone();
        assert!(!message.contains("schl") && !message.contains("tök"), "{message}");
    }
    assert!(tab.sent.is_empty());
}
