//! B23: invalid arguments.

use cometchat_auth::client::Call;
use cometchat_auth::client::ports::Answer;
use serde_json::{Value, json};

use super::{all_calls, user, user_response};
use crate::harness::*;

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
fn b23_a_missing_user_or_uid_is_named_in_the_error() {
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
fn b23_an_update_can_omit_the_name_and_clear_other_fields() {
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
fn b23_a_call_that_needs_a_session_sends_no_request_without_one() {
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
