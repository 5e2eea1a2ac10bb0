//! The service as a pure function: [`handle`] takes the state and a request, and returns the
//! response and the changes. It has no clock, no randomness and no I/O.
//!
//! A request passes `cors` (preflight), `routes` (which call), `site` (which app), `access` (which
//! credential), and the action in the resource's file. The caller stores the changes that are
//! [`Change::is_row`], applies all of them ([`State::apply`]), then sends the response. So every
//! change that a client learns of is stored, and the same changes replayed give the same state.
//!
//! Dependencies point one way: `http` ← `error` ← `entity`, `state` ← `validate` ← `site`, `access`
//! ← `call` ← resources ← `routes` ← `openapi`, `page` ← `handle`.

mod access;
mod avatar;
mod call;
mod change;
mod config;
mod cors;
pub mod coverage;
pub mod entity;
pub mod error;
mod failure;
pub mod http;
mod keys;
mod list;
mod me;
mod openapi;
mod page;
mod permissions;
mod rate;
mod roles;
pub mod routes;
mod schema;
pub mod seed;
mod settings;
mod site;
pub mod state;
mod token_index;
mod tokens;
mod user_filter;
mod user_index;
mod users;
mod validate;

pub use self::call::MAX_BODY;
pub use self::change::Change;
pub use self::config::{Config, Storage};
pub use self::entity::{ApiKey, Role, Scope, Token, User};
pub use self::error::{ErrorKind, Evidence};
pub use self::http::{Body, Method, Request, Response};
pub use self::rate::RateClass;
pub use self::site::valid_app_id;
pub use self::state::{App, State};
pub(crate) use self::users::PROFILE as USER_PROFILE;
pub(crate) use self::validate::{Field, Kind};

use self::call::{Call, PathParameters};
use self::failure::Failure;
use self::routes::Route;
use self::site::{Site, SiteError};

impl Response {
    /// The response to a request whose changes could not be stored, and so were not made.
    pub fn not_stored() -> Self {
        let failure = Failure::new(
            ErrorKind::Internal,
            "The emulator could not write to its database file, so nothing was changed. Make room \
             on the disk and try again, or start it with another --db file.",
        );
        let mut response = failure.response();
        cors::add_headers(&mut response);
        response
    }
}

/// Responds to one request. It changes nothing itself: the caller stores and applies the changes.
pub fn handle(state: &State, request: &Request) -> (Response, Vec<Change>) {
    let (mut response, changes) = answer(state, request);
    cors::add_headers(&mut response);
    (response, changes)
}

/// The app and the user of a request, where they are known: for logs and fault rules. The user is
/// that of the auth token, else the one in the path, in lower case.
pub fn about(state: &State, request: &Request) -> (Option<String>, Option<String>) {
    let site = Site::of(state, request).ok();
    let by_token = site
        .as_ref()
        .zip(request.header("authtoken"))
        .and_then(|(site, token)| site.app.tokens.get(token))
        .map(|token| token.uid.clone());
    let in_path = || {
        let mut segments =
            request.path.split('/').skip_while(|segment| *segment != "users").skip(1);
        let uid = segments.next().filter(|uid| !uid.is_empty())?;
        Some(percent_encoding::percent_decode_str(uid).decode_utf8_lossy().to_lowercase())
    };
    (site.map(|site| site.app.id.clone()), by_token.or_else(in_path))
}

/// Whether a request may change something that is stored. Most reads do not; `GET /me` does.
pub fn may_store(request: &Request) -> bool {
    routes::find(Method::parse(&request.method), &request.path).is_ok_and(|(route, _)| route.stores)
}

fn answer(state: &State, request: &Request) -> (Response, Vec<Change>) {
    if cors::is_preflight(request) {
        return (cors::preflight(request), Vec::new());
    }
    let method = Method::parse(&request.method);
    if let Some(page) = method.and_then(|method| page::find(state, method, request)) {
        return (page, Vec::new());
    }
    let (route, path) = match routes::find(method, &request.path) {
        Ok(found) => found,
        Err(failure) => return (failure.response(), Vec::new()),
    };
    match Site::of(state, request) {
        Ok(site) => answer_for(state, request, &site, route, &path),
        Err(SiteError(failure)) => (failure.response(), Vec::new()),
    }
}

fn answer_for(
    state: &State,
    request: &Request,
    site: &Site<'_>,
    route: &Route,
    path: &PathParameters,
) -> (Response, Vec<Change>) {
    let mut changes = Vec::new();
    let mut rate_headers = Vec::new();
    let mut allowed = Ok(());
    let (class, limit) = (route.class, state.config.rate_limit(route.class));
    if limit > 0 {
        changes.push(Change::Counted { app: site.app.id.clone(), class, at: request.now });
        (rate_headers, allowed) = check_rate(site, class, limit, request.now);
    }
    let content = allowed.and_then(|()| {
        let mut call = Call::new(state, request, site, path, route.credential, route.tables)?;
        let content = (route.action)(&mut call)?;
        changes.append(&mut call.changes);
        Ok(content)
    });
    let mut response = match content {
        Ok(content) => Response::text(200, "application/json", content.into_text()),
        Err(failure) => failure.response(),
    };
    response.headers.extend(rate_headers);
    response.app = Some(site.app.id.clone());
    (response, changes)
}

type Headers = Vec<(&'static str, String)>;

/// The `X-Rate-Limit` headers, and whether the call is within the limit.
fn check_rate(
    site: &Site<'_>,
    class: RateClass,
    limit: u64,
    now: u64,
) -> (Headers, Result<(), Failure>) {
    let used = site.app.rates.used(class, now) + 1;
    let mut headers = vec![
        ("x-rate-limit", limit.to_string()),
        ("x-rate-limit-remaining", limit.saturating_sub(used).to_string()),
    ];
    if used <= limit {
        return (headers, Ok(()));
    }
    let reset = rate::window_end(now);
    headers.push(("x-rate-limit-reset", reset.to_string()));
    headers.push(("retry-after", reset.saturating_sub(now).max(1).to_string()));
    let message = format!(
        "Too many requests: {limit} {} a minute are allowed. Please try again later.",
        class.words()
    );
    (headers, Err(Failure::new(ErrorKind::TooManyRequests, message)))
}
