//! B9: `logout` ends the local session at once, then the session at the service.

use serde_json::json;

use crate::harness::*;

#[test]
fn b9_logout_ends_the_local_session_before_the_response() {
    let mut tab = Tab::logged_in("alice");
    let logout = tab.logout();
    assert!(tab.is_pending(logout));
    assert_eq!(tab.take_events(), ["logoutSuccess"]);
    assert_eq!(tab.logged_in_user(), None);
    assert_eq!(tab.sibling().logged_in_user(), None);
    assert_eq!(tab.open_request_lines(), ["DELETE /me"]);
    assert!(tab.open_requests()[0].keepalive, "it continues after the page is closed");
    assert_eq!(tab.open_requests()[0].headers["authToken"], "alice-token-1");
    tab.respond(data(json!({"success": true, "message": "bye"})));
    assert_eq!(tab.object(logout), json!({"success": true, "message": "bye"}));
    assert!(tab.take_events().is_empty(), "once");
}

#[test]
fn b9_the_logout_event_comes_before_the_request() {
    let mut tab = Tab::logged_in("alice");
    tab.logout();
    assert!(matches!(tab.log[..], [LogEntry::Event(_), LogEntry::Sent(_)]), "{:?}", tab.log);
    tab.closed = true;
}

#[test]
fn b9_logout_resolves_if_the_service_does_not_know_the_token_or_the_uid() {
    for code in ["AUTH_ERR_AUTH_TOKEN_NOT_FOUND", "ERR_UID_NOT_FOUND"] {
        let mut tab = Tab::logged_in("alice");
        let logout = tab.logout();
        tab.respond(error_response(401, code));
        assert_eq!(tab.object(logout), json!({}), "{code}");
        assert_eq!(tab.take_events(), ["logoutSuccess"], "{code}");
    }
}

#[test]
fn b9_a_failed_logout_rejects_and_the_session_stays_ended() {
    for (outcome, code) in [
        (Some(error_response(401, "AUTH_ERR_NO_ACCESS")), "AUTH_ERR_NO_ACCESS"),
        (Some(error_response(500, "ERR_INTERNAL")), "ERR_INTERNAL"),
        (Some(error_response(429, "ERR_TOO_MANY_REQUESTS")), "ERR_TOO_MANY_REQUESTS"),
        (Some(body(502, "<h1>no</h1>")), "INVALID_RESPONSE"),
        (Some(body(200, "{}")), "INVALID_RESPONSE"),
        (Some(body(500, r#"{"data":{"success":true}}"#)), "INVALID_RESPONSE"),
        (Some(NO_RESPONSE), "FAILED_TO_FETCH"),
        (None, "REQUEST_TIMEOUT"),
    ] {
        let mut tab = Tab::logged_in("alice");
        let logout = tab.logout();
        match outcome {
            Some(outcome) => tab.respond(outcome),
            None => tab.advance(5_000),
        }
        assert_eq!(tab.code(logout), code);
        assert_eq!(tab.take_events(), ["logoutSuccess".into(), format!("logoutFailure {code}")]);
        assert_eq!(tab.logged_in_user(), None, "{code}");
        tab.log_in("alice", "alice-token-2");
    }
}

#[test]
fn b9_data_that_is_not_an_object_resolves_as_an_empty_object() {
    for value in ["null", "5", "\"ok\"", "[1]", "true"] {
        let mut tab = Tab::logged_in("alice");
        let logout = tab.logout();
        tab.respond(body(200, &format!("{{\"data\":{value}}}")));
        assert_eq!(tab.object(logout), json!({}), "{value}");
    }
}

#[test]
fn b9_the_timeout_is_the_request_timeout_but_at_most_five_seconds() {
    for (timeout, wait) in [("60000", 5_000), ("5001", 5_000), ("5000", 5_000), ("1200", 1_200)] {
        let mut tab = Tab::default();
        tab.init(json!({"appId": APP, "region": "us", "requestTimeout": timeout}));
        tab.log_in("alice", "alice-token-1");
        let logout = tab.logout();
        let delete = tab.open_requests()[0].id;
        tab.advance(wait - 1);
        assert!(tab.is_pending(logout), "{timeout}");
        tab.advance(1);
        assert_eq!(tab.code(logout), "REQUEST_TIMEOUT", "{timeout}");
        tab.respond_to(delete, data(json!({})));
    }
}

#[test]
fn b9_a_second_logout_joins_the_first() {
    let mut tab = Tab::logged_in("alice");
    let calls = [tab.logout(), tab.logout()];
    assert_eq!(tab.sent_request_lines(), ["DELETE /me"]);
    tab.respond(data(json!({"success": true})));
    assert_eq!(
        calls.map(|call| tab.object(call)),
        [json!({"success": true}), json!({"success": true})]
    );
    assert_eq!(tab.take_events(), ["logoutSuccess"]);

    tab.log_in("alice", "alice-token-2");
    tab.take_events();
    let calls = [tab.logout(), tab.logout()];
    tab.respond(NO_RESPONSE);
    assert_eq!(calls.map(|call| tab.code(call)), ["FAILED_TO_FETCH"; 2]);
    assert_eq!(tab.take_events(), ["logoutSuccess", "logoutFailure FAILED_TO_FETCH"], "each once");
}

#[test]
fn b9_a_logout_after_a_new_session_sends_its_own_request() {
    let mut tab = Tab::logged_in("alice");
    let first = tab.logout();
    tab.log_in_concurrently("bob", "bob-token-1");
    let second = tab.logout();
    assert_eq!(tab.take_events(), ["logoutSuccess", "loginSuccess bob", "logoutSuccess"]);
    let open = tab.open_requests();
    assert_eq!(
        [&open[0].headers["authToken"], &open[1].headers["authToken"]],
        ["alice-token-1", "bob-token-1"]
    );
    let third = tab.logout();
    tab.respond_to(open[1].id, data(json!({"which": "bob"})));
    assert_eq!(
        [tab.object(second), tab.object(third)],
        [json!({"which": "bob"}), json!({"which": "bob"})]
    );
    assert!(tab.is_pending(first));
    let fourth = tab.logout();
    assert_eq!(tab.code(fourth), "USER_NOT_LOGGED_IN", "alice's logout is not bob's");
    tab.respond_to(open[0].id, data(json!({"which": "alice"})));
    assert_eq!(tab.object(first), json!({"which": "alice"}));
}

#[test]
fn b9_a_session_from_another_tab_is_a_new_session() {
    let mut tab = Tab::logged_in("alice");
    let first = tab.logout();
    write_session(&tab.platform.local, "bob", "bob-token-1");
    tab.sync();
    tab.platform.local.remove(USER);
    tab.sync();
    assert_eq!(tab.take_events(), ["logoutSuccess", "loginSuccess bob", "logoutSuccess"]);
    let second = tab.logout();
    assert_eq!(tab.code(second), "USER_NOT_LOGGED_IN");
    tab.respond(data(json!({})));
    tab.object(first);
}

#[test]
fn b9_the_response_of_an_older_logout_does_not_change_a_new_login() {
    let mut tab = Tab::logged_in("alice");
    let logout = tab.logout();
    let delete = tab.open_requests()[0].id;
    tab.log_in_concurrently("alice", "alice-token-2");
    tab.respond_to(delete, error_response(401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND"));
    assert_eq!(tab.object(logout), json!({}));
    assert_eq!(tab.logged_in_user(), uid_and_token("alice", "alice-token-2"));
    assert_eq!(tab.take_events(), ["logoutSuccess", "loginSuccess alice"]);
}

#[test]
fn b9_logout_without_a_session_rejects_and_sends_no_request() {
    let mut tab = Tab::ready();
    let logout = tab.logout();
    assert_eq!(tab.code(logout), "USER_NOT_LOGGED_IN");
    let mut tab = Tab::logged_in("alice");
    tab.logout();
    tab.respond(data(json!({})));
    tab.clear_log();
    let logout = tab.logout();
    assert_eq!(tab.code(logout), "USER_NOT_LOGGED_IN");
    assert!(tab.sent.is_empty() && tab.take_events().is_empty());
}

#[test]
fn b9_the_logout_is_sent_to_the_host_of_the_session_or_the_override() {
    let mut tab = Tab::logged_in("alice");
    tab.logout();
    assert_eq!(tab.open_requests()[0].url, "https://alice.apiclient-us.cometchat.io/v3.0/me");
    tab.respond(data(json!({})));
    tab.log_in("bob", "bob-token-1");
    tab.init(json!({"appId": APP, "region": "us", "clientHost": "https://chat.example.com/v3.0"}));
    tab.logout();
    assert_eq!(tab.open_requests()[0].url, "https://chat.example.com/v3.0/me");
    tab.respond(data(json!({})));
}

#[test]
fn b9_a_session_that_init_finds_in_another_storage_is_a_new_session() {
    let mut tab = Tab::logged_in("alice");
    write_session(&tab.platform.session, "bob", "bob-token-1");
    let first = tab.logout();
    tab.init(json!({"appId": APP, "region": "us", "storageMode": "session"}));
    let (second, third) = (tab.logout(), tab.logout());
    let open = tab.open_requests();
    tab.respond_to(open[0].id, data(json!({"which": "alice"})));
    assert!(tab.is_pending(second) && tab.is_pending(third), "alice's logout is not bob's");
    tab.respond_to(open[1].id, data(json!({"which": "bob"})));
    assert_eq!(
        [first, second, third].map(|call| tab.object(call)["which"].clone()),
        ["alice", "bob", "bob"]
    );
}

#[test]
fn b9_a_response_without_a_body_is_a_success() {
    let mut tab = Tab::logged_in("alice");
    let logout = tab.logout();
    tab.respond(body(204, ""));
    assert_eq!(tab.object(logout), json!({}));
    assert_eq!(tab.take_events(), ["logoutSuccess"]);
}
