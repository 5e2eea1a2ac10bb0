//! What can go wrong, as one table: the code, the HTTP status, and how well each status is known.
//!
//! CometChat publishes its error codes but not their HTTP statuses. Most statuses here come from
//! observation by others, and some are assumed. Clients should rely on `error.code` alone.

use super::http::Response;
use serde_json::{Map, Value, json};

/// How well a row's HTTP status is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// Seen in responses of the real service: public test suites or public issues.
    Seen,
    /// Stated by CometChat's documentation.
    Documented,
    /// Not published. This emulator's choice.
    Assumed,
}

/// The reason of an error response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The `appId` header is empty.
    EmptyAppId,
    /// No such app, or not in this region.
    InvalidAppId,
    /// The call needs an API key and brings none.
    EmptyApiKey,
    /// No such API key.
    ApiKeyNotFound,
    /// The API key may not do this.
    NoAccess,
    /// The call needs an auth token and brings none.
    EmptyAuthToken,
    /// The auth token in the header is unknown or was revoked.
    AuthTokenNotFound,
    /// The auth token in the path is not one of the user's.
    PathTokenNotFound,
    /// The auth token was used before, and tokens allow one login only.
    TokenUnavailable,
    /// The API key in the path is unknown.
    KeyNotFound,
    /// An API key cannot change or delete itself.
    NoSelfAction,
    /// The app has the most API keys that it can have.
    TooManyKeys,
    /// The app has the most roles that it can have.
    TooManyRoles,
    /// The permission in the path is unknown.
    UnknownPermission,
    /// The role of the user does not permit the call.
    PermissionDenied,
    /// The user is a bot, and bots get no auth tokens.
    BotToken,
    /// The role in the path is unknown.
    RoleNotFound,
    /// The default role cannot be deleted.
    RoleDeleteDenied,
    /// No such user, or deactivated.
    UidNotFound,
    /// The uid is taken.
    UidExists,
    /// A field is invalid; `details` names it.
    Invalid,
    /// The body is not a JSON object.
    Malformed,
    /// The body is larger than [`super::call::MAX_BODY`].
    BodyTooLarge,
    /// Unknown path, or wrong method.
    ApiNotFound,
    /// A version segment other than `v3` and `v3.0`.
    InvalidApiVersion,
    /// The rate limit of this minute is reached.
    TooManyRequests,
    /// The emulator itself failed: mostly, its database file cannot be written.
    Internal,
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The reason.
    pub kind: ErrorKind,
    /// `error.code`.
    pub code: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// How well the status is known.
    pub evidence: Evidence,
    /// Where that is from.
    pub source: &'static str,
}

const fn row(
    kind: ErrorKind,
    code: &'static str,
    status: u16,
    evidence: Evidence,
    source: &'static str,
) -> Row {
    Row { kind, code, status, evidence, source }
}

/// The table.
pub const TABLE: &[Row] = &[
    row(
        ErrorKind::EmptyAppId,
        "AUTH_ERR_EMPTY_APPID",
        401,
        Evidence::Assumed,
        "code: CometChat's error guide; status: like the other AUTH_ERR_ codes",
    ),
    row(
        ErrorKind::InvalidAppId,
        "AUTH_ERR_INVALID_APPID",
        401,
        Evidence::Assumed,
        "code: error guide (a wrong region gives it too); status: like the other AUTH_ERR_ codes",
    ),
    row(
        ErrorKind::EmptyApiKey,
        "AUTH_ERR_EMPTY_APIKEY",
        401,
        Evidence::Assumed,
        "code: error guide; status: like AUTH_ERR_APIKEY_NOT_FOUND",
    ),
    row(
        ErrorKind::ApiKeyNotFound,
        "AUTH_ERR_APIKEY_NOT_FOUND",
        401,
        Evidence::Seen,
        "a live answer quoted in a public issue, with its body",
    ),
    row(
        ErrorKind::NoAccess,
        "AUTH_ERR_NO_ACCESS",
        403,
        Evidence::Seen,
        "third-party code against the live service branches on 403",
    ),
    row(
        ErrorKind::EmptyAuthToken,
        "AUTH_ERR_EMPTY_AUTH_TOKEN",
        401,
        Evidence::Assumed,
        "code: error guide; status: like AUTH_ERR_AUTH_TOKEN_NOT_FOUND",
    ),
    row(
        ErrorKind::AuthTokenNotFound,
        "AUTH_ERR_AUTH_TOKEN_NOT_FOUND",
        401,
        Evidence::Assumed,
        "code and message: public issues of the official clients; status: a third-party imitation",
    ),
    row(
        ErrorKind::PathTokenNotFound,
        "ERR_AUTH_TOKEN_NOT_FOUND",
        404,
        Evidence::Seen,
        "a public test suite against the live service, 2023",
    ),
    row(
        ErrorKind::TokenUnavailable,
        "ERR_AUTHTOKEN_UNAVAILABLE",
        401,
        Evidence::Assumed,
        "code: error guide (the token is mapped to another device); status: like AUTH_ERR_AUTH_TOKEN_NOT_FOUND",
    ),
    row(
        ErrorKind::KeyNotFound,
        "ERR_APIKEY_NOT_FOUND",
        404,
        Evidence::Seen,
        "a public test suite against the live service, 2023",
    ),
    row(
        ErrorKind::NoSelfAction,
        "ERR_APIKEY_NO_SELF_ACTION",
        403,
        Evidence::Assumed,
        "code: error guide; status: like AUTH_ERR_NO_ACCESS",
    ),
    row(
        ErrorKind::TooManyKeys,
        "ERR_BAD_REQUEST",
        400,
        Evidence::Assumed,
        "limit: CometChat's page of constraints (25 keys); code and status: this emulator",
    ),
    row(
        ErrorKind::TooManyRoles,
        "ERR_BAD_REQUEST",
        400,
        Evidence::Assumed,
        "limit: CometChat's page of constraints (25 roles); code and status: this emulator",
    ),
    row(
        ErrorKind::UnknownPermission,
        "ERR_BAD_REQUEST",
        400,
        Evidence::Assumed,
        "code and status: this emulator (no document names them)",
    ),
    row(
        ErrorKind::PermissionDenied,
        "ERR_PERMISSION_DENIED",
        403,
        Evidence::Assumed,
        "code: CometChat's pages on roles and RBAC; status: like AUTH_ERR_NO_ACCESS",
    ),
    row(
        ErrorKind::BotToken,
        "ERR_BAD_REQUEST",
        400,
        Evidence::Assumed,
        "message: CometChat's changelog of August 2025; code and status: this emulator",
    ),
    row(
        ErrorKind::RoleNotFound,
        "ERR_ROLE_NOT_FOUND",
        404,
        Evidence::Seen,
        "a public test suite against the live service, 2023",
    ),
    row(
        ErrorKind::RoleDeleteDenied,
        "ERR_ROLE_DELETE_DENIED",
        403,
        Evidence::Assumed,
        "code: error guide; status: like AUTH_ERR_NO_ACCESS",
    ),
    row(
        ErrorKind::UidNotFound,
        "ERR_UID_NOT_FOUND",
        404,
        Evidence::Seen,
        "a public test suite against the live service, 2023",
    ),
    row(
        ErrorKind::UidExists,
        "ERR_UID_ALREADY_EXISTS",
        400,
        Evidence::Seen,
        "a public test suite, and two live reports of July 2026 (400, not 409)",
    ),
    row(
        ErrorKind::Invalid,
        "ERR_BAD_REQUEST",
        400,
        Evidence::Seen,
        "a public test suite against the live service, 2023",
    ),
    row(
        ErrorKind::Malformed,
        "ERR_BAD_REQUEST",
        400,
        Evidence::Assumed,
        "code: error guide (bad request)",
    ),
    row(
        ErrorKind::BodyTooLarge,
        "ERR_BAD_REQUEST",
        413,
        Evidence::Assumed,
        "limit: CometChat's page of constraints (a 10 KB body); code and status: this emulator",
    ),
    row(
        ErrorKind::ApiNotFound,
        "ERR_API_NOT_FOUND",
        404,
        Evidence::Seen,
        "a public test suite: unknown path and wrong method alike",
    ),
    row(
        ErrorKind::InvalidApiVersion,
        "ERR_INVALID_API_VERSION",
        404,
        Evidence::Assumed,
        "code: error guide",
    ),
    row(
        ErrorKind::TooManyRequests,
        "ERR_TOO_MANY_REQUESTS",
        429,
        Evidence::Documented,
        "CometChat's page of rate limits; the body is not documented",
    ),
    row(
        ErrorKind::Internal,
        "ERR_EXCEPTION",
        500,
        Evidence::Assumed,
        "code: error guide (server fault)",
    ),
];

const UNLISTED: Row = row(
    ErrorKind::Internal,
    "ERR_EXCEPTION",
    500,
    Evidence::Assumed,
    "a kind without a row; a test checks that there is none",
);

impl ErrorKind {
    /// This kind's row of the [`TABLE`].
    pub fn row(self) -> Row {
        TABLE.iter().find(|row| row.kind == self).copied().unwrap_or(UNLISTED)
    }

    /// `error.code`.
    pub fn code(self) -> &'static str {
        self.row().code
    }

    /// The HTTP status.
    pub fn status(self) -> u16 {
        self.row().status
    }
}

/// Why a call failed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) kind: ErrorKind,
    pub(crate) message: String,
    pub(crate) dev_message: Option<String>,
    /// The problems of each invalid field. Boxed: failures are passed up often, most have none.
    pub(crate) details: Option<Box<Map<String, Value>>>,
}

impl Failure {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), dev_message: None, details: None }
    }

    pub(crate) fn dev(mut self, message: String) -> Self {
        self.dev_message = Some(message);
        self
    }

    /// The failure for a uid that no active user has.
    pub(crate) fn unknown_user(uid: &str) -> Self {
        Self::new(
            ErrorKind::UidNotFound,
            format!(
                "The UID {uid} does not exist, please make sure you have created a user with UID {uid}."
            ),
        )
    }

    pub(crate) fn response(&self) -> Response {
        let mut error = Map::new();
        error.insert("message".into(), json!(self.message));
        error
            .insert("devMessage".into(), json!(self.dev_message.as_ref().unwrap_or(&self.message)));
        error.insert("source".into(), json!("chat-api"));
        error.insert("code".into(), json!(self.kind.code()));
        if let Some(details) = &self.details {
            error.insert("details".into(), Value::Object(Map::clone(details)));
        }
        let mut response = Response::json(self.kind.status(), &json!({ "error": error }));
        response.code = Some(self.kind.code());
        response
    }
}
