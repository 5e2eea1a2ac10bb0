//! The one table of codes this package makes itself, and the exception that carries them or the service's own.
//!
//! From the table the build makes the TypeScript union of codes and `docs/reference/errors.md`.

use std::rc::Rc;

use super::text::{digit, fill};

/// What an exception with a code of ours says (rule B22).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its spelling, the documentation's.
    pub name: &'static str,
    /// Whether the same call can succeed later without a change.
    pub retryable: bool,
    /// What happened and what to do. What it was about (a parameter, a setting) is put before it.
    pub text: &'static str,
    /// When it comes, for the documentation.
    pub meaning: &'static str,
}

/// Each code once: as a variant, by its spelling, and with its row in the table. In the WebAssembly there are numbers alone:
/// the build writes the table for the page's side.
macro_rules! table {
    ($(#[doc = $meaning:literal] $name:ident: $retryable:literal, $text:literal;)+) => {
        /// A code of ours.
        #[allow(non_camel_case_types, reason = "spelt as it is said")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code {
            $(#[doc = $meaning] $name,)+
        }
        #[cfg(test)]
        const ALL: &[Code] = &[$(Code::$name),+];
        /// All codes of ours, in the order of their numbers.
        pub const TABLE: &[Row] = &[$(Row { name: stringify!($name), retryable: $retryable, text: $text, meaning: $meaning }),+];
    };
}

// Those that can be retried stand last: the page's side tells them by their number.
table! {
    /// A call without an argument that it needs.
    MISSING_PARAMETERS: false, "missing or empty. Pass a non-blank string; if it is an environment variable, check that the build sets it.";
    /// A call before `init`, or after an `init` that failed.
    COMETCHAT_INITIALIZATION_NOT_DONE: false, "CometChat.init() has not succeeded yet. Call it first.";
    /// `logout`, `dispose` or an `init` for another app came while the login was under way.
    LOGIN_ABORTED: false, "Ended by logout(), dispose() or init() for another app.";
    /// The call needs a session and there is none.
    USER_NOT_LOGGED_IN: false, "Nobody is logged in. Call login() first.";
    /// The caller's signal, `dispose` or an `init` for another app ended the call.
    REQUEST_ABORTED: false, "Ended by its signal, dispose() or init() for another app.";
    /// A reply that is not what the service says at this place.
    INVALID_RESPONSE: false, "This is no reply of CometChat's. Check app id, region, host overrides and proxies.";
    /// A region that does not exist.
    INVALID_REGION: false, "There is no such region. Call setRegion() with us, eu or in.";
    /// A host that may not be used.
    INVALID_HOST: false, "not a usable host. Give a name such as chat.example.com; http is for localhost alone.";
    /// An app id that cannot be part of a host name.
    INVALID_APP_ID: false, "No app id has such characters. Copy it from the CometChat dashboard.";
    /// A request timeout that is no whole number of milliseconds.
    INVALID_REQUEST_TIMEOUT: false, "setRequestTimeout() takes whole milliseconds above 0.";
    /// An auth key that is missing where a user is written, or that cannot be sent in a header.
    INVALID_AUTH_KEY: false, "The auth key is missing or no auth key. Copy it from the CometChat dashboard.";
    /// An auth token that cannot be sent in a header.
    INVALID_AUTH_TOKEN: false, "No auth token has such characters. Pass it as your server received it.";
    /// A user without a uid.
    UID_IS_COMPULSORY: false, "The user has no uid. Give it one.";
    /// A uid that is no string, or none that the service takes.
    INVALID_UID: false, "This is no uid. Use a string of letters, digits, - and _.";
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
    INVALID_USER_TAGS: false, "must be a non-empty array. Leave it out, or give it a value.";
    /// Another login is under way.
    LOGIN_IN_PROGRESS: true, "Another login is under way. Wait for it, or end it with logout().";
    /// No reply at all.
    FAILED_TO_FETCH: true, "No reply came. Check connection, app id, region, Content-Security-Policy (connect-src), and that an emulator in use runs.";
    /// No complete reply in time.
    REQUEST_TIMEOUT: true, "No complete reply in time. Try again, or allow more by setRequestTimeout().";
    /// The token provider threw, rejected or gave no token.
    TOKEN_PROVIDER_FAILED: true, "The token provider gave no auth token (a non-blank string). See the cause.";
    /// The WebAssembly could not be loaded, has failed, or did not end a call in time. Made by the page's side, in words of its own.
    INTERNAL_ERROR: true, "The message says which of these it was. The next call starts afresh.";
}

/// How an exception begins with the service's code for a token that it does not know: the only one that ends a session (rule B10).
pub const TOKEN_UNKNOWN: &str = "{\"code\":\"AUTH_ERR_AUTH_TOKEN_NOT_FOUND\"";
/// Likewise for a uid that it does not know.
pub const UID_UNKNOWN: &str = "{\"code\":\"ERR_UID_NOT_FOUND\"";

/// Why a call failed: what becomes a `CometChatException`. JSON, shared by all who are told; holds no secret. The members: `ours`, the number of a code of
/// ours in base 36, and `about`, what it is about: empty, or such as `login: authKey`; or the service's `code`, `message` and `details` (JSON text; empty
/// where it said none, and no JSON any more where a secret was a number). Where there was a reply: `retryable` where the same call can succeed later, `status` (HTTP) and, where the service said
/// one, `retryAfter` (seconds, as text).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception(pub Rc<String>);

impl From<Code> for Exception {
    fn from(code: Code) -> Self {
        Self::about(code, "")
    }
}

impl Exception {
    /// One of ours, and what it is about.
    pub fn about(code: Code, about: &'static str) -> Self {
        Self(Rc::new(fill("{\"ours\":\"\0\",\"about\":\"\x01\"}", &[digit(code as usize), about])))
    }

    /// Whether the service said that code; it comes first.
    pub fn is_from_service(&self, code: &str) -> bool {
        self.0.starts_with(code)
    }

    /// Which of ours it is.
    #[cfg(test)]
    pub fn code(&self) -> Option<Code> {
        ALL.iter().copied().find(|code| self.0.starts_with(&of_ours(*code)))
    }
}

/// An exception of ours as JSON, still open at its end.
pub fn of_ours(code: Code) -> String {
    fill("{\"ours\":\"\0\"", &[digit(code as usize)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b22_every_code_is_in_the_table_once() {
        for (at, row) in TABLE.iter().enumerate() {
            assert!(
                TABLE.iter().skip(at + 1).all(|other| other.name != row.name),
                "{} twice",
                row.name
            );
            assert!(!row.text.is_empty(), "{}", row.name);
            assert!(
                TABLE.iter().skip(at).all(|later| later.retryable || !row.retryable),
                "{} before others",
                row.name
            );
        }
        assert_eq!(TABLE[Code::INTERNAL_ERROR as usize].name, "INTERNAL_ERROR");
        assert_eq!(TABLE.len(), Code::INTERNAL_ERROR as usize + 1, "the last");
    }

    #[test]
    fn b22_an_exception_of_ours_is_its_number_and_what_it_is_about() {
        assert_eq!(*Exception::from(Code::MISSING_PARAMETERS).0, r#"{"ours":"0","about":""}"#);
        let last = Exception::about(Code::INTERNAL_ERROR, "login: authKey").0;
        let number = serde_json::from_str::<serde_json::Value>(&last).unwrap()["ours"]
            .as_str()
            .unwrap()
            .to_owned();
        assert_eq!(u64::from_str_radix(&number, 36).unwrap(), Code::INTERNAL_ERROR as u64);
    }
}
