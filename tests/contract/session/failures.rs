//! B5: a failed login changes nothing.

use cometchat_auth::client::ports::Outcome;
use serde_json::json;

use crate::harness::*;

/// Every way in which a request can fail, and the code of the rejection. `None` is a timeout.
fn failures(first: bool) -> Vec<(&'static str, Option<Outcome>, &'static str)> {
    let mut all = vec![
        ("no response", Some(NO_RESPONSE), "FAILED_TO_FETCH"),
        ("timeout", None, "REQUEST_TIMEOUT"),
        (
            "refused",
            Some(error_response(401, "AUTH_ERR_APIKEY_NOT_FOUND")),
            "AUTH_ERR_APIKEY_NOT_FOUND",
        ),
        (
            "token unknown",
            Some(error_response(401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND")),
            "AUTH_ERR_AUTH_TOKEN_NOT_FOUND",
        ),
        ("uid unknown", Some(error_response(404, "ERR_UID_NOT_FOUND")), "ERR_UID_NOT_FOUND"),
        ("too many", Some(error_response(429, "ERR_TOO_MANY_REQUESTS")), "ERR_TOO_MANY_REQUESTS"),
        ("refused with 200", Some(error_response(200, "ERR_X")), "ERR_X"),
        ("a page of HTML", Some(body(502, "<h1>Bad gateway</h1>")), "INVALID_RESPONSE"),
        ("empty", Some(body(200, "")), "INVALID_RESPONSE"),
        ("null", Some(body(200, "null")), "INVALID_RESPONSE"),
        ("no envelope", Some(body(200, "{}")), "INVALID_RESPONSE"),
        ("a list", Some(body(200, "[]")), "INVALID_RESPONSE"),
        ("cut off", Some(body(200, r#"{"data":{"uid":"bob","authToken":"t"#)), "INVALID_RESPONSE"),
        ("data of null", Some(body(200, r#"{"data":null}"#)), "INVALID_RESPONSE"),
        ("empty data", Some(data(json!({}))), "INVALID_RESPONSE"),
        ("data of a text", Some(data(json!("bob"))), "INVALID_RESPONSE"),
        (
            "for another user",
            Some(data(json!({"uid": "mallory", "authToken": "mallory-token-1"}))),
            "INVALID_RESPONSE",
        ),
        (
            "success with status 400",
            Some(body(400, r#"{"data":{"uid":"bob","authToken":"bob-token-1"}}"#)),
            "INVALID_RESPONSE",
        ),
        (
            "success with status 302",
            Some(body(302, r#"{"data":{"uid":"bob","authToken":"bob-token-1"}}"#)),
            "INVALID_RESPONSE",
        ),
    ];
    if first {
        all.extend([
            ("no token", Some(data(json!({"uid": "bob"}))), "INVALID_RESPONSE"),
            (
                "a token of null",
                Some(data(json!({"uid": "bob", "authToken": null}))),
                "INVALID_RESPONSE",
            ),
            (
                "a token of blanks",
                Some(data(json!({"uid": "bob", "authToken": "  "}))),
                "INVALID_RESPONSE",
            ),
            (
                "an object for a token",
                Some(data(json!({"uid": "bob", "authToken": {"a": 1}}))),
                "INVALID_RESPONSE",
            ),
            (
                "a token that fits no header",
                Some(data(json!({"uid": "bob", "authToken": "bob\r\nx: y"}))),
                "INVALID_RESPONSE",
            ),
        ]);
    } else {
        all.extend([
            ("no uid", Some(data(json!({"name": "Bob"}))), "INVALID_RESPONSE"),
            ("a number for a uid", Some(data(json!({"uid": 5}))), "INVALID_RESPONSE"),
            (
                "hosts elsewhere",
                Some(data(json!({"uid": "bob", "settings": {"CLIENT_API_HOST": "evil.example"}}))),
                "INVALID_HOST",
            ),
        ]);
    }
    all
}

/// The session before the login.
#[derive(Clone, Copy, Debug)]
enum Before {
    NoSession,
    AliceStored,
    AliceInMemory,
}

#[test]
fn b5_a_failed_request_of_a_login_changes_neither_storage_nor_memory() {
    for before in [Before::NoSession, Before::AliceStored, Before::AliceInMemory] {
        for first in [true, false] {
            for (what, outcome, code) in failures(first) {
                let case = format!(
                    "{before:?}, {} request: {what}",
                    if first { "first" } else { "second" }
                );
                let mut tab = Tab::ready();
                tab.platform.local.refuse_writes(matches!(before, Before::AliceInMemory));
                if !matches!(before, Before::NoSession) {
                    tab.log_in("alice", "alice-token-1");
                }
                tab.clear_log();
                let (stored, user, persistence) =
                    (tab.platform.local.entries(), tab.logged_in_user(), tab.client.persistence());

                let login = tab.login_key("bob", AUTH_KEY);
                if !first {
                    tab.respond(token("bob", "bob-token-1"));
                }
                match outcome {
                    Some(outcome) => tab.respond(outcome),
                    None => tab.advance(10_000),
                }
                assert_eq!(tab.code(login), code, "{case}");
                assert_eq!(tab.take_events(), [format!("loginFailure {code}")], "{case}");
                assert!(tab.platform.local.changes().is_empty(), "{case}");
                assert_eq!(tab.platform.local.entries(), stored, "{case}");
                assert_eq!(tab.logged_in_user(), user, "{case}");
                assert_eq!(tab.client.persistence(), persistence, "{case}");
                assert!(tab.open_requests().is_empty(), "{case}");

                tab.platform.local.refuse_writes(false);
                tab.log_in("bob", "bob-token-2");
            }
        }
    }
}

#[test]
fn b5_a_failed_token_login_keeps_the_earlier_session() {
    for (what, outcome, code) in failures(false) {
        if what == "for another user" {
            continue; // Without a uid, a token login accepts the user of the token.
        }
        let mut tab = Tab::logged_in("alice");
        let login = tab.login_token("some-other-token");
        match outcome {
            Some(outcome) => tab.respond(outcome),
            None => tab.advance(10_000),
        }
        assert_eq!(tab.code(login), code, "{what}");
        assert_eq!(tab.logged_in_user(), uid_and_token("alice", "alice-token-1"), "{what}");
        assert!(tab.platform.local.changes().is_empty(), "{what}");
        assert_eq!(
            tab.reload().logged_in_user(),
            uid_and_token("alice", "alice-token-1"),
            "{what}"
        );
    }
}
