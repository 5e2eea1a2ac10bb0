//! B12: the entries that the official client reads and writes.

use serde_json::json;

use super::{APP_ID, DEVICE, SOURCE, decoded_entry};
use crate::harness::*;

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
