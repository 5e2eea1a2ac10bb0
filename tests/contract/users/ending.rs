//! B10: what ends a session.

use cometchat_auth::client::Call;
use cometchat_auth::client::ports::{Answer, Outcome};
use serde_json::json;

use super::{MakeCall, SESSION_CALLS, token_unknown, user};
use crate::harness::*;

#[test]
fn b10_an_unknown_session_token_ends_the_session_once() {
    for (what, make_call) in SESSION_CALLS {
        let mut tab = Tab::logged_in("alice");
        let (first, second) = (make_call(&mut tab), make_call(&mut tab));
        let open = tab.open_requests();
        tab.respond_to(open[0].id, token_unknown());
        if what == "verifySession" {
            assert_eq!(tab.result_of(first), Answer::NoUser);
        } else {
            assert_eq!(tab.code(first), "AUTH_ERR_AUTH_TOKEN_NOT_FOUND", "{what}");
        }
        assert_eq!(tab.take_events(), ["logoutSuccess"], "{what}");
        assert_eq!(
            (tab.logged_in_user(), tab.platform.local.get(USER), tab.platform.local.get(SETTINGS)),
            (None, None, None),
            "{what}"
        );
        tab.respond_to(open[1].id, token_unknown());
        assert!(!tab.is_pending(second) && tab.take_events().is_empty(), "{what}: once");
        assert_eq!(tab.sent.len(), 2, "{what}: no further request");
        assert_eq!(tab.reload().logged_in_user(), None, "{what}");
    }
}

#[test]
fn b10_an_unknown_older_token_keeps_the_session() {
    for (what, make_call) in SESSION_CALLS {
        for elsewhere in [false, true] {
            for (uid, next) in [("alice", "alice-token-2"), ("bob", "bob-token-1")] {
                let mut tab = Tab::logged_in("alice");
                let call = make_call(&mut tab);
                let old = tab.open_requests()[0].id;
                if elsewhere {
                    // The tab has not compared with storage yet. It does so when the response
                    // arrives.
                    write_session(&tab.platform.local, uid, next);
                } else {
                    tab.log_in_concurrently(uid, next);
                }
                tab.respond_to(old, token_unknown());
                assert!(!tab.is_pending(call), "{what}");
                if what == "verifySession" {
                    assert_eq!(tab.user(call)["authToken"], next, "{what}: who is logged in now");
                } else {
                    assert_eq!(tab.code(call), "AUTH_ERR_AUTH_TOKEN_NOT_FOUND", "{what}");
                }
                assert_eq!(tab.logged_in_user(), uid_and_token(uid, next), "{what}");
                let events: &[&str] = if uid == "bob" {
                    &["logoutSuccess", "loginSuccess bob"]
                } else {
                    &["loginSuccess alice"]
                };
                assert_eq!(tab.take_events(), events, "{what}");
            }
        }
    }
}

#[test]
fn b10_a_call_with_an_auth_key_never_ends_the_session() {
    for make_call in [(|tab| tab.create(&user())) as MakeCall, |tab| {
        tab.update(&json!({"uid": "alice", "name": "N"}))
    }] {
        let mut tab = Tab::logged_in("alice");
        let call = make_call(&mut tab);
        tab.respond(token_unknown());
        assert_eq!(tab.code(call), "AUTH_ERR_AUTH_TOKEN_NOT_FOUND");
        assert_eq!(tab.logged_in_user(), uid_and_token("alice", "alice-token-1"));
        assert!(tab.take_events().is_empty());
    }
}

#[test]
fn b10_only_an_unknown_token_ends_a_session() {
    let failures: [(Option<Outcome>, &str, bool); 11] = [
        (Some(NO_RESPONSE), "FAILED_TO_FETCH", true),
        (None, "REQUEST_TIMEOUT", true),
        (Some(error_response(400, "ERR_BAD_REQUEST")), "ERR_BAD_REQUEST", false),
        (Some(error_response(401, "AUTH_ERR_NO_ACCESS")), "AUTH_ERR_NO_ACCESS", false),
        (
            Some(error_response(403, "ERR_AUTHTOKEN_NOT_ACCESSIBLE")),
            "ERR_AUTHTOKEN_NOT_ACCESSIBLE",
            false,
        ),
        (Some(error_response(404, "ERR_UID_NOT_FOUND")), "ERR_UID_NOT_FOUND", false),
        (Some(error_response(429, "ERR_TOO_MANY_REQUESTS")), "ERR_TOO_MANY_REQUESTS", true),
        (Some(error_response(500, "ERR_INTERNAL")), "ERR_INTERNAL", true),
        (Some(body(401, "<h1>Unauthorized</h1>")), "INVALID_RESPONSE", false),
        (Some(body(503, "")), "INVALID_RESPONSE", true),
        (Some(body(200, "{}")), "INVALID_RESPONSE", false),
    ];
    for (what, make_call) in SESSION_CALLS {
        for (outcome, code, retryable) in failures.clone() {
            let mut tab = Tab::logged_in("alice");
            let call = make_call(&mut tab);
            match outcome {
                Some(outcome) => tab.respond(outcome),
                None => tab.advance(10_000),
            }
            let error = tab.error(call);
            assert_eq!((error.code.as_str(), error.retryable), (code, retryable), "{what}");
            assert!(
                tab.take_events().is_empty() && tab.platform.local.changes().is_empty(),
                "{what} {code}"
            );
            assert_eq!(
                tab.logged_in_user(),
                uid_and_token("alice", "alice-token-1"),
                "{what} {code}"
            );
        }
    }
}

#[test]
fn b10_a_success_or_overload_status_never_ends_the_session() {
    for status in [200, 429, 500, 503] {
        let mut tab = Tab::logged_in("alice");
        let verify = tab.call(Call::Verify, 0, &json!({}));
        tab.respond(error_response(status, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND"));
        assert_eq!(tab.code(verify), "AUTH_ERR_AUTH_TOKEN_NOT_FOUND", "{status}");
        assert_eq!(tab.logged_in_user(), uid_and_token("alice", "alice-token-1"));
        let logout = tab.logout();
        tab.respond(error_response(status, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND"));
        assert_eq!(tab.code(logout), "AUTH_ERR_AUTH_TOKEN_NOT_FOUND", "{status}");
        assert_eq!(
            tab.take_events(),
            ["logoutSuccess", "logoutFailure AUTH_ERR_AUTH_TOKEN_NOT_FOUND"]
        );
    }
}
