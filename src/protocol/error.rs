//! The one table of codes this package makes itself, and the exception that carries them or the service's own.
//!
//! From the table the build makes the TypeScript union of codes and `docs/ERRORS.md`.

use std::rc::Rc;

use super::json::{Json, quote};
use super::text::cat;

/// A code of ours: what a `CometChatException` of it says (rule B22).
#[derive(Debug, PartialEq, Eq)]
pub struct Row {
    /// Its spelling, the documentation's.
    pub name: &'static str,
    /// Whether the same call can succeed later without a change.
    pub retryable: bool,
    /// What happened and what to do. What it was about (a parameter, a setting) is put before it.
    pub text: &'static str,
    /// When it comes, for the documentation.
    #[cfg(not(target_arch = "wasm32"))]
    pub meaning: &'static str,
}

/// A row of the table.
pub type Code = &'static Row;

/// Each code once: as a constant, and in the table.
macro_rules! table {
    ($(#[doc = $meaning:literal] $name:ident: $retryable:literal, $text:literal;)+) => {
        $(
            #[doc = $meaning]
            pub static $name: Row = Row {
                name: stringify!($name),
                retryable: $retryable,
                text: $text,
                #[cfg(not(target_arch = "wasm32"))]
                meaning: $meaning,
            };
        )+
        /// All codes of ours.
        pub static TABLE: &[Code] = &[$(&$name),+];
    };
}

table! {
    /// A call without an argument that it needs.
    MISSING_PARAMETERS: false, "missing or empty. Pass a non-blank string; if it comes from an environment variable, check that the build sets it.";
    /// A call before `init`, or after an `init` that failed.
    COMETCHAT_INITIALIZATION_NOT_DONE: false, "CometChat.init() has not succeeded yet. Call it once, before this call.";
    /// Another login is under way.
    LOGIN_IN_PROGRESS: true, "Another login is under way. Wait for it, or end it with CometChat.logout().";
    /// `logout`, `dispose` or an `init` for another app came while the login was under way.
    LOGIN_ABORTED: false, "The login was ended by logout(), dispose() or init() for another app. Nothing was changed.";
    /// The call needs a session and there is none.
    USER_NOT_LOGGED_IN: false, "Nobody is logged in. Call CometChat.login() first.";
    /// No reply at all.
    FAILED_TO_FETCH: true, "No reply came. Check the connection, app id and region, and that the Content-Security-Policy (connect-src) allows the host.";
    /// No complete reply in time.
    REQUEST_TIMEOUT: true, "No complete reply came in time. Try again, or allow more with setRequestTimeout().";
    /// The caller's signal, `dispose` or an `init` for another app ended the call.
    REQUEST_ABORTED: false, "The call was ended by its signal, dispose() or init() for another app.";
    /// The token provider threw, rejected or gave no token.
    TOKEN_PROVIDER_FAILED: true, "The token provider gave no auth token. It must return a non-blank string, or a promise of one; the cause says what went wrong.";
    /// A reply that is not what the service says at this place.
    INVALID_RESPONSE: false, "The reply is not what CometChat's service says here. Check app id, region, host overrides and proxies.";
    /// A region that does not exist.
    INVALID_REGION: false, "There is no such region. Call setRegion() with us, eu or in.";
    /// A host that may not be used.
    INVALID_HOST: false, "This host cannot be used. Give a name such as chat.example.com, with port or path if need be; plain http is for localhost alone.";
    /// An app id that cannot be part of a host name.
    INVALID_APP_ID: false, "The app id has characters that no app id has. Copy it from the CometChat dashboard.";
    /// A request timeout that is no whole number of milliseconds.
    INVALID_REQUEST_TIMEOUT: false, "setRequestTimeout() takes whole milliseconds, 1 to 999999999.";
    /// An auth key that is missing where a user is written, or that cannot be sent in a header.
    INVALID_AUTH_KEY: false, "The auth key is missing or has characters that no key has. Copy it from the CometChat dashboard.";
    /// An auth token that cannot be sent in a header.
    INVALID_AUTH_TOKEN: false, "The auth token has characters that no token has. Pass it as your server received it.";
    /// A user without a uid.
    UID_IS_COMPULSORY: false, "The user has no uid. Give it one.";
    /// A uid that is no string, or none that the service takes.
    INVALID_UID: false, "This cannot be a uid. Use a string of letters, digits, - and _.";
    /// A user without a name.
    USER_NAME_IS_COMPULSORY: false, "The user has no name. Give it one.";
    /// A name that is no string, or blank.
    INVALID_USER_NAME: false, "The name must be a non-blank string.";
    /// An avatar that is empty.
    INVALID_USER_AVATAR: false, "must not be empty. Leave it out, or give it a value.";
    /// A link that is empty.
    INVALID_USER_LINK: false, "must not be empty. Leave it out, or give it a value.";
    /// A role that is empty.
    INVALID_USER_ROLE: false, "must not be empty. Leave it out, or give it a value.";
    /// Metadata that is empty.
    INVALID_USER_METADATA: false, "must not be empty. Leave it out, or give it a value.";
    /// A status message that is empty.
    INVALID_USER_STATUS_MESSAGE: false, "must not be empty. Leave it out, or give it a value.";
    /// Tags that are no array, or an empty one.
    INVALID_USER_TAGS: false, "must be an array that is not empty. Leave it out, or give it a value.";
    /// The WebAssembly could not be loaded, has failed, or did not end a call in time. Made by the page's side, in words of its own.
    INTERNAL_ERROR: true, "The message says which of these it was. The next call starts afresh.";
}

/// The service's code for a token that it does not know: the only one that ends a session (rule B10).
pub const TOKEN_UNKNOWN: &str = "AUTH_ERR_AUTH_TOKEN_NOT_FOUND";
/// The service's code for a uid that it does not know.
pub const UID_UNKNOWN: &str = "ERR_UID_NOT_FOUND";

/// Why a call failed: what becomes a `CometChatException`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exception {
    /// One of ours, and what it is about: empty, or such as `login: authKey`.
    Ours(Code, &'static str),
    /// What came of a reply: JSON as [`Exception::json`] gives it. Shared by all who are told.
    OfReply(Rc<String>),
}

impl From<Code> for Exception {
    fn from(code: Code) -> Self {
        Self::Ours(code, "")
    }
}

impl Exception {
    /// The members `code`, `message`, `retryable` and, where there is one, `status` (HTTP), `retryAfter` (seconds, as text),
    /// `details` (JSON text as a string) and `ours`: then the code is the exception's `name` too. Holds no secret.
    pub fn json(&self) -> String {
        match self {
            Self::Ours(code, about) => {
                let colon = if about.is_empty() { "" } else { ": " };
                cat(&[&of_ours(code, code.retryable, &cat(&[about, colon, code.text])), "}"])
            }
            Self::OfReply(json) => json.as_str().into(),
        }
    }

    /// Whether the service said that code.
    pub fn is_from_service(&self, code: &str) -> bool {
        match self {
            Self::OfReply(json) => {
                let json = Json(json);
                json.get("ours").is_none() && json.get_text("code").is_some_and(|said| said == code)
            }
            Self::Ours(..) => false,
        }
    }
}

/// An exception of ours as JSON, still open at its end.
pub fn of_ours(code: Code, retryable: bool, message: &str) -> String {
    let retryable = if retryable { "true" } else { "false" };
    cat(&["{\"code\":\"", code.name, "\",\"ours\":1,\"retryable\":", retryable, ",\"message\":", &quote(message)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b22_every_code_is_in_the_table_once() {
        for (at, row) in TABLE.iter().enumerate() {
            assert!(TABLE.iter().skip(at + 1).all(|other| other.name != row.name), "{} twice", row.name);
            assert!(!row.text.is_empty() && quote(row.text).len() == row.text.len() + 2, "{}", row.name);
        }
    }

    #[test]
    fn b22_the_object_for_javascript_has_only_what_is_known() {
        let plain: serde_json::Value = serde_json::from_str(&Exception::from(&FAILED_TO_FETCH).json()).unwrap();
        let keys: Vec<_> = plain.as_object().unwrap().keys().cloned().collect();
        assert_eq!(keys, ["code", "ours", "retryable", "message"]);
        let plain: serde_json::Value =
            serde_json::from_str(&Exception::Ours(&MISSING_PARAMETERS, "login: authKey").json()).unwrap();
        assert!(plain["message"].as_str().unwrap().starts_with("login: authKey: missing or empty"));
    }
}
