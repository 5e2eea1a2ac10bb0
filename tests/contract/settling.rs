//! B1–B3 and B8: every promise settles; `init`, `dispose`.

use serde_json::{Value, json};

use cometchat_auth::client::Call;
use cometchat_auth::client::ports::{Answer, Output};

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
fn b1_arguments_that_are_not_json_are_missing_arguments() {
    use cometchat_auth::client::{Call, Input};
    use cometchat_auth::protocol::json::CanonicalJson;
    let mut tab = Tab::ready();
    for args in ["", "{", "5", "[]", "null", "{\"count\":"] {
        let id = u32::try_from(tab.calls.len()).unwrap() + 1;
        tab.calls.insert(id, (Call::Login, None));
        tab.handle(Input::Call {
            id,
            pending_init: 0,
            what: Call::Login,
            args: CanonicalJson::from_engine(args.into()),
        });
        assert_eq!(tab.code(id), "MISSING_PARAMETERS", "{args}");
    }
    assert!(tab.sent.is_empty());
}

#[test]
fn b2_every_call_before_init_rejects_and_sends_no_request() {
    let mut tab = Tab::default();
    let calls = [
        tab.login_key("alice", AUTH_KEY),
        tab.login_token("alice-token-1"),
        tab.logout(),
        tab.get_logged_in_user(),
    ];
    for call in calls {
        let error = tab.error(call);
        assert_eq!(error.code, "COMETCHAT_INITIALIZATION_NOT_DONE");
        assert!(error.message.contains("CometChat.init()"), "{}", error.message);
    }
    assert!(tab.sent.is_empty());
    assert!(tab.platform.local.entries().is_empty() && tab.platform.session.entries().is_empty());
}

#[test]
fn b2_a_call_that_waited_for_a_failed_init_rejects_with_its_error() {
    use cometchat_auth::client::Call;
    let mut tab = Tab::default();
    let init = tab.init(json!({"appId": APP, "region": "mars"}));
    assert_eq!(tab.code(init), "INVALID_REGION");
    for (what, args) in [
        (Call::Login, json!({"count": 2, "0": "alice", "1": AUTH_KEY})),
        (Call::Logout, json!({})),
        (Call::LoggedInUser, json!({})),
    ] {
        let call = tab.call(what, init, &args);
        assert_eq!(tab.error(call), tab.error(init), "{what:?}");
    }
    let later = tab.get_logged_in_user();
    assert_eq!(
        tab.code(later),
        "COMETCHAT_INITIALIZATION_NOT_DONE",
        "it did not wait for that init"
    );
    let again = tab.init(json!({"appId": APP, "region": "us"}));
    assert!(tab.settled(again).unwrap().is_ok());
    assert_eq!(tab.logged_in_user(), None, "a later init succeeds");
}

#[test]
fn b2_a_failed_init_keeps_the_earlier_app() {
    let mut tab = Tab::logged_in("alice");
    let before = tab.platform.local.entries();
    let failed = tab.init(json!({"appId": "otherapp", "region": "mars"}));
    assert_eq!(tab.code(failed), "INVALID_REGION");
    assert_eq!(tab.client.app_id(), Some(APP));
    assert_eq!(tab.logged_in_user(), uid_and_token("alice", "alice-token-1"));
    assert_eq!(tab.platform.local.entries(), before);
}

#[test]
fn b2_init_without_an_app_id_rejects() {
    let mut tab = Tab::default();
    for settings in [
        json!({}),
        json!({"appId": ""}),
        json!({"appId": "  "}),
        json!({"appId": null}),
        Value::Null,
    ] {
        let call = tab.init(settings);
        assert_eq!(tab.code(call), "MISSING_PARAMETERS");
        assert!(tab.error(call).message.contains("appId"));
    }
    assert_eq!(tab.client.app_id(), None);
    assert!(tab.platform.local.entries().is_empty(), "nothing is written without an app id");
}

#[test]
fn b3_a_second_init_changes_nothing_and_fires_no_event() {
    let mut tab = Tab::logged_in("alice");
    let before = tab.platform.local.entries();
    let resource = tab.platform.session.entries();
    for _ in 0..2 {
        tab.init_app();
    }
    assert_eq!(tab.platform.local.entries(), before);
    assert_eq!(tab.platform.session.entries(), resource);
    assert!(tab.take_events().is_empty() && tab.sent.is_empty());
    assert_eq!(tab.logged_in_user(), uid_and_token("alice", "alice-token-1"));
}

#[test]
fn b3_a_second_init_for_the_same_app_keeps_logins_and_logouts_pending() {
    let mut tab = Tab::ready();
    let login = tab.login_token("alice-token-1");
    tab.init_app();
    assert!(tab.is_pending(login));
    tab.respond(me("alice"));
    assert_eq!(tab.user(login)["uid"], "alice");
    let logout = tab.logout();
    tab.init_app();
    assert!(tab.is_pending(logout));
    tab.respond(data(json!({"success": true})));
    assert_eq!(tab.object(logout), json!({"success": true}));
}

#[test]
fn b3_later_settings_replace_the_earlier() {
    let mut tab = Tab::ready();
    tab.init(json!({"appId": APP, "region": "eu", "requestTimeout": "100"}));
    let call = tab.login_token("alice-token-1");
    assert_eq!(tab.open_requests()[0].url, "https://myapp.apiclient-eu.cometchat.io/v3.0/me");
    tab.advance(100);
    assert_eq!(tab.code(call), "REQUEST_TIMEOUT");
}

#[test]
fn b3_each_storage_mode_has_its_own_session() {
    let mut tab = Tab::logged_in("alice");
    tab.init(json!({"appId": APP, "region": "us", "storageMode": "session"}));
    assert_eq!(tab.client.persistence(), Some("session"));
    assert_eq!(tab.logged_in_user(), None);
    tab.log_in("bob", "bob-token-1");
    assert!(tab.platform.session.get(USER).is_some());
    tab.init_app();
    assert_eq!(tab.client.persistence(), Some("local"));
    assert_eq!(tab.logged_in_user(), uid_and_token("alice", "alice-token-1"));
}

#[test]
fn b3_a_session_in_memory_belongs_to_its_storage_mode() {
    let mut tab = Tab::ready();
    tab.platform.local.refuse_all(true);
    tab.log_in("alice", "alice-token-1");
    tab.init(json!({"appId": APP, "region": "us", "storageMode": "session"}));
    assert_eq!((tab.logged_in_user(), tab.client.persistence()), (None, Some("session")));

    let mut tab = Tab::logged_in("alice");
    tab.platform.session.refuse_all(true);
    tab.init(json!({"appId": APP, "region": "us", "storageMode": "session"}));
    assert_eq!((tab.logged_in_user(), tab.client.persistence()), (None, Some("memory")));
}

#[test]
fn b3_init_for_another_app_ends_calls_without_an_event_and_keeps_the_stored_session() {
    let mut tab = Tab::logged_in("alice");
    let logout = tab.logout();
    tab.log_in_concurrently("alice", "alice-token-2");
    let logins = [tab.login_key("bob", AUTH_KEY), tab.login_key("bob", AUTH_KEY)];
    let before = tab.platform.local.entries();
    let open = tab.sent.clone();
    tab.take_events();
    tab.init(json!({"appId": "otherapp", "region": "us"}));
    assert_eq!(logins.map(|login| tab.code(login)), ["LOGIN_ABORTED"; 2]);
    assert_eq!(tab.code(logout), "REQUEST_ABORTED");
    assert!(tab.take_events().is_empty());
    assert_eq!(tab.client.app_id(), Some("otherapp"));
    assert_eq!(tab.logged_in_user(), None);
    tab.sent.iter_mut().for_each(|sent| sent.done = true);
    for sent in open {
        tab.respond_to(sent.id, token("bob", "bob-token-1"));
    }
    let mine = |entries: Entries| -> Entries {
        entries.into_iter().filter(|(key, _)| key.starts_with("myapp:")).collect()
    };
    assert_eq!(mine(tab.platform.local.entries()), before, "the first app's entries");
    tab.init_app();
    assert_eq!(tab.logged_in_user(), uid_and_token("alice", "alice-token-2"));
    assert!(tab.take_events().is_empty());
}

#[test]
fn b3_each_app_has_its_own_session() {
    let mut tab = Tab::logged_in("alice");
    tab.init(json!({"appId": "otherapp", "region": "us"}));
    tab.log_in("bob", "bob-token-1");
    assert_eq!(tab.sent[0].headers["appId"], "otherapp");
    let logout = tab.logout();
    tab.respond(data(json!({})));
    tab.object(logout);
    assert_eq!(tab.logged_in_user(), None);
    tab.init_app();
    assert_eq!(tab.logged_in_user(), uid_and_token("alice", "alice-token-1"));
}

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
    tab.client.handle(cometchat_auth::client::Input::Dispose);
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
fn b26_dispose_reports_the_absence_of_a_session_last() {
    let mut tab = Tab::ready_on(TestPlatform::default());
    tab.client.handle(cometchat_auth::client::Input::Dispose);
    let outputs = std::mem::take(tab.client.outputs());
    assert_eq!(outputs.last(), Some(&Output::SessionChanged { session: None, in_memory: false }));
    tab.closed = true;
}

#[test]
fn b3_later_settings_decide_again_whether_a_stored_session_is_accepted() {
    let platform = TestPlatform::default();
    write_session(&platform.local, "alice", "alice-token-1");
    platform.local.put(SETTINGS, &double_encoded(&json!({"CLIENT_API_HOST": "127.0.0.1:8599"})));
    let mut tab = Tab::ready_on(platform);
    assert_eq!(tab.logged_in_user(), None, "its host is not one of the service");
    tab.init(json!({"appId": APP, "region": "us", "emulator": "http://127.0.0.1:8599"}));
    assert_eq!(tab.logged_in_user(), uid_and_token("alice", "alice-token-1"));
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

#[test]
fn b3_new_hosts_for_the_same_app_end_pending_calls() {
    let mut tab = Tab::ready();
    let login = tab.login_key("alice", AUTH_KEY);
    let post = tab.open_requests()[0].clone();
    let init = tab.init(json!({
        "appId": APP,
        "region": "us",
        "adminHost": "https://b.example",
        "clientHost": "https://b.example",
    }));
    assert_eq!(tab.result_of(init), Answer::Done);
    assert_eq!(tab.code(login), "LOGIN_ABORTED");
    assert_eq!(tab.take_events(), ["loginFailure LOGIN_ABORTED"]);
    // The token from the old host is not sent to the new one.
    tab.respond_to(post.id, token("alice", "alice-token-1"));
    assert_eq!(tab.sent_request_lines(), ["POST /users/alice/auth_tokens"]);

    let mut tab = Tab::logged_in("alice");
    let verify = tab.call(Call::Verify, 0, &json!({}));
    tab.init(json!({"appId": APP, "region": "us", "requestTimeout": "5000"}));
    assert!(tab.is_pending(verify), "with the same hosts calls stay pending");
    tab.init(json!({"appId": APP, "region": "in"}));
    assert_eq!(tab.code(verify), "REQUEST_ABORTED");
    assert!(tab.take_events().is_empty());
}

#[test]
fn b3_a_logout_request_continues_after_init_for_another_app() {
    let mut tab = Tab::logged_in("alice");
    let logout = tab.logout();
    let delete = tab.open_requests()[0].id;
    tab.init(json!({"appId": "otherapp", "region": "us"}));
    assert_eq!(tab.code(logout), "REQUEST_ABORTED");
    assert_eq!(tab.released, [delete]);
}

#[test]
fn b22_status_zero_is_an_invalid_response() {
    let mut tab = Tab::ready();
    let login = tab.login_token("alice-token-1");
    tab.respond(body(0, r#"{"error":{"code":"ERR_X"}}"#));
    let error = tab.error(login);
    assert_eq!((&*error.code, error.status), ("INVALID_RESPONSE", None));
}

#[test]
fn b22_metadata_that_is_nested_too_deeply_is_rejected() {
    let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    let user = |depth| {
        format!(
            r#"{{"user":{{"uid":"b","name":"B","metadata":{}}},"authKey":"{AUTH_KEY}"}}"#,
            nested(depth)
        )
    };
    let mut tab = Tab::ready();
    let id = tab.raw_call(Call::CreateUser, user(1_001));
    assert_eq!(tab.code(id), "INVALID_USER_METADATA");
    let id = tab.raw_call(Call::CreateUser, user(1));
    tab.respond(body(200, &format!(r#"{{"data":{{"uid":"b","metadata":{}}}}}"#, nested(5_000))));
    assert_eq!(tab.code(id), "INVALID_RESPONSE");
}
