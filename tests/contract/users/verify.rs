//! B29: `verifySession`.

use cometchat_auth::client::ports::Answer;
use serde_json::json;

use super::{SESSION_CALLS, token_unknown, user_response};
use crate::harness::*;

#[test]
fn b29_a_valid_session_is_refreshed_but_keeps_its_token() {
    let mut tab = Tab::logged_in("alice");
    let call = tab.verify();
    tab.respond(user_response("Alice", "Alice II"));
    let user = tab.user(call);
    assert_eq!(
        (&user["uid"], &user["name"], &user["authToken"]),
        (&json!("Alice"), &json!("Alice II"), &json!("alice-token-1"))
    );
    let stored = tab.stored();
    assert_eq!(stored, user);
    assert_eq!(
        (&stored["jwt"], &stored["wsChannel"]),
        (&json!("new.jwt"), &json!({"identity": "new"}))
    );
    assert_eq!(tab.platform.local.get(SETTINGS), Some(double_encoded(&settings_of("new"))));
    assert!(tab.take_events().is_empty(), "no event");
    tab.verify();
    assert_eq!(
        tab.open_requests()[0].url,
        "https://new.apiclient-us.cometchat.io/v3.0/me",
        "the new settings are used"
    );
    tab.respond(data(json!({"uid": "alice", "name": "Alice III"})));
    assert_eq!(
        (&tab.stored()["name"], &tab.stored()["jwt"]),
        (&json!("Alice III"), &json!("new.jwt")),
        "absent fields keep their values"
    );
    assert_eq!(tab.platform.local.get(SETTINGS), Some(double_encoded(&settings_of("new"))));
}

#[test]
fn b29_a_refresh_is_written_in_place() {
    let mut tab = Tab::logged_in("alice");
    let mut other = tab.sibling();
    tab.verify();
    tab.respond(user_response("alice", "Alice II"));
    let snapshots = tab.platform.local.snapshots();
    assert!(snapshots.len() >= 2, "it is written");
    for snapshot in snapshots {
        assert!(snapshot.contains_key(USER) && snapshot.contains_key(SETTINGS), "{snapshot:?}");
    }
    other.sync();
    assert!(other.take_events().is_empty());
    let lookup = other.get_logged_in_user();
    assert_eq!(other.user(lookup)["name"], "Alice II");
}

#[test]
fn b29_verify_resolves_with_a_session_that_replaced_the_verified_one() {
    for elsewhere in [false, true] {
        for (uid, next) in [("alice", "alice-token-2"), ("bob", "bob-token-1")] {
            let mut tab = Tab::logged_in("alice");
            let call = tab.verify();
            let get = tab.open_requests()[0].id;
            if elsewhere {
                write_session(&tab.platform.local, uid, next);
            } else {
                tab.log_in_concurrently(uid, next);
            }
            let stored = tab.stored();
            tab.respond_to(get, user_response("alice", "Alice II"));
            assert_eq!(tab.user(call), stored);
            assert_eq!(tab.stored(), stored);
            assert_eq!(tab.logged_in_user(), uid_and_token(uid, next));
        }
    }
}

#[test]
fn b29_a_session_that_another_tab_ended_meanwhile_stays_ended() {
    for response in [user_response("alice", "Alice II"), token_unknown()] {
        let mut tab = Tab::logged_in("alice");
        let mut other = tab.sibling();
        let call = tab.verify();
        other.logout();
        other.respond(data(json!({})));
        tab.respond(response);
        assert_eq!(tab.result_of(call), Answer::NoUser);
        assert_eq!(tab.take_events(), ["logoutSuccess"], "once");
        assert_eq!(
            (tab.logged_in_user(), tab.platform.local.get(USER)),
            (None, None),
            "nothing is written"
        );
    }
}

#[test]
fn b29_a_session_that_this_tab_ended_meanwhile_stays_ended() {
    for (what, make_call) in SESSION_CALLS {
        let mut tab = Tab::logged_in("alice");
        let call = make_call(&mut tab);
        let request = tab.open_requests()[0].id;
        let logout = tab.logout();
        tab.respond_to(request, user_response("alice", "Alice II"));
        assert!(!tab.is_pending(call), "{what}");
        assert_eq!((tab.logged_in_user(), tab.platform.local.get(USER)), (None, None), "{what}");
        assert_eq!(tab.take_events(), ["logoutSuccess"], "{what}");
        tab.respond(data(json!({})));
        tab.object(logout);
    }
}
