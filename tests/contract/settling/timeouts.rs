//! B1: timeouts.

use cometchat_auth::client::Call;
use serde_json::json;

use crate::harness::*;

#[test]
fn b1_a_timeout_settles_all_callers_and_a_late_response_does_nothing() {
    let mut tab = Tab::ready();
    let first = tab.login_key("alice", AUTH_KEY);
    let joined = tab.login_key("alice", AUTH_KEY);
    let post = tab.open_requests()[0].id;
    tab.advance(9_999);
    assert!(tab.is_pending(first) && tab.is_pending(joined));
    tab.advance(1);
    assert_eq!([tab.code(first), tab.code(joined)], ["REQUEST_TIMEOUT"; 2]);
    assert!(tab.error(first).retryable);
    assert_eq!(tab.take_events(), ["loginFailure REQUEST_TIMEOUT"]);
    assert!(tab.open_requests().is_empty(), "the request is cancelled");
    tab.respond_to(post, token("alice", "too-late-token"));
    assert_eq!(tab.logged_in_user(), None);
}

#[test]
fn b1_one_deadline_covers_both_requests() {
    let mut tab = Tab::ready();
    let call = tab.login_key("alice", AUTH_KEY);
    tab.advance(6_000);
    tab.respond(token("alice", "alice-token-1"));
    let put = tab.open_requests()[0].id;
    tab.advance(3_999);
    assert!(tab.is_pending(call));
    tab.advance(1);
    assert_eq!(tab.code(call), "REQUEST_TIMEOUT");
    tab.respond_to(put, me("alice"));
    assert_eq!(tab.logged_in_user(), None);
    assert_eq!(tab.platform.local.get(USER), None);
}

#[test]
fn b1_the_app_can_set_the_request_timeout() {
    let mut tab = Tab::default();
    tab.init(json!({"appId": APP, "region": "us", "requestTimeout": "250"}));
    let call = tab.login_token("alice-token-1");
    tab.advance(249);
    assert!(tab.is_pending(call));
    tab.advance(1);
    assert_eq!(tab.code(call), "REQUEST_TIMEOUT");
}

#[test]
fn b1_after_a_timeout_or_a_failure_the_next_call_works() {
    let mut tab = Tab::ready();
    tab.login_key("alice", AUTH_KEY);
    tab.advance(10_000);
    tab.login_key("alice", AUTH_KEY);
    tab.respond(NO_RESPONSE);
    tab.login_key("alice", AUTH_KEY);
    tab.respond(token("alice", "alice-token-1"));
    tab.respond(body(500, "<h1>oops</h1>"));
    let call = tab.login_key("alice", AUTH_KEY);
    tab.respond(token("alice", "alice-token-1"));
    tab.respond(me("alice"));
    assert_eq!(tab.user(call)["uid"], "alice");
}

#[test]
fn b1_a_settled_login_leaves_no_timer() {
    let mut tab = Tab::ready();
    tab.log_in("alice", "alice-token-1");
    assert_eq!(tab.running_timers(), 0);
    tab.advance(8_000);
    let bob = tab.login_token("bob-token-1");
    tab.advance(2_000);
    assert!(tab.is_pending(bob), "each login has its own deadline");
    tab.respond(me("bob"));
    assert_eq!(tab.user(bob)["uid"], "bob");
    tab.logout();
    tab.respond(data(json!({})));
    tab.login_key("alice", AUTH_KEY);
    tab.respond(NO_RESPONSE);
    let gone = tab.login_key("alice", AUTH_KEY);
    tab.abort(gone);
    assert_eq!(tab.running_timers(), 0);
    tab.take_events();
    tab.advance(60_000);
    assert!(tab.take_events().is_empty());
}

#[test]
fn b1_a_timer_that_fires_late_gives_one_more_second_once() {
    let mut tab = Tab::logged_in("alice");
    let verify = tab.call(Call::Verify, 0, &json!({}));
    assert_eq!(tab.watchdog_ms[&verify], 10_000);
    tab.freeze(60_000);
    assert!(tab.is_pending(verify));
    assert_eq!(tab.watchdog_ms[&verify], 1_000, "the watchdog is set again");
    // The response arrived while the page was frozen. It is handled right after the timer.
    tab.respond(me("alice"));
    assert_eq!(tab.user(verify)["uid"], "alice");

    let logout = tab.logout();
    tab.freeze(60_000);
    tab.freeze(60_000);
    assert_eq!(tab.code(logout), "REQUEST_TIMEOUT", "once");

    let get = tab.login_token("alice-token-1");
    tab.freeze(10_500);
    assert_eq!(tab.code(get), "REQUEST_TIMEOUT", "half a second is not late");
}

#[test]
fn b1_a_login_whose_first_response_was_late_times_out() {
    for provider in [false, true] {
        let mut tab = Tab::ready();
        let login =
            if provider { tab.login_provider(None) } else { tab.login_key("alice", AUTH_KEY) };
        tab.freeze(60_000);
        if provider {
            tab.provide("alice-token-1");
        } else {
            tab.respond(token("alice", "alice-token-1"));
        }
        assert_eq!(tab.code(login), "REQUEST_TIMEOUT");
        assert!(tab.open_requests().is_empty());
    }
}

#[test]
fn b1_an_extended_timer_resets_the_watchdog_of_every_caller() {
    let mut tab = Tab::ready();
    let (first, second) = (tab.login_token("t-1234567"), tab.login_token("t-1234567"));
    tab.freeze(60_000);
    assert_eq!((tab.watchdog_ms[&first], tab.watchdog_ms[&second]), (1_000, 1_000));
    tab.advance(1_000);
    assert_eq!(tab.code(first), "REQUEST_TIMEOUT");
}
