//! The user of a reply → the entry that is stored, in the official client's form, and the session around it.

use super::json::{Json, quote};
use super::text::cat;

/// The fields of a stored user, in the order the official client writes them.
const FIELDS: [&str; 14] = [
    "deactivatedAt",
    "uid",
    "name",
    "authToken",
    "avatar",
    "lastActiveAt",
    "link",
    "metadata",
    "role",
    "statusMessage",
    "status",
    "tags",
    "wsChannel",
    "jwt",
];
const DEACTIVATED_AT: usize = 0;
const UID: usize = 1;
const AUTH_TOKEN: usize = 3;
const STATUS: usize = 10;

/// The stored entry of a logged-in user, as JSON text: what the reply says as far as it is truthy. The token is the one that
/// was sent, never one that came back (rule B11); a logged-in user is online.
pub fn entry(data: Json<'_>, uid: &str, auth_token: &str) -> String {
    let mut out = String::from("{\"hasBlockedMe\":false,\"blockedByMe\":false");
    for (at, name) in FIELDS.into_iter().enumerate() {
        let said = data.get(name).filter(|value| value.is_truthy()).map(Json::raw);
        let ours;
        let value = match at {
            UID => {
                ours = quote(uid);
                Some(ours.as_str())
            }
            AUTH_TOKEN => {
                ours = quote(auth_token);
                Some(ours.as_str())
            }
            STATUS => Some("\"online\""),
            DEACTIVATED_AT => said.or(Some("0")),
            _ => said,
        };
        if let Some(value) = value {
            out.push_str(&cat(&[",\"", name, "\":", value]));
        }
    }
    out.push('}');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b12_the_entry_has_the_official_form() {
        let data = Json::parse(
            r#"{"uid":"alice","name":"Alice","status":"offline","role":"default","createdAt":1800000000,"avatar":"https://x/a","link":"","metadata":{"a":[1, 2]},
                "tags":["t1"],"authToken":"echo","jwt":"j","wsChannel":{"identity":"i"},"settings":{"a":1},"hasBlockedMe":true,"deactivatedAt":0,"custom":1}"#,
        )
        .unwrap();
        assert_eq!(
            entry(data, "alice", "sent"),
            r#"{"hasBlockedMe":false,"blockedByMe":false,"deactivatedAt":0,"uid":"alice","name":"Alice","authToken":"sent","avatar":"https://x/a","metadata":{"a":[1, 2]},"role":"default","status":"online","tags":["t1"],"wsChannel":{"identity":"i"},"jwt":"j"}"#
        );
    }

    #[test]
    fn the_least_a_service_may_say_is_enough() {
        assert_eq!(
            entry(Json::parse("{}").unwrap(), "a\"b", "t"),
            r#"{"hasBlockedMe":false,"blockedByMe":false,"deactivatedAt":0,"uid":"a\"b","authToken":"t","status":"online"}"#
        );
    }
}
