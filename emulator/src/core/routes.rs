//! Every call the service knows, as one table, and how a path finds its row.

use super::access::Credential::{self, ApiKey, ApiKeyOrAuthToken, AuthToken, Nothing};
use super::call::{Call, Failure};
use super::rate::RateClass::{self, Core, Standard};
use super::state::Scope::{AuthOnly, FullAccess};
use super::status::Fault;
use super::{me, tokens, users};
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

/// One call.
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path after the version segment; `{uid}` and `{token}` stand for any segment.
    pub path: &'static [&'static str],
    /// What it needs to be shown.
    pub credential: Credential,
    /// Which budget it draws on.
    pub class: RateClass,
    pub(crate) action: Action,
}

const fn route(
    method: Method,
    path: &'static [&'static str],
    credential: Credential,
    class: RateClass,
    action: Action,
) -> Route {
    Route { method, path, credential, class, action }
}

/// The calls below `/v3` and `/v3.0`.
pub const ROUTES: &[Route] = &[
    route(Method::Post, &["users"], ApiKey(AuthOnly), Core, users::create),
    route(Method::Get, &["users", "{uid}"], ApiKeyOrAuthToken(FullAccess), Standard, users::get),
    route(Method::Put, &["users", "{uid}"], ApiKey(AuthOnly), Standard, users::update),
    route(Method::Delete, &["users", "{uid}"], ApiKey(FullAccess), Core, users::delete),
    route(Method::Post, &["users", "{uid}", "auth_tokens"], ApiKey(AuthOnly), Core, tokens::create),
    route(Method::Get, &["users", "{uid}", "auth_tokens"], ApiKey(FullAccess), Standard, tokens::list),
    route(Method::Delete, &["users", "{uid}", "auth_tokens"], ApiKey(FullAccess), Standard, tokens::flush),
    route(Method::Get, &["users", "{uid}", "auth_tokens", "{token}"], ApiKey(FullAccess), Standard, tokens::get),
    route(Method::Delete, &["users", "{uid}", "auth_tokens", "{token}"], ApiKey(FullAccess), Standard, tokens::delete),
    route(Method::Put, &["me"], AuthToken, Core, me::put),
    route(Method::Get, &["me"], AuthToken, Standard, me::get),
    route(Method::Delete, &["me"], AuthToken, Standard, me::delete),
    route(Method::Post, &["me", "jwt"], AuthToken, Standard, me::jwt),
    route(Method::Get, &["settings"], AuthToken, Standard, me::settings),
    route(Method::Post, &["user_sessions"], AuthToken, Standard, me::user_sessions),
];

/// The official client's regular sign of life to its analytics host, which has paths of its own.
const PING: Route = route(Method::Post, &["ping"], Nothing, Standard, me::ping);

/// A route and what stood in its path.
pub struct Found {
    /// The route.
    pub route: &'static Route,
    /// The version segment used, for the settings document.
    pub version: &'static str,
    /// The text that stood for `{uid}`, as sent.
    pub uid: Option<String>,
    /// The text that stood for `{token}`, as sent.
    pub token: Option<String>,
}

/// Finds the route of a path. Paths without a version segment count as `v3.0`: that is how the official client calls a host set by
/// `overrideClientHost`.
pub(crate) fn find(method: Option<Method>, path: &str) -> Result<Found, Failure> {
    static PING_ROUTE: Route = PING;
    let not_found = || Failure::new(Fault::ApiNotFound, "The API endpoint is invalid. Please verify the API call.");
    let mut segments: Vec<&str> = path.strip_prefix('/').unwrap_or(path).split('/').collect();
    if segments.len() > 1 && segments.last().is_some_and(|last| last.is_empty()) {
        segments.pop();
    }
    if method == Some(Method::Post) && segments == ["v1", "ping"] {
        return Ok(Found { route: &PING_ROUTE, version: "v3.0", uid: None, token: None });
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
    let part = |name: &str| {
        route.path.iter().zip(&segments).find(|(pattern, _)| **pattern == name).map(|(_, text)| (*text).to_owned())
    };
    Ok(Found { route, version: version.unwrap_or("v3.0"), uid: part("{uid}"), token: part("{token}") })
}

fn matches(pattern: &[&str], segments: &[&str]) -> bool {
    pattern.len() == segments.len()
        && pattern.iter().zip(segments).all(|(pattern, segment)| pattern.starts_with('{') || pattern == segment)
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
