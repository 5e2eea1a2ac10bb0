//! All calls of the service, as one table, and the search for the row of a path.

use super::access::Credential::{self, ApiKey, ApiKeyOrAuthToken, AuthToken, Nothing};
use super::access::Right::{CreateTokens, Everything, ManageUsers};
use super::call::{Call, Content, PathParameters, Tables};
use super::error::ErrorKind;
use super::failure::Failure;
use super::http::Method::{self, Delete, Get, Post, Put};
use super::rate::RateClass::{self, Core, Standard};
use super::schema::Shape::{self, Either, List, One};
use super::validate::Field;
use super::{keys, list, me, permissions, roles, schema, tokens, users};

pub(crate) type Action = fn(&mut Call<'_>) -> Result<Content, Failure>;

/// One call. The checks of requests and the description at `/openapi.json` use the same rows.
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path after the version segment; a part in braces stands for any segment.
    pub path: &'static [&'static str],
    /// The credential that it needs.
    pub credential: Credential,
    /// The rate limit that counts it.
    pub class: RateClass,
    pub(crate) action: Action,
    /// The call's name.
    pub name: &'static str,
    pub(crate) about: &'static str,
    /// The fields of its query string and its body.
    pub(crate) tables: Tables,
    pub(crate) gives: Shape,
    /// The errors that do not follow from the other columns.
    pub(crate) fails: &'static [ErrorKind],
    /// Whether a call without side effects may still store something, as `GET /me` does.
    pub(crate) stores: bool,
}

const fn route(
    method: Method,
    path: &'static [&'static str],
    credential: Credential,
    class: RateClass,
    action: Action,
    gives: Shape,
) -> Route {
    Route {
        method,
        path,
        credential,
        class,
        action,
        name: "",
        about: "",
        tables: Tables { query: &[], body: &[] },
        gives,
        fails: &[],
        // POST, PUT and DELETE calls write.
        stores: !matches!(method, Get),
    }
}

impl Route {
    const fn named(mut self, name: &'static str, about: &'static str) -> Self {
        self.name = name;
        self.about = about;
        self
    }

    const fn asks(mut self, query: &'static [&'static [Field]]) -> Self {
        self.tables.query = query;
        self
    }

    const fn takes(mut self, body: &'static [&'static [Field]]) -> Self {
        self.tables.body = body;
        self
    }

    const fn fails(mut self, kinds: &'static [ErrorKind]) -> Self {
        self.fails = kinds;
        self
    }

    const fn stores(mut self) -> Self {
        self.stores = true;
        self
    }
}

const USERS: &[&str] = &["users"];
const USER: &[&str] = &["users", "{uid}"];
const TOKENS: &[&str] = &["users", "{uid}", "auth_tokens"];
const TOKEN: &[&str] = &["users", "{uid}", "auth_tokens", "{authToken}"];
const KEYS: &[&str] = &["apikeys"];
const KEY: &[&str] = &["apikeys", "{apiKey}"];
const ROLES: &[&str] = &["roles"];
const ROLE: &[&str] = &["roles", "{role}"];
const PERMISSIONS: &[&str] = &["roles", "{role}", "permissions"];
const PERMISSION: &[&str] = &["roles", "{role}", "permissions", "{permission}"];
const ME: &[&str] = &["me"];

/// The calls below `/v3` and `/v3.0`.
pub const ROUTES: &[Route] = &[
    route(Get, USERS, ApiKey(Everything), Standard, users::list, List(&schema::USER, true))
        .named("listUsers", "Lists users, the newest first.")
        .asks(&[list::QUERY, users::FILTERS]),
    route(Post, USERS, ApiKey(ManageUsers), Core, users::create, One(&schema::USER))
        .named("createUser", "Creates a user.")
        .takes(users::CREATE)
        .fails(&[ErrorKind::UidExists]),
    route(Put, USERS, ApiKey(Everything), Standard, users::reactivate, One(&schema::REACTIVATED))
        .named("reactivateUsers", "Reactivates users. Unknown uids are listed, and are no error.")
        .takes(users::REACTIVATE),
    route(Delete, USERS, ApiKey(Everything), Core, users::deactivate, One(&schema::DEACTIVATED))
        .named("deactivateUsers", "Deactivates users. Unknown uids are listed, and are no error.")
        .takes(users::DEACTIVATE),
    route(Get, USER, ApiKeyOrAuthToken(Everything), Standard, users::get, One(&schema::USER))
        .named("getUser", "Gets a user; with another user as reader also their relation.")
        .fails(&[ErrorKind::PermissionDenied]),
    route(Put, USER, ApiKey(ManageUsers), Standard, users::update, One(&schema::USER))
        .named("updateUser", "Changes what is sent, and clears what `unset` names.")
        .takes(users::UPDATE),
    route(
        Delete,
        USER,
        ApiKey(Everything),
        Core,
        users::delete,
        Either(&schema::DEACTIVATED, &schema::DONE),
    )
    .named("deleteUser", "Deactivates a user, or with `permanent` removes the user and all tokens.")
    .takes(users::DELETE),
    route(Get, TOKENS, ApiKey(Everything), Standard, tokens::list, List(&schema::TOKEN, false))
        .named("listAuthTokens", "Lists a user's auth tokens, the newest first.")
        .asks(&[list::QUERY]),
    route(Post, TOKENS, ApiKey(CreateTokens), Core, tokens::create, One(&schema::TOKEN))
        .named("createAuthToken", "Creates an auth token. A user keeps the 100 newest.")
        .takes(tokens::CREATE)
        .fails(&[ErrorKind::BotToken]),
    route(Delete, TOKENS, ApiKey(Everything), Standard, tokens::flush, One(&schema::DONE))
        .named("flushAuthTokens", "Revokes all auth tokens of a user."),
    route(Get, TOKEN, ApiKey(Everything), Standard, tokens::get, One(&schema::TOKEN))
        .named("getAuthToken", "Gets an auth token."),
    route(Put, TOKEN, ApiKey(Everything), Standard, tokens::update, One(&schema::TOKEN))
        .named("updateAuthToken", "Changes the client details of an auth token.")
        .takes(tokens::UPDATE),
    route(Delete, TOKEN, ApiKey(Everything), Standard, tokens::delete, One(&schema::DONE))
        .named("deleteAuthToken", "Revokes an auth token."),
    route(Get, KEYS, ApiKey(Everything), Standard, keys::list, List(&schema::API_KEY, false))
        .named("listApiKeys", "Lists API keys, the newest first.")
        .asks(&[list::QUERY, keys::FILTERS]),
    route(Post, KEYS, ApiKey(Everything), Standard, keys::create, One(&schema::API_KEY))
        .named("createApiKey", "Creates an API key. An app has 25 at most.")
        .takes(keys::CREATE)
        .fails(&[ErrorKind::TooManyKeys]),
    route(Get, KEY, ApiKey(Everything), Standard, keys::get, One(&schema::API_KEY))
        .named("getApiKey", "Gets an API key."),
    route(Put, KEY, ApiKey(Everything), Standard, keys::update, One(&schema::API_KEY))
        .named("updateApiKey", "Changes an API key other than the one in use.")
        .takes(keys::UPDATE)
        .fails(&[ErrorKind::NoSelfAction]),
    route(Delete, KEY, ApiKey(Everything), Standard, keys::delete, One(&schema::DONE))
        .named("deleteApiKey", "Deletes an API key other than the one in use.")
        .fails(&[ErrorKind::NoSelfAction]),
    route(Get, ROLES, ApiKey(Everything), Standard, roles::list, List(&schema::ROLE, false))
        .named("listRoles", "Lists roles, the newest first.")
        .asks(&[list::QUERY]),
    route(Post, ROLES, ApiKey(Everything), Standard, roles::create, One(&schema::ROLE))
        .named("createRole", "Creates a role. An app has 25 at most.")
        .takes(roles::CREATE)
        .fails(&[ErrorKind::TooManyRoles]),
    route(Get, ROLE, ApiKey(Everything), Standard, roles::get, One(&schema::ROLE))
        .named("getRole", "Gets a role."),
    route(Put, ROLE, ApiKey(Everything), Standard, roles::update, One(&schema::ROLE))
        .named("updateRole", "Changes what is sent, and clears what `unset` names.")
        .takes(roles::UPDATE),
    route(Delete, ROLE, ApiKey(Everything), Standard, roles::delete, One(&schema::DONE))
        .named("deleteRole", "Deletes a role. Its users get the role `default`.")
        .fails(&[ErrorKind::RoleDeleteDenied]),
    route(
        Get,
        PERMISSIONS,
        ApiKey(Everything),
        Standard,
        permissions::list,
        List(&schema::PERMISSION, false),
    )
    .named("listRolePermissions", "Lists the permissions that roles can have.")
    .asks(&[list::QUERY]),
    route(
        Put,
        PERMISSIONS,
        ApiKey(Everything),
        Standard,
        permissions::set,
        One(&schema::PERMISSIONS_SET),
    )
    .named("setRolePermissions", "Sets permissions of a role.")
    .takes(permissions::SET),
    route(
        Delete,
        PERMISSION,
        ApiKey(Everything),
        Standard,
        permissions::unset,
        One(&schema::PERMISSIONS_OF_ROLE),
    )
    .named("unsetRolePermission", "Gives a permission of a role its default again."),
    route(Put, ME, AuthToken, Core, me::put, One(&schema::ME))
        .named("login", "Logs in with an auth token, or changes the caller's own fields.")
        .takes(me::PUT)
        .fails(&[ErrorKind::TokenUnavailable, ErrorKind::PermissionDenied]),
    route(Get, ME, AuthToken, Standard, me::get, One(&schema::ME))
        .named("getMe", "Gets the logged-in user.")
        .stores(),
    route(Delete, ME, AuthToken, Standard, me::delete, One(&schema::DONE)).named(
        "logout",
        "Logs out, and revokes the auth token unless `--logout-keeps-token` is set.",
    ),
    route(Post, &["me", "jwt"], AuthToken, Standard, me::jwt, One(&schema::PASS))
        .named("createJwt", "Gives a fresh pass for the web socket."),
    route(Get, &["settings"], AuthToken, Standard, me::settings, One(&schema::SETTINGS))
        .named("getSettings", "Gets the settings document: the service's addresses."),
    route(
        Post,
        &["user_sessions"],
        AuthToken,
        Standard,
        me::user_sessions,
        One(&schema::USER_SESSION),
    )
    .named("createUserSession", "Accepts the official client's usage report, without keeping it."),
];

/// The official client's ping to its analytics host, which has paths of its own.
pub const PING: Route =
    route(Post, &["v1", "ping"], Nothing, Standard, me::ping, One(&schema::PONG))
        .named("ping", "Accepts the official client's ping, without keeping it.");

/// Finds the route of a path, and the path's parameters. Paths without a version segment count as
/// `v3.0`: so the official client calls a host set by `overrideClientHost`.
pub(crate) fn find(
    method: Option<Method>,
    path: &str,
) -> Result<(&'static Route, PathParameters), Failure> {
    static PING_ROUTE: Route = PING;
    let not_found = || {
        Failure::new(
            ErrorKind::ApiNotFound,
            "The API endpoint is invalid. Please verify the API call.",
        )
    };
    let mut segments: Vec<&str> = path.strip_prefix('/').unwrap_or(path).split('/').collect();
    if segments.len() > 1 && segments.last().is_some_and(|last| last.is_empty()) {
        segments.pop();
    }
    if method == Some(PING.method) && segments == PING.path {
        return Ok((&PING_ROUTE, PathParameters { version: "v3.0", values: Vec::new() }));
    }
    let version = match segments.first().copied() {
        Some("v3") => Some("v3"),
        Some("v3.0") => Some("v3.0"),
        Some(other) if looks_like_version(other) => {
            return Err(Failure::new(
                ErrorKind::InvalidApiVersion,
                format!("The API version {other} is invalid. Please use v3 or v3.0."),
            ));
        }
        _ => None,
    };
    if version.is_some() {
        segments.remove(0);
    }
    let route = ROUTES
        .iter()
        .find(|route| Some(route.method) == method && matches(route.path, &segments))
        .ok_or_else(not_found)?;
    let values = route.path.iter().zip(&segments).filter(|(pattern, _)| pattern.starts_with('{'));
    let values = values.map(|(pattern, text)| (*pattern, (*text).to_owned())).collect();
    Ok((route, PathParameters { version: version.unwrap_or("v3.0"), values }))
}

fn matches(pattern: &[&str], segments: &[&str]) -> bool {
    pattern.len() == segments.len()
        && pattern
            .iter()
            .zip(segments)
            .all(|(pattern, segment)| pattern.starts_with('{') || pattern == segment)
}

fn looks_like_version(segment: &str) -> bool {
    let rest = segment.strip_prefix('v').unwrap_or_default();
    !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit() || c == '.')
}
