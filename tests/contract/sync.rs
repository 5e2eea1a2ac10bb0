//! B12, B14, B15: commits that fail in part, and storage that is delayed or fails once.

use cometchat_auth::client::ports::{self, Answer, Area};
use cometchat_auth::client::sync::Change;
use cometchat_auth::client::{Call, Input};
use serde_json::{Value, json};

use crate::harness::*;

/// Two tabs after `init`, with Alice logged in.
fn two_tabs() -> (Tab, Tab) {
    let one = Tab::logged_in("alice");
    let mut other = one.sibling();
    assert_eq!(other.logged_in_user(), uid_and_token("alice", "alice-token-1"));
    other.clear_log();
    (one, other)
}

/// Two tabs in processes of their own: each has its own view of localStorage.
fn two_processes() -> (Tab, Tab) {
    let one = Tab::logged_in("alice");
    let view = Storage::with(one.platform.local.entries());
    let mut other = Tab::ready_on(TestPlatform {
        local: view,
        session: Storage::default(),
        ..one.platform.clone()
    });
    other.clear_log();
    (one, other)
}

/// A response about Alice with another name.
fn renamed(name: &str) -> ports::Outcome {
    data(json!({"uid": "alice", "name": name, "role": "default"}))
}

fn name_in(storage: &Storage) -> Option<String> {
    let outer: Value = serde_json::from_str(&storage.get(USER)?).unwrap();
    let user: Value = serde_json::from_str(outer.as_str().unwrap()).unwrap();
    Some(user["name"].as_str().unwrap().to_owned())
}

fn changed(key: &str, old: Option<String>, new: Option<String>) -> Input {
    Input::StorageChanged(Box::new(Change { area: Area::Local, key: key.into(), old, new }))
}

#[test]
fn b14_a_refresh_that_cannot_be_written_keeps_the_stored_session() {
    for update in [false, true] {
        let (mut one, mut other) = two_tabs();
        let stored = one.platform.local.entries();
        one.platform.local.refuse_writes(true);
        let call = if update {
            one.call(Call::UpdateMe, 0, &json!({"user": {"name": "A longer name"}}))
        } else {
            one.call(Call::Verify, 0, &json!({}))
        };
        one.respond(renamed("A longer name"));
        assert_eq!(one.user(call)["name"], "A longer name", "the new data are in memory");
        assert_eq!(one.platform.local.entries(), stored, "the entries are unchanged");
        assert_eq!(one.client.persistence(), Some("memory"));
        other.sync();
        assert!(
            one.take_events().is_empty() && other.take_events().is_empty(),
            "no tab is logged out"
        );
        assert_eq!(other.logged_in_user(), uid_and_token("alice", "alice-token-1"));
    }
}

#[test]
fn b14_a_failed_write_is_retried_at_the_next_call() {
    let (mut one, mut other) = two_tabs();
    one.platform.local.refuse_writes(true);
    one.call(Call::Verify, 0, &json!({}));
    one.respond(renamed("New"));
    one.logged_in_user();
    assert_eq!(one.client.persistence(), Some("memory"));
    one.platform.local.refuse_writes(false);
    one.logged_in_user();
    assert_eq!(one.client.persistence(), Some("local"));
    assert_eq!(name_in(&one.platform.local).as_deref(), Some("New"));
    other.sync();
    assert!(one.take_events().is_empty() && other.take_events().is_empty());
}

#[test]
fn b14_a_login_in_another_tab_replaces_a_session_in_memory() {
    let platform = TestPlatform::default();
    let (mut one, mut other) = (Tab::ready_on(platform.clone()), Tab::ready_on(platform));
    one.platform.local.refuse_writes(true);
    one.log_in("alice", "alice-token-1");
    assert_eq!(one.client.persistence(), Some("memory"));
    one.platform.local.refuse_writes(false);
    other.log_in("bob", "bob-token-1");
    one.clear_log();
    assert_eq!(
        one.logged_in_user(),
        uid_and_token("bob", "bob-token-1"),
        "both tabs have the same user"
    );
    assert_eq!(one.take_events(), ["logoutSuccess", "loginSuccess bob"]);
    assert_eq!(one.client.persistence(), Some("local"));
}

#[test]
fn b14_a_login_whose_write_fails_leaves_every_entry_unchanged() {
    for after in 0..3 {
        let mut tab = Tab::logged_in("alice");
        let before = tab.platform.local.entries();
        tab.platform.local.refuse_write_after(after);
        let call = tab.login_token("alice-token-2");
        tab.respond(me("alice"));
        assert_eq!(tab.user(call)["authToken"], "alice-token-2", "the login resolves");
        assert_eq!(tab.platform.local.entries(), before, "write {after}");
        assert_eq!(tab.client.persistence(), Some("memory"));
        assert_eq!(tab.logged_in_user(), uid_and_token("alice", "alice-token-2"));
        assert_eq!(tab.client.persistence(), Some("local"), "and is written at the next call");
    }
}

#[test]
fn b14_a_login_of_another_user_whose_write_fails_leaves_no_stored_session() {
    for after in 0..3 {
        let mut tab = Tab::logged_in("alice");
        tab.platform.local.refuse_write_after(after);
        tab.platform.local.refuse_writes(after == 0);
        let call = tab.login_token("bob-token-1");
        tab.respond(me("bob"));
        assert_eq!(tab.user(call)["uid"], "bob");
        assert_eq!(tab.platform.local.get(USER), None, "write {after}");
        assert_eq!(tab.platform.local.get(SETTINGS), None, "write {after}");
        tab.platform.local.refuse_writes(false);
    }
}

#[test]
fn b6_a_new_token_of_the_same_user_is_written_in_place() {
    let mut tab = Tab::logged_in("alice");
    tab.clear_log();
    let call = tab.login(json!({"authToken": "alice-token-2"}));
    tab.respond(me("Alice"));
    assert_eq!(tab.user(call)["authToken"], "alice-token-2");
    let snapshots = tab.platform.local.snapshots();
    assert!(snapshots.len() >= 2);
    for entries in snapshots {
        let mut other = Tab::ready_on(TestPlatform {
            local: Storage::with(entries),
            ..TestPlatform::default()
        });
        assert!(other.logged_in_user().is_some(), "the stored user is never absent");
    }
}

#[test]
fn b15_a_refresh_never_restores_an_ended_session() {
    let (mut one, mut other) = two_processes();
    other.call(Call::Verify, 0, &json!({}));
    let before = other.platform.local.get(USER);
    // The other process does not see it yet.
    let logout = one.logout();
    one.respond(data(json!({})));
    assert!(one.settled(logout).is_some());
    other.respond(renamed("Refreshed"));
    assert_eq!(name_in(&other.platform.local).as_deref(), Some("Refreshed"));
    other.handle(changed(USER, before, None));
    assert_eq!(other.platform.local.get(USER), None);
    assert_eq!(other.platform.local.get(SETTINGS), None);
    assert_eq!(other.take_events(), ["logoutSuccess"]);
    assert_eq!(other.logged_in_user(), None);
}

#[test]
fn b15_a_new_token_from_another_process_wins_over_a_refresh() {
    let (mut one, mut other) = two_processes();
    other.call(Call::Verify, 0, &json!({}));
    let before = other.platform.local.get(USER);
    one.login_token("alice-token-2");
    one.respond(me("alice"));
    other.respond(renamed("Refreshed"));
    other.handle(changed(USER, before, one.platform.local.get(USER)));
    assert_eq!(other.logged_in_user(), uid_and_token("alice", "alice-token-2"));
    assert_eq!(other.take_events(), ["loginSuccess alice"]);
    assert_eq!(other.platform.local.get(USER), one.platform.local.get(USER));
}

#[test]
fn b15_a_storage_event_on_top_of_a_refresh_changes_nothing() {
    let (_, mut other) = two_processes();
    other.call(Call::Verify, 0, &json!({}));
    other.respond(renamed("Refreshed"));
    let refreshed = other.platform.local.get(USER);
    // The old value of the event is the refreshed entry, so storage already has the right order.
    other.handle(changed(USER, refreshed.clone(), None));
    assert_eq!(other.platform.local.get(USER), refreshed);
    // A change of another entry or of the other storage is ignored.
    other.handle(changed("myapp:keys_store/deviceId", Some("x".into()), None));
    let change = Change { area: Area::Session, key: USER.into(), old: None, new: None };
    other.handle(Input::StorageChanged(Box::new(change)));
    assert_eq!(other.platform.local.get(USER), refreshed);
    assert!(other.take_events().is_empty());
}

#[test]
fn b15_a_refresh_that_changes_nothing_writes_nothing() {
    let mut tab = Tab::logged_in("alice");
    tab.call(Call::Verify, 0, &json!({}));
    tab.respond(me("alice"));
    assert!(tab.platform.local.changes().is_empty());
}

#[test]
fn b29_verify_resolves_null_if_the_session_ended_meanwhile() {
    let (mut one, mut other) = two_tabs();
    let verify = other.call(Call::Verify, 0, &json!({}));
    one.logout();
    one.respond(data(json!({})));
    other.respond(renamed("Refreshed"));
    assert_eq!(other.result_of(verify), Answer::NoUser);
    assert_eq!(other.platform.local.get(USER), None);
}

#[test]
fn b14_a_read_that_fails_once_is_retried() {
    let (mut one, mut other) = two_tabs();
    one.platform.local.refuse_next_read();
    assert_eq!(one.logged_in_user(), uid_and_token("alice", "alice-token-1"));
    assert!(one.take_events().is_empty());
    one.logged_in_user();
    assert_eq!(one.client.persistence(), Some("local"));
    // The tab still notices changes of other tabs.
    other.logout();
    other.respond(data(json!({})));
    one.sync();
    assert_eq!(one.take_events(), ["logoutSuccess"]);
}

#[test]
fn b14_a_login_is_stored_although_one_read_failed() {
    let mut tab = Tab::ready();
    tab.platform.local.refuse_next_read();
    tab.log_in("alice", "alice-token-1");
    assert_eq!(tab.client.persistence(), Some("local"));
}

#[test]
fn b14_a_logout_that_cannot_remove_the_entry_removes_it_later() {
    let mut tab = Tab::logged_in("alice");
    tab.platform.local.refuse_all(true);
    tab.logout();
    tab.respond(data(json!({})));
    tab.platform.local.refuse_all(false);
    assert_eq!(tab.logged_in_user(), None);
    assert_eq!(tab.platform.local.get(USER), None);
    assert_eq!(tab.take_events(), ["logoutSuccess"]);
}

#[test]
fn b15_changed_user_data_of_the_same_session_are_reported_without_an_event() {
    let (mut one, mut other) = two_tabs();
    other.session_changes.clear();
    one.call(Call::UpdateMe, 0, &json!({"user": {"name": "New"}}));
    one.respond(renamed("New"));
    other.sync();
    assert!(other.take_events().is_empty());
    let [(Some(session), false)] = &other.session_changes[..] else {
        panic!("{:?}", other.session_changes)
    };
    assert!(session.user.as_str().contains(r#""name":"New""#));
    other.sync();
    assert_eq!(other.session_changes.len(), 1, "once");
}

#[test]
fn b32_each_init_reports_the_session_before_it_settles() {
    let mut tab = Tab::default();
    assert!(tab.session_changes.is_empty());
    tab.init_app();
    assert_eq!(tab.session_changes, [(None, false)]);
    tab.log_in("alice", "alice-token-1");
    tab.init_app();
    assert_eq!(tab.session_changes.len(), 3);
    tab.platform.local.refuse_all(true);
    tab.sync();
    assert!(
        matches!(&tab.session_changes[..], [.., (Some(_), true)]),
        "the session is in memory now"
    );
    tab.platform.local.refuse_all(false);
    tab.sync();
    assert!(matches!(&tab.session_changes[..], [.., (Some(_), false)]));
}
