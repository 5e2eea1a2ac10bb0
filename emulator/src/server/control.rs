//! The emulator's own calls, below `/emulator/v1`: for tests on this machine, see [`super::hosts::refuse_control`].

use super::document::Document;
use super::faults::Rule;
use super::http::{Shell, json_response};
use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, Response, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};
use std::net::IpAddr;
use std::sync::Arc;

/// Where they are.
pub(super) const PREFIX: &str = "/emulator/v1";

/// The largest body taken here, in bytes: a whole state may be large.
pub(super) const LARGEST: usize = 64 * 1024 * 1024;

const CALLS: [&str; 13] = [
    "GET /emulator/v1",
    "POST /emulator/v1/reset",
    "POST /emulator/v1/seed",
    "GET /emulator/v1/state",
    "PUT /emulator/v1/state",
    "GET /emulator/v1/requests",
    "DELETE /emulator/v1/requests",
    "GET /emulator/v1/faults",
    "POST /emulator/v1/faults",
    "DELETE /emulator/v1/faults",
    "DELETE /emulator/v1/faults/{id}",
    "GET /emulator/v1/clock",
    "PUT /emulator/v1/clock",
];

/// Why a call of this kind failed.
struct Problem {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Problem {
    fn bad(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code: "EMULATOR_BAD_REQUEST",
            message: message.into(),
        }
    }
}

/// The part of the path behind the prefix, if this is one of these calls.
pub(super) fn path_of(path: &str) -> Option<&str> {
    let rest = path.strip_prefix(PREFIX)?;
    (rest.is_empty() || rest.starts_with('/')).then_some(rest)
}

pub(super) async fn respond(
    shell: &Arc<Shell>,
    parts: &Parts,
    path: &str,
    peer: IpAddr,
    body: Body,
) -> Response<Body> {
    if let Some(reason) = super::hosts::refuse_control(&parts.headers, peer) {
        // Without CORS headers: not even the refusal is a stranger's to read.
        return problem(&Problem {
            status: StatusCode::FORBIDDEN,
            code: "EMULATOR_FORBIDDEN",
            message: format!("{reason} {PREFIX} is for programs and pages of this machine only."),
        });
    }
    let mut response = if parts.method == Method::OPTIONS {
        let mut response = json_response(StatusCode::NO_CONTENT, None);
        let headers = response.headers_mut();
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_METHODS,
            HeaderValue::from_static("GET, POST, PUT, DELETE"),
        );
        headers
            .insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("content-type"));
        response
    } else {
        let limit = tokio::time::timeout(shell.limits().body, axum::body::to_bytes(body, LARGEST));
        let answer = match limit.await {
            Ok(Ok(bytes)) => {
                answer(shell, &parts.method, path, parts.uri.query().unwrap_or_default(), &bytes)
                    .await
            }
            Ok(Err(_)) => Err(Problem::bad(format!(
                "The body is larger than {LARGEST} bytes, or it broke off."
            ))),
            Err(_) => Err(Problem {
                status: StatusCode::REQUEST_TIMEOUT,
                code: "EMULATOR_SLOW_BODY",
                message: "The body took too long.".to_owned(),
            }),
        };
        answer.map_or_else(
            |error| problem(&error),
            |value| json_response(StatusCode::OK, Some(&value)),
        )
    };
    let headers = response.headers_mut();
    if let Some(origin) = parts.headers.get(header::ORIGIN) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    }
    headers.insert(header::VARY, HeaderValue::from_static("Origin"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

fn problem(problem: &Problem) -> Response<Body> {
    let body = json!({ "error": { "code": problem.code, "message": problem.message } });
    json_response(problem.status, Some(&body))
}

async fn answer(
    shell: &Arc<Shell>,
    method: &Method,
    path: &str,
    query: &str,
    body: &Bytes,
) -> Result<Value, Problem> {
    let path = path.trim_matches('/');
    let stored = |reason: String| Problem {
        status: StatusCode::INTERNAL_SERVER_ERROR,
        code: "EMULATOR_NOT_STORED",
        message: format!(
            "The database file could not be written ({reason}). Make room or choose another --db file, and start the emulator again."
        ),
    };
    let data = match (method.as_str(), path) {
        ("GET", "") => json!({ "version": env!("CARGO_PKG_VERSION"), "calls": CALLS }),
        ("POST", "reset") => {
            shell.reset().await.map_err(stored)?;
            json!({ "reset": true })
        }
        ("POST", "seed") => {
            let document = Document::parse(body).map_err(Problem::bad)?;
            shell.load(&document, false).await.map_err(Problem::bad)?.map_err(stored)?;
            json!({ "apps": document.apps().collect::<Vec<_>>() })
        }
        ("GET", "state") => json!(shell.export()),
        ("PUT", "state") => {
            let document = Document::parse(body).map_err(Problem::bad)?;
            shell.load(&document, true).await.map_err(Problem::bad)?.map_err(stored)?;
            json!({ "apps": document.apps().collect::<Vec<_>>() })
        }
        ("GET", "requests") => json!(shell.journal().list(after(query)?)),
        ("DELETE", "requests") => {
            shell.journal().clear();
            json!([])
        }
        ("GET", "faults") => json!(shell.faults().list()),
        ("POST", "faults") => {
            let rule: Rule = parse(body)?;
            shell.faults().add(rule).map_err(Problem::bad)?
        }
        ("DELETE", "faults") => {
            shell.faults().clear();
            json!([])
        }
        ("DELETE", path) if path.starts_with("faults/") => {
            let text = path.strip_prefix("faults/").unwrap_or_default();
            let id = text.parse().map_err(|_| {
                Problem::bad("A fault rule's id is a number, as POST /emulator/v1/faults gives it.")
            })?;
            if !shell.faults().remove(id) {
                return Err(not_found(format!("There is no fault rule {id} (any more).")));
            }
            json!({ "removed": id })
        }
        ("GET", "clock") => clock(shell),
        ("PUT", "clock") => {
            let Clock { offset_seconds } = parse(body)?;
            // A hundred years: far enough for every test, and never below 1970 by much.
            if offset_seconds.unsigned_abs() > 3_155_760_000 {
                return Err(Problem::bad(
                    "offsetSeconds is at most a hundred years, forwards or back.",
                ));
            }
            shell.set_clock(offset_seconds);
            clock(shell)
        }
        _ => {
            let known = CALLS.join(", ");
            return Err(not_found(format!(
                "There is no {method} {PREFIX}/{path}. There are: {known}."
            )));
        }
    };
    Ok(json!({ "data": data }))
}

fn not_found(message: String) -> Problem {
    Problem { status: StatusCode::NOT_FOUND, code: "EMULATOR_NOT_FOUND", message }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Clock {
    offset_seconds: i64,
}

fn clock(shell: &Shell) -> Value {
    json!({ "offsetSeconds": shell.clock_offset(), "now": shell.now() })
}

fn parse<T: serde::de::DeserializeOwned>(body: &Bytes) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(|error| Problem::bad(error.to_string()))
}

/// `?after=ID`: only what came later.
fn after(query: &str) -> Result<u64, Problem> {
    let mut after = 0;
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match (name.as_ref(), value.parse()) {
            ("after", Ok(id)) => after = id,
            ("after", Err(_)) => {
                return Err(Problem::bad("after is the id of an entry, a number."));
            }
            _ => {
                return Err(Problem::bad(format!("There is no parameter \"{name}\", only after.")));
            }
        }
    }
    Ok(after)
}
