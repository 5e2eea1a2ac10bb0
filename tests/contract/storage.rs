//! B12–B14: layout, crashes, damaged entries, failed writes.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::harness::*;

const APP_ID: &str = "myapp:common_store/appId";
const DEVICE: &str = "myapp:keys_store/deviceId";
const SOURCE: &str = "myapp:keys_store/integrationSource";

fn decoded_entry(storage: &Storage, key: &str) -> Value {
    let outer: Value = serde_json::from_str(&storage.get(key).expect(key)).unwrap();
    serde_json::from_str(outer.as_str().expect("JSON twice")).unwrap()
}

#[test]
fn b12_init_writes_the_entries_that_the_official_client_reads() {
    let tab = Tab::ready();
    let local = tab.platform.local.entries();
    assert_eq!(local.keys().collect::<Vec<_>>(), [APP_ID, DEVICE, SOURCE]);
    assert_eq!(local[APP_ID], r#""\"myapp\"""#);
    assert_eq!(local[SOURCE], r#""manual""#);
    let device: String = serde_json::from_str(&local[DEVICE]).unwrap();
    assert_eq!(device, "myapp_01010101-0101-4101-8101-010101010101_1800000000000");
    let session = tab.platform.session.entries();
    assert_eq!(session.keys().collect::<Vec<_>>(), ["sessionId"]);
    assert_eq!(
        session["sessionId"],
        "WEB-4_2_0-02020202-0202-4202-8202-020202020202-1800000000000"
    );
}

#[test]
fn b12_a_login_adds_user_and_settings_in_the_official_form() {
    let mut tab = Tab::ready();
    let mut before = tab.platform.local.entries();
    tab.log_in("alice", "alice-token-1");
    let local = &tab.platform.local;
    assert_eq!(decoded_entry(local, SETTINGS), settings_of("alice"));
    assert_eq!(
        decoded_entry(local, USER),
        json!({
            "hasBlockedMe": false,
            "blockedByMe": false,
            "deactivatedAt": 0,
            "uid": "alice",
            "name": "ALICE",
            "authToken": "alice-token-1",
            "role": "default",
            "status": "online",
            "wsChannel": {"identity": "[myapp]alice"},
            "jwt": "a.b.c",
        })
    );
    before.insert(USER.into(), local.get(USER).unwrap());
    before.insert(SETTINGS.into(), local.get(SETTINGS).unwrap());
    assert_eq!(local.entries(), before, "and nothing else");
    assert_eq!(
        tab.platform.session.entries().len(),
        1,
        "in local mode sessionStorage holds only the tab's id"
    );
}

#[test]
fn b12_session_mode_writes_every_entry_to_session_storage() {
    let mut tab = Tab::default();
    tab.init(json!({"appId": APP, "region": "us", "storageMode": "session"}));
    tab.log_in("alice", "alice-token-1");
    assert!(tab.platform.local.entries().is_empty());
    let keys: Vec<_> = tab.platform.session.entries().into_keys().collect();
    assert_eq!(keys, [APP_ID, SETTINGS, USER, DEVICE, SOURCE, "sessionId"]);
    assert_eq!(tab.client.persistence(), Some("session"));
    let call = tab.logout();
    tab.respond(data(json!({})));
    tab.object(call);
    let keys: Vec<_> = tab.platform.session.entries().into_keys().collect();
    assert_eq!(keys, [APP_ID, DEVICE, SOURCE, "sessionId"]);
}

#[test]
fn b12_a_commit_removes_another_user_first_and_writes_the_user_last() {
    let written = [
        "set myapp:common_store/appId",
        "set myapp:common_store/app_settings",
        "set myapp:common_store/user",
    ];
    let replaced = [&["remove myapp:common_store/user"], &written[..]].concat();
    let mut tab = Tab::ready();
    tab.clear_log();
    tab.log_in("alice", "alice-token-1");
    assert_eq!(tab.platform.local.changes(), written);
    tab.log_in("bob", "bob-token-1");
    assert_eq!(tab.platform.local.changes(), replaced, "another user");
    tab.log_in("bob", "bob-token-2");
    assert_eq!(tab.platform.local.changes(), written, "another token of the same user");
    tab.logout();
    assert_eq!(
        tab.platform.local.changes(),
        ["remove myapp:common_store/user", "remove myapp:common_store/app_settings"]
    );
    tab.respond(data(json!({})));
    assert!(tab.platform.local.changes().is_empty());
}

#[test]
fn b12_the_same_login_again_is_written_in_place() {
    let mut tab = Tab::ready();
    let login = tab.login_token("alice-token-1");
    write_session(&tab.platform.local, "Alice", "alice-token-1"); // Another tab was faster.
    tab.clear_storage_changes();
    let put = tab.open_requests()[0].id;
    tab.respond_to(put, me("alice"));
    assert_eq!(tab.user(login)["uid"], "alice");
    let changes = tab.platform.local.changes();
    assert!(
        changes.iter().all(|change| !change.starts_with("remove")),
        "the entry is never absent: {changes:?}"
    );
    assert_eq!(tab.take_events(), ["loginSuccess Alice", "loginSuccess alice"]);
}

#[test]
fn b12_settings_of_an_earlier_session_are_removed() {
    let mut tab = Tab::logged_in("alice");
    let login = tab.login_token("bob-token-1");
    tab.respond(data(json!({"uid": "bob"})));
    tab.user(login);
    assert_eq!(tab.platform.local.get(SETTINGS), None);
    tab.logout();
    assert_eq!(tab.open_requests()[0].url, "https://myapp.apiclient-us.cometchat.io/v3.0/me");
    tab.respond(data(json!({})));
}

#[test]
fn b12_a_logout_also_removes_the_tab_id_of_the_official_client() {
    let mut tab = Tab::logged_in("alice");
    tab.platform.local.put("myapp:common_store/sessionId", "\"null\"");
    tab.logout();
    tab.respond(data(json!({})));
    assert_eq!(
        tab.platform.local.entries().into_keys().collect::<Vec<_>>(),
        [APP_ID, DEVICE, SOURCE]
    );
}

/// Reads the storage in a new page after each single change of a step.
fn crash_after_each_change(
    tab: &mut Tab,
    change: impl FnOnce(&mut Tab),
    allowed: &[Option<(String, String)>],
) {
    tab.clear_storage_changes();
    change(tab);
    let snapshots = tab.platform.local.snapshots();
    assert!(snapshots.len() >= 2, "{snapshots:?}");
    for (at, snapshot) in snapshots.into_iter().enumerate() {
        let platform = TestPlatform { local: Storage::with(snapshot), ..TestPlatform::default() };
        let mut after = Tab::ready_on(platform);
        let user = after.logged_in_user();
        assert!(allowed.contains(&user), "after change {at}: {user:?}");
        if let Some((uid, token)) = user {
            after.logout();
            let delete = &after.open_requests()[0];
            assert_eq!(
                delete.url,
                format!("https://{uid}.apiclient-us.cometchat.io/v3.0/me"),
                "a mix of two sessions, after change {at}"
            );
            assert_eq!(delete.headers["authToken"], token);
            after.respond(data(json!({})));
        }
        assert!(after.take_events().iter().all(|event| event == "logoutSuccess"));
    }
}

#[test]
fn b12_a_crash_during_a_commit_leaves_no_session_or_a_complete_one() {
    let (alice, bob) =
        (uid_and_token("alice", "alice-token-1"), uid_and_token("bob", "bob-token-1"));
    let mut tab = Tab::ready();
    crash_after_each_change(
        &mut tab,
        |tab| tab.log_in("alice", "alice-token-1"),
        &[None, alice.clone()],
    );
    crash_after_each_change(&mut tab, |tab| tab.log_in("bob", "bob-token-1"), &[None, bob.clone()]);
    crash_after_each_change(
        &mut tab,
        |tab| tab.log_in("alice", "alice-token-1"),
        &[None, alice.clone()],
    );
    crash_after_each_change(
        &mut tab,
        |tab| tab.log_in("alice", "alice-token-2"),
        &[alice, uid_and_token("alice", "alice-token-2")],
    );
    crash_after_each_change(&mut tab, |tab| _ = tab.logout(), &[None]);
    tab.respond(data(json!({})));
}

#[test]
fn b12_a_session_of_the_official_client_is_read() {
    for layers in 1..=2 {
        let platform = TestPlatform::default();
        write_session(&platform.local, "alice", "alice-token-1");
        platform.local.put(DEVICE, "\"myapp_their-device_5\"");
        platform.session.put("sessionId", "WEB-4_2_0-theirs-5");
        if layers == 1 {
            platform
                .local
                .put(USER, r#"{"uid":"alice","name":"Alice","authToken":"alice-token-1"}"#);
        }
        let mut tab = Tab::ready_on(platform);
        assert_eq!(tab.logged_in_user(), uid_and_token("alice", "alice-token-1"));
        assert_eq!(tab.platform.session.get("sessionId").unwrap(), "WEB-4_2_0-theirs-5");
        assert_eq!(tab.platform.local.get(DEVICE).unwrap(), "\"myapp_their-device_5\"");
        tab.log_in("bob", "bob-token-1");
        assert_eq!(tab.sent[0].headers["resource"], "WEB-4_2_0-theirs-5");
        assert_eq!(tab.sent[0].body["deviceId"], "myapp_their-device_5");
    }
}

#[test]
fn b12_jwt_channel_settings_and_app_id_are_optional() {
    let platform = TestPlatform::default();
    platform
        .local
        .put(USER, &double_encoded(&json!({"uid": "alice", "authToken": "alice-token-1"})));
    let mut tab = Tab::ready_on(platform);
    assert_eq!(tab.logged_in_user(), uid_and_token("alice", "alice-token-1"));
}

#[test]
fn b13_entries_of_other_programs_are_not_changed() {
    let platform = TestPlatform::default();
    let foreign = [
        "cart",
        "user",
        "otherapp:common_store/user",
        "myapp2:common_store/user",
        "MYAPP:common_store/user",
        "myapp:common_store/somebody_elses",
        "myapp:keys_store/sessionId",
    ];
    for key in foreign {
        platform.local.put(key, "theirs");
        platform.session.put(key, "theirs");
    }
    let mut tab = Tab::ready_on(platform);
    tab.log_in("alice", "alice-token-1");
    tab.log_in("bob", "bob-token-1");
    tab.logout();
    tab.respond(data(json!({})));
    for refused in 0..4 {
        tab.platform.local.refuse_write_after(refused);
        tab.log_in("alice", &format!("alice-token-{refused}"));
        tab.logout();
        tab.respond(data(json!({})));
    }
    for key in foreign {
        assert_eq!(tab.platform.local.get(key).as_deref(), Some("theirs"), "{key}");
        assert_eq!(tab.platform.session.get(key).as_deref(), Some("theirs"), "{key}");
    }
    let ours =
        tab.platform.local.entries().into_keys().filter(|key| !foreign.contains(&key.as_str()));
    assert_eq!(ours.collect::<Vec<_>>(), [APP_ID, DEVICE, SOURCE]);
}

#[test]
fn b13_a_foreign_tab_id_stays_and_the_own_one_is_kept_in_memory() {
    for foreign in ["somebody's", "", "web-lower", "XWEB-4", "WEB-4_2_0-\u{e4}\n"] {
        let platform = TestPlatform::default();
        platform.session.put("sessionId", foreign);
        let mut tab = Tab::ready_on(platform);
        tab.log_in("alice", "alice-token-1");
        tab.log_in("bob", "bob-token-1");
        let resources: Vec<_> = tab.sent.iter().map(|sent| &sent.headers["resource"]).collect();
        assert!(resources[0].starts_with("WEB-4_2_0-"), "{foreign}");
        assert_eq!(resources[0], resources[1], "{foreign}");
        assert_eq!(tab.platform.session.get("sessionId").as_deref(), Some(foreign));
    }
}

#[test]
fn b13_stored_ids_that_are_too_long_are_not_used() {
    let long_tab_id = format!("WEB-{}", "x".repeat(40_000));
    let platform = TestPlatform::default();
    platform.session.put("sessionId", &long_tab_id);
    platform.local.put(DEVICE, &format!("\"myapp_{}\"", "x".repeat(20_000)));
    let mut tab = Tab::ready_on(platform);
    tab.log_in("alice", "alice-token-1");
    tab.log_in("bob", "bob-token-1");
    for sent in &tab.sent {
        assert_eq!(
            sent.headers["resource"],
            "WEB-4_2_0-02020202-0202-4202-8202-020202020202-1800000000000"
        );
        assert_eq!(
            sent.body["deviceId"],
            "myapp_01010101-0101-4101-8101-010101010101_1800000000000"
        );
    }
    assert_eq!(tab.sent.len(), 2);
    assert_eq!(tab.platform.session.get("sessionId"), Some(long_tab_id));
}

#[test]
fn b13_tabs_share_the_device_id_but_not_the_tab_id() {
    let mut first = Tab::logged_in("alice");
    let mut second = first.sibling();
    first.log_in("bob", "bob-token-1");
    second.log_in("carol", "carol-token-1");
    assert_eq!(first.sent[0].body["deviceId"], second.sent[0].body["deviceId"]);
    assert_ne!(first.sent[0].headers["resource"], second.sent[0].headers["resource"]);
    let resource = first.sent[0].headers["resource"].clone();
    let mut first = first.reload();
    first.log_in("dave", "dave-token-1");
    assert_eq!(first.sent[0].headers["resource"], resource);
}

/// Possible texts of an entry: any text, and texts that look valid.
fn entry() -> impl Strategy<Value = String> {
    let looks_right = prop_oneof![
        Just(r#"{"uid":"alice","authToken":"alice-token-1"}"#.to_owned()),
        Just(r#"{"uid":"alice"}"#.to_owned()),
        Just(r#"{"uid":{},"authToken":["x"]}"#.to_owned()),
        Just(r#"{"authToken":"only"}"#.to_owned()),
        Just(r#"{"CLIENT_API_HOST":"evil.example"}"#.to_owned()),
        Just(r#"{"CLIENT_API_HOST":"x.cometchat.io","CHAT_API_VERSION":"v3.0"}"#.to_owned()),
        "\\{(\"(uid|authToken|name)\":(\"[a-z\\\\\"]{0,3}\"|null|[0-9]{1,3}|\\[\\]),?){0,3}\\}?",
        "[\\[\\]{}\",:0-9a-z\\\\ ]{0,20}",
        "\\PC{0,20}",
    ];
    let once = looks_right.clone().prop_map(|text| serde_json::to_string(&text).unwrap());
    let cut = (once.clone(), any::<prop::sample::Index>()).prop_map(|(text, at)| {
        let chars: Vec<_> = text.chars().collect();
        chars[..at.index(chars.len())].iter().collect()
    });
    prop_oneof![looks_right, once, cut, any::<String>()]
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(1_000)
    })]

    #[test]
    fn b13_damaged_entries_never_panic_or_make_a_session_without_a_token(
        entries in prop::collection::vec(entry(), 6),
    ) {
        let platform = TestPlatform::default();
        for (key, text) in [USER, SETTINGS, APP_ID, DEVICE, SOURCE].into_iter().zip(&entries) {
            platform.local.put(key, text);
        }
        platform.session.put("sessionId", &entries[5]);
        let mut tab = Tab::ready_on(platform);
        if let Some((_, token)) = tab.logged_in_user() {
            let user: Value = serde_json::from_str(&entries[0]).unwrap();
            let user = match user.as_str() {
                Some(text) => serde_json::from_str(text).unwrap(),
                None => user,
            };
            prop_assert_eq!(user["authToken"].as_str().unwrap().trim_ascii(), token.as_str());
            prop_assert!(!token.is_empty());
            tab.logout();
            let host = tab.open_requests()[0].url.clone();
            prop_assert!(host.split('/').nth(2).unwrap().ends_with(".cometchat.io"), "{}", host);
            tab.respond(data(json!({})));
        }
        tab.log_in("bob", "bob-token-1");
        prop_assert_eq!(tab.logged_in_user(), uid_and_token("bob", "bob-token-1"));
        prop_assert_eq!(tab.reload().logged_in_user(), uid_and_token("bob", "bob-token-1"));
    }
}

#[test]
fn b14_if_any_write_of_a_commit_fails_the_session_is_kept_in_memory() {
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
fn b13_a_damaged_device_id_is_replaced() {
    for damaged in ["null", "5", "{}", "[]", "\"\""] {
        let platform = TestPlatform::default();
        platform.local.put("myapp:keys_store/deviceId", damaged);
        let mut tab = Tab::ready_on(platform);
        tab.log_in("alice", "alice-token-1");
        let id = tab.sent[0].body["deviceId"].as_str().unwrap();
        assert!(id.starts_with("myapp_"), "{damaged} became {id}");
    }
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
