//! B24, B25: the events of login listeners.

use cometchat_auth::client::ports::Event;
use serde_json::json;

use crate::harness::*;

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
        LogEntry::Event(Event::LoginFailure(exception)) => Some(exception_fields(exception)),
        _ => None,
    });
    assert_eq!(event, Some(tab.error(login)));
}
