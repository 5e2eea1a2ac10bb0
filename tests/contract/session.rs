//! B4–B7, B11, B21: the warm start; logins that succeed, join, fail.

use serde_json::json;

use crate::harness::*;

#[test]
fn b4_a_warm_start_makes_no_request_and_no_event() {
    let mut tab = Tab::logged_in("alice").reload();
    assert_eq!(tab.logged_in_user(), uid_and_token("alice", "alice-token-1"));
    assert!(tab.sent.is_empty() && tab.take_events().is_empty());
    assert_eq!(tab.client.persistence(), Some("local"));
    tab.sync();
    assert!(tab.take_events().is_empty(), "nothing has changed");
}

#[test]
fn b4_the_stored_user_equals_the_user_that_login_returned() {
    let mut tab = Tab::ready();
    let login = tab.login_token("alice-token-1");
    tab.respond(me("alice"));
    let user = tab.user(login);
    let mut tab = tab.reload();
    let lookup = tab.get_logged_in_user();
    assert_eq!(tab.user(lookup), user);
    assert_eq!(user["status"], "online");
}

/// Every way in which a request can fail, and the code of the rejection. `None` is a timeout.
fn failures(
    first: bool,
) -> Vec<(&'static str, Option<cometchat_auth::client::ports::Outcome>, &'static str)> {
    let mut all = vec![
        ("no reply", Some(NO_RESPONSE), "FAILED_TO_FETCH"),
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

#[test]
fn b6_login_as_the_logged_in_user_sends_no_request() {
    let mut tab = Tab::logged_in("alice");
    let calls = [
        tab.login_key("alice", AUTH_KEY),
        tab.login_key("ALICE", AUTH_KEY),
        tab.login_key(" Alice ", "another-key"),
        tab.login_token("alice-token-1"),
        tab.login(json!({"uid": "Alice", "authKey": AUTH_KEY})),
        tab.login(json!({"uid": "aLice", "authToken": "alice-token-1"})),
        tab.login(json!({"authToken": "alice-token-1"})),
    ];
    for call in calls {
        assert_eq!(tab.user(call)["uid"], "alice");
    }
    assert_eq!(tab.take_events(), ["loginSuccess alice"; 7]);
    assert!(tab.sent.is_empty() && tab.platform.local.changes().is_empty());
}

#[test]
fn b6_another_token_of_the_same_user_replaces_the_token_without_a_logout() {
    let mut tab = Tab::logged_in("alice");
    tab.log_in("Alice", "alice-token-2");
    assert_eq!(tab.take_events(), ["loginSuccess Alice"]);
    assert_eq!(tab.sent_request_lines(), ["PUT /me"]);
    assert_eq!(tab.logged_in_user(), uid_and_token("Alice", "alice-token-2"));
    assert_eq!(tab.reload().logged_in_user(), uid_and_token("Alice", "alice-token-2"));
}

#[test]
fn b6_login_as_another_user_replaces_the_session_in_one_step() {
    let mut tab = Tab::logged_in("alice");
    let login = tab.login_key("bob", AUTH_KEY);
    tab.respond(token("bob", "bob-token-1"));
    assert_eq!(
        tab.logged_in_user(),
        uid_and_token("alice", "alice-token-1"),
        "until the service has responded"
    );
    tab.respond(me("bob"));
    assert_eq!(tab.user(login)["uid"], "bob");
    assert_eq!(tab.take_events(), ["logoutSuccess", "loginSuccess bob"]);
    assert_eq!(
        tab.sent_request_lines(),
        ["POST /users/bob/auth_tokens", "PUT /me"],
        "the old token is not revoked"
    );
    assert_eq!(tab.logged_in_user(), uid_and_token("bob", "bob-token-1"));
    assert_eq!(tab.reload().logged_in_user(), uid_and_token("bob", "bob-token-1"));
}

#[test]
fn b6_a_session_of_another_uid_is_not_returned_even_with_the_same_token() {
    let mut tab = Tab::logged_in("alice");
    let login = tab.login(json!({"uid": "bob", "authToken": "alice-token-1"}));
    tab.respond(me("alice"));
    assert_eq!(tab.code(login), "INVALID_RESPONSE");
    assert_eq!(tab.logged_in_user(), uid_and_token("alice", "alice-token-1"));
    assert!(tab.platform.local.changes().is_empty());
}

#[test]
fn b6_a_token_of_another_user_is_rejected_if_a_uid_is_given() {
    let mut tab = Tab::ready();
    let login = tab.login(json!({"uid": "alice", "authToken": "bob-token-1"}));
    tab.respond(me("bob"));
    assert_eq!(tab.code(login), "INVALID_RESPONSE");
    assert_eq!(tab.error(login).status, Some(200));
    assert_eq!(tab.logged_in_user(), None);
    let login = tab.login(json!({"uid": "ALICE", "authToken": "alice-token-1"}));
    tab.respond(me("alice"));
    assert_eq!(tab.user(login)["uid"], "alice");
}

#[test]
fn b7_the_same_login_joins_the_pending_one() {
    let mut tab = Tab::ready();
    let first = tab.login_key("alice", AUTH_KEY);
    let joined = [
        tab.login_key("ALICE", AUTH_KEY),
        tab.login(json!({"uid": " alice", "authKey": AUTH_KEY})),
    ];
    tab.respond(token("alice", "alice-token-1"));
    let late = tab.login_key("alice", AUTH_KEY);
    tab.respond(me("alice"));
    for call in [first, joined[0], joined[1], late] {
        assert_eq!(tab.user(call)["authToken"], "alice-token-1");
    }
    assert_eq!(tab.sent_request_lines(), ["POST /users/alice/auth_tokens", "PUT /me"]);
    assert_eq!(tab.take_events(), ["loginSuccess alice"]);
}

#[test]
fn b7_the_same_token_login_joins_and_shares_the_failure() {
    let mut tab = Tab::ready();
    let calls =
        [tab.login_token("alice-token-1"), tab.login(json!({"authToken": " alice-token-1 "}))];
    tab.respond(error_response(401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND"));
    assert_eq!(calls.map(|call| tab.code(call)), ["AUTH_ERR_AUTH_TOKEN_NOT_FOUND"; 2]);
    assert_eq!(tab.take_events(), ["loginFailure AUTH_ERR_AUTH_TOKEN_NOT_FOUND"], "once");
}

#[test]
fn b7_a_different_login_is_rejected_and_the_first_continues() {
    let mut tab = Tab::ready();
    let first = tab.login_key("alice", AUTH_KEY);
    let others = [
        tab.login_key("alice", "another-key"),
        tab.login_key("bob", AUTH_KEY),
        tab.login_token("alice-token-1"),
        tab.login_token(AUTH_KEY),
        tab.login(json!({"uid": "alice", "authToken": AUTH_KEY})),
    ];
    assert_eq!(others.map(|call| tab.code(call)), ["LOGIN_IN_PROGRESS"; 5]);
    assert!(tab.take_events().is_empty());
    tab.respond(token("alice", "alice-token-1"));
    tab.respond(me("alice"));
    assert_eq!(tab.user(first)["uid"], "alice");
    assert_eq!(tab.sent.len(), 2);
}

#[test]
fn b7_an_abort_rejects_only_its_own_caller() {
    let mut tab = Tab::ready();
    let (first, second) = (tab.login_key("alice", AUTH_KEY), tab.login_key("alice", AUTH_KEY));
    tab.abort(first);
    assert_eq!(tab.code(first), "REQUEST_ABORTED");
    assert!(tab.is_pending(second));
    tab.abort(first);
    tab.respond(token("alice", "alice-token-1"));
    tab.respond(me("alice"));
    assert_eq!(tab.user(second)["uid"], "alice");
}

#[test]
fn b7_joined_callers_settle_in_call_order_also_after_an_abort() {
    let mut tab = Tab::ready();
    let calls = [(); 4].map(|()| tab.login_key("alice", AUTH_KEY));
    tab.abort(calls[0]);
    tab.respond(token("alice", "alice-token-1"));
    tab.log.clear();
    tab.respond(me("alice"));
    let settled = tab
        .log
        .iter()
        .filter_map(|entry| if let LogEntry::Settled(call) = entry { Some(*call) } else { None });
    assert_eq!(settled.collect::<Vec<_>>(), calls[1..]);
}

#[test]
fn b7_when_the_last_caller_aborts_the_login_stops_and_a_new_one_can_start() {
    for step in 0..2 {
        let mut tab = Tab::ready();
        let (first, second) = (tab.login_key("alice", AUTH_KEY), tab.login_key("alice", AUTH_KEY));
        if step == 1 {
            tab.respond(token("alice", "old-token-1"));
        }
        let open = tab.open_requests()[0].id;
        tab.abort(first);
        tab.take_events();
        tab.abort(second);
        assert_eq!(tab.code(second), "REQUEST_ABORTED");
        assert_eq!(tab.take_events(), ["loginFailure REQUEST_ABORTED"]);
        assert!(tab.open_requests().is_empty(), "the request is cancelled");
        let fresh = tab.login_key("bob", AUTH_KEY);
        assert_eq!(tab.open_request_lines(), ["POST /users/bob/auth_tokens"], "in the same task");
        tab.respond_to(open, if step == 0 { token("alice", "old-token-1") } else { me("alice") });
        tab.respond(token("bob", "bob-token-1"));
        tab.respond(me("bob"));
        assert_eq!(tab.user(fresh)["uid"], "bob");
    }
}

#[test]
fn b7_an_abort_that_comes_too_late_does_nothing() {
    let mut tab = Tab::logged_in("alice");
    let login = tab.login_key("alice", AUTH_KEY);
    let logout = tab.logout();
    let log_length = tab.log.len();
    tab.abort(login);
    tab.abort(logout);
    tab.abort(4711);
    assert_eq!(tab.log.len(), log_length);
    tab.respond(data(json!({})));
    tab.object(logout);
}

#[test]
fn b11_the_stored_token_is_the_token_that_was_sent() {
    let mut tab = Tab::ready();
    let login = tab.login_token("sent-token-1");
    tab.respond(data(json!({"uid": "alice", "authToken": "echoed-token-2", "settings": {}})));
    assert_eq!(tab.user(login)["authToken"], "sent-token-1");
    assert_eq!(tab.logged_in_user(), uid_and_token("alice", "sent-token-1"));
    assert!(!tab.platform.local.get(USER).unwrap().contains("echoed"));
    let logout = tab.logout();
    assert_eq!(tab.open_requests()[0].headers["authToken"], "sent-token-1");
    tab.respond(data(json!({"authToken": "another-token-3"})));
    tab.object(logout);
    assert_eq!(tab.logged_in_user(), None);
}

#[test]
fn b11_the_second_request_carries_the_token_of_the_first_response() {
    let mut tab = Tab::ready();
    let login = tab.login_key("alice", AUTH_KEY);
    tab.respond(data(json!({"authToken": " made-token-1 "})));
    assert_eq!(
        tab.open_requests()[0].headers["authToken"],
        "made-token-1",
        "trimmed; the response may omit the uid"
    );
    tab.respond(me("alice"));
    assert_eq!(tab.user(login)["authToken"], "made-token-1");
}

#[test]
fn b21_any_success_status_is_accepted() {
    for status in [200, 201, 299] {
        let mut tab = Tab::ready();
        let login = tab.login_token("alice-token-1");
        tab.respond(body(status, r#"{"data":{"uid":"alice"}}"#));
        assert_eq!(tab.user(login)["uid"], "alice", "{status}");
    }
}

#[test]
fn b7_the_same_token_without_a_uid_joins_the_login_with_one() {
    let mut tab = Tab::ready();
    let calls = [
        tab.login(json!({"uid": "alice", "authToken": "alice-token-1"})),
        tab.login_token("alice-token-1"),
    ];
    tab.respond(me("alice"));
    assert_eq!(calls.map(|call| tab.user(call)["uid"].clone()), ["alice", "alice"]);
}

#[test]
fn b6_a_login_with_a_uid_does_not_join_a_login_without_one() {
    let mut tab = Tab::ready();
    let first = tab.login_token("alice-token-1");
    let second = tab.login(json!({"uid": "bob", "authToken": "alice-token-1"}));
    assert_eq!(tab.code(second), "LOGIN_IN_PROGRESS");
    tab.respond(me("alice"));
    assert_eq!(tab.user(first)["uid"], "alice");
}
