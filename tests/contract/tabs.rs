//! B15: a change in another tab is reported once.

use serde_json::json;

use crate::harness::*;

fn two_tabs(uid: Option<&str>) -> (Tab, Tab) {
    let first = uid.map_or_else(Tab::ready, Tab::logged_in);
    let second = first.sibling();
    (first, second)
}

/// The calls and events at which a page compares with storage.
const NOTICE: [fn(&mut Tab); 4] = [
    Tab::sync,
    |tab| _ = tab.get_logged_in_user(),
    |tab| _ = tab.login(json!({"count": 0})),
    |tab| _ = tab.login_token("undefined"),
];

fn session_events(tab: &mut Tab) -> Vec<String> {
    tab.take_events().into_iter().filter(|event| !event.ends_with("MISSING_PARAMETERS")).collect()
}

#[test]
fn b15_a_login_in_another_tab_is_noticed_once() {
    for notice in NOTICE {
        let (mut here, mut there) = two_tabs(None);
        there.log_in("alice", "alice-token-1");
        assert_eq!(there.take_events(), ["loginSuccess alice"]);
        notice(&mut here);
        assert_eq!(session_events(&mut here), ["loginSuccess alice"]);
        here.sync();
        assert_eq!(here.logged_in_user(), uid_and_token("alice", "alice-token-1"));
        there.sync();
        assert!(session_events(&mut here).is_empty() && there.take_events().is_empty(), "once");
        assert!(here.sent.is_empty());
    }
}

#[test]
fn b15_a_logout_in_another_tab_is_noticed_once() {
    for notice in NOTICE {
        let (mut here, mut there) = two_tabs(Some("alice"));
        there.logout();
        notice(&mut here);
        assert_eq!(session_events(&mut here), ["logoutSuccess"]);
        here.sync();
        assert_eq!(here.logged_in_user(), None);
        assert!(session_events(&mut here).is_empty());
        there.respond(data(json!({})));
        assert_eq!(there.take_events(), ["logoutSuccess"]);
        assert!(here.sent.is_empty());
    }
}

#[test]
fn b15_another_user_in_another_tab_is_a_logout_and_a_login() {
    for notice in NOTICE {
        let (mut here, mut there) = two_tabs(Some("alice"));
        there.log_in("bob", "bob-token-1");
        notice(&mut here);
        assert_eq!(session_events(&mut here), ["logoutSuccess", "loginSuccess bob"]);
        assert_eq!(here.logged_in_user(), uid_and_token("bob", "bob-token-1"));
        here.sync();
        assert!(session_events(&mut here).is_empty());
    }
}

#[test]
fn b15_another_token_in_another_tab_is_only_a_login() {
    for notice in NOTICE {
        let (mut here, mut there) = two_tabs(Some("alice"));
        there.log_in("alice", "alice-token-2");
        notice(&mut here);
        assert_eq!(session_events(&mut here), ["loginSuccess alice"]);
        assert_eq!(here.logged_in_user(), uid_and_token("alice", "alice-token-2"));
        here.logout();
        assert_eq!(
            here.open_requests()[0].headers["authToken"],
            "alice-token-2",
            "the old token is forgotten"
        );
        here.respond(data(json!({})));
    }
}

#[test]
fn b15_a_new_name_of_the_same_session_is_read_without_an_event() {
    let (mut here, there) = two_tabs(Some("alice"));
    let renamed = json!({"uid": "alice", "name": "Queen Alice", "authToken": "alice-token-1"});
    there.platform.local.put(USER, &double_encoded(&renamed));
    here.sync();
    assert!(here.take_events().is_empty());
    let lookup = here.get_logged_in_user();
    assert_eq!(here.user(lookup)["name"], "Queen Alice");
}

#[test]
fn b15_clearing_the_storage_is_a_logout() {
    let (mut here, _) = two_tabs(Some("alice"));
    here.platform.local.clear();
    here.sync();
    assert_eq!(here.take_events(), ["logoutSuccess"]);
    let logout = here.logout();
    assert_eq!(here.code(logout), "USER_NOT_LOGGED_IN", "the session has ended already");
    here.log_in("bob", "bob-token-1");
    assert_eq!(
        here.platform.local.get("myapp:common_store/appId").unwrap(),
        r#""\"myapp\"""#,
        "written again"
    );
}

#[test]
fn b15_changes_of_the_official_client_are_noticed() {
    let mut here = Tab::ready();
    write_session(&here.platform.local, "alice", "alice-token-1");
    assert_eq!(here.logged_in_user(), uid_and_token("alice", "alice-token-1"));
    here.platform.local.remove(USER);
    let logout = here.logout();
    assert_eq!(here.code(logout), "USER_NOT_LOGGED_IN");
    assert_eq!(here.take_events(), ["loginSuccess alice", "logoutSuccess"]);
    assert!(here.sent.is_empty());
}

#[test]
fn b15_a_damaged_entry_is_a_logout() {
    let mut here = Tab::logged_in("alice");
    here.platform.local.put(USER, "{oops");
    here.sync();
    assert_eq!(here.take_events(), ["logoutSuccess"]);
    assert_eq!(here.logged_in_user(), None);
}

#[test]
fn b15_a_login_that_ends_after_the_login_of_another_tab_replaces_it() {
    let (mut here, mut there) = two_tabs(None);
    let login = here.login_token("bob-token-1");
    there.log_in("alice", "alice-token-1");
    here.respond(me("bob"));
    assert_eq!(here.user(login)["uid"], "bob");
    assert_eq!(here.take_events(), ["loginSuccess alice", "logoutSuccess", "loginSuccess bob"]);
    there.sync();
    assert_eq!(there.take_events(), ["loginSuccess alice", "logoutSuccess", "loginSuccess bob"]);
}

#[test]
fn b15_a_login_as_the_user_of_another_tab_sends_no_request() {
    let (mut here, mut there) = two_tabs(None);
    there.log_in("alice", "alice-token-1");
    let login = here.login_key("alice", AUTH_KEY);
    assert_eq!(here.user(login)["authToken"], "alice-token-1");
    assert!(here.sent.is_empty());
}

#[test]
fn b15_a_logout_ends_the_session_that_is_stored_now() {
    let (mut here, mut there) = two_tabs(Some("alice"));
    there.log_in("bob", "bob-token-1");
    here.logout();
    assert_eq!(here.take_events(), ["logoutSuccess", "loginSuccess bob", "logoutSuccess"]);
    assert_eq!(here.open_requests()[0].headers["authToken"], "bob-token-1");
    here.respond(data(json!({})));
    there.sync();
    assert_eq!(there.take_events(), ["logoutSuccess", "loginSuccess bob", "logoutSuccess"]);
}

#[test]
fn b15_a_logout_in_both_tabs_notifies_each_tab_once() {
    let (mut here, mut there) = two_tabs(Some("alice"));
    here.logout();
    let logout = there.logout();
    assert_eq!(there.code(logout), "USER_NOT_LOGGED_IN");
    assert_eq!(
        (here.take_events(), there.take_events()),
        (vec!["logoutSuccess".into()], vec!["logoutSuccess".into()])
    );
    here.respond(data(json!({})));
}

#[test]
fn b15_in_session_mode_each_tab_has_its_own_session() {
    let mut here = Tab::default();
    here.init(json!({"appId": APP, "region": "us", "storageMode": "session"}));
    here.log_in("alice", "alice-token-1");
    let mut there = Tab::new(TestPlatform { session: Storage::default(), ..here.platform.clone() });
    there.init(json!({"appId": APP, "region": "us", "storageMode": "session"}));
    assert_eq!(there.logged_in_user(), None);
    here.platform
        .local
        .put(USER, &double_encoded(&json!({"uid": "bob", "authToken": "bob-token-1"})));
    here.sync();
    assert_eq!(here.logged_in_user(), uid_and_token("alice", "alice-token-1"));
}

#[test]
fn b15_a_second_init_notices_a_change_of_another_tab() {
    let mut here = Tab::logged_in("alice");
    let mut there = here.sibling();
    there.log_in("bob", "bob-token-1");
    here.init_app();
    assert_eq!(here.take_events(), ["logoutSuccess", "loginSuccess bob"]);
}

#[test]
fn b15_a_sync_without_a_change_has_no_effect() {
    let mut tab = Tab::default();
    tab.sync();
    tab.init_app();
    tab.sync();
    let login = tab.login_key("alice", AUTH_KEY);
    tab.sync();
    tab.respond(token("alice", "alice-token-1"));
    tab.sync();
    tab.respond(me("alice"));
    tab.user(login);
    tab.sync();
    tab.dispose();
    tab.sync();
    assert_eq!(tab.take_events(), ["loginSuccess alice"]);
}
