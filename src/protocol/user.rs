//! Users: the one of a reply → the entry that is stored, or the user of a call; the one of an app → the body of a request.

use super::error::{Code, Exception};
use super::json::{Json, MAX_DEPTH, depth, quote};
use super::text::{Values, Words, fill, is_one_of, put};

/// The fields of a stored user that are taken from a reply as far as they are truthy.
const FIELDS: Words =
    "uid,name,avatar,lastActiveAt,link,metadata,role,statusMessage,tags,wsChannel,jwt,";
/// What a reply to `PUT me` holds beside the user, and no other.
const OF_A_LOGIN: Words = "settings,wsChannel,jwt,";
/// What of a `User` is the session's, and no request may carry (rule B11).
const OF_A_SESSION: Words = "authToken,wsChannel,jwt,";
/// What is taken of a plain object that describes a user.
const OF_AN_OBJECT: Words = "uid,name,avatar,link,role,metadata,statusMessage,tags,";
/// What must not be empty where it is given, and the codes that say so. Of the tags it is the list.
const NOT_EMPTY: Words = "avatar,link,role,metadata,statusMessage,tags,";
const EMPTY: [Code; 6] = [
    Code::INVALID_USER_AVATAR,
    Code::INVALID_USER_LINK,
    Code::INVALID_USER_ROLE,
    Code::INVALID_USER_METADATA,
    Code::INVALID_USER_STATUS_MESSAGE,
    Code::INVALID_USER_TAGS,
];

/// The stored entry of a logged-in user, as JSON text: what the reply says as far as it is truthy. The token is the one that
/// was sent, never one that came back (rule B11); a logged-in user is online. What only a login brings stays as it was in the
/// entry before, where the reply does not say it.
pub fn entry(data: Json<'_>, auth_token: &str, before: Json<'_>) -> String {
    let deactivated = data.at("deactivatedAt");
    let mut out = fill(
        "{\"hasBlockedMe\":false,\"blockedByMe\":false,\"deactivatedAt\":\0,\"authToken\":\"\x11\",\"status\":\"online\"",
        &[if deactivated.is_truthy() { deactivated.raw() } else { "0" }, auth_token],
    );
    for name in Values(FIELDS) {
        let mut value = data.at(name);
        if !value.is_truthy() {
            value = if is_one_of(name, OF_A_LOGIN) { before.at(name) } else { Json::default() };
        }
        if value.is_there() {
            member(&mut out, name, value);
        }
    }
    out += "}";
    out
}

/// The user of a reply, as JSON text, without what is none of a user. One's own has the token of the session.
pub fn profile(data: Json<'_>, own_token: Option<&str>) -> String {
    pick(data, OF_A_LOGIN, false, "authToken", own_token)
}

/// The body of a request that writes a user: of a `User` all it has, of a plain object what is known; with this uid.
pub fn body(user: Json<'_>, plain: bool, uid: &str) -> String {
    pick(user, if plain { OF_AN_OBJECT } else { OF_A_SESSION }, plain, "uid", Some(uid))
}

/// The members that are listed, or those that are not, and one that is ours: in the place of the one that is there.
fn pick(from: Json<'_>, list: Words, listed: bool, own: &str, ours: Option<&str>) -> String {
    let mut out = String::from("{");
    for (name, value) in from.members() {
        if is_one_of(name, list) == listed && (*name != *own || ours.is_none()) {
            member(&mut out, name, value);
        }
    }
    if let Some(ours) = ours {
        member(&mut out, own, Json(&quote(ours)));
    }
    out += "}";
    out
}

fn member(out: &mut String, name: &str, value: Json<'_>) {
    let comma = if out.len() == 1 { "" } else { "," };
    put(out, "\0\"\x01\":\x02", &[comma, name, value.raw()]);
}

/// Refuses arguments that the facade could not write as JSON: `unreadable` names the field of the
/// user, or nothing (rule B23).
///
/// # Errors
/// The code of the field, or `Code::MISSING_PARAMETERS`.
pub fn check_readable(args: Json<'_>) -> Result<(), Exception> {
    if !args.at("unreadable").is_there() {
        return Ok(());
    }
    let field = args.text_of("unreadable");
    let own = [("uid", Code::INVALID_UID), ("name", Code::INVALID_USER_NAME)];
    let all = own.into_iter().chain(Values(NOT_EMPTY).zip(EMPTY));
    for (name, code) in all {
        if *name == *field {
            return Err(Exception::about(code, name));
        }
    }
    Err(Exception::about(Code::MISSING_PARAMETERS, "An argument"))
}

/// Checks a user with this uid before it is sent (rule B23). A new one needs a name, and nothing of it may be empty.
///
/// # Errors
/// `Code::UID_IS_COMPULSORY`, `Code::INVALID_UID`, `Code::USER_NAME_IS_COMPULSORY`, `INVALID_USER_…`.
pub fn check(user: Json<'_>, uid: &str, new: bool) -> Result<(), Exception> {
    let has_name = user.at("name").is_there();
    let code = if !user.at("uid").is_there() {
        Code::UID_IS_COMPULSORY
    } else if !is_uid(uid) {
        Code::INVALID_UID
    } else if new && !has_name {
        Code::USER_NAME_IS_COMPULSORY
    } else if has_name && user.text_of("name").is_empty() {
        Code::INVALID_USER_NAME
    } else if depth(user.at("metadata").raw()) > MAX_DEPTH {
        return Err(Exception::about(Code::INVALID_USER_METADATA, "metadata"));
    } else {
        for (name, code) in Values(if new { NOT_EMPTY } else { "" }).zip(&EMPTY) {
            let value = user.at(name).raw();
            let empty = if *name == *"tags" {
                !value.is_empty() && !value.starts_with("[") || *value == *"[]"
            } else {
                *value == *"\"\""
            };
            if empty {
                return Err(Exception::about(*code, name));
            }
        }
        return Ok(());
    };
    Err(code.into())
}

/// Whether a text can be a uid: not what an unset variable turns into, nor what a path would take as a step.
fn is_uid(text: &str) -> bool {
    !is_one_of(text, ",undefined,null,0,.,..,")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b12_the_entry_has_the_official_form() {
        let data = Json(
            r#"{"uid":"alice","name":"Alice","status":"offline","role":"default","createdAt":1800000000,"avatar":"https://x/a","link":"","metadata":{"a":[1,2]},"tags":["t1"],"authToken":"echo","jwt":"j","wsChannel":{"identity":"i"},"settings":{"a":1},"hasBlockedMe":true,"deactivatedAt":0,"custom":1}"#,
        );
        assert_eq!(
            entry(data, "sent", Json::default()),
            r#"{"hasBlockedMe":false,"blockedByMe":false,"deactivatedAt":0,"authToken":"sent","status":"online","uid":"alice","name":"Alice","avatar":"https://x/a","metadata":{"a":[1,2]},"role":"default","tags":["t1"],"wsChannel":{"identity":"i"},"jwt":"j"}"#
        );
    }

    #[test]
    fn b11_what_only_a_login_brings_stays_when_the_user_is_refreshed() {
        let before =
            Json(r#"{"uid":"a","name":"A","jwt":"old","wsChannel":{"x":1},"authToken":"old"}"#);
        assert_eq!(
            entry(Json(r#"{"uid":"a","name":"B","jwt":"new"}"#), "t", before),
            r#"{"hasBlockedMe":false,"blockedByMe":false,"deactivatedAt":0,"authToken":"t","status":"online","uid":"a","name":"B","wsChannel":{"x":1},"jwt":"new"}"#
        );
    }

    #[test]
    fn a_profile_has_all_that_the_service_says_of_a_user_and_no_more() {
        let data = Json(
            r#"{"uid":"a","authToken":"echo","jwt":"j","wsChannel":{},"settings":{"x":1},"createdAt":5}"#,
        );
        assert_eq!(profile(data, Some("own")), r#"{"uid":"a","createdAt":5,"authToken":"own"}"#);
        assert_eq!(profile(data, None), r#"{"uid":"a","authToken":"echo","createdAt":5}"#);
    }

    #[test]
    fn the_body_is_all_of_a_user_and_of_an_object_what_is_known() {
        let user = Json(r#"{"uid":" a ","name":"A","status":"x","foo":{"b":[1]},"tags":["t"]}"#);
        assert_eq!(
            body(user, false, "a"),
            r#"{"name":"A","status":"x","foo":{"b":[1]},"tags":["t"],"uid":"a"}"#
        );
        assert_eq!(body(user, true, "a"), r#"{"name":"A","tags":["t"],"uid":"a"}"#);
        let own = Json(r#"{"name":"A","authToken":"t","jwt":"j","wsChannel":{"secret":"s"}}"#);
        assert_eq!(body(own, false, "a"), r#"{"name":"A","uid":"a"}"#, "rule B11");
        assert_eq!(body(Json("{}"), true, "a"), r#"{"uid":"a"}"#);
    }
}
