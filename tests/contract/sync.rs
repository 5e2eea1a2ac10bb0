//! B12, B14, B15: commits that are refused half way, storage that lags or fails for a moment.

use cometchat_auth::client::ports::{self, Answer, Area};
use cometchat_auth::client::sync::Change;
use cometchat_auth::client::{Call, Input};
use serde_json::{Value, json};

use crate::harness::*;

/// Two tabs after `init`, with Alice logged in.
fn two() -> (Tab, Tab) {
    let one = Tab::logged_in("alice");
    let mut other = one.sibling();
    assert_eq!(other.who(), pair("alice", "alice-token-1"));
    other.forget();
    (one, other)
}

/// Two tabs in processes of their own: each has its own view of localStorage.
fn two_processes() -> (Tab, Tab) {
    let one = Tab::logged_in("alice");
    let view = Storage::with(one.world.local.entries());
    let mut other =
        Tab::ready_on(World { local: view, session: Storage::default(), ..one.world.clone() });
    other.forget();
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
        let (mut one, mut other) = two();
        let stored = one.world.local.entries();
        one.world.local.refuse_writes(true);
        let call = if update {
            one.call(Call::UpdateMe, 0, &json!({"user": {"name": "A longer name"}}))
        } else {
            one.call(Call::Verify, 0, &json!({}))
        };
        one.answer(renamed("A longer name"));
        assert_eq!(one.user(call)["name"], "A longer name", "the new data live in memory");
        assert_eq!(one.world.local.entries(), stored, "the entries stay as they were");
        assert_eq!(one.client.persistence(), Some("memory"));
        other.look();
        assert!(one.told().is_empty() && other.told().is_empty(), "no tab is logged out");
        assert_eq!(other.who(), pair("alice", "alice-token-1"));
    }
}

#[test]
fn b14_a_write_that_failed_is_tried_again_at_the_next_call() {
    let (mut one, mut other) = two();
    one.world.local.refuse_writes(true);
    one.call(Call::Verify, 0, &json!({}));
    one.answer(renamed("New"));
    one.who();
    assert_eq!(one.client.persistence(), Some("memory"));
    one.world.local.refuse_writes(false);
    one.who();
    assert_eq!(one.client.persistence(), Some("local"));
    assert_eq!(name_in(&one.world.local).as_deref(), Some("New"));
    other.look();
    assert!(one.told().is_empty() && other.told().is_empty());
}

#[test]
fn b14_a_session_in_memory_gives_way_to_a_login_in_another_tab() {
    let world = World::default();
    let (mut one, mut other) = (Tab::ready_on(world.clone()), Tab::ready_on(world));
    one.world.local.refuse_writes(true);
    one.log_in("alice", "alice-token-1");
    assert_eq!(one.client.persistence(), Some("memory"));
    one.world.local.refuse_writes(false);
    other.log_in("bob", "bob-token-1");
    one.forget();
    assert_eq!(one.who(), pair("bob", "bob-token-1"), "not two users in two tabs");
    assert_eq!(one.told(), ["logoutSuccess", "loginSuccess bob"]);
    assert_eq!(one.client.persistence(), Some("local"));
}

#[test]
fn b14_a_login_that_is_refused_half_way_leaves_every_entry_as_it_was() {
    for after in 0..3 {
        let mut tab = Tab::logged_in("alice");
        let before = tab.world.local.entries();
        tab.world.local.refuse_write(after);
        let call = tab.login_token("alice-token-2");
        tab.answer(me("alice"));
        assert_eq!(tab.user(call)["authToken"], "alice-token-2", "the login resolves");
        assert_eq!(tab.world.local.entries(), before, "write {after}");
        assert_eq!(tab.client.persistence(), Some("memory"));
        assert_eq!(tab.who(), pair("alice", "alice-token-2"));
        assert_eq!(tab.client.persistence(), Some("local"), "and is written at the next call");
    }
}

#[test]
fn b14_a_login_of_another_user_that_is_refused_leaves_no_session_behind() {
    for after in 0..3 {
        let mut tab = Tab::logged_in("alice");
        tab.world.local.refuse_write(after);
        tab.world.local.refuse_writes(after == 0);
        let call = tab.login_token("bob-token-1");
        tab.answer(me("bob"));
        assert_eq!(tab.user(call)["uid"], "bob");
        assert_eq!(tab.world.local.get(USER), None, "write {after}");
        assert_eq!(tab.world.local.get(SETTINGS), None, "write {after}");
        tab.world.local.refuse_writes(false);
    }
}

#[test]
fn b6_a_new_token_of_the_same_user_is_written_in_place() {
    let mut tab = Tab::logged_in("alice");
    tab.forget();
    let call = tab.login(json!({"authToken": "alice-token-2"}));
    tab.answer(me("Alice"));
    assert_eq!(tab.user(call)["authToken"], "alice-token-2");
    let standings = tab.world.local.standings();
    assert!(standings.len() >= 2);
    for entries in standings {
        let mut other = Tab::ready_on(World { local: Storage::with(entries), ..World::default() });
        assert!(other.who().is_some(), "no other tab sees the user go");
    }
}

#[test]
fn b15_a_refresh_never_brings_a_session_back() {
    let (mut one, mut other) = two_processes();
    other.call(Call::Verify, 0, &json!({}));
    let before = other.world.local.get(USER);
    // The other process does not see it yet.
    let logout = one.logout();
    one.answer(data(json!({})));
    assert!(one.settled(logout).is_some());
    other.answer(renamed("Refreshed"));
    assert_eq!(name_in(&other.world.local).as_deref(), Some("Refreshed"));
    other.handle(changed(USER, before, None));
    assert_eq!(other.world.local.get(USER), None);
    assert_eq!(other.world.local.get(SETTINGS), None);
    assert_eq!(other.told(), ["logoutSuccess"]);
    assert_eq!(other.who(), None);
}

#[test]
fn b15_a_refresh_gives_way_to_a_renewal_in_another_process() {
    let (mut one, mut other) = two_processes();
    other.call(Call::Verify, 0, &json!({}));
    let before = other.world.local.get(USER);
    one.login_token("alice-token-2");
    one.answer(me("alice"));
    other.answer(renamed("Refreshed"));
    other.handle(changed(USER, before, one.world.local.get(USER)));
    assert_eq!(other.who(), pair("alice", "alice-token-2"));
    assert_eq!(other.told(), ["loginSuccess alice"]);
    assert_eq!(other.world.local.get(USER), one.world.local.get(USER));
}

#[test]
fn b15_a_change_that_was_made_on_top_of_a_refresh_is_left_alone() {
    let (_, mut other) = two_processes();
    other.call(Call::Verify, 0, &json!({}));
    other.answer(renamed("Refreshed"));
    let refreshed = other.world.local.get(USER);
    // Its old value is what the refresh wrote: storage has it already, in whatever order.
    other.handle(changed(USER, refreshed.clone(), None));
    assert_eq!(other.world.local.get(USER), refreshed);
    // And a change of another entry, or of the other storage, is none of it.
    other.handle(changed("myapp:keys_store/deviceId", Some("x".into()), None));
    let change = Change { area: Area::Session, key: USER.into(), old: None, new: None };
    other.handle(Input::StorageChanged(Box::new(change)));
    assert_eq!(other.world.local.get(USER), refreshed);
    assert!(other.told().is_empty());
}

#[test]
fn b15_a_refresh_that_changes_nothing_writes_nothing() {
    let mut tab = Tab::logged_in("alice");
    tab.call(Call::Verify, 0, &json!({}));
    tab.answer(me("alice"));
    assert!(tab.world.local.changes().is_empty());
}

#[test]
fn b29_a_session_that_ended_while_it_was_verified_is_null() {
    let (mut one, mut other) = two();
    let verify = other.call(Call::Verify, 0, &json!({}));
    one.logout();
    one.answer(data(json!({})));
    other.answer(renamed("Refreshed"));
    assert_eq!(other.answer_of(verify), Answer::NoUser);
    assert_eq!(other.world.local.get(USER), None);
}

#[test]
fn b14_a_read_that_fails_once_does_not_leave_storage_for_good() {
    let (mut one, mut other) = two();
    one.world.local.refuse_read();
    assert_eq!(one.who(), pair("alice", "alice-token-1"));
    assert!(one.told().is_empty());
    one.who();
    assert_eq!(one.client.persistence(), Some("local"));
    // The tab still hears of others.
    other.logout();
    other.answer(data(json!({})));
    one.look();
    assert_eq!(one.told(), ["logoutSuccess"]);
}

#[test]
fn b14_a_login_that_fails_to_read_once_is_stored_all_the_same() {
    let mut tab = Tab::ready();
    tab.world.local.refuse_read();
    tab.log_in("alice", "alice-token-1");
    assert_eq!(tab.client.persistence(), Some("local"));
}

#[test]
fn b14_a_logout_that_cannot_remove_the_entry_removes_it_later() {
    let mut tab = Tab::logged_in("alice");
    tab.world.local.refuse_all(true);
    tab.logout();
    tab.answer(data(json!({})));
    tab.world.local.refuse_all(false);
    assert_eq!(tab.who(), None);
    assert_eq!(tab.world.local.get(USER), None);
    assert_eq!(tab.told(), ["logoutSuccess"]);
}

#[test]
fn b15_changed_data_of_the_same_login_are_announced_without_an_event() {
    let (mut one, mut other) = two();
    other.changes.clear();
    one.call(Call::UpdateMe, 0, &json!({"user": {"name": "New"}}));
    one.answer(renamed("New"));
    other.look();
    assert!(other.told().is_empty());
    let [(Some(session), false)] = &other.changes[..] else { panic!("{:?}", other.changes) };
    assert!(session.user.as_str().contains(r#""name":"New""#));
    other.look();
    assert_eq!(other.changes.len(), 1, "once");
}

#[test]
fn b32_each_init_announces_the_session_before_it_settles() {
    let mut tab = Tab::default();
    assert!(tab.changes.is_empty());
    tab.init_app();
    assert_eq!(tab.changes, [(None, false)]);
    tab.log_in("alice", "alice-token-1");
    tab.init_app();
    assert_eq!(tab.changes.len(), 3);
    tab.world.local.refuse_all(true);
    tab.look();
    assert!(matches!(&tab.changes[..], [.., (Some(_), true)]), "it lives in memory now");
    tab.world.local.refuse_all(false);
    tab.look();
    assert!(matches!(&tab.changes[..], [.., (Some(_), false)]));
}
