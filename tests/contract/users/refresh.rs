//! B6, B11, B14, B16: results, and the refresh of the stored session.

use cometchat_auth::client::Call;
use serde_json::json;

use super::{MakeCall, user, user_response};
use crate::harness::*;

#[test]
fn b11_calls_about_another_user_do_not_change_the_session() {
    for (what, make_call) in [
        ("createUser", (|tab| tab.create(&user())) as MakeCall),
        ("updateUser", |tab| tab.update(&user())),
        ("getUser", |tab| tab.get_user("carol")),
    ] {
        for uid in ["carol", "CAROL"] {
            let mut tab = Tab::logged_in("alice");
            let call = make_call(&mut tab);
            tab.respond(user_response(uid, "Alice"));
            let user = tab.user(call);
            assert_eq!((&user["uid"], &user["custom"]["a"][0]), (&json!(uid), &json!(1)), "{what}");
            for name in ["jwt", "wsChannel", "settings"] {
                assert_eq!(user.get(name), None, "{what}");
            }
            assert!(
                tab.platform.local.changes().is_empty() && tab.take_events().is_empty(),
                "{what}"
            );
            assert_eq!(tab.logged_in_user(), uid_and_token("alice", "alice-token-1"), "{what}");
        }
    }
}

#[test]
fn b11_update_user_refreshes_the_own_session_but_keeps_its_token() {
    for (uid, response_uid) in [("alice", "alice"), ("ALICE", "alice")] {
        let mut tab = Tab::logged_in("alice");
        let (jwt, channel) = (tab.stored()["jwt"].clone(), tab.stored()["wsChannel"].clone());
        let settings = tab.platform.local.get(SETTINGS);
        let call = tab.update(&json!({"uid": uid, "name": "Alice II"}));
        tab.respond(data(
            json!({"uid": response_uid, "name": "Alice II", "authToken": "echoed-token-9"}),
        ));
        assert_eq!(tab.user(call)["name"], "Alice II");
        let stored = tab.stored();
        assert_eq!(
            (&stored["name"], &stored["authToken"]),
            (&json!("Alice II"), &json!("alice-token-1"))
        );
        assert_eq!((&stored["jwt"], &stored["wsChannel"]), (&jwt, &channel));
        assert_eq!(tab.platform.local.get(SETTINGS), settings);
        assert!(tab.take_events().is_empty(), "no event");
        assert_eq!(tab.logged_in_user(), uid_and_token("alice", "alice-token-1"));
        let lookup = tab.get_logged_in_user();
        assert_eq!(tab.user(lookup)["name"], "Alice II");
    }
}

#[test]
fn b11_update_current_user_returns_user_fields_and_the_session_token() {
    let mut tab = Tab::logged_in("alice");
    let call = tab.update_me(&json!({"name": "Alice II"}));
    tab.respond(user_response("alice", "Alice II"));
    let user = tab.user(call);
    assert_eq!(
        user,
        json!({
            "uid": "alice",
            "name": "Alice II",
            "status": "online",
            "createdAt": 1_800_000_000,
            "custom": {"a": [1]},
            "authToken": "alice-token-1",
        })
    );
    let stored = tab.stored();
    assert_eq!(
        (&stored["name"], &stored["authToken"], &stored["jwt"]),
        (&json!("Alice II"), &json!("alice-token-1"), &json!("new.jwt"))
    );
    assert!(tab.take_events().is_empty());
    assert_eq!(tab.reload().logged_in_user(), uid_and_token("alice", "alice-token-1"));
}

#[test]
fn b11_a_refresh_for_another_user_is_rejected_and_changes_nothing() {
    for make_call in [
        (|tab| tab.update(&json!({"uid": "alice", "name": "N"}))) as MakeCall,
        |tab| tab.update_me(&user()),
        Tab::verify,
    ] {
        for response in [
            user_response("mallory", "Mallory"),
            data(json!({"name": "N"})),
            data(json!(null)),
            data(json!([])),
            data(json!("alice")),
        ] {
            let mut tab = Tab::logged_in("alice");
            let call = make_call(&mut tab);
            tab.respond(response);
            assert_eq!(tab.code(call), "INVALID_RESPONSE");
            assert!(tab.platform.local.changes().is_empty() && tab.take_events().is_empty());
            assert_eq!(tab.logged_in_user(), uid_and_token("alice", "alice-token-1"));
        }
    }
}

#[test]
fn b6_a_response_about_another_user_is_rejected() {
    for (call, args) in [
        (Call::GetUser, json!({"uid": "bob"})),
        (Call::CreateUser, json!({"user": {"uid": "bob", "name": "B"}, "authKey": AUTH_KEY})),
        (Call::UpdateUser, json!({"user": {"uid": "bob", "name": "B"}, "authKey": AUTH_KEY})),
        (Call::UpdateMe, json!({"user": {"uid": "bob", "name": "B"}})),
    ] {
        for (uid, refused) in [(Some("mallory"), true), (None, true), (Some("BOB"), false)] {
            let mut tab = Tab::logged_in(if call == Call::UpdateMe { "bob" } else { "alice" });
            let before = tab.platform.local.entries();
            let id = tab.call(call, 0, &args);
            tab.respond(data(match uid {
                Some(uid) => json!({"uid": uid, "name": "X"}),
                None => json!({"name": "X"}),
            }));
            if refused {
                assert_eq!(tab.code(id), "INVALID_RESPONSE", "{call:?} {uid:?}");
                assert_eq!(tab.platform.local.entries(), before);
            } else {
                assert_eq!(tab.user(id)["uid"], "BOB", "{call:?}");
            }
        }
    }
}

#[test]
fn b16_a_refresh_with_a_foreign_host_is_rejected_and_changes_nothing() {
    for make_call in [
        (|tab| tab.update(&json!({"uid": "alice", "name": "N"}))) as MakeCall,
        |tab| tab.update_me(&user()),
        Tab::verify,
    ] {
        let mut tab = Tab::logged_in("alice");
        let call = make_call(&mut tab);
        tab.respond(data(json!({"uid": "alice", "settings": {"CLIENT_API_HOST": "evil.example"}})));
        assert_eq!(tab.code(call), "INVALID_HOST");
        assert!(tab.platform.local.changes().is_empty());
    }
}

#[test]
fn b14_a_refresh_of_a_session_in_memory_stays_in_memory() {
    for make_call in [
        (|tab| tab.update(&json!({"uid": "alice", "name": "N"}))) as MakeCall,
        |tab| tab.update_me(&user()),
        Tab::verify,
    ] {
        let mut tab = Tab::ready();
        tab.platform.local.refuse_writes(true);
        tab.log_in("alice", "alice-token-1");
        tab.clear_log();
        let call = make_call(&mut tab);
        tab.respond(user_response("alice", "Alice II"));
        assert_eq!(tab.user(call)["name"], "Alice II");
        let lookup = tab.get_logged_in_user();
        assert_eq!(tab.user(lookup)["name"], "Alice II");
        assert_eq!(tab.client.persistence(), Some("memory"));
        assert!(tab.platform.local.changes().is_empty() && tab.take_events().is_empty());
    }
}
