//! B4, B11, B21: a login, and the warm start after it.

use serde_json::json;

use crate::harness::*;

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
