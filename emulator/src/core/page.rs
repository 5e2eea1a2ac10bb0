//! The emulator's own pages: the ready page, the description of the calls, and drawn avatars.

use super::avatar::{self, escape};
use super::config::Storage;
use super::entity::User;
use super::http::{Method, Request, Response};
use super::openapi;
use super::state::State;
use percent_encoding::percent_decode_str;
use serde_json::json;

/// The content security policy: no scripts, and images of the same origin only.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; \
    frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// The ready page names this many users at most.
const SHOWN_USERS: usize = 100;

pub(crate) fn find(state: &State, method: Method, request: &Request) -> Option<Response> {
    if method != Method::Get {
        return None;
    }
    let mut response = match request.path.as_str() {
        "/" => ready(state, request),
        "/openapi.json" => Response::text(200, "application/json", openapi::text().to_owned()),
        path => picture(state, path.strip_prefix(avatar::PATH)?.strip_suffix(".svg")?),
    };
    response.headers.push(("content-security-policy", POLICY.to_owned()));
    response.headers.push(("x-content-type-options", "nosniff".to_owned()));
    Some(response)
}

fn picture(state: &State, file: &str) -> Response {
    let uid = percent_decode_str(file).decode_utf8_lossy().to_lowercase();
    let user = state.default_app().and_then(|app| app.active_user(&uid));
    let svg = avatar::draw(&uid, user.map_or(&uid, |user| &user.name));
    let mut response = Response::text(200, "image/svg+xml", svg);
    response.headers.push(("cache-control", "max-age=3600".to_owned()));
    // Pages under cross-origin isolation may show it, too.
    response.headers.push(("cross-origin-resource-policy", "cross-origin".to_owned()));
    response
}

/// Says whether the emulator is ready: 200, or 503 while its database file cannot be written.
fn ready(state: &State, request: &Request) -> Response {
    let is_ready = state.storage != Storage::Failing;
    let status = if is_ready { 200 } else { 503 };
    let app = state.default_app();
    let users: Vec<&User> =
        app.into_iter().flat_map(|app| app.users.active()).take(SHOWN_USERS).collect();
    let count = app.map_or(0, |app| app.users.active_count());
    let id = app.map_or("", |app| app.id.as_str());
    let url = &state.config.public_url;
    let region = state.config.default_region();
    let accept = request.header("accept").unwrap_or_default();
    let mut response = if accept.contains("application/json") {
        let uids: Vec<&str> = users.iter().map(|user| user.uid.as_str()).collect();
        let body = json!({ "ready": is_ready, "url": url, "appId": id, "region": region,
            "users": uids, "userCount": count, "storage": state.storage.name() });
        Response::json(status, &body)
    } else {
        let people: String = users.iter().map(|user| person(user)).collect();
        let more = match count.saturating_sub(users.len()) {
            0 => String::new(),
            more => format!("<p>And {more} more.</p>"),
        };
        let (title, problem) = if is_ready {
            ("The emulator is ready", "")
        } else {
            ("The emulator is not ready", NOT_STORING)
        };
        let html = format!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" \
             content=\"width=device-width\">\
             <title>CometChat emulator: {ready}</title><style>{STYLE}</style>\
             <main><h1>{title}</h1>{problem}\
             <p>It responds as CometChat's authentication service does, on this machine, for \
             development and tests. Unofficial.</p>\
             <dl><dt>Address<dd><code>{url}</code><dt>App id<dd><code>{id}</code>\
             <dt>Region<dd><code>{region}</code></dl>\
             <h2>Users</h2><ul>{people}</ul>{more}</main></html>",
            ready = if is_ready { "ready" } else { "not ready" },
        );
        Response::text(status, "text/html; charset=utf-8", html)
    };
    response.headers.push(("vary", "Accept".to_owned()));
    response.headers.push(("cache-control", "no-store".to_owned()));
    response
}

const NOT_STORING: &str = "<p role=\"alert\"><strong>The database file cannot be written.</strong> \
    Requests that change something are refused, and everything else works. Make room on the disk; \
    writing then works again by itself.</p>";

fn person(user: &User) -> String {
    let (uid, name) = (escape(&user.uid), escape(&user.name));
    format!(
        "<li><img src=\"{path}{uid}.svg\" alt=\"\" width=\"36\" \
         height=\"36\"><span>{name}<br><code>{uid}</code></span></li>",
        path = avatar::PATH,
    )
}

const STYLE: &str = ":root{color-scheme:light dark}\
body{margin:0;font:16px/1.5 system-ui,sans-serif}\
main{max-width:42rem;margin:3rem auto;padding:0 1rem}\
h1{font-size:1.6rem}h2{font-size:1.1rem;margin-top:2rem}\
dl{display:grid;grid-template-columns:auto 1fr;gap:.25rem 1rem}dd{margin:0;overflow-wrap:anywhere}\
ul{list-style:none;padding:0;display:grid;gap:.75rem;\
grid-template-columns:repeat(auto-fill,minmax(13rem,1fr))}\
li{display:flex;gap:.75rem;align-items:center;line-height:1.3}";
