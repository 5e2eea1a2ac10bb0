//! B10, B11, B23, B29: the calls that write and read users, and `verifySession`.

use cometchat_auth::client::Call;
use cometchat_auth::client::ports::{Answer, CallId, Outcome};
use serde_json::{Value, json};

use crate::harness::*;

fn user() -> Value {
    json!({"uid": "carol", "name": "Carol"})
}

impl Tab {
    fn create(&mut self, user: &Value) -> CallId {
        self.call(Call::CreateUser, 0, &json!({"user": user, "authKey": AUTH_KEY}))
    }

    fn update(&mut self, user: &Value) -> CallId {
        self.call(Call::UpdateUser, 0, &json!({"user": user, "authKey": AUTH_KEY}))
    }

    fn update_me(&mut self, user: &Value) -> CallId {
        self.call(Call::UpdateMe, 0, &json!({"user": user}))
    }

    fn get_user(&mut self, uid: &str) -> CallId {
        self.call(Call::GetUser, 0, &json!({"uid": uid}))
    }

    fn verify(&mut self) -> CallId {
        self.call(Call::Verify, 0, &json!({}))
    }

    /// The stored user.
    fn stored(&self) -> Value {
        let text = self.platform.local.get(USER).expect("a session on disk");
        serde_json::from_str(&serde_json::from_str::<String>(&text).unwrap()).unwrap()
    }
}

/// A response about a user. It also has fields that must not reach the app.
fn user_response(uid: &str, name: &str) -> Outcome {
    data(json!({
        "uid": uid,
        "name": name,
        "status": "online",
        "createdAt": 1_800_000_000,
        "custom": {"a": [1]},
        "authToken": "echoed-token-9",
        "jwt": "new.jwt",
        "wsChannel": {"identity": "new"},
        "settings": settings_of("new"),
    }))
}

type MakeCall = fn(&mut Tab) -> CallId;

/// Every call with the session's token, except `logout`.
const SESSION_CALLS: [(&str, MakeCall); 3] = [
    ("updateCurrentUserDetails", |tab| tab.update_me(&user())),
    ("getUser", |tab| tab.get_user("carol")),
    ("verifySession", Tab::verify),
];

/// Every call that sends a request, except `login`.
fn all_calls() -> Vec<(&'static str, MakeCall)> {
    let mut all = SESSION_CALLS.to_vec();
    all.push(("createUser", |tab| tab.create(&user())));
    all.push(("updateUser", |tab| tab.update(&user())));
    all.push(("logout", Tab::logout));
    all
}

// Requests.

#[test]
fn b16_each_call_is_one_request_with_its_credential_where_it_belongs() {
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
fn b17_a_uid_of_these_calls_is_one_segment_and_trimmed() {
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
fn b16_every_field_of_a_user_is_sent_but_only_known_fields_of_a_plain_object() {
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

// B23: invalid arguments.

/// The user with one field added or replaced.
fn with(name: &str, value: Value) -> Value {
    let mut user = user();
    user[name] = value;
    user
}

fn without(name: &str) -> Value {
    let mut user = user();
    user.as_object_mut().unwrap().remove(name);
    user
}

#[test]
fn b23_invalid_user_fields_reject_with_their_code() {
    let (new, any) =
        ([Call::CreateUser].as_slice(), [Call::CreateUser, Call::UpdateUser].as_slice());
    let mut table = vec![
        (any, without("uid"), "UID_IS_COMPULSORY", "uid"),
        (new, without("name"), "USER_NAME_IS_COMPULSORY", "name"),
    ];
    for bad in [
        json!(""),
        json!(" \t"),
        json!("0"),
        json!("null"),
        json!("undefined"),
        json!("."),
        json!(".."),
        json!(null),
        json!(5),
        json!(0),
        json!(false),
        json!({}),
        json!([]),
        json!(["carol"]),
    ] {
        table.push((any, with("uid", bad), "INVALID_UID", "uid"));
    }
    for bad in
        [json!(""), json!("  "), json!(null), json!(5), json!(true), json!({}), json!(["Carol"])]
    {
        table.push((any, with("name", bad), "INVALID_USER_NAME", "name"));
    }
    for (name, code) in [
        ("avatar", "INVALID_USER_AVATAR"),
        ("link", "INVALID_USER_LINK"),
        ("role", "INVALID_USER_ROLE"),
        ("metadata", "INVALID_USER_METADATA"),
        ("statusMessage", "INVALID_USER_STATUS_MESSAGE"),
    ] {
        table.push((new, with(name, json!("")), code, name));
    }
    for bad in [json!([]), json!("t"), json!({}), json!({"0": "t"}), json!(""), json!(5)] {
        table.push((new, with("tags", bad), "INVALID_USER_TAGS", "tags"));
    }
    let mut tab = Tab::ready();
    for (calls, user, code, named) in table {
        for what in calls {
            for plain in [json!({}), json!({"plain": "1"})] {
                let mut args = plain;
                args["user"] = user.clone();
                args["authKey"] = json!(AUTH_KEY);
                let call = tab.call(*what, 0, &args);
                let error = tab.error(call);
                assert_eq!(error.code, code, "{what:?} {user}");
                assert!(error.message.contains(named), "{what:?} {user}: {}", error.message);
                assert_eq!(
                    (error.own, error.retryable, error.status),
                    (true, false, None),
                    "{what:?} {user}"
                );
            }
        }
    }
    assert!(tab.sent.is_empty() && tab.take_events().is_empty());
}

#[test]
fn b23_a_missing_auth_key_is_reported_before_any_other_error() {
    let mut tab = Tab::ready();
    for key in [
        json!(""),
        json!(" "),
        json!("undefined"),
        json!("null"),
        json!("0"),
        json!(null),
        json!(0),
        json!(5),
        json!("schlüssel"),
    ] {
        for what in [Call::CreateUser, Call::UpdateUser] {
            for user in [user(), json!({})] {
                let call = tab.call(what, 0, &json!({"user": user, "authKey": key}));
                assert_eq!(tab.code(call), "INVALID_AUTH_KEY", "{what:?} {key}");
                assert!(tab.error(call).message.contains("auth key"));
            }
        }
    }
    for what in [Call::CreateUser, Call::UpdateUser] {
        let call = tab.call(what, 0, &json!({"user": user()}));
        assert_eq!(tab.code(call), "INVALID_AUTH_KEY");
    }
    assert!(tab.sent.is_empty());
}

#[test]
fn b23_without_a_user_or_a_uid_the_parameter_is_named() {
    let mut tab = Tab::logged_in("alice");
    for what in [Call::CreateUser, Call::UpdateUser, Call::UpdateMe] {
        for user in [json!(null), json!("carol"), json!([]), json!(5)] {
            let call = tab.call(what, 0, &json!({"user": user, "authKey": AUTH_KEY}));
            assert_eq!(tab.code(call), "MISSING_PARAMETERS", "{what:?} {user}");
            assert!(tab.error(call).message.contains("user"), "{}", tab.error(call).message);
        }
        let call = tab.call(what, 0, &json!({"authKey": AUTH_KEY}));
        assert_eq!(tab.code(call), "MISSING_PARAMETERS", "{what:?}");
    }
    for uid in [json!(null), json!(""), json!(" "), json!(5)] {
        let call = tab.call(Call::GetUser, 0, &json!({"uid": uid}));
        assert_eq!(tab.code(call), "MISSING_PARAMETERS");
        assert!(tab.error(call).message.contains("uid"));
    }
    for uid in [".", ".."] {
        let call = tab.get_user(uid);
        assert_eq!(tab.code(call), "INVALID_UID");
    }
    assert!(tab.sent.is_empty());
}

#[test]
fn b23_an_update_may_leave_out_the_name_and_empty_the_rest() {
    let mut tab = Tab::ready();
    for user in [
        without("name"),
        with("avatar", json!("")),
        with("tags", json!([])),
        with("metadata", json!("")),
    ] {
        let call = tab.update(&user);
        assert_eq!(tab.open_requests()[0].body, {
            let mut body = user.clone();
            body["uid"] = json!("carol");
            body
        });
        tab.respond(user_response("carol", "Carol"));
        assert_eq!(tab.user(call)["uid"], "carol");
    }
}

#[test]
fn b23_a_call_that_needs_a_session_rejects_without_one_and_sends_no_request() {
    let mut tab = Tab::ready();
    let calls = [tab.update_me(&user()), tab.get_user("carol")];
    assert_eq!(calls.map(|call| tab.code(call)), ["USER_NOT_LOGGED_IN"; 2]);
    let verify = tab.verify();
    assert_eq!(tab.result_of(verify), Answer::NoUser, "B29: no request without a session");
    assert!(tab.sent.is_empty() && tab.take_events().is_empty());
    for (what, make_call) in all_calls() {
        let mut tab = Tab::default();
        let call = make_call(&mut tab);
        assert_eq!(tab.code(call), "COMETCHAT_INITIALIZATION_NOT_DONE", "{what}");
        assert!(tab.sent.is_empty());
    }
}

// Results and the stored session.

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
fn b11_update_user_for_the_logged_in_user_refreshes_the_entry_but_not_the_token() {
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
fn b11_update_current_user_returns_the_session_token_and_only_user_fields() {
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
        for reply in [
            user_response("mallory", "Mallory"),
            data(json!({"name": "N"})),
            data(json!(null)),
            data(json!([])),
            data(json!("alice")),
        ] {
            let mut tab = Tab::logged_in("alice");
            let call = make_call(&mut tab);
            tab.respond(reply);
            assert_eq!(tab.code(call), "INVALID_RESPONSE");
            assert!(tab.platform.local.changes().is_empty() && tab.take_events().is_empty());
            assert_eq!(tab.logged_in_user(), uid_and_token("alice", "alice-token-1"));
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

#[test]
fn b14_a_login_stores_a_session_in_memory_again_even_if_it_is_the_same() {
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
    assert_eq!(tab.stored()["name"], "ALICE");
}

// B10: what ends a session.

fn token_unknown() -> Outcome {
    error_response(401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND")
}

#[test]
fn b10_if_the_present_token_is_unknown_the_session_ends_once() {
    for (what, make_call) in SESSION_CALLS {
        let mut tab = Tab::logged_in("alice");
        let (first, second) = (make_call(&mut tab), make_call(&mut tab));
        let open = tab.open_requests();
        tab.respond_to(open[0].id, token_unknown());
        if what == "verifySession" {
            assert_eq!(tab.result_of(first), Answer::NoUser);
        } else {
            assert_eq!(tab.code(first), "AUTH_ERR_AUTH_TOKEN_NOT_FOUND", "{what}");
        }
        assert_eq!(tab.take_events(), ["logoutSuccess"], "{what}");
        assert_eq!(
            (tab.logged_in_user(), tab.platform.local.get(USER), tab.platform.local.get(SETTINGS)),
            (None, None, None),
            "{what}"
        );
        tab.respond_to(open[1].id, token_unknown());
        assert!(!tab.is_pending(second) && tab.take_events().is_empty(), "{what}: once");
        assert_eq!(tab.sent.len(), 2, "{what}: no further request");
        assert_eq!(tab.reload().logged_in_user(), None, "{what}");
    }
}

#[test]
fn b10_if_an_old_token_is_unknown_the_session_stays() {
    for (what, make_call) in SESSION_CALLS {
        for elsewhere in [false, true] {
            for (uid, next) in [("alice", "alice-token-2"), ("bob", "bob-token-1")] {
                let mut tab = Tab::logged_in("alice");
                let call = make_call(&mut tab);
                let old = tab.open_requests()[0].id;
                if elsewhere {
                    // The tab has not compared with storage yet. It does so when the response
                    // arrives.
                    write_session(&tab.platform.local, uid, next);
                } else {
                    tab.log_in_concurrently(uid, next);
                }
                tab.respond_to(old, token_unknown());
                assert!(!tab.is_pending(call), "{what}");
                if what == "verifySession" {
                    assert_eq!(tab.user(call)["authToken"], next, "{what}: who is logged in now");
                } else {
                    assert_eq!(tab.code(call), "AUTH_ERR_AUTH_TOKEN_NOT_FOUND", "{what}");
                }
                assert_eq!(tab.logged_in_user(), uid_and_token(uid, next), "{what}");
                let events: &[&str] = if uid == "bob" {
                    &["logoutSuccess", "loginSuccess bob"]
                } else {
                    &["loginSuccess alice"]
                };
                assert_eq!(tab.take_events(), events, "{what}");
            }
        }
    }
}

#[test]
fn b10_a_call_with_an_auth_key_never_ends_the_session() {
    for make_call in [(|tab| tab.create(&user())) as MakeCall, |tab| {
        tab.update(&json!({"uid": "alice", "name": "N"}))
    }] {
        let mut tab = Tab::logged_in("alice");
        let call = make_call(&mut tab);
        tab.respond(token_unknown());
        assert_eq!(tab.code(call), "AUTH_ERR_AUTH_TOKEN_NOT_FOUND");
        assert_eq!(tab.logged_in_user(), uid_and_token("alice", "alice-token-1"));
        assert!(tab.take_events().is_empty());
    }
}

#[test]
fn b10_nothing_else_ends_a_session() {
    let failures: [(Option<Outcome>, &str, bool); 11] = [
        (Some(NO_RESPONSE), "FAILED_TO_FETCH", true),
        (None, "REQUEST_TIMEOUT", true),
        (Some(error_response(400, "ERR_BAD_REQUEST")), "ERR_BAD_REQUEST", false),
        (Some(error_response(401, "AUTH_ERR_NO_ACCESS")), "AUTH_ERR_NO_ACCESS", false),
        (
            Some(error_response(403, "ERR_AUTHTOKEN_NOT_ACCESSIBLE")),
            "ERR_AUTHTOKEN_NOT_ACCESSIBLE",
            false,
        ),
        (Some(error_response(404, "ERR_UID_NOT_FOUND")), "ERR_UID_NOT_FOUND", false),
        (Some(error_response(429, "ERR_TOO_MANY_REQUESTS")), "ERR_TOO_MANY_REQUESTS", true),
        (Some(error_response(500, "ERR_INTERNAL")), "ERR_INTERNAL", true),
        (Some(body(401, "<h1>Unauthorized</h1>")), "INVALID_RESPONSE", false),
        (Some(body(503, "")), "INVALID_RESPONSE", true),
        (Some(body(200, "{}")), "INVALID_RESPONSE", false),
    ];
    for (what, make_call) in SESSION_CALLS {
        for (outcome, code, retryable) in failures.clone() {
            let mut tab = Tab::logged_in("alice");
            let call = make_call(&mut tab);
            match outcome {
                Some(outcome) => tab.respond(outcome),
                None => tab.advance(10_000),
            }
            let error = tab.error(call);
            assert_eq!((error.code.as_str(), error.retryable), (code, retryable), "{what}");
            assert!(
                tab.take_events().is_empty() && tab.platform.local.changes().is_empty(),
                "{what} {code}"
            );
            assert_eq!(
                tab.logged_in_user(),
                uid_and_token("alice", "alice-token-1"),
                "{what} {code}"
            );
        }
    }
}

// B29: `verifySession`.

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
    for reply in [user_response("alice", "Alice II"), token_unknown()] {
        let mut tab = Tab::logged_in("alice");
        let mut other = tab.sibling();
        let call = tab.verify();
        other.logout();
        other.respond(data(json!({})));
        tab.respond(reply);
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
fn b29_a_session_that_ended_here_meanwhile_stays_ended() {
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

// B1, B3, B8: every call settles.

#[test]
fn b1_each_call_times_out_and_a_late_response_does_nothing() {
    for (what, make_call) in all_calls() {
        let mut tab = Tab::logged_in("alice");
        let call = make_call(&mut tab);
        let id = tab.open_requests()[0].id;
        let time = if what == "logout" { 5_000 } else { 10_000 };
        tab.advance(time - 1);
        assert!(tab.is_pending(call), "{what}");
        tab.advance(1);
        assert_eq!(tab.code(call), "REQUEST_TIMEOUT", "{what}");
        assert!(
            tab.error(call).retryable
                && tab.open_requests().is_empty()
                && tab.running_timers() == 0,
            "{what}"
        );
        tab.respond_to(id, user_response("alice", "Alice II"));
    }
}

#[test]
fn b8_dispose_settles_every_call_and_a_late_response_does_nothing() {
    for (what, make_call) in all_calls() {
        let mut tab = Tab::logged_in("alice");
        let (first, second) = (make_call(&mut tab), make_call(&mut tab));
        let login = tab.login_key("bob", AUTH_KEY);
        let (open, stored) = (tab.open_requests(), tab.platform.local.entries());
        tab.dispose();
        assert_eq!([first, second].map(|call| tab.code(call)), ["REQUEST_ABORTED"; 2], "{what}");
        assert_eq!(tab.code(login), "LOGIN_ABORTED", "{what}");
        assert_eq!((tab.running_timers(), tab.platform.local.entries()), (0, stored), "{what}");
        for sent in open {
            tab.respond_to(sent.id, user_response("alice", "Alice II"));
        }
    }
}

#[test]
fn b3_init_for_another_app_ends_every_call_and_late_responses_do_nothing() {
    for (what, make_call) in all_calls() {
        let mut tab = Tab::logged_in("alice");
        let call = make_call(&mut tab);
        let id = tab.open_requests()[0].id;
        tab.take_events();
        tab.init(json!({"appId": "otherapp", "region": "us"}));
        assert_eq!(tab.code(call), "REQUEST_ABORTED", "{what}");
        assert!(tab.take_events().is_empty(), "{what}");
        tab.respond_to(
            id,
            if what == "getUser" { token_unknown() } else { user_response("alice", "Alice II") },
        );
        assert_eq!(tab.logged_in_user(), None, "{what}");
    }
}

#[test]
fn b3_a_second_init_for_the_same_app_keeps_every_call_pending() {
    for (what, make_call) in all_calls() {
        let mut tab = Tab::logged_in("alice");
        let call = make_call(&mut tab);
        tab.init_app();
        assert!(tab.is_pending(call), "{what}");
        let own = ["updateCurrentUserDetails", "verifySession"].contains(&what);
        let uid = if own { "alice" } else { "carol" };
        tab.respond(data(json!({"uid": uid, "name": "A"})));
        assert!(tab.settled(call).unwrap().is_ok(), "{what}");
    }
}

#[test]
fn b7_an_abort_does_not_end_calls_other_than_a_login() {
    for (what, make_call) in all_calls() {
        let mut tab = Tab::logged_in("alice");
        let call = make_call(&mut tab);
        tab.abort(call);
        assert!(tab.is_pending(call), "{what}");
        tab.respond(NO_RESPONSE);
    }
}

#[test]
fn b26_auth_key_and_token_are_masked_in_the_errors_of_every_call() {
    for (what, make_call) in all_calls() {
        let mut tab = Tab::logged_in("alice");
        let call = make_call(&mut tab);
        // The service can repeat only the credential of the call.
        let secret =
            if matches!(what, "createUser" | "updateUser") { AUTH_KEY } else { "alice-token-1" };
        let text = format!("{secret} or {}", secret.replace('-', "%2D"));
        let error = json!({"error": {"code": "ERR_X", "message": text, "details": {"said": text}}});
        tab.respond(body(400, &error.to_string()));
        let error = tab.error(call);
        assert_eq!(error.message, "*** or ***", "{what}");
        assert_eq!(error.details.as_deref(), Some(r#"{"said":"*** or ***"}"#), "{what}");
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

#[test]
fn b6_a_response_about_another_user_is_refused() {
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
fn b10_a_success_or_overload_status_never_ends_the_session() {
    for status in [200, 429, 500, 503] {
        let mut tab = Tab::logged_in("alice");
        let verify = tab.call(Call::Verify, 0, &json!({}));
        tab.respond(error_response(status, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND"));
        assert_eq!(tab.code(verify), "AUTH_ERR_AUTH_TOKEN_NOT_FOUND", "{status}");
        assert_eq!(tab.logged_in_user(), uid_and_token("alice", "alice-token-1"));
        let logout = tab.logout();
        tab.respond(error_response(status, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND"));
        assert_eq!(tab.code(logout), "AUTH_ERR_AUTH_TOKEN_NOT_FOUND", "{status}");
        assert_eq!(
            tab.take_events(),
            ["logoutSuccess", "logoutFailure AUTH_ERR_AUTH_TOKEN_NOT_FOUND"]
        );
    }
}

#[test]
fn b11_no_request_body_carries_a_token_and_b26_the_session_token_is_masked() {
    let mut tab = Tab::logged_in("alice");
    let user = json!({"uid": "bob", "name": "B", "authToken": "alice-token-1", "jwt": "a.b.c",
        "wsChannel": {"secret": "s"}});
    for call in [Call::CreateUser, Call::UpdateUser, Call::UpdateMe] {
        let id = tab.call(call, 0, &json!({"user": user, "authKey": AUTH_KEY}));
        let body = tab.open_requests()[0].body.to_string();
        assert!(!body.contains("alice-token-1") && !body.contains("a.b.c"), "{body}");
        let envelope = json!({"error": {"code": "ERR_BAD_REQUEST", "message": "Token alice-token-1",
            "details": {"token": "ALICE-TOKEN-1"}}});
        tab.respond(super::harness::body(400, &envelope.to_string()));
        let error = tab.error(id);
        assert_eq!(error.message, "Token ***");
        assert_eq!(error.details.as_deref(), Some(r#"{"token":"***"}"#));
    }
}

#[test]
fn b26_a_cause_is_masked_with_the_credentials_of_its_call() {
    let mut tab = Tab::logged_in("alice");
    let get = tab.call(Call::UpdateUser, 0, &json!({"user": {"uid": "bob"}, "authKey": AUTH_KEY}));
    let request = tab.open_requests()[0].id;
    let input = cometchat_auth::client::Input::Responded(request, NO_RESPONSE);
    let text = format!("fetch failed for {AUTH_KEY} of alice-token-1");
    assert_eq!(tab.client.mask(&input, &text), "fetch failed for *** of ***");
    tab.respond(NO_RESPONSE);
    assert_eq!(tab.code(get), "FAILED_TO_FETCH");
}

#[test]
fn b23_a_field_that_cannot_be_serialised_is_named() {
    let mut tab = Tab::logged_in("alice");
    for (field, code) in [
        ("metadata", "INVALID_USER_METADATA"),
        ("tags", "INVALID_USER_TAGS"),
        ("name", "INVALID_USER_NAME"),
        ("uid", "INVALID_UID"),
        ("custom", "MISSING_PARAMETERS"),
        ("", "MISSING_PARAMETERS"),
    ] {
        let args =
            json!({"user": {"uid": "bob", "name": "B"}, "authKey": AUTH_KEY, "unreadable": field});
        let id = tab.call(Call::CreateUser, 0, &args);
        assert_eq!(tab.code(id), code, "{field}");
    }
    assert!(tab.sent.is_empty());
    let id = tab.call(Call::Login, 0, &json!({"unreadable": ""}));
    assert_eq!(tab.code(id), "MISSING_PARAMETERS");
    assert_eq!(tab.take_events(), ["loginFailure MISSING_PARAMETERS"]);
}
