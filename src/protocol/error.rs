//! The table of this package's own codes, and exceptions with these or the service's codes.
//!
//! `tests/error_codes.rs` writes the TypeScript union of codes and `docs/reference/errors.md` from
//! the table.

use std::rc::Rc;

/// The text and properties of one code of this package (rule B22).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The code as it is documented.
    pub name: &'static str,
    /// Whether the same call can succeed later without a change.
    pub retryable: bool,
    /// What happened and what to do. The facade puts the subject (a parameter, a setting) before
    /// it.
    pub text: &'static str,
    /// When it occurs, for the documentation.
    pub meaning: &'static str,
}

/// The text of the errors about a field of a user that is empty or cannot be serialised.
const EMPTY: &str = "The value is empty, or JSON cannot hold it. Leave it out, or correct it.";

/// Defines each code once: as a variant, with its spelling, and with its row of the table. Only
/// numbers are in the WebAssembly: the build writes the table for the facade.
macro_rules! table {
    ($(#[doc = $meaning:literal] $(#[doc = $more:literal])* $name:ident: $retryable:literal, $text:expr;)+) => {
        /// A code of this package.
        #[allow(non_camel_case_types, reason = "spelled as in the documentation")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code {
            $(#[doc = $meaning] $name,)+
        }
        #[cfg(test)]
        const ALL: &[Code] = &[$(Code::$name),+];
        /// All codes of this package, in the order of their numbers.
        pub const TABLE: &[Row] = &[$(Row {
            name: stringify!($name),
            retryable: $retryable,
            text: $text,
            meaning: concat!($meaning $(, $more)*),
        }),+];
    };
}

// Codes that can be retried stand last: `Code::is_retryable` compares the number.
table! {
    /// A call lacks an argument.
    MISSING_PARAMETERS: false,
        "The value is missing or empty. Pass a non-blank string. If it is an environment \
        variable, check that the build sets it.";
    /// A call before `init`, or after an `init` that failed.
    COMETCHAT_INITIALIZATION_NOT_DONE: false,
        "CometChat.init() has not succeeded yet. Call it first.";
    /// `logout`, `dispose` or an `init` for another app ended the login.
    LOGIN_ABORTED: false, "The login was ended by logout(), dispose() or init() for another app.";
    /// The call needs a session and there is none.
    USER_NOT_LOGGED_IN: false, "No user is logged in. Call login() first.";
    /// The caller's signal, `dispose` or an `init` for another app ended the call.
    REQUEST_ABORTED: false,
        "The call was ended by its signal, dispose() or init() for another app.";
    /// A response that the service does not give at this place.
    INVALID_RESPONSE: false,
        "The response is not a CometChat API envelope. Check app id, region, host overrides \
        and proxies.";
    /// An unknown region.
    INVALID_REGION: false, "The region is unknown. Call setRegion() with us, eu or in.";
    /// A host that must not be used.
    INVALID_HOST: false,
        "The host cannot be used. Give a name such as chat.example.com. http is only for \
        localhost.";
    /// An app id that cannot be part of a host name.
    INVALID_APP_ID: false,
        "The app id contains characters that are not allowed. Copy it from the CometChat \
        dashboard.";
    /// A request timeout that is not a whole number of milliseconds.
    INVALID_REQUEST_TIMEOUT: false,
        "The request timeout must be a whole number of milliseconds above 0.";
    /// An auth key that is missing where a user is written, or does not fit a header.
    INVALID_AUTH_KEY: false,
        "The auth key is missing or contains characters that are not allowed. Copy it from \
        the CometChat dashboard.";
    /// An auth token that does not fit a header.
    INVALID_AUTH_TOKEN: false,
        "The auth token contains characters that are not allowed in an HTTP header. Pass it \
        exactly as your server received it.";
    /// A user without a uid.
    UID_IS_COMPULSORY: false, "The user has no uid. Set one.";
    /// A uid that is not a string, or that the service does not take.
    INVALID_UID: false, "The uid is not valid. Use a string of letters, digits, - and _.";
    /// A user without a name.
    USER_NAME_IS_COMPULSORY: false, "The user has no name. Set one.";
    /// A name that is not a string, or is blank.
    INVALID_USER_NAME: false, "The name must be a non-blank string.";
    /// An empty avatar.
    INVALID_USER_AVATAR: false, EMPTY;
    /// An empty link.
    INVALID_USER_LINK: false, EMPTY;
    /// An empty role.
    INVALID_USER_ROLE: false, EMPTY;
    /// Metadata that are empty, or nested more than 1 000 levels deep.
    INVALID_USER_METADATA: false,
        "The value is empty, is nested more than 1 000 levels deep, or JSON cannot hold it. Leave \
        it out, or correct it.";
    /// An empty status message.
    INVALID_USER_STATUS_MESSAGE: false, EMPTY;
    /// Tags that are not an array, or an empty array.
    INVALID_USER_TAGS: false, EMPTY;
    /// The browser or runtime cannot compile WebAssembly.
    WEBASSEMBLY_UNAVAILABLE: false,
        "This browser or runtime cannot compile WebAssembly. Use another one, or turn off Lockdown \
        Mode (iOS, macOS) for this site.";
    /// Another login is under way.
    LOGIN_IN_PROGRESS: true, "Another login is under way. Wait for it, or end it with logout().";
    /// No response.
    FAILED_TO_FETCH: true,
        "There was no response. Check the connection, app id, region and \
        Content-Security-Policy (connect-src), and that an emulator in use runs.";
    /// No complete response in time.
    REQUEST_TIMEOUT: true,
        "There was no complete response in time. Try again, or allow more by \
        setRequestTimeout().";
    /// The token provider threw, rejected or gave no token.
    TOKEN_PROVIDER_FAILED: true,
        "The token provider gave no auth token (a non-blank string). See the cause.";
    /// The WebAssembly could not be loaded (a Content-Security-Policy without 'wasm-unsafe-eval'
    /// forbids it), has failed, or did not end a call in time. The facade makes it.
    INTERNAL_ERROR: true,
        "The message says which of these it was. If it names files or a policy, correct that. \
        Otherwise try again: the next call starts a new instance.";
}

impl Code {
    /// Whether the same call can succeed later without a change.
    pub fn is_retryable(self) -> bool {
        self as u32 >= Self::LOGIN_IN_PROGRESS as u32
    }
}

/// What the HTTP response says beside its body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Http {
    /// The status; 0 without a response.
    pub status: u16,
    /// Seconds to wait before the next try; 0 if not given.
    pub retry_after: u32,
}

/// Why a call failed: what becomes a `CometChatException`. It holds no credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exception {
    /// With a code of this package.
    Own {
        /// The code.
        code: Code,
        /// What it is about, such as `login: authKey`; may be empty.
        subject: &'static str,
        /// The response, if there was one.
        http: Http,
    },
    /// With a code of the service.
    Service {
        /// The service's error.
        error: ServiceError,
        /// The response.
        http: Http,
    },
}

/// An error of the service. Credentials are masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceError {
    /// The code.
    pub code: String,
    /// The message.
    pub message: String,
    /// The details as JSON text; empty if there are none.
    pub details: String,
    /// What the code means for the session. Decided before the code was masked.
    pub meaning: Meaning,
}

/// What a code of the service means for the session (rules B9, B10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// The auth token does not exist.
    TokenUnknown,
    /// The user does not exist.
    UidUnknown,
    /// Nothing.
    Other,
}

impl Meaning {
    /// The meaning of a code.
    pub fn of(code: &str) -> Self {
        let known = [
            ("AUTH_ERR_AUTH_TOKEN_NOT_FOUND", Self::TokenUnknown),
            ("ERR_UID_NOT_FOUND", Self::UidUnknown),
        ];
        known.iter().find(|(name, _)| *name == code).map_or(Self::Other, |(_, meaning)| *meaning)
    }
}

impl From<Code> for Rc<Exception> {
    fn from(code: Code) -> Self {
        Exception::about(code, "")
    }
}

impl Exception {
    /// An exception with a code of this package, and what it is about.
    pub fn about(code: Code, subject: &'static str) -> Rc<Self> {
        Rc::new(Self::Own { code, subject, http: Http::default() })
    }

    /// The response, if there was one.
    pub fn http(&self) -> Http {
        match self {
            Self::Own { http, .. } | Self::Service { http, .. } => *http,
        }
    }

    /// Whether the same call can succeed later without a change (rule B22).
    pub fn is_retryable(&self) -> bool {
        let own = matches!(self, Self::Own { code, .. } if code.is_retryable());
        own || matches!(self.http().status, 408 | 429 | 500..=599)
    }

    /// Whether the service says so with a status that means it: a 4xx other than 429 (rule B10).
    pub fn means(&self, meaning: Meaning) -> bool {
        matches!(self, Self::Service { error, http }
            if error.meaning == meaning && matches!(http.status, 400..=428 | 430..=499))
    }

    /// The code, if it is one of this package.
    pub fn code(&self) -> Option<Code> {
        match self {
            Self::Own { code, .. } => Some(*code),
            Self::Service { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b22_codes_to_retry_stand_last_and_every_code_has_a_text_of_whole_words() {
        for (at, row) in TABLE.iter().enumerate() {
            assert!(!row.text.is_empty(), "{}", row.name);
            // A line break in the source must not split a word.
            let mut words = row.text.split(' ');
            assert!(!words.any(|word| word.len() > 1 && word.ends_with('-')), "{}", row.name);
            assert!(
                TABLE.iter().skip(at).all(|later| later.retryable || !row.retryable),
                "{} before others",
                row.name
            );
        }
        // The facade's table is indexed by code and lacks INTERNAL_ERROR, so it has to be last.
        assert_eq!(TABLE.len(), Code::INTERNAL_ERROR as usize + 1, "INTERNAL_ERROR is not last");
    }

    #[test]
    fn b22_retryable_is_what_the_table_says_or_the_status() {
        for (at, code) in ALL.iter().enumerate() {
            assert_eq!(code.is_retryable(), TABLE[at].retryable, "{code:?}");
        }
        let answered = |status| Exception::Own {
            code: Code::INVALID_RESPONSE,
            subject: "",
            http: Http { status, retry_after: 0 },
        };
        for (status, retryable) in
            [(200, false), (404, false), (408, true), (429, true), (503, true)]
        {
            assert_eq!(answered(status).is_retryable(), retryable, "{status}");
        }
    }

    #[test]
    fn b10_only_a_status_that_blames_the_request_ends_a_session() {
        let says = |status| Exception::Service {
            error: ServiceError {
                code: "X".into(),
                message: "X".into(),
                details: String::new(),
                meaning: Meaning::TokenUnknown,
            },
            http: Http { status, retry_after: 0 },
        };
        for (status, ends) in [
            (200, false),
            (400, true),
            (401, true),
            (404, true),
            (429, false),
            (500, false),
            (503, false),
        ] {
            assert_eq!(says(status).means(Meaning::TokenUnknown), ends, "{status}");
        }
    }
}
