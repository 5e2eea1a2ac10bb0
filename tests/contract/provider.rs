//! B7, B11: logins with a token provider.

use cometchat_auth::client::ports::RequestId;
use cometchat_auth::client::{Call, Input};
use serde_json::json;

use crate::harness::*;

/// The provider returns after its login ended. That has no effect.
fn provide_late(tab: &mut Tab, request: RequestId) {
    let before = (tab.log.len(), tab.platform.local.entries());
    tab.handle(Input::Token(request, "too-late-token".into()));
    assert_eq!((tab.log.len(), tab.platform.local.entries()), before, "{:?}", tab.log);
}

#[test]
fn b7_the_provider_is_called_first_and_its_token_is_sent_once() {
    let mut tab = Tab::ready();
    let login = tab.login_provider(None);
    assert!(tab.sent.is_empty(), "no request without a token");
    assert_eq!(tab.pending_providers.len(), 1);
    assert_eq!(tab.pending_providers[0].1, login, "the provider of that call");
    tab.provide(" alice-token-1\n");
    assert_eq!(tab.open_request_lines(), ["PUT /me"]);
    assert_eq!(
        tab.open_requests()[0].headers["authToken"],
        "alice-token-1",
        "without the white space"
    );
    tab.respond(me("alice"));
    assert_eq!(tab.user(login)["authToken"], "alice-token-1");
    assert_eq!(tab.take_events(), ["loginSuccess alice"]);
    assert_eq!(tab.reload().logged_in_user(), uid_and_token("alice", "alice-token-1"));
}

#[test]
fn b7_provider_logins_with_the_same_uid_or_without_a_uid_join() {
    for (first, second) in
        [(None, None), (Some("alice"), Some("ALICE")), (Some("alice"), Some(" alice "))]
    {
        let mut tab = Tab::ready();
        let calls = [tab.login_provider(first), tab.login_provider(second)];
        assert_eq!(tab.pending_providers.len(), 1, "only the provider of the first call");
        tab.provide("alice-token-1");
        let late = tab.login_provider(second);
        tab.respond(me("alice"));
        for call in [calls[0], calls[1], late] {
            assert_eq!(tab.user(call)["uid"], "alice");
        }
        assert_eq!((tab.sent.len(), tab.take_events()), (1, vec!["loginSuccess alice".into()]));
    }
}

#[test]
fn b7_a_provider_login_joins_no_other_login() {
    for uid in [None, Some("alice")] {
        let mut tab = Tab::ready();
        tab.login_provider(uid);
        let mut others = vec![
            tab.login_key("alice", AUTH_KEY),
            tab.login_token("alice-token-1"),
            tab.login(json!({"uid": "alice", "authToken": "alice-token-1"})),
            tab.login_provider(Some("bob")),
            tab.login_provider(if uid.is_none() { Some("alice") } else { None }),
        ];
        tab.provide("alice-token-1");
        others.push(tab.login_token("alice-token-1"));
        for call in others {
            assert_eq!(tab.code(call), "LOGIN_IN_PROGRESS");
        }
        assert!(tab.pending_providers.is_empty() && tab.take_events().is_empty());
        tab.respond(me("alice"));

        let mut tab = Tab::ready();
        tab.login_token("alice-token-1");
        let other = tab.login_provider(uid);
        assert_eq!(tab.code(other), "LOGIN_IN_PROGRESS");
        assert!(tab.pending_providers.is_empty());
        tab.respond(me("alice"));
    }
}

#[test]
fn b7_a_provider_without_a_token_rejects_all_callers_and_notifies_once() {
    for nothing in ["", "  ", "\n\t"] {
        let mut tab = Tab::logged_in("alice");
        let calls = [tab.login_provider(Some("bob")), tab.login_provider(Some("bob"))];
        tab.provide(nothing);
        assert_eq!(calls.map(|call| tab.code(call)), ["TOKEN_PROVIDER_FAILED"; 2]);
        assert!(tab.error(calls[0]).retryable);
        assert_eq!(tab.take_events(), ["loginFailure TOKEN_PROVIDER_FAILED"]);
        assert!(tab.sent.is_empty() && tab.running_timers() == 0);
        assert_eq!(tab.logged_in_user(), uid_and_token("alice", "alice-token-1"));
        let again = tab.login_provider(Some("bob"));
        tab.provide("bob-token-1");
        tab.respond(me("bob"));
        assert_eq!(tab.user(again)["uid"], "bob");
    }
}

#[test]
fn b7_a_provider_token_with_invalid_characters_is_not_sent() {
    let mut tab = Tab::ready();
    let login = tab.login_provider(None);
    tab.provide("tökën-of-alice");
    assert_eq!(tab.code(login), "INVALID_AUTH_TOKEN");
    assert!(!tab.error(login).message.contains("tök"));
    assert!(tab.sent.is_empty());
}

#[test]
fn b7_a_matching_session_is_returned_without_calling_the_provider() {
    let mut tab = Tab::logged_in("alice");
    for uid in [None, Some("alice"), Some("ALICE")] {
        let login = tab.login_provider(uid);
        assert_eq!(tab.user(login)["authToken"], "alice-token-1");
    }
    assert_eq!(tab.take_events(), ["loginSuccess alice"; 3]);
    assert!(tab.pending_providers.is_empty() && tab.sent.is_empty());
    let bob = tab.login_provider(Some("bob"));
    assert_eq!(tab.pending_providers.len(), 1, "the session has another uid");
    tab.provide("bob-token-1");
    tab.respond(me("bob"));
    assert_eq!(tab.user(bob)["uid"], "bob");
    assert_eq!(tab.take_events(), ["logoutSuccess", "loginSuccess bob"]);
}

#[test]
fn b7_one_deadline_covers_the_provider_and_the_request() {
    let mut tab = Tab::ready();
    let login = tab.login_provider(None);
    let request = tab.pending_providers[0].0;
    tab.advance(9_999);
    assert!(tab.is_pending(login));
    tab.advance(1);
    assert_eq!(tab.code(login), "REQUEST_TIMEOUT");
    assert_eq!(tab.take_events(), ["loginFailure REQUEST_TIMEOUT"]);
    provide_late(&mut tab, request);

    let login = tab.login_provider(None);
    tab.advance(6_000);
    tab.provide("alice-token-1");
    let put = tab.open_requests()[0].id;
    tab.advance(3_999);
    assert!(tab.is_pending(login));
    tab.advance(1);
    assert_eq!(tab.code(login), "REQUEST_TIMEOUT");
    tab.respond_to(put, me("alice"));
    assert_eq!(tab.logged_in_user(), None);
}

#[test]
fn b7_a_token_that_arrives_after_its_login_ended_is_not_sent() {
    type End = fn(&mut Tab, u32);
    let ends: [(End, &str); 4] = [
        (|tab, login| tab.abort(login), "REQUEST_ABORTED"),
        (|tab, _| _ = tab.logout(), "LOGIN_ABORTED"),
        (|tab, _| tab.dispose(), "LOGIN_ABORTED"),
        (|tab, _| _ = tab.init(json!({"appId": "otherapp", "region": "us"})), "LOGIN_ABORTED"),
    ];
    for (end, code) in ends {
        let mut tab = Tab::ready();
        let login = tab.login_provider(None);
        let request = tab.pending_providers[0].0;
        end(&mut tab, login);
        assert_eq!(tab.code(login), code);
        provide_late(&mut tab, request);
        tab.init_app();
        let next = tab.login_provider(None);
        assert_ne!(tab.pending_providers.last().unwrap().0, request, "another request id");
        provide_late(&mut tab, request);
        tab.provide("bob-token-1");
        tab.respond(me("bob"));
        assert_eq!(tab.user(next)["uid"], "bob");
    }
}

#[test]
fn b7_an_unexpected_token_is_not_sent() {
    // A second token for the same login.
    let mut tab = Tab::ready();
    let login = tab.login_provider(None);
    let request = tab.pending_providers[0].0;
    tab.provide("alice-token-1");
    provide_late(&mut tab, request);
    tab.respond(me("alice"));
    assert_eq!((tab.user(login)["authToken"].as_str(), tab.sent.len()), (Some("alice-token-1"), 1));

    // A token for a login without a provider.
    let mut tab = Tab::ready();
    let login = tab.login_key("alice", AUTH_KEY);
    let open = tab.open_requests()[0].id;
    provide_late(&mut tab, open);
    tab.respond(token("alice", "alice-token-1"));
    tab.respond(me("alice"));
    assert_eq!(tab.user(login)["authToken"], "alice-token-1");
}

#[test]
fn b7_one_of_two_callers_aborts_while_the_provider_runs() {
    let mut tab = Tab::ready();
    let (first, second) = (tab.login_provider(None), tab.login_provider(None));
    tab.abort(first);
    assert_eq!(tab.code(first), "REQUEST_ABORTED");
    tab.provide("alice-token-1");
    tab.respond(me("alice"));
    assert_eq!(tab.user(second)["uid"], "alice");
}

#[test]
fn b6_a_provider_token_of_another_user_is_rejected() {
    let mut tab = Tab::ready();
    let login = tab.login_provider(Some("alice"));
    tab.provide("bob-token-1");
    tab.respond(me("bob"));
    assert_eq!(tab.code(login), "INVALID_RESPONSE");
    assert_eq!((tab.logged_in_user(), tab.platform.local.get(USER)), (None, None));
}

#[test]
fn b23_a_provider_takes_precedence_over_a_token_and_a_key() {
    let mut tab = Tab::ready();
    let login = tab.call(
        Call::Login,
        0,
        &json!({"provider": "1", "authToken": "", "authKey": "", "uid": ""}),
    );
    tab.provide("alice-token-1");
    tab.respond(me("alice"));
    assert_eq!(tab.user(login)["uid"], "alice");
}

#[test]
fn b7_another_provider_function_joins_only_with_the_same_uid() {
    for (uid, joins) in [(None, false), (Some("alice"), true)] {
        let mut tab = Tab::ready();
        let with = |number: u32| match uid {
            Some(uid) => json!({"provider": number.to_string(), "uid": uid}),
            None => json!({"provider": number.to_string()}),
        };
        let first = tab.call(Call::Login, 0, &with(1));
        let other = tab.call(Call::Login, 0, &with(2));
        let same = tab.call(Call::Login, 0, &with(1));
        tab.provide("alice-token-1");
        tab.respond(me("alice"));
        assert_eq!(tab.user(first)["uid"], "alice");
        assert_eq!(tab.user(same)["uid"], "alice");
        if joins {
            assert_eq!(tab.user(other)["uid"], "alice");
        } else {
            assert_eq!(tab.code(other), "LOGIN_IN_PROGRESS");
        }
    }
}
