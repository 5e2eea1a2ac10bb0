//! B15: what happens elsewhere is noticed once, by whoever looks first.

use serde_json::json;

use crate::harness::*;

fn two(uid: Option<&str>) -> (Tab, Tab) {
    let first = uid.map_or_else(Tab::ready, Tab::logged_in);
    let second = first.sibling();
    (first, second)
}

/// The ways in which a page can be the first to notice.
const NOTICE: [fn(&mut Tab); 4] = [
    Tab::look,
    |tab| _ = tab.who_call(),
    |tab| _ = tab.login(json!({"count": 0})),
    |tab| _ = tab.login_token("undefined"),
];

fn events(tab: &mut Tab) -> Vec<String> {
    tab.told().into_iter().filter(|event| !event.ends_with("MISSING_PARAMETERS")).collect()
}

#[test]
fn b15_a_login_in_another_tab_is_noticed_once() {
    for notice in NOTICE {
        let (mut here, mut there) = two(None);
        there.log_in("alice", "alice-token-1");
        assert_eq!(there.told(), ["loginSuccess alice"]);
        notice(&mut here);
        assert_eq!(events(&mut here), ["loginSuccess alice"]);
        here.look();
        assert_eq!(here.who(), pair("alice", "alice-token-1"));
        there.look();
        assert!(events(&mut here).is_empty() && there.told().is_empty(), "once");
        assert!(here.sent.is_empty());
    }
}

#[test]
fn b15_a_logout_in_another_tab_is_noticed_once() {
    for notice in NOTICE {
        let (mut here, mut there) = two(Some("alice"));
        there.logout();
        notice(&mut here);
        assert_eq!(events(&mut here), ["logoutSuccess"]);
        here.look();
        assert_eq!(here.who(), None);
        assert!(events(&mut here).is_empty());
        there.answer(data(json!({})));
        assert_eq!(there.told(), ["logoutSuccess"]);
        assert!(here.sent.is_empty());
    }
}

#[test]
fn b15_another_user_elsewhere_is_a_logout_and_a_login() {
    for notice in NOTICE {
        let (mut here, mut there) = two(Some("alice"));
        there.log_in("bob", "bob-token-1");
        notice(&mut here);
        assert_eq!(events(&mut here), ["logoutSuccess", "loginSuccess bob"]);
        assert_eq!(here.who(), pair("bob", "bob-token-1"));
        here.look();
        assert!(events(&mut here).is_empty());
    }
}

#[test]
fn b15_another_token_elsewhere_is_a_login_alone() {
    for notice in NOTICE {
        let (mut here, mut there) = two(Some("alice"));
        there.log_in("alice", "alice-token-2");
        notice(&mut here);
        assert_eq!(events(&mut here), ["loginSuccess alice"]);
        assert_eq!(here.who(), pair("alice", "alice-token-2"));
        here.logout();
        assert_eq!(
            here.open()[0].headers["authToken"],
            "alice-token-2",
            "the old token is forgotten"
        );
        here.answer(data(json!({})));
    }
}

#[test]
fn b15_a_new_name_of_the_same_login_is_taken_over_without_an_event() {
    let (mut here, there) = two(Some("alice"));
    let renamed = json!({"uid": "alice", "name": "Queen Alice", "authToken": "alice-token-1"});
    there.world.local.put(USER, &twice(&renamed));
    here.look();
    assert!(here.told().is_empty());
    let who = here.who_call();
    assert_eq!(here.user(who)["name"], "Queen Alice");
}

#[test]
fn b15_clearing_the_storage_is_a_logout() {
    let (mut here, _) = two(Some("alice"));
    here.world.local.clear();
    here.look();
    assert_eq!(here.told(), ["logoutSuccess"]);
    let logout = here.logout();
    assert_eq!(here.code(logout), "USER_NOT_LOGGED_IN", "there is no token left to end");
    here.log_in("bob", "bob-token-1");
    assert_eq!(
        here.world.local.get("myapp:common_store/appId").unwrap(),
        r#""\"myapp\"""#,
        "laid down again"
    );
}

#[test]
fn b15_the_official_client_in_this_page_is_seen_as_another_tab_is() {
    let mut here = Tab::ready();
    write_session(&here.world.local, "alice", "alice-token-1");
    assert_eq!(here.who(), pair("alice", "alice-token-1"));
    here.world.local.take(USER);
    let logout = here.logout();
    assert_eq!(here.code(logout), "USER_NOT_LOGGED_IN");
    assert_eq!(here.told(), ["loginSuccess alice", "logoutSuccess"]);
    assert!(here.sent.is_empty());
}

#[test]
fn b15_an_entry_that_gets_damaged_is_a_logout() {
    let mut here = Tab::logged_in("alice");
    here.world.local.put(USER, "{oops");
    here.look();
    assert_eq!(here.told(), ["logoutSuccess"]);
    assert_eq!(here.who(), None);
}

#[test]
fn b15_a_login_that_began_before_another_tabs_is_told_after_it() {
    let (mut here, mut there) = two(None);
    let login = here.login_token("bob-token-1");
    there.log_in("alice", "alice-token-1");
    here.answer(me("bob"));
    assert_eq!(here.user(login)["uid"], "bob");
    assert_eq!(here.told(), ["loginSuccess alice", "logoutSuccess", "loginSuccess bob"]);
    there.look();
    assert_eq!(there.told(), ["loginSuccess alice", "logoutSuccess", "loginSuccess bob"]);
}

#[test]
fn b15_a_login_as_the_user_who_came_in_another_tab_asks_nobody() {
    let (mut here, mut there) = two(None);
    there.log_in("alice", "alice-token-1");
    let login = here.login_key("alice", KEY);
    assert_eq!(here.user(login)["authToken"], "alice-token-1");
    assert!(here.sent.is_empty());
}

#[test]
fn b15_a_logout_ends_the_session_that_stands_on_disk_now() {
    let (mut here, mut there) = two(Some("alice"));
    there.log_in("bob", "bob-token-1");
    here.logout();
    assert_eq!(here.told(), ["logoutSuccess", "loginSuccess bob", "logoutSuccess"]);
    assert_eq!(here.open()[0].headers["authToken"], "bob-token-1");
    here.answer(data(json!({})));
    there.look();
    assert_eq!(there.told(), ["logoutSuccess", "loginSuccess bob", "logoutSuccess"]);
}

#[test]
fn b15_two_logouts_in_two_tabs_are_two_requests_at_most_and_one_event_each() {
    let (mut here, mut there) = two(Some("alice"));
    here.logout();
    let logout = there.logout();
    assert_eq!(there.code(logout), "USER_NOT_LOGGED_IN");
    assert_eq!(
        (here.told(), there.told()),
        (vec!["logoutSuccess".into()], vec!["logoutSuccess".into()])
    );
    here.answer(data(json!({})));
}

#[test]
fn b15_in_session_mode_each_tab_is_alone() {
    let mut here = Tab::default();
    here.init(json!({"appId": APP, "region": "us", "storageMode": "session"}));
    here.log_in("alice", "alice-token-1");
    let mut there = Tab::new(World { session: Storage::default(), ..here.world.clone() });
    there.init(json!({"appId": APP, "region": "us", "storageMode": "session"}));
    assert_eq!(there.who(), None);
    here.world.local.put(USER, &twice(&json!({"uid": "bob", "authToken": "bob-token-1"})));
    here.look();
    assert_eq!(here.who(), pair("alice", "alice-token-1"));
}

#[test]
fn b15_init_again_notices_what_another_tab_did_as_any_call_does() {
    let mut here = Tab::logged_in("alice");
    let mut there = here.sibling();
    there.log_in("bob", "bob-token-1");
    here.init_app();
    assert_eq!(here.told(), ["logoutSuccess", "loginSuccess bob"]);
}

#[test]
fn b15_a_look_in_every_state_is_harmless() {
    let mut tab = Tab::default();
    tab.look();
    tab.init_app();
    tab.look();
    let login = tab.login_key("alice", KEY);
    tab.look();
    tab.answer(token("alice", "alice-token-1"));
    tab.look();
    tab.answer(me("alice"));
    tab.user(login);
    tab.look();
    tab.dispose();
    tab.look();
    assert_eq!(tab.told(), ["loginSuccess alice"]);
}
