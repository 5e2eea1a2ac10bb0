//! The kinds of errors.

/// The evidence for the HTTP status of a row.
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
