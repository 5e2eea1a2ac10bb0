//! B6, B7: a login while another login is pending, and aborts.

use serde_json::json;

use crate::harness::*;

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
fn b7_a_login_ends_when_its_last_caller_aborts() {
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
