//! B13: entries of other programs, and damaged entries.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{APP_ID, DEVICE, SOURCE};
use crate::harness::*;

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
    fn b13_damaged_entries_cause_no_panic_and_no_session_without_a_token(
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
