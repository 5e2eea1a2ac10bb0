//! B2, B3: calls before `init`, and a later `init`.

use cometchat_auth::client::Call;
use cometchat_auth::client::ports::Answer;
use serde_json::{Value, json};

use crate::harness::*;

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
fn b3_a_later_init_checks_the_host_of_the_stored_session_again() {
    let platform = TestPlatform::default();
    write_session(&platform.local, "alice", "alice-token-1");
    platform.local.put(SETTINGS, &double_encoded(&json!({"CLIENT_API_HOST": "127.0.0.1:8599"})));
    let mut tab = Tab::ready_on(platform);
    assert_eq!(tab.logged_in_user(), None, "its host is not one of the service");
    tab.init(json!({"appId": APP, "region": "us", "emulator": "http://127.0.0.1:8599"}));
    assert_eq!(tab.logged_in_user(), uid_and_token("alice", "alice-token-1"));
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
fn b3_init_for_another_app_ends_calls_but_keeps_the_stored_session() {
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
fn b3_a_logout_request_continues_after_init_for_another_app() {
    let mut tab = Tab::logged_in("alice");
    let logout = tab.logout();
    let delete = tab.open_requests()[0].id;
    tab.init(json!({"appId": "otherapp", "region": "us"}));
    assert_eq!(tab.code(logout), "REQUEST_ABORTED");
    assert_eq!(tab.released, [delete]);
}
