//! B14, B15: sessions in memory, when storage fails.

use serde_json::json;

use super::decoded_entry;
use crate::harness::*;

#[test]
fn b14_a_commit_that_fails_keeps_the_session_in_memory() {
    for older in [false, true] {
        for refused in 0..3 {
            let mut tab = Tab::ready();
            if older {
                tab.log_in("alice", "alice-token-1");
            }
            tab.clear_log();
            tab.platform.local.refuse_write_after(refused);
            tab.log_in("bob", "bob-token-1");
            tab.platform.local.refuse_writes(true);
            let case = format!("write {refused}, over an older session: {older}");
            assert_eq!(tab.client.persistence(), Some("memory"), "{case}");
            assert_eq!(tab.logged_in_user(), uid_and_token("bob", "bob-token-1"), "{case}");
            assert_eq!(tab.platform.local.get(USER), None, "{case}");
            assert_eq!(tab.platform.local.get(SETTINGS), None, "{case}");
            let events: &[&str] =
                if older { &["logoutSuccess", "loginSuccess bob"] } else { &["loginSuccess bob"] };
            assert_eq!(tab.take_events(), events, "{case}");
            assert_eq!(tab.sibling().logged_in_user(), None, "{case}");
            assert_eq!(tab.reload().logged_in_user(), None, "{case}");
        }
        let mut tab = Tab::ready();
        tab.platform.local.refuse_write_after(3);
        tab.log_in("bob", "bob-token-1");
        assert_eq!(tab.client.persistence(), Some("local"), "a commit is three writes");
    }
}

#[test]
fn b14_a_session_in_memory_stays_until_another_session_is_stored() {
    let mut tab = Tab::ready();
    tab.platform.local.refuse_writes(true);
    tab.log_in("alice", "alice-token-1");
    tab.take_events();
    tab.sync();
    tab.platform.local.clear();
    tab.sync();
    tab.init_app();
    assert!(tab.take_events().is_empty());
    assert_eq!(tab.logged_in_user(), uid_and_token("alice", "alice-token-1"));
    assert_eq!(tab.client.persistence(), Some("memory"));
    write_session(&tab.platform.local, "bob", "bob-token-1");
    tab.sync();
    assert_eq!(tab.take_events(), ["logoutSuccess", "loginSuccess bob"]);
    assert_eq!(tab.client.persistence(), Some("local"));
}

#[test]
fn b14_the_next_login_that_can_be_written_is_stored_again() {
    let mut tab = Tab::ready();
    tab.platform.local.refuse_writes(true);
    tab.log_in("alice", "alice-token-1");
    tab.platform.local.refuse_writes(false);
    assert_eq!(tab.client.persistence(), Some("memory"), "until the next login succeeds");
    tab.log_in("bob", "bob-token-1");
    assert_eq!(tab.client.persistence(), Some("local"));
    assert_eq!(tab.reload().logged_in_user(), uid_and_token("bob", "bob-token-1"));
}

#[test]
fn b14_a_login_writes_a_session_in_memory_to_storage_again() {
    let mut tab = Tab::ready();
    let login = tab.login_token("alice-token-1");
    write_session(&tab.platform.local, "alice", "alice-token-1");
    tab.sync();
    tab.platform.local.refuse_all(true);
    assert_eq!(tab.logged_in_user(), uid_and_token("alice", "alice-token-1"));
    tab.platform.local.refuse_all(false);
    assert_eq!(tab.client.persistence(), Some("memory"));
    tab.respond(me("alice"));
    assert_eq!(tab.user(login)["name"], "ALICE");
    assert_eq!(tab.client.persistence(), Some("local"));
    assert_eq!(decoded_entry(&tab.platform.local, USER)["name"], "ALICE");
}

#[test]
fn b14_a_session_in_memory_can_be_ended() {
    let mut tab = Tab::ready();
    tab.platform.local.refuse_all(true);
    tab.platform.session.refuse_all(true);
    tab.log_in("alice", "alice-token-1");
    tab.take_events();
    let logout = tab.logout();
    assert_eq!(tab.take_events(), ["logoutSuccess"]);
    tab.respond(data(json!({})));
    tab.object(logout);
    assert_eq!(tab.logged_in_user(), None);
}

#[test]
fn b14_without_any_storage_everything_works_in_memory() {
    let platform = TestPlatform::default();
    platform.local.refuse_all(true);
    platform.session.refuse_all(true);
    let mut tab = Tab::ready_on(platform);
    assert_eq!(tab.logged_in_user(), None);
    tab.log_in("alice", "alice-token-1");
    assert_eq!(tab.client.persistence(), Some("memory"));
    assert_eq!(tab.logged_in_user(), uid_and_token("alice", "alice-token-1"));
    tab.log_in("bob", "bob-token-1");
    assert_eq!(tab.take_events(), ["loginSuccess alice", "logoutSuccess", "loginSuccess bob"]);
    let ids: Vec<_> =
        tab.sent.iter().map(|sent| (&sent.headers["resource"], &sent.body["deviceId"])).collect();
    assert_eq!(ids[0], ids[1], "the ids last as long as the page");
    assert!(tab.platform.local.entries().is_empty());
}

#[test]
fn b14_storage_that_becomes_unreadable_does_not_end_the_session() {
    let mut tab = Tab::logged_in("alice");
    tab.platform.local.refuse_all(true);
    tab.sync();
    assert_eq!(tab.logged_in_user(), uid_and_token("alice", "alice-token-1"));
    assert_eq!(tab.client.persistence(), Some("memory"));
    assert!(tab.take_events().is_empty());
}

#[test]
fn b15_a_logout_after_the_login_of_another_tab_ends_the_stored_session() {
    let mut here = Tab::ready();
    here.platform.local.refuse_writes(true);
    here.log_in("alice", "alice-token-1");
    here.platform.local.refuse_writes(false);
    let mut there = here.sibling();
    there.log_in("bob", "bob-token-1");
    here.take_events();
    here.logout();
    assert_eq!(here.take_events(), ["logoutSuccess", "loginSuccess bob", "logoutSuccess"]);
    assert_eq!(here.open_requests()[0].headers["authToken"], "bob-token-1");
    here.respond(data(json!({})));
    assert_eq!(there.logged_in_user(), None);
}
