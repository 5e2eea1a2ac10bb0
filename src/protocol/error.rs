//! The one table of codes this package makes itself, and the exception that carries them or the service's own.

use std::ops::Deref;
use std::rc::Rc;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::text::cat;

/// The errors this package makes (rule B22). A server's code is passed through as it came and needs no entry here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// A call without the arguments it needs.
    MissingParameters,
    /// A call before `init`, or after an `init` that failed.
    InitializationNotDone,
    /// Another login is under way.
    LoginInProgress,
    /// `logout`, `dispose` or an `init` for another app came while the login was under way.
    LoginAborted,
    /// The call needs a session and there is none.
    UserNotLoggedIn,
    /// No reply at all.
    FailedToFetch,
    /// No complete reply in time.
    RequestTimeout,
    /// The caller's signal, `dispose` or an `init` for another app ended the call.
    RequestAborted,
    /// A reply that is not what the service says at this place.
    InvalidResponse,
    /// A region that does not exist.
    InvalidRegion,
    /// A host that may not be used.
    InvalidHost,
    /// An app id that cannot be part of a host name.
    InvalidAppId,
    /// A uid that cannot stand in a path.
    InvalidUid,
    /// An auth key that cannot be sent in a header.
    InvalidAuthKey,
    /// An auth token that cannot be sent in a header.
    InvalidAuthToken,
    /// A request timeout that is no whole number of milliseconds.
    InvalidRequestTimeout,
}

/// A code of ours, its spelling, whether trying again can help, and what to do.
type Row = (Code, &'static str, bool, &'static str);

const TABLE: &[Row] = &[
    (Code::MissingParameters, "MISSING_PARAMETERS", false, ""),
    (
        Code::InitializationNotDone,
        "COMETCHAT_INITIALIZATION_NOT_DONE",
        false,
        "CometChat.init() has not succeeded yet. Call it once, before this call.",
    ),
    (
        Code::LoginInProgress,
        "LOGIN_IN_PROGRESS",
        true,
        "Another login is under way. Wait for it, or end it with CometChat.logout().",
    ),
    (
        Code::LoginAborted,
        "LOGIN_ABORTED",
        false,
        "The login was ended by logout(), dispose() or init() for another app. Nothing was changed.",
    ),
    (Code::UserNotLoggedIn, "USER_NOT_LOGGED_IN", false, "Nobody is logged in. Call CometChat.login() first."),
    (
        Code::FailedToFetch,
        "FAILED_TO_FETCH",
        true,
        "No reply came. Check the connection, the app id and region, and that the page's Content-Security-Policy (connect-src) allows the host.",
    ),
    (
        Code::RequestTimeout,
        "REQUEST_TIMEOUT",
        true,
        "No complete reply came in time. Try again, or allow more with setRequestTimeout().",
    ),
    (
        Code::RequestAborted,
        "REQUEST_ABORTED",
        false,
        "The call was ended by its signal, by dispose() or by init() for another app.",
    ),
    (
        Code::InvalidResponse,
        "INVALID_RESPONSE",
        false,
        "The reply is not what CometChat's service says here. Check app id, region, host overrides and proxies.",
    ),
    (
        Code::InvalidRegion,
        "INVALID_REGION",
        false,
        "There is no such region. Call setRegion() with \"us\", \"eu\" or \"in\".",
    ),
    (Code::InvalidHost, "INVALID_HOST", false, ""),
    (
        Code::InvalidAppId,
        "INVALID_APP_ID",
        false,
        "The app id has characters that no app id has. Copy it from the CometChat dashboard.",
    ),
    (Code::InvalidUid, "INVALID_UID", false, "\".\" and \"..\" cannot be uids. Use letters, digits, \"-\" and \"_\"."),
    (
        Code::InvalidAuthKey,
        "INVALID_AUTH_KEY",
        false,
        "The auth key has characters that no key has. Copy it from the CometChat dashboard.",
    ),
    (
        Code::InvalidAuthToken,
        "INVALID_AUTH_TOKEN",
        false,
        "The auth token has characters that no token has. Pass it as your server received it.",
    ),
    (
        Code::InvalidRequestTimeout,
        "INVALID_REQUEST_TIMEOUT",
        false,
        "setRequestTimeout() takes whole milliseconds, 1 to 999999999.",
    ),
];

/// The server's code for a token that it does not know: the only one that ends a session (rule B10).
pub const TOKEN_UNKNOWN: &str = "AUTH_ERR_AUTH_TOKEN_NOT_FOUND";
/// The server's code for a uid that it does not know.
pub const UID_UNKNOWN: &str = "ERR_UID_NOT_FOUND";

/// Why a call failed: what becomes a `CometChatException`. Shared, not copied, by all who are told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception(Rc<Fault>);

impl Deref for Exception {
    type Target = Fault;

    fn deref(&self) -> &Fault {
        &self.0
    }
}

/// What an [`Exception`] says.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    /// A code of the table above, or the server's own.
    pub code: String,
    /// What happened and what to do. Holds no secret.
    pub message: String,
    /// What the service added, as JSON text. Holds no secret.
    pub details: Option<String>,
    /// The HTTP status, where there was a reply.
    pub status: Option<u32>,
    /// Whether the same call can succeed later without a change.
    pub retryable: bool,
    /// Seconds to wait, where the service said so.
    pub retry_after: Option<u32>,
    /// Whether the code is one of ours: then it is the exception's `name` too.
    pub ours: bool,
}

impl From<Fault> for Exception {
    fn from(fault: Fault) -> Self {
        Self(Rc::new(fault))
    }
}

impl From<Code> for Fault {
    fn from(code: Code) -> Self {
        Self::ours(code, "")
    }
}

impl From<Code> for Exception {
    fn from(code: Code) -> Self {
        Fault::from(code).into()
    }
}

impl Exception {
    /// An error of ours with words of its own in place of the table's.
    pub fn new(code: Code, message: &str) -> Self {
        Fault::ours(code, message).into()
    }

    /// A parameter that a call needs and did not get (rule B23): the message names it.
    pub fn missing(call: &str, parameter: &str) -> Self {
        Self::new(
            Code::MissingParameters,
            &cat(&[
                call,
                ": the ",
                parameter,
                " is missing or empty. Pass it as a non-blank string; if it comes from an environment variable, check that the build sets it.",
            ]),
        )
    }

    /// Whether it is that error of ours.
    pub fn is(&self, code: Code) -> bool {
        self.ours && TABLE.iter().any(|row| row.0 == code && row.1 == self.code)
    }
}

impl Fault {
    /// The words are the table's where none are given.
    fn ours(code: Code, message: &str) -> Self {
        let (_, spelling, retryable, text) =
            TABLE.iter().copied().find(|row| row.0 == code).unwrap_or((code, "INTERNAL_ERROR", false, ""));
        Self {
            code: spelling.into(),
            message: if message.is_empty() { text } else { message }.into(),
            details: None,
            status: None,
            retryable,
            retry_after: None,
            ours: true,
        }
    }
}

/// The plain object from which the JavaScript side makes a `CometChatException`: `details` as JSON text, `retryable` as 1
/// where it is so. Texts and numbers alone: each further type costs a copy of the code that hands it over.
impl Serialize for Fault {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let name = self.ours.then_some(&self.code);
        for (key, text) in [
            ("code", Some(&self.code)),
            ("message", Some(&self.message)),
            ("name", name),
            ("details", self.details.as_ref()),
        ] {
            if let Some(text) = text {
                map.serialize_entry(key, text)?;
            }
        }
        let retryable = self.retryable.then_some(1);
        for (key, number) in [("retryable", retryable), ("status", self.status), ("retryAfter", self.retry_after)] {
            if let Some(number) = number {
                map.serialize_entry(key, &number)?;
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b22_every_code_is_in_the_table_once() {
        for (at, row) in TABLE.iter().enumerate() {
            assert!(TABLE.iter().skip(at + 1).all(|other| other.0 != row.0 && other.1 != row.1), "{} twice", row.1);
            assert!(Exception::from(row.0).is(row.0));
        }
    }

    #[test]
    fn b22_every_message_says_what_to_do() {
        for (_, spelling, _, text) in TABLE {
            let own_words = matches!(*spelling, "MISSING_PARAMETERS" | "INVALID_HOST");
            assert_eq!(text.is_empty(), own_words, "{spelling}");
        }
        let said = Exception::missing("login", "auth key").message.clone();
        assert!(said.contains("login") && said.contains("auth key") && said.contains("environment variable"));
    }

    #[test]
    fn b22_the_object_for_javascript_has_only_what_is_known() {
        let plain = serde_json::to_value(&*Exception::from(Code::FailedToFetch)).unwrap();
        let mut keys: Vec<_> = plain.as_object().unwrap().keys().cloned().collect();
        keys.sort();
        assert_eq!(keys, ["code", "message", "name", "retryable"]);
    }
}
