//! B15–B17: what the calls send.

use cometchat_auth::client::Call;
use cometchat_auth::client::ports::CallId;
use serde_json::{Value, json};

use super::{user, user_response};
use crate::harness::*;

#[test]
fn b16_each_call_is_one_request_with_its_own_credential() {
    let mut tab = Tab::logged_in("alice");
    let of_session = "https://alice.apiclient-us.cometchat.io/v3.0";
    let of_app = "https://myapp.api-us.cometchat.io/v3.0";
    for (call, line, url, credential) in [
        (
            Tab::create as fn(&mut Tab, &Value) -> CallId,
            "POST /users",
            of_app,
            ("apiKey", AUTH_KEY),
        ),
        (Tab::update, "PUT /users/carol", of_app, ("apiKey", AUTH_KEY)),
        (Tab::update_me, "PUT /me", of_session, ("authToken", "alice-token-1")),
        (
            |tab, _| tab.get_user("carol"),
            "GET /users/carol",
            of_session,
            ("authToken", "alice-token-1"),
        ),
        (|tab, _| tab.verify(), "GET /me", of_session, ("authToken", "alice-token-1")),
    ] {
        call(&mut tab, &user());
        assert_eq!(tab.open_request_lines(), [line]);
        let sent = &tab.open_requests()[0];
        assert!(sent.url.starts_with(url), "{line}: {}", sent.url);
        assert_eq!(sent.headers[credential.0], credential.1, "{line}");
        assert_eq!(sent.body.is_null(), sent.method == "GET", "{line}: {}", sent.body);
        tab.respond(data(json!({"uid": "alice", "name": "Alice"})));
    }
}

#[test]
fn b17_a_uid_is_trimmed_and_one_segment_of_the_path() {
    let mut tab = Tab::logged_in("alice");
    tab.get_user(" a/b?c ");
    assert_eq!(tab.open_request_lines(), ["GET /users/a%2Fb%3Fc"]);
    tab.respond(NO_RESPONSE);
    tab.update(&json!({"uid": " a/b?c ", "name": "N"}));
    assert_eq!(tab.open_request_lines(), ["PUT /users/a%2Fb%3Fc"]);
    assert_eq!(tab.open_requests()[0].body, json!({"name": "N", "uid": "a/b?c"}));
    tab.respond(NO_RESPONSE);
}

#[test]
fn b16_all_fields_of_a_user_but_only_known_fields_of_an_object_are_sent() {
    let given = json!({
        "hasBlockedMe": false,
        "blockedByMe": false,
        "deactivatedAt": 0,
        "uid": " carol",
        "name": "Carol",
        "avatar": "https://x/a.png",
        "link": "https://x",
        "metadata": {"deep": [{"a": null}]},
        "role": "default",
        "statusMessage": "hi",
        "status": "offline",
        "tags": ["t"],
        "withAuthToken": true,
        "foo": 1.5,
    });
    let mut whole = given.clone();
    whole["uid"] = json!("carol");
    let mut known = whole.clone();
    for name in ["hasBlockedMe", "blockedByMe", "deactivatedAt", "status", "withAuthToken", "foo"] {
        known.as_object_mut().unwrap().remove(name);
    }
    for (what, key, uid) in [
        (Call::CreateUser, AUTH_KEY, "carol"),
        (Call::UpdateUser, AUTH_KEY, "carol"),
        (Call::UpdateMe, "", "alice"),
    ] {
        for (plain, expected) in [(false, &whole), (true, &known)] {
            let mut tab = Tab::logged_in("alice");
            let mut args = json!({"user": given, "authKey": key});
            if plain {
                args["plain"] = json!("1");
            }
            tab.call(what, 0, &args);
            let mut expected = expected.clone();
            expected["uid"] = json!(uid);
            assert_eq!(tab.open_requests()[0].body, expected, "{what:?}, plain: {plain}");
            tab.respond(NO_RESPONSE);
        }
    }
}

#[test]
fn b16_update_current_user_always_sends_the_uid_of_the_session() {
    for given in [
        json!({"name": "N"}),
        json!({"uid": "mallory", "name": "N"}),
        json!({"uid": null, "name": "N"}),
    ] {
        let mut tab = Tab::logged_in("alice");
        tab.update_me(&given);
        assert_eq!(tab.open_requests()[0].body, json!({"name": "N", "uid": "alice"}));
        tab.respond(NO_RESPONSE);
    }
}

#[test]
fn b15_a_call_uses_the_session_that_it_finds_in_storage() {
    let mut tab = Tab::logged_in("alice");
    write_session(&tab.platform.local, "bob", "bob-token-1");
    tab.update_me(&json!({"name": "N"}));
    assert_eq!(tab.take_events(), ["logoutSuccess", "loginSuccess bob"]);
    let sent = &tab.open_requests()[0];
    assert_eq!(
        (sent.headers["authToken"].as_str(), &sent.body["uid"]),
        ("bob-token-1", &json!("bob"))
    );
    assert!(sent.url.starts_with("https://bob.apiclient-us"), "{}", sent.url);
    tab.respond(user_response("bob", "B"));
}
