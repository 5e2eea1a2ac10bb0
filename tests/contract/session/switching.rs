//! B6: a login while a user is logged in.

use serde_json::json;

use crate::harness::*;

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
