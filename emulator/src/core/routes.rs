//! Every call the service knows, as one table, and how a path finds its row.

use super::access::Credential::{self, ApiKey, ApiKeyOrAuthToken, AuthToken, Nothing};
use super::access::Right::{Everything, KeepUsers, MakeTokens};
use super::call::{Call, Failure};
use super::model::Shape::{self, Either, List, One};
use super::rate::RateClass::{self, Core, Standard};
use super::status::Fault;
use super::validate::Field;
use super::{keys, list, me, model, roles, tokens, users};
use Method::{Delete, Get, Post, Put};
use percent_encoding::percent_decode_str;
use serde_json::Value;

/// The methods in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are HTTP's")]
pub enum Method {
    Get,
    Post,
    Put,
    Delete,
}

impl Method {
    /// Reads a method; HEAD counts as GET, whose body the shell leaves out.
    pub fn parse(method: &str) -> Option<Self> {
        match method {
            "GET" | "HEAD" => Some(Self::Get),
            "POST" => Some(Self::Post),
            "PUT" => Some(Self::Put),
            "DELETE" => Some(Self::Delete),
            _ => None,
        }
    }
}

pub(crate) type Action = fn(&mut Call<'_>) -> Result<Value, Failure>;

/// One call: how it is found, who may make it, what does it, and what there is to say about it. The checks of what is sent in and the
/// description at `/openapi.json` are both made from these rows.
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path after the version segment; a part in braces stands for any segment.
    pub path: &'static [&'static str],
    /// What it needs to be shown.
    pub credential: Credential,
    /// Which budget it draws on.
    pub class: RateClass,
    pub(crate) action: Action,
    /// The call's name.
    pub name: &'static str,
    pub(crate) about: &'static str,
    /// What its query string may hold.
    pub(crate) query: &'static [Field],
    /// What its body may hold.
    pub(crate) body: &'static [Field],
    pub(crate) gives: Shape,
    /// What can go wrong beyond what the other columns say.
    pub(crate) fails: &'static [Fault],
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
        query: &[],
        body: &[],
        gives,
        fails: &[],
    }
}

impl Route {
    const fn named(mut self, name: &'static str, about: &'static str) -> Self {
        self.name = name;
        self.about = about;
        self
    }

    const fn asks(mut self, query: &'static [Field]) -> Self {
        self.query = query;
        self
    }

    const fn takes(mut self, body: &'static [Field]) -> Self {
        self.body = body;
        self
    }

    const fn fails(mut self, faults: &'static [Fault]) -> Self {
        self.fails = faults;
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
const ME: &[&str] = &["me"];

/// The calls below `/v3` and `/v3.0`.
#[rustfmt::skip]
pub const ROUTES: &[Route] = &[
    route(Get, USERS, ApiKey(Everything), Standard, users::list, List(&model::USER, true))
        .named("listUsers", "Lists users, the newest first.").asks(users::LIST),
    route(Post, USERS, ApiKey(KeepUsers), Core, users::create, One(&model::USER))
        .named("createUser", "Creates a user.").takes(users::CREATE).fails(&[Fault::UidExists]),
    route(Put, USERS, ApiKey(Everything), Standard, users::reactivate, One(&model::REACTIVATED))
        .named("reactivateUsers", "Reactivates users. Unknown ones are named, and are no error.").takes(users::REACTIVATE),
    route(Delete, USERS, ApiKey(Everything), Core, users::deactivate, One(&model::DEACTIVATED))
        .named("deactivateUsers", "Deactivates users. Unknown ones are named, and are no error.").takes(users::DEACTIVATE),
    route(Get, USER, ApiKeyOrAuthToken(Everything), Standard, users::get, One(&model::USER))
        .named("getUser", "Gets a user; on behalf of another user, or for one, with what is between the two."),
    route(Put, USER, ApiKey(KeepUsers), Standard, users::update, One(&model::USER))
        .named("updateUser", "Changes what is sent, and clears what `unset` names.").takes(users::UPDATE),
    route(Delete, USER, ApiKey(Everything), Core, users::delete, Either(&model::DEACTIVATED, &model::DONE))
        .named("deleteUser", "Deactivates a user, or with `permanent` removes the user and all tokens.").takes(users::DELETE),
    route(Get, TOKENS, ApiKey(Everything), Standard, tokens::list, List(&model::TOKEN, false))
        .named("listAuthTokens", "Lists a user's auth tokens, the newest first.").asks(list::QUERY),
    route(Post, TOKENS, ApiKey(MakeTokens), Core, tokens::create, One(&model::TOKEN))
        .named("createAuthToken", "Creates an auth token. The 100 newest of a user stay alive.").takes(tokens::CREATE),
    route(Delete, TOKENS, ApiKey(Everything), Standard, tokens::flush, One(&model::DONE))
        .named("flushAuthTokens", "Revokes all auth tokens of a user."),
    route(Get, TOKEN, ApiKey(Everything), Standard, tokens::get, One(&model::TOKEN))
        .named("getAuthToken", "Gets an auth token."),
    route(Put, TOKEN, ApiKey(Everything), Standard, tokens::update, One(&model::TOKEN))
        .named("updateAuthToken", "Changes what an auth token says about its client.").takes(tokens::UPDATE),
    route(Delete, TOKEN, ApiKey(Everything), Standard, tokens::delete, One(&model::DONE))
        .named("deleteAuthToken", "Revokes an auth token."),
    route(Get, KEYS, ApiKey(Everything), Standard, keys::list, List(&model::API_KEY, false))
        .named("listApiKeys", "Lists API keys, the newest first.").asks(keys::LIST),
    route(Post, KEYS, ApiKey(Everything), Standard, keys::create, One(&model::API_KEY))
        .named("createApiKey", "Creates an API key. An app has 25 at most.").takes(keys::CREATE).fails(&[Fault::TooManyKeys]),
    route(Get, KEY, ApiKey(Everything), Standard, keys::get, One(&model::API_KEY))
        .named("getApiKey", "Gets an API key."),
    route(Put, KEY, ApiKey(Everything), Standard, keys::update, One(&model::API_KEY))
        .named("updateApiKey", "Changes an API key other than the one in use.").takes(keys::UPDATE).fails(&[Fault::NoSelfAction]),
    route(Delete, KEY, ApiKey(Everything), Standard, keys::delete, One(&model::DONE))
        .named("deleteApiKey", "Deletes an API key other than the one in use.").fails(&[Fault::NoSelfAction]),
    route(Get, ROLES, ApiKey(Everything), Standard, roles::list, List(&model::ROLE, false))
        .named("listRoles", "Lists roles, the newest first.").asks(list::QUERY),
    route(Post, ROLES, ApiKey(Everything), Standard, roles::create, One(&model::ROLE))
        .named("createRole", "Creates a role.").takes(roles::CREATE),
    route(Get, ROLE, ApiKey(Everything), Standard, roles::get, One(&model::ROLE))
        .named("getRole", "Gets a role."),
    route(Put, ROLE, ApiKey(Everything), Standard, roles::update, One(&model::ROLE))
        .named("updateRole", "Changes what is sent, and clears what `unset` names.").takes(roles::UPDATE),
    route(Delete, ROLE, ApiKey(Everything), Standard, roles::delete, One(&model::DONE))
        .named("deleteRole", "Deletes a role other than `default`, which its users get.").fails(&[Fault::RoleDeleteDenied]),
    route(Put, ME, AuthToken, Core, me::put, One(&model::ME))
        .named("login", "Logs in with an auth token, or changes the caller's own fields.").takes(users::ME).fails(&[Fault::TokenUnavailable]),
    route(Get, ME, AuthToken, Standard, me::get, One(&model::ME))
        .named("getMe", "Gets the logged-in user."),
    route(Delete, ME, AuthToken, Standard, me::delete, One(&model::DONE))
        .named("logout", "Logs out, which revokes the auth token unless the emulator was told otherwise."),
    route(Post, &["me", "jwt"], AuthToken, Standard, me::jwt, One(&model::PASS))
        .named("createJwt", "Gives a fresh pass for the web socket."),
    route(Get, &["settings"], AuthToken, Standard, me::settings, One(&model::SETTINGS))
        .named("getSettings", "Gets the settings document: where everything is."),
    route(Post, &["user_sessions"], AuthToken, Standard, me::user_sessions, One(&model::USER_SESSION))
        .named("createUserSession", "Takes the official client's usage report, and does not keep it."),
];

/// The official client's regular sign of life to its analytics host, which has paths of its own.
#[rustfmt::skip]
pub const PING: Route = route(Post, &["v1", "ping"], Nothing, Standard, me::ping, One(&model::PONG))
    .named("ping", "Takes the official client's sign of life, and does not keep it.");

/// A route and what stood in its path.
pub struct Found {
    /// The route.
    pub route: &'static Route,
    /// The version segment used, for the settings document.
    pub version: &'static str,
    /// What stood for the parts in braces, as sent.
    parts: Vec<(&'static str, String)>,
}

impl Found {
    /// The text that stood for a part of the path, such as `{uid}`, as sent.
    pub fn part(&self, name: &str) -> &str {
        self.parts.iter().find(|(known, _)| *known == name).map_or("", |(_, text)| text.as_str())
    }

    /// The same, with its percent escapes undone.
    pub fn decoded(&self, name: &str) -> String {
        percent_decode_str(self.part(name)).decode_utf8_lossy().into_owned()
    }
}

/// Finds the route of a path. Paths without a version segment count as `v3.0`: that is how the official client calls a host set by
/// `overrideClientHost`.
pub(crate) fn find(method: Option<Method>, path: &str) -> Result<Found, Failure> {
    static PING_ROUTE: Route = PING;
    let not_found = || {
        Failure::new(Fault::ApiNotFound, "The API endpoint is invalid. Please verify the API call.")
    };
    let mut segments: Vec<&str> = path.strip_prefix('/').unwrap_or(path).split('/').collect();
    if segments.len() > 1 && segments.last().is_some_and(|last| last.is_empty()) {
        segments.pop();
    }
    if method == Some(PING.method) && segments == PING.path {
        return Ok(Found { route: &PING_ROUTE, version: "v3.0", parts: Vec::new() });
    }
    let version = match segments.first().copied() {
        Some("v3") => Some("v3"),
        Some("v3.0") => Some("v3.0"),
        Some(other) if looks_like_version(other) => {
            return Err(Failure::new(
                Fault::InvalidApiVersion,
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
    let parts = route.path.iter().zip(&segments).filter(|(pattern, _)| pattern.starts_with('{'));
    let parts = parts.map(|(pattern, text)| (*pattern, (*text).to_owned())).collect();
    Ok(Found { route, version: version.unwrap_or("v3.0"), parts })
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

/// The path as it may be logged: without tokens or keys, wherever in it they stand.
pub fn loggable(path: &str) -> String {
    let mut previous = "";
    let masked: Vec<&str> = path
        .split('/')
        .map(|segment| {
            let secret = matches!(previous, "auth_tokens" | "apikeys") || looks_secret(segment);
            previous = segment;
            if secret && !segment.is_empty() { "***" } else { segment }
        })
        .collect();
    masked.join("/")
}

/// A token or key that strayed into another part of the path: 32 hex digits or more in a row.
fn looks_secret(segment: &str) -> bool {
    segment.split(|c: char| !c.is_ascii_hexdigit()).any(|run| run.len() >= 32)
}
