//! The user of a reply → the entry that is stored, in the official client's form, and the session around it.

use super::json::{Json, quote};

/// The fields of a user in the order the official client writes them; `uid` and `authToken` are put in by hand.
const BEFORE_TOKEN: [&str; 1] = ["name"];
const AFTER_TOKEN: [&str; 6] = ["avatar", "lastActiveAt", "link", "metadata", "role", "statusMessage"];
const AFTER_STATUS: [&str; 3] = ["tags", "wsChannel", "jwt"];

/// The stored entry of a logged-in user, as JSON text; `None` where the reply has no user. The token is the one that was
/// sent, never one that came back (rule B11); a logged-in user is online.
pub fn entry(data: Json<'_>, uid: &str, auth_token: &str) -> String {
    let truthy = |name: &str| data.get(name).filter(|value| value.is_truthy());
    let mut out = String::from("{\"hasBlockedMe\":false,\"blockedByMe\":false,\"deactivatedAt\":");
    out.push_str(truthy("deactivatedAt").map_or("0", Json::raw));
    out.push_str(",\"uid\":");
    out.push_str(&quote(uid));
    let member = |out: &mut String, name: &str, value: &str| {
        out.push_str(",\"");
        out.push_str(name);
        out.push_str("\":");
        out.push_str(value);
    };
    let members = |out: &mut String, names: &[&str]| {
        for name in names {
            if let Some(value) = truthy(name) {
                member(out, name, value.raw());
            }
        }
    };
    members(&mut out, &BEFORE_TOKEN);
    member(&mut out, "authToken", &quote(auth_token));
    members(&mut out, &AFTER_TOKEN);
    member(&mut out, "status", "\"online\"");
    members(&mut out, &AFTER_STATUS);
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
