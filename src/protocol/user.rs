//! Users: a response's user → the stored entry or the user of a call; an app's user → a body.

use std::rc::Rc;

use super::error::{Code, Exception};
use super::json::{CanonicalJson, Json, JsonWriter, MAX_DEPTH, depth};

/// The fields of a stored user that come from the response, if they are truthy.
const STORED: [&str; 11] = [
    "uid",
    "name",
    "avatar",
    "lastActiveAt",
    "link",
    "metadata",
    "role",
    "statusMessage",
    "tags",
    WS_CHANNEL,
    JWT,
];
const AUTH_TOKEN: &str = "authToken";
const WS_CHANNEL: &str = "wsChannel";
const JWT: &str = "jwt";
/// Fields that only the response to a login has.
const OF_A_LOGIN: [&str; 3] = ["settings", WS_CHANNEL, JWT];
/// Fields of a `User` that belong to the session. They are never sent (rule B11).
const OF_THE_SESSION: [&str; 3] = [AUTH_TOKEN, WS_CHANNEL, JWT];
/// The fields that are sent of a plain object, with the codes for an invalid value.
const OF_AN_OBJECT: [(&str, Code); 8] = [
    ("uid", Code::INVALID_UID),
    ("name", Code::INVALID_USER_NAME),
    ("avatar", Code::INVALID_USER_AVATAR),
    ("link", Code::INVALID_USER_LINK),
    ("role", Code::INVALID_USER_ROLE),
    ("metadata", Code::INVALID_USER_METADATA),
    ("statusMessage", Code::INVALID_USER_STATUS_MESSAGE),
    ("tags", Code::INVALID_USER_TAGS),
];

/// The stored entry of a logged-in user.
///
/// The token is the one that was sent, never one of the response (rule B11). A logged-in user is
/// online. Fields that only a login has keep their earlier values if the response lacks them.
pub fn entry(data: Json<'_>, auth_token: &str, before: Json<'_>) -> CanonicalJson {
    let deactivated = data.at("deactivatedAt");
    let deactivated = if deactivated.is_truthy() { deactivated } else { Json::literal("0") };
    let mut entry = JsonWriter::object();
    entry.value("hasBlockedMe", Json::literal("false"));
    entry.value("blockedByMe", Json::literal("false"));
    entry.value("deactivatedAt", deactivated);
    entry.text(AUTH_TOKEN, auth_token);
    entry.text("status", "online");
    for &name in &STORED {
        let mut value = data.at(name);
        if !value.is_truthy() {
            value = if OF_A_LOGIN.contains(&name) { before.at(name) } else { Json::default() };
        }
        if value.is_there() {
            entry.value(name, value);
        }
    }
    entry.finish()
}

/// The user of a response. The logged-in user has the token of the session.
pub fn profile(data: Json<'_>, own_token: Option<&str>) -> CanonicalJson {
    copy(data, |name| !OF_A_LOGIN.contains(&name), own_token.map(|token| (AUTH_TOKEN, token)))
}

/// The body of a request that writes the user with this uid: all fields of a `User`, or the known
/// fields of a plain object.
pub fn body(user: Json<'_>, is_plain_object: bool, uid: &str) -> CanonicalJson {
    let is_sent = if is_plain_object {
        |name: &str| OF_AN_OBJECT.iter().any(|(known, _)| *known == name)
    } else {
        |name: &str| !OF_THE_SESSION.contains(&name)
    };
    copy(user, is_sent, Some(("uid", uid)))
}

/// A copy of an object with the members that `is_kept` accepts, and with one member replaced.
fn copy(from: Json<'_>, is_kept: fn(&str) -> bool, own: Option<(&str, &str)>) -> CanonicalJson {
    let mut copy = JsonWriter::object();
    for (name, value) in from.members() {
        if is_kept(name) && own.is_none_or(|(replaced, _)| replaced != name) {
            copy.value(name, value);
        }
    }
    if let Some((name, text)) = own {
        copy.text(name, text);
    }
    copy.finish()
}

/// Rejects arguments that the facade could not serialise: `unreadable` names the field of the user,
/// or is empty (rule B23).
///
/// # Errors
/// The code of the field, or `Code::MISSING_PARAMETERS`.
pub fn check_readable(args: Json<'_>) -> Result<(), Rc<Exception>> {
    if !args.at("unreadable").is_there() {
        return Ok(());
    }
    let field = args.text_of("unreadable");
    Err(match OF_AN_OBJECT.iter().find(|(name, _)| *name == field) {
        Some(&(name, code)) => Exception::about(code, name),
        None => Exception::about(Code::MISSING_PARAMETERS, "An argument"),
    })
}

/// Checks the user with this uid before it is sent (rule B23). A new user needs a name and must
/// have no empty field.
///
/// # Errors
/// `Code::UID_IS_COMPULSORY`, `Code::INVALID_UID`, `Code::USER_NAME_IS_COMPULSORY`,
/// `Code::INVALID_USER_NAME` and the other `INVALID_USER_…`.
pub fn check(user: Json<'_>, uid: &str, is_new: bool) -> Result<(), Rc<Exception>> {
    let has_name = user.at("name").is_there();
    if !user.at("uid").is_there() {
        return Err(Code::UID_IS_COMPULSORY.into());
    }
    if !is_uid(uid) {
        return Err(Code::INVALID_UID.into());
    }
    if is_new && !has_name {
        return Err(Code::USER_NAME_IS_COMPULSORY.into());
    }
    if has_name && user.text_of("name").is_empty() {
        return Err(Code::INVALID_USER_NAME.into());
    }
    check_metadata(user)?;
    for &(name, code) in &OF_AN_OBJECT {
        let value = user.at(name);
        let is_empty = if name == "tags" {
            value.is_there() && !value.is_array() || value.raw() == "[]"
        } else {
            value.raw() == "\"\""
        };
        if is_new && is_empty {
            return Err(Exception::about(code, name));
        }
    }
    Ok(())
}

/// Checks how deep the metadata of a user is nested (rule B22).
///
/// # Errors
/// `Code::INVALID_USER_METADATA`.
pub fn check_metadata(user: Json<'_>) -> Result<(), Rc<Exception>> {
    if depth(user.at("metadata").raw()) > MAX_DEPTH {
        return Err(Exception::about(Code::INVALID_USER_METADATA, "metadata"));
    }
    Ok(())
}

/// Whether a text can be a uid: not the text of an unset variable, and not `.` or `..`.
fn is_uid(text: &str) -> bool {
    !["", "undefined", "null", "0", ".", ".."].contains(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b12_the_entry_has_the_official_form() {
        let data = Json::of(
            r#"{"uid":"alice","name":"Alice","status":"offline","role":"default","createdAt":1800000000,"avatar":"https://x/a","link":"","metadata":{"a":[1,2]},"tags":["t1"],"authToken":"echo","jwt":"j","wsChannel":{"identity":"i"},"settings":{"a":1},"hasBlockedMe":true,"deactivatedAt":0,"custom":1}"#,
        );
        assert_eq!(
            entry(data, "sent", Json::default()).as_str(),
            r#"{"hasBlockedMe":false,"blockedByMe":false,"deactivatedAt":0,"authToken":"sent","status":"online","uid":"alice","name":"Alice","avatar":"https://x/a","metadata":{"a":[1,2]},"role":"default","tags":["t1"],"wsChannel":{"identity":"i"},"jwt":"j"}"#
        );
    }

    #[test]
    fn b11_what_only_a_login_brings_stays_when_the_user_is_refreshed() {
        let before =
            Json::of(r#"{"uid":"a","name":"A","jwt":"old","wsChannel":{"x":1},"authToken":"old"}"#);
        assert_eq!(
            entry(Json::of(r#"{"uid":"a","name":"B","jwt":"new"}"#), "t", before).as_str(),
            r#"{"hasBlockedMe":false,"blockedByMe":false,"deactivatedAt":0,"authToken":"t","status":"online","uid":"a","name":"B","wsChannel":{"x":1},"jwt":"new"}"#
        );
    }

    #[test]
    fn a_profile_has_the_fields_of_a_user_and_no_others() {
        let data = Json::of(
            r#"{"uid":"a","authToken":"echo","jwt":"j","wsChannel":{},"settings":{"x":1},"createdAt":5}"#,
        );
        assert_eq!(
            profile(data, Some("own")).as_str(),
            r#"{"uid":"a","createdAt":5,"authToken":"own"}"#
        );
        assert_eq!(profile(data, None).as_str(), r#"{"uid":"a","authToken":"echo","createdAt":5}"#);
    }

    #[test]
    fn the_body_has_all_fields_of_a_user_and_the_known_fields_of_an_object() {
        let user =
            Json::of(r#"{"uid":" a ","name":"A","status":"x","foo":{"b":[1]},"tags":["t"]}"#);
        assert_eq!(
            body(user, false, "a").as_str(),
            r#"{"name":"A","status":"x","foo":{"b":[1]},"tags":["t"],"uid":"a"}"#
        );
        assert_eq!(body(user, true, "a").as_str(), r#"{"name":"A","tags":["t"],"uid":"a"}"#);
        let own = Json::of(r#"{"name":"A","authToken":"t","jwt":"j","wsChannel":{"secret":"s"}}"#);
        assert_eq!(body(own, false, "a").as_str(), r#"{"name":"A","uid":"a"}"#, "rule B11");
        assert_eq!(body(Json::of("{}"), true, "a").as_str(), r#"{"uid":"a"}"#);
    }
}
