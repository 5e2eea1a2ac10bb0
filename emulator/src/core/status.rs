//! What can go wrong, as one table: the code, the HTTP status, and how well each status is known.
//!
//! CometChat publishes its error codes but not their HTTP statuses, so most statuses here come from observation by others, and some are
//! nobody's knowledge. A client should go by `error.code` alone.

/// How well a row's HTTP status is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// Seen in answers of the real service: in public test suites that ran against it, or quoted in public issues.
    Seen,
    /// Said by CometChat's documentation.
    Documented,
    /// Nobody says. This emulator's choice.
    Assumed,
}

/// A reason for an error reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The `appId` header is there but empty.
    EmptyAppId,
    /// No such app, or not in this region.
    InvalidAppId,
    /// The call needs an API key and has none.
    EmptyApiKey,
    /// No such API key.
    ApiKeyNotFound,
    /// The API key may not do this.
    NoAccess,
    /// The call needs a user's auth token and has none.
    EmptyAuthToken,
    /// The auth token in the header is unknown or was revoked.
    AuthTokenNotFound,
    /// The auth token in the path is not one of the user's.
    PathTokenNotFound,
    /// The auth token was used before, and tokens serve for one login only.
    TokenUnavailable,
    /// The API key in the path is unknown.
    KeyNotFound,
    /// An API key was to change or delete itself.
    NoSelfAction,
    /// The app has as many API keys as it can have.
    TooManyKeys,
    /// The role in the path is unknown.
    RoleNotFound,
    /// The default role was to be deleted.
    RoleDeleteDenied,
    /// No such user, or deactivated.
    UidNotFound,
    /// The uid is taken.
    UidExists,
    /// A field of the body breaks a rule; `details` says which.
    Invalid,
    /// The body is no JSON object.
    Malformed,
    /// The body is larger than [`super::MAX_BODY`].
    BodyTooLarge,
    /// Unknown path, or wrong method.
    ApiNotFound,
    /// A version segment other than `v3` and `v3.0`.
    InvalidApiVersion,
    /// The minute's share is used up.
    TooManyRequests,
    /// The emulator's own trouble: the database file cannot be written.
    NotStored,
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The reason.
    pub fault: Fault,
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
    fault: Fault,
    code: &'static str,
    status: u16,
    evidence: Evidence,
    source: &'static str,
) -> Row {
    Row { fault, code, status, evidence, source }
}

/// The table.
pub const TABLE: &[Row] = &[
    row(
        Fault::EmptyAppId,
        "AUTH_ERR_EMPTY_APPID",
        401,
        Evidence::Assumed,
        "code: CometChat's error guide; status: like the other AUTH_ERR_ codes",
    ),
    row(
        Fault::InvalidAppId,
        "AUTH_ERR_INVALID_APPID",
        401,
        Evidence::Assumed,
        "code: error guide (a wrong region gives it too); status: like the other AUTH_ERR_ codes",
    ),
    row(
        Fault::EmptyApiKey,
        "AUTH_ERR_EMPTY_APIKEY",
        401,
        Evidence::Assumed,
        "code: error guide; status: like AUTH_ERR_APIKEY_NOT_FOUND",
    ),
    row(
        Fault::ApiKeyNotFound,
        "AUTH_ERR_APIKEY_NOT_FOUND",
        401,
        Evidence::Seen,
        "a live answer quoted in a public issue, with its body",
    ),
    row(
        Fault::NoAccess,
        "AUTH_ERR_NO_ACCESS",
        403,
        Evidence::Seen,
        "third-party code against the live service branches on 403",
    ),
    row(
        Fault::EmptyAuthToken,
        "AUTH_ERR_EMPTY_AUTH_TOKEN",
        401,
        Evidence::Assumed,
        "code: error guide; status: like AUTH_ERR_AUTH_TOKEN_NOT_FOUND",
    ),
    row(
        Fault::AuthTokenNotFound,
        "AUTH_ERR_AUTH_TOKEN_NOT_FOUND",
        401,
        Evidence::Assumed,
        "code and message: public issues of the official clients; status: a third-party imitation",
    ),
    row(
        Fault::PathTokenNotFound,
        "ERR_AUTH_TOKEN_NOT_FOUND",
        404,
        Evidence::Seen,
        "a public test suite against the live service, 2023",
    ),
    row(
        Fault::TokenUnavailable,
        "ERR_AUTHTOKEN_UNAVAILABLE",
        401,
        Evidence::Assumed,
        "code: error guide (the token is mapped to another device); status: like AUTH_ERR_AUTH_TOKEN_NOT_FOUND",
    ),
    row(
        Fault::KeyNotFound,
        "ERR_APIKEY_NOT_FOUND",
        404,
        Evidence::Seen,
        "a public test suite against the live service, 2023",
    ),
    row(
        Fault::NoSelfAction,
        "ERR_APIKEY_NO_SELF_ACTION",
        403,
        Evidence::Assumed,
        "code: error guide; status: like AUTH_ERR_NO_ACCESS",
    ),
    row(
        Fault::TooManyKeys,
        "ERR_BAD_REQUEST",
        400,
        Evidence::Assumed,
        "limit: CometChat's page of constraints (25 keys); code and status: this emulator",
    ),
    row(
        Fault::RoleNotFound,
        "ERR_ROLE_NOT_FOUND",
        404,
        Evidence::Seen,
        "a public test suite against the live service, 2023",
    ),
    row(
        Fault::RoleDeleteDenied,
        "ERR_ROLE_DELETE_DENIED",
        403,
        Evidence::Assumed,
        "code: error guide; status: like AUTH_ERR_NO_ACCESS",
    ),
    row(
        Fault::UidNotFound,
        "ERR_UID_NOT_FOUND",
        404,
        Evidence::Seen,
        "a public test suite against the live service, 2023",
    ),
    row(
        Fault::UidExists,
        "ERR_UID_ALREADY_EXISTS",
        400,
        Evidence::Seen,
        "a public test suite, and two live reports of July 2026 (400, not 409)",
    ),
    row(
        Fault::Invalid,
        "ERR_BAD_REQUEST",
        400,
        Evidence::Seen,
        "a public test suite against the live service, 2023",
    ),
    row(
        Fault::Malformed,
        "ERR_BAD_REQUEST",
        400,
        Evidence::Assumed,
        "code: error guide (bad request)",
    ),
    row(
        Fault::BodyTooLarge,
        "ERR_BAD_REQUEST",
        413,
        Evidence::Assumed,
        "limit: CometChat's page of constraints (a 10 KB body); code and status: this emulator",
    ),
    row(
        Fault::ApiNotFound,
        "ERR_API_NOT_FOUND",
        404,
        Evidence::Seen,
        "a public test suite: unknown path and wrong method alike",
    ),
    row(
        Fault::InvalidApiVersion,
        "ERR_INVALID_API_VERSION",
        404,
        Evidence::Assumed,
        "code: error guide",
    ),
    row(
        Fault::TooManyRequests,
        "ERR_TOO_MANY_REQUESTS",
        429,
        Evidence::Documented,
        "CometChat's page of rate limits; the body is not documented",
    ),
    row(
        Fault::NotStored,
        "ERR_EXCEPTION",
        500,
        Evidence::Assumed,
        "code: error guide (server fault)",
    ),
];

const UNLISTED: Row = row(
    Fault::NotStored,
    "ERR_EXCEPTION",
    500,
    Evidence::Assumed,
    "a fault without a row; the tests see to it that there is none",
);

impl Fault {
    /// This fault's row of the [`TABLE`].
    pub fn row(self) -> Row {
        TABLE.iter().find(|row| row.fault == self).copied().unwrap_or(UNLISTED)
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
