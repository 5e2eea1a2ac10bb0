//! B22–B27: arguments, exceptions, the order of events, secrets, warnings.

use proptest::prelude::*;
use serde_json::{Value, json};

use cometchat_auth::client::Call;
use cometchat_auth::protocol::error::Http;

use crate::harness::*;

#[test]
fn b22_a_services_error_is_passed_on_with_status_and_details() {
    let mut tab = Tab::ready();
    let login = tab.login_key("alice", AUTH_KEY);
    let envelope = json!({"error": {"code": "ERR_UID_NOT_FOUND", "message": "No such user.",
        "details": {"uid": ["unknown"]}, "devMessage": "d"}});
    tab.respond(Ok(Box::new(cometchat_auth::client::ports::Received {
        http: Http { status: 404, retry_after: 12 },
        body: envelope.to_string(),
    })));
    assert_eq!(
        tab.error(login),
        ExceptionFields {
            code: "ERR_UID_NOT_FOUND".into(),
            message: "No such user.".into(),
            details: Some(r#"{"uid":["unknown"]}"#.into()),
            status: Some(404),
            retryable: false,
            retry_after: Some(12),
            own: false,
        }
    );
}

#[test]
fn b22_errors_of_the_package_have_a_code_and_no_status_without_a_response() {
    let mut tab = Tab::ready();
    let login = tab.login_key("alice", AUTH_KEY);
    tab.respond(body(503, "<h1>no</h1>"));
    let error = tab.error(login);
    assert_eq!((error.code.as_str(), error.own), ("INVALID_RESPONSE", true));
    assert_eq!((error.status, error.retryable), (Some(503), true));
    let logout = tab.logout();
    let error = tab.error(logout);
    assert_eq!(
        (error.code.as_str(), error.own, error.status, error.retryable),
        ("USER_NOT_LOGGED_IN", true, None, false)
    );
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
fn b23_login_accepts_any_other_uid() {
    for uid in ["0", "null", "undefined", "false", "NaN", "[object Object]", "🦊"] {
        let mut tab = Tab::ready();
        let login = tab.login_key(uid, AUTH_KEY);
        tab.respond(token(uid, "some-token-1"));
        tab.respond(data(json!({"uid": uid})));
        assert_eq!(tab.user(login)["uid"], uid);
    }
}

#[test]
fn b23_a_credential_that_no_header_can_carry_is_rejected_without_a_request() {
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

/// The last events and settled calls, without requests and warnings.
fn last_outputs(tab: &Tab, count: usize) -> Vec<String> {
    let output = tab.log.iter().filter_map(|output| match output {
        LogEntry::Event(event) => Some(event_text(event)),
        LogEntry::Settled(call) => Some(format!("settled {call}")),
        _ => None,
    });
    let output: Vec<_> = output.collect();
    output[output.len() - count..].to_vec()
}

#[test]
fn b24_listeners_run_before_the_promise_settles() {
    let mut tab = Tab::ready();
    let login = tab.login_token("alice-token-1");
    tab.respond(me("alice"));
    assert_eq!(last_outputs(&tab, 2), ["loginSuccess alice".into(), format!("settled {login}")]);

    let again = tab.login_token("alice-token-1");
    assert_eq!(last_outputs(&tab, 2), ["loginSuccess alice".into(), format!("settled {again}")]);

    let other = tab.login_token("bob-token-1");
    tab.respond(me("bob"));
    assert_eq!(
        last_outputs(&tab, 3),
        ["logoutSuccess".into(), "loginSuccess bob".into(), format!("settled {other}")]
    );

    let failed = tab.login_token("wrong-token-1");
    tab.respond(error_response(401, "ERR_X"));
    assert_eq!(last_outputs(&tab, 2), ["loginFailure ERR_X".into(), format!("settled {failed}")]);

    let missing = tab.login_token("");
    assert_eq!(
        last_outputs(&tab, 2),
        ["loginFailure MISSING_PARAMETERS".into(), format!("settled {missing}")]
    );

    let logout = tab.logout();
    tab.respond(NO_RESPONSE);
    assert_eq!(
        last_outputs(&tab, 3),
        [
            "logoutSuccess".into(),
            "logoutFailure FAILED_TO_FETCH".into(),
            format!("settled {logout}")
        ]
    );

    write_session(&tab.platform.local, "carol", "carol-token-1");
    let lookup = tab.get_logged_in_user();
    assert_eq!(last_outputs(&tab, 2), ["loginSuccess carol".into(), format!("settled {lookup}")]);
}

#[test]
fn b25_every_login_that_rejects_notifies_once() {
    let mut tab = Tab::default();
    tab.login_key("alice", AUTH_KEY);
    assert_eq!(tab.take_events(), ["loginFailure COMETCHAT_INITIALIZATION_NOT_DONE"]);
    tab.init_app();
    for (args, code) in [
        (json!({"count": 0}), "MISSING_PARAMETERS"),
        (json!({"count": 2, "0": "..", "1": AUTH_KEY}), "INVALID_UID"),
        (json!({"count": 1, "0": "tökën"}), "INVALID_AUTH_TOKEN"),
    ] {
        tab.login(args);
        assert_eq!(tab.take_events(), [format!("loginFailure {code}")]);
    }
    tab.login_key("alice", AUTH_KEY);
    tab.login_key("alice", AUTH_KEY);
    let other = tab.login_key("bob", AUTH_KEY);
    assert_eq!(tab.code(other), "LOGIN_IN_PROGRESS");
    assert!(tab.take_events().is_empty(), "LOGIN_IN_PROGRESS fires no event");
    tab.respond(error_response(401, "AUTH_ERR_APIKEY_NOT_FOUND"));
    assert_eq!(
        tab.take_events(),
        ["loginFailure AUTH_ERR_APIKEY_NOT_FOUND"],
        "a joined call fires no event of its own"
    );
}

#[test]
fn b25_listeners_get_the_same_error_as_the_caller() {
    let mut tab = Tab::ready();
    let login = tab.login_key("alice", AUTH_KEY);
    tab.respond(error_response(404, "ERR_UID_NOT_FOUND"));
    let event = tab.log.iter().find_map(|output| match output {
        LogEntry::Event(cometchat_auth::client::ports::Event::LoginFailure(exception)) => {
            Some(exception_fields(exception))
        }
        _ => None,
    });
    assert_eq!(event, Some(tab.error(login)));
}

/// A secret, raw or percent-encoded.
fn secret_in_form(secret: &str, form: usize) -> String {
    let encoded = |upper: bool, all: bool| -> String {
        secret
            .bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' if !all => {
                    char::from(byte).to_string()
                }
                _ if upper => format!("%{byte:02X}"),
                _ => format!("%{byte:02x}"),
            })
            .collect()
    };
    match form {
        0 => secret.into(),
        1 => encoded(true, false),
        2 => encoded(false, false),
        _ => encoded(true, true),
    }
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let code = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        out.push(code.unwrap_or(bytes[at]));
        at += if code.is_some() { 3 } else { 1 };
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(1_000)
    })]

    /// The service repeats the credentials of the call in every field.
    #[test]
    fn b26_no_secret_in_any_exception_whatever_the_service_says(
        key in "[!-~][ -~]{6,14}[!-~]",
        returned in "[!-~][ -~]{6,14}[!-~]",
        forms in prop::array::uniform4(0usize..4),
        words in prop::array::uniform4("[a-z %]{0,6}"),
        step in 0usize..4,
        status in prop_oneof![Just(200u16), Just(401), Just(500)],
    ) {
        let mut tab = Tab::deployed();
        tab.init_app();
        let quoted = |secret: &str, at: usize| {
            format!("{}{}{}", words[at], secret_in_form(secret, forms[at]), words[at])
        };
        let error_with = |secrets: [&str; 2]| {
            let [one, two] = secrets;
            body(status, &json!({"error": {
                "code": format!("ERR_{}", quoted(one, 0)), "message": quoted(two, 1),
                "details": {
                    quoted(one, 2): [quoted(two, 3), {"url": quoted(one, 1)}],
                    "header": format!("apiKey: {one}, authToken: {two}"),
                },
            }}).to_string())
        };
        let call = match step {
            0 => {
                let call = tab.login_key("alice", &key);
                tab.respond(error_with([&key, &key]));
                call
            }
            1 => {
                let call = tab.login_key("alice", &key);
                tab.respond(token("alice", &returned));
                tab.respond(error_with([&key, &returned]));
                call
            }
            2 => {
                let call = tab.login_token(&key);
                tab.respond(error_with([&key, &key]));
                call
            }
            _ => {
                tab.log_in("alice", &key);
                let call = tab.logout();
                tab.respond(error_with([&key, &key]));
                call
            }
        };
        let error = tab.error(call);
        let mut texts = vec![error.code.clone(), error.message.clone()];
        let details: Value = serde_json::from_str(error.details.as_deref().unwrap()).unwrap();
        collect_strings(&details, &mut texts);
        for text in texts {
            for secret in [&key, &returned] {
                prop_assert!(!text.contains(secret.as_str()), "{secret:?} in {text:?}");
                let plain = percent_decoded(&text);
                let found = plain.windows(secret.len()).any(|part| part == secret.as_bytes());
                prop_assert!(!found, "{secret:?} in {text:?}");
            }
        }
    }

    /// A body that is not an envelope does not appear in the exception.
    #[test]
    fn b26_a_body_that_is_no_envelope_is_not_quoted(
        text in any::<String>(),
        status in 100u16..600,
    ) {
        let mut tab = Tab::ready();
        let call = tab.login_token("alice-token-1");
        tab.respond(body(status, &format!("<pre>authToken: alice-token-1 {text}")));
        prop_assert_eq!(tab.code(call), "INVALID_RESPONSE");
        prop_assert_eq!(tab.error(call).status, Some(u64::from(status)));
    }
}

#[test]
fn b26_the_stored_user_is_the_only_place_for_the_token() {
    let mut tab = Tab::ready();
    tab.login_key("alice", AUTH_KEY);
    tab.respond(token("alice", "alice-token-1"));
    tab.respond(me("alice"));
    for (key, text) in tab.platform.local.entries() {
        assert!(!text.contains(AUTH_KEY), "the auth key in {key}");
        assert_eq!(text.contains("alice-token-1"), key == USER, "the token in {key}");
    }
    assert!(
        tab.platform
            .session
            .entries()
            .values()
            .all(|text| !text.contains("token") && !text.contains(AUTH_KEY))
    );
}

#[test]
fn b26_debug_output_of_a_result_hides_the_token_of_its_user() {
    let mut tab = Tab::logged_in("alice");
    let call = tab.call(Call::UpdateMe, 0, &json!({"user": {"name": "A"}}));
    tab.respond(data(json!({"uid": "alice", "name": "A"})));
    assert_eq!(tab.user(call)["authToken"], "alice-token-1");
    let shown = format!("{:?}", tab.result_of(call));
    assert!(shown.starts_with("Profile(") && !shown.contains("alice-token-1"), "{shown}");
}

#[test]
fn b27_an_auth_key_in_production_causes_one_warning() {
    let mut tab = Tab::deployed();
    tab.init_app();
    for _ in 0..2 {
        tab.login_key("alice", AUTH_KEY);
        tab.respond(NO_RESPONSE);
    }
    assert_eq!(tab.warnings().len(), 1);
    assert!(tab.warnings()[0].contains("auth key") && tab.warnings()[0].contains("auth token"));
}

#[test]
fn b27_no_warning_on_localhost_or_for_a_token() {
    let mut tab = Tab::ready();
    tab.login_key("alice", AUTH_KEY);
    tab.respond(NO_RESPONSE);
    assert!(tab.warnings().is_empty());

    let mut tab = Tab::deployed();
    tab.init_app();
    tab.log_in("bob", "bob-token-1");
    assert!(tab.warnings().is_empty());
    tab.login_key("alice", AUTH_KEY);
    tab.respond(NO_RESPONSE);
    assert_eq!(tab.warnings().len(), 1);
}

#[test]
fn b26_a_key_with_a_percent_sign_is_masked_in_its_encoded_form_too() {
    let mut tab = Tab::ready();
    let login = tab.login_key("alice", "50%-off-key");
    tab.respond(body(401, r#"{"error":{"code":"ERR_X","message":"see /keys/50%25-off-key"}}"#));
    assert_eq!(tab.error(login).message, "see /keys/***");
}
