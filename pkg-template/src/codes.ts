// Written by `cargo xtask build` out of the tables in src/protocol/error.rs and xtask/src/codes.rs.

/** A code that this package makes itself. What each means and what to do: docs/reference/errors.md. */
export type OurCode =
  | "MISSING_PARAMETERS"
  | "COMETCHAT_INITIALIZATION_NOT_DONE"
  | "LOGIN_ABORTED"
  | "USER_NOT_LOGGED_IN"
  | "REQUEST_ABORTED"
  | "INVALID_RESPONSE"
  | "INVALID_REGION"
  | "INVALID_HOST"
  | "INVALID_APP_ID"
  | "INVALID_REQUEST_TIMEOUT"
  | "INVALID_AUTH_KEY"
  | "INVALID_AUTH_TOKEN"
  | "UID_IS_COMPULSORY"
  | "INVALID_UID"
  | "USER_NAME_IS_COMPULSORY"
  | "INVALID_USER_NAME"
  | "INVALID_USER_AVATAR"
  | "INVALID_USER_LINK"
  | "INVALID_USER_ROLE"
  | "INVALID_USER_METADATA"
  | "INVALID_USER_STATUS_MESSAGE"
  | "INVALID_USER_TAGS"
  | "LOGIN_IN_PROGRESS"
  | "FAILED_TO_FETCH"
  | "REQUEST_TIMEOUT"
  | "TOKEN_PROVIDER_FAILED"
  | "INTERNAL_ERROR";

/** A documented code of the service. */
export type ServerCode =
  | "AUTH_ERR_EMPTY_APPID"
  | "AUTH_ERR_INVALID_APPID"
  | "AUTH_ERR_EMPTY_APIKEY"
  | "AUTH_ERR_APIKEY_NOT_FOUND"
  | "AUTH_ERR_NO_ACCESS"
  | "AUTH_ERR_EMPTY_AUTH_TOKEN"
  | "AUTH_ERR_AUTH_TOKEN_NOT_FOUND"
  | "ERR_AUTHTOKEN_UNAVAILABLE"
  | "ERR_AUTHTOKEN_NOT_ACCESSIBLE"
  | "ERR_NO_AUTH"
  | "USER_NOT_AUTHORISED"
  | "ERR_UID_NOT_FOUND"
  | "ERR_UID_ALREADY_EXISTS"
  | "ERR_INVALID_UID"
  | "ERR_ROLE_NOT_FOUND"
  | "ERR_BAD_REQUEST"
  | "ERR_API_NOT_FOUND"
  | "ERR_INVALID_API_VERSION"
  | "ERR_PLAN_RESTRICTION"
  | "ERR_PLAN_QUOTA_RESTRICTION"
  | "ERR_SUBSCRIPTION_EXPIRED"
  | "ERR_TOO_MANY_REQUESTS"
  | "TOO_MANY_REQUEST"
  | "ERR_OPERATION_FAILED"
  | "ERR_EXCEPTION"
  | "ERR_MISSION_FAILED";

/** The code of an exception: the known ones are offered, and one that the service says for the first time tomorrow is no type error. */
export type ErrorCode = OurCode | ServerCode | (string & {});
