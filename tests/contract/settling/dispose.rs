//! B8: `dispose`, and a logout during a login.

use cometchat_auth::client::Input;
use cometchat_auth::client::ports::Output;
use serde_json::json;

use crate::harness::*;

#[test]
fn b8_logout_during_a_login_aborts_it_and_sends_no_request() {
    for step in 0..2 {
        let mut tab = Tab::ready();
        let login = tab.login_key("alice", AUTH_KEY);
        if step == 1 {
            tab.respond(token("alice", "alice-token-1"));
        }
        let open = tab.open_requests()[0].id;
        let sent = tab.sent.len();
        let logout = tab.logout();
        assert_eq!(tab.code(login), "LOGIN_ABORTED");
        assert_eq!(tab.object(logout), json!({}));
        assert_eq!(
            tab.take_events(),
            ["loginFailure LOGIN_ABORTED"],
            "no logout event: there was no session"
        );
        assert_eq!(tab.sent.len(), sent);
        tab.respond_to(open, if step == 0 { token("alice", "alice-token-1") } else { me("alice") });
        assert_eq!(tab.logged_in_user(), None);
        assert_eq!(tab.platform.local.get(USER), None);
    }
}

#[test]
fn b8_logout_during_a_login_ends_the_older_session_as_usual() {
    let mut tab = Tab::logged_in("alice");
    let login = tab.login_key("bob", AUTH_KEY);
    let post = tab.open_requests()[0].id;
    let logout = tab.logout();
    assert_eq!(tab.code(login), "LOGIN_ABORTED");
    assert_eq!(tab.take_events(), ["loginFailure LOGIN_ABORTED", "logoutSuccess"]);
    assert_eq!(tab.open_request_lines(), ["DELETE /me"]);
    assert_eq!(tab.open_requests()[0].headers["authToken"], "alice-token-1");
    tab.respond(data(json!({"success": true})));
    assert_eq!(tab.object(logout)["success"], true);
    tab.respond_to(post, token("bob", "bob-token-1"));
    assert_eq!(tab.logged_in_user(), None);
}

#[test]
fn b8_dispose_ends_every_call_and_can_be_called_twice() {
    let mut tab = Tab::logged_in("alice");
    let logout = tab.logout();
    let login = tab.login_key("bob", AUTH_KEY);
    let open = tab.open_requests();
    tab.dispose();
    tab.dispose();
    assert_eq!(tab.code(login), "LOGIN_ABORTED");
    assert_eq!(tab.code(logout), "REQUEST_ABORTED");
    assert_eq!(
        (tab.client.app_id(), tab.client.persistence(), tab.client.auth_token()),
        (None, None, None)
    );
    for sent in open {
        tab.respond_to(sent.id, token("bob", "bob-token-1"));
    }
    tab.advance(60_000);
    let call = tab.get_logged_in_user();
    assert_eq!(tab.code(call), "COMETCHAT_INITIALIZATION_NOT_DONE");
}

#[test]
fn b8_dispose_keeps_the_stored_session_and_the_logout_request() {
    let mut tab = Tab::logged_in("alice");
    let before = tab.platform.local.entries();
    tab.dispose();
    assert_eq!(tab.platform.local.entries(), before);
    tab.init_app();
    assert_eq!(tab.logged_in_user(), uid_and_token("alice", "alice-token-1"));
    assert!(tab.take_events().is_empty());

    let logout = tab.logout();
    tab.client.handle(Input::Dispose);
    for output in std::mem::take(tab.client.outputs()) {
        if let Output::Settle(calls, Err(exception)) = output {
            assert_eq!(
                (&*calls, &*exception_fields(&exception).code),
                (&[logout][..], "REQUEST_ABORTED")
            );
        }
    }
    tab.closed = true;
}

#[test]
fn b26_the_last_output_of_dispose_reports_no_session() {
    let mut tab = Tab::ready_on(TestPlatform::default());
    tab.client.handle(Input::Dispose);
    let outputs = std::mem::take(tab.client.outputs());
    assert_eq!(outputs.last(), Some(&Output::SessionChanged { session: None, in_memory: false }));
    tab.closed = true;
}
