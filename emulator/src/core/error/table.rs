//! The table of errors.

use super::kind::{ErrorKind, Evidence};

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The reason.
    pub kind: ErrorKind,
    /// `error.code`.
    pub code: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// The evidence for the status.
    pub evidence: Evidence,
    /// The source of the evidence.
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
        "code: error guide (the token is mapped to another device); status: like \
         AUTH_ERR_AUTH_TOKEN_NOT_FOUND",
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
