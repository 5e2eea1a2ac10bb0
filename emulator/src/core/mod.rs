//! The service, without a machine around it.
//!
//! A request's life: [`handle`] → `cors` (preflight) → `routes` (which call is it) → `site` (which app) → `access` (may it) → the resource's
//! file → [`Reply`] and [`Change`]s. The caller applies the changes ([`State::apply`]), stores those that [`Change::is_row`], then sends the
//! reply: so what was answered is stored, and the same changes replayed give the same state.

mod access;
mod call;
mod cors;
mod keys;
mod list;
mod me;
mod model;
mod openapi;
mod page;
mod rate;
mod roles;
pub mod routes;
pub mod seed;
mod site;
pub mod state;
pub mod status;
mod tokens;
mod users;
mod validate;

pub use self::rate::RateClass;
pub use self::site::valid_app_id;
pub use self::state::{ApiKey, App, Change, Config, Role, Scope, State, Token, User};
pub use self::status::{Evidence, Fault};

use self::call::{Call, Failure};
use self::routes::{Found, Method};
use self::site::{Site, SiteError};
use serde_json::{Map, Value, json};

/// The largest request body the service takes, in bytes. The documentation speaks of "a 10 KB body".
pub const MAX_BODY: usize = 10 * 1024;

/// What a request brought as its body.
#[derive(Debug, Clone, Default)]
pub enum Body {
    /// Nothing.
    #[default]
    Empty,
    /// These bytes.
    Bytes(Vec<u8>),
    /// More than the shell was willing to read.
    TooLarge,
}

/// One HTTP request, and the two things a pure function cannot have of its own: the time and some chance.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method, as sent.
    pub method: String,
    /// The path, as sent: still percent-encoded, without query.
    pub path: String,
    /// What follows the `?`, as sent; empty without one.
    pub query: String,
    /// Headers: lower-case name, value.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Body,
    /// UNIX time in seconds.
    pub now: u64,
    /// Random bytes, fresh for each request.
    pub entropy: [u8; 64],
}

impl Request {
    /// The first header of that (lower-case) name, trimmed.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim())
    }
}

/// What goes back.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The body's content type; `None` when there is no body.
    pub content_type: Option<&'static str>,
    /// Other headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
    /// For the log: the app the request was for, as far as that was found out.
    pub app: Option<String>,
    /// For the log: the `error.code` that was answered.
    pub code: Option<&'static str>,
}

impl Reply {
    fn text(status: u16, content_type: &'static str, body: String) -> Self {
        Self {
            status,
            content_type: Some(content_type),
            headers: Vec::new(),
            body,
            app: None,
            code: None,
        }
    }

    fn json(status: u16, body: &Value) -> Self {
        Self::text(status, "application/json", body.to_string())
    }

    fn empty(status: u16) -> Self {
        Self {
            status,
            content_type: None,
            headers: Vec::new(),
            body: String::new(),
            app: None,
            code: None,
        }
    }

    fn failure(failure: &Failure) -> Self {
        let mut error = Map::new();
        error.insert("message".into(), json!(failure.message));
        error.insert(
            "devMessage".into(),
            json!(failure.dev_message.as_ref().unwrap_or(&failure.message)),
        );
        error.insert("source".into(), json!("chat-api"));
        error.insert("code".into(), json!(failure.fault.code()));
        if let Some(details) = &failure.details {
            error.insert("details".into(), Value::Object(Map::clone(details)));
        }
        let mut reply = Self::json(failure.fault.status(), &json!({ "error": error }));
        reply.code = Some(failure.fault.code());
        reply
    }

    /// A reply that is not the service's own, such as a fault rule's; pages may read it like every other.
    pub fn foreign(status: u16, content_type: &'static str, body: String) -> Self {
        let mut reply = Self::text(status, content_type, body);
        cors::add_headers(&mut reply);
        reply
    }

    /// The reply to a request whose changes could not be stored: what was promised did not happen.
    pub fn not_stored() -> Self {
        let failure = Failure::new(
            Fault::NotStored,
            "The emulator could not write to its database file, so nothing was kept. See its log, make room or choose another --db file, and start it again.",
        );
        let mut reply = Self::failure(&failure);
        cors::add_headers(&mut reply);
        reply
    }
}

/// Answers one request. Changes nothing: the changes are the second half of the answer, and the caller's to apply and store.
pub fn handle(state: &State, request: &Request) -> (Reply, Vec<Change>) {
    let (mut reply, changes) = answer(state, request);
    cors::add_headers(&mut reply);
    (reply, changes)
}

/// Which app and which user a request is about, as far as it says: for logs and for picking requests out. The user is the one of the auth
/// token, else the one in the path, in lower case.
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

fn answer(state: &State, request: &Request) -> (Reply, Vec<Change>) {
    if cors::is_preflight(request) {
        return (cors::preflight(request), Vec::new());
    }
    let method = Method::parse(&request.method);
    if let Some(page) = method.and_then(|method| page::find(state, method, request)) {
        return (page, Vec::new());
    }
    let site = Site::of(state, request);
    let found = routes::find(method, &request.path);
    let found = match found {
        Ok(found) => found,
        Err(failure) => return (Reply::failure(&failure), Vec::new()),
    };
    match site {
        Err(SiteError(failure)) => (Reply::failure(&failure), Vec::new()),
        Ok(site) => answer_for(state, request, &site, &found),
    }
}

fn answer_for(
    state: &State,
    request: &Request,
    site: &Site<'_>,
    found: &Found,
) -> (Reply, Vec<Change>) {
    let class = found.route.class;
    let limit = state.config.rate_limit(class);
    let mut changes = Vec::new();
    let mut rate_headers = Vec::new();
    let mut over = None;
    if limit > 0 {
        let used = site.app.rates.used(class, request.now) + 1;
        changes.push(Change::Counted { app: site.app.id.clone(), class, at: request.now });
        rate_headers.push(("x-rate-limit", limit.to_string()));
        rate_headers.push(("x-rate-limit-remaining", limit.saturating_sub(used).to_string()));
        if used > limit {
            let reset = rate::window_end(request.now);
            rate_headers.push(("x-rate-limit-reset", reset.to_string()));
            rate_headers
                .push(("retry-after", reset.saturating_sub(request.now).max(1).to_string()));
            over = Some(Failure::new(
                Fault::TooManyRequests,
                format!(
                    "Too many requests: {limit} {} a minute are allowed. Please try again later.",
                    class.words()
                ),
            ));
        }
    }
    let outcome = match over {
        Some(failure) => Err(failure),
        None => Call::new(state, request, site, found).and_then(|mut call| {
            let value = (found.route.action)(&mut call)?;
            changes.append(&mut call.changes);
            Ok(value)
        }),
    };
    let mut reply = match outcome {
        Ok(value) => Reply::json(200, &value),
        Err(failure) => Reply::failure(&failure),
    };
    reply.headers.extend(rate_headers);
    reply.app = Some(site.app.id.clone());
    (reply, changes)
}
