//! B1, B3, B7, B8: every call settles.

use serde_json::json;

use super::{all_calls, token_unknown, user_response};
use crate::harness::*;

#[test]
fn b1_each_call_times_out_and_a_late_response_does_nothing() {
    for (what, make_call) in all_calls() {
        let mut tab = Tab::logged_in("alice");
        let call = make_call(&mut tab);
        let id = tab.open_requests()[0].id;
        let time = if what == "logout" { 5_000 } else { 10_000 };
        tab.advance(time - 1);
        assert!(tab.is_pending(call), "{what}");
        tab.advance(1);
        assert_eq!(tab.code(call), "REQUEST_TIMEOUT", "{what}");
        assert!(
            tab.error(call).retryable
                && tab.open_requests().is_empty()
                && tab.running_timers() == 0,
            "{what}"
        );
        tab.respond_to(id, user_response("alice", "Alice II"));
    }
}

#[test]
fn b8_dispose_settles_every_call_and_a_late_response_does_nothing() {
    for (what, make_call) in all_calls() {
        let mut tab = Tab::logged_in("alice");
        let (first, second) = (make_call(&mut tab), make_call(&mut tab));
        let login = tab.login_key("bob", AUTH_KEY);
        let (open, stored) = (tab.open_requests(), tab.platform.local.entries());
        tab.dispose();
        assert_eq!([first, second].map(|call| tab.code(call)), ["REQUEST_ABORTED"; 2], "{what}");
        assert_eq!(tab.code(login), "LOGIN_ABORTED", "{what}");
        assert_eq!((tab.running_timers(), tab.platform.local.entries()), (0, stored), "{what}");
        for sent in open {
            tab.respond_to(sent.id, user_response("alice", "Alice II"));
        }
    }
}

#[test]
fn b3_init_for_another_app_ends_every_call_and_late_responses_do_nothing() {
    for (what, make_call) in all_calls() {
        let mut tab = Tab::logged_in("alice");
        let call = make_call(&mut tab);
        let id = tab.open_requests()[0].id;
        tab.take_events();
        tab.init(json!({"appId": "otherapp", "region": "us"}));
        assert_eq!(tab.code(call), "REQUEST_ABORTED", "{what}");
        assert!(tab.take_events().is_empty(), "{what}");
        tab.respond_to(
            id,
            if what == "getUser" { token_unknown() } else { user_response("alice", "Alice II") },
        );
        assert_eq!(tab.logged_in_user(), None, "{what}");
    }
}

#[test]
fn b3_a_second_init_for_the_same_app_keeps_every_call_pending() {
    for (what, make_call) in all_calls() {
        let mut tab = Tab::logged_in("alice");
        let call = make_call(&mut tab);
        tab.init_app();
        assert!(tab.is_pending(call), "{what}");
        let own = ["updateCurrentUserDetails", "verifySession"].contains(&what);
        let uid = if own { "alice" } else { "carol" };
        tab.respond(data(json!({"uid": uid, "name": "A"})));
        assert!(tab.settled(call).unwrap().is_ok(), "{what}");
    }
}

#[test]
fn b7_an_abort_does_not_end_calls_other_than_a_login() {
    for (what, make_call) in all_calls() {
        let mut tab = Tab::logged_in("alice");
        let call = make_call(&mut tab);
        tab.abort(call);
        assert!(tab.is_pending(call), "{what}");
        tab.respond(NO_RESPONSE);
    }
}
