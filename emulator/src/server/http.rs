//! HTTP around the core: reads a request, lets the core answer it, stores the changes, sends the reply, writes one line of log.

use super::store::Store;
use crate::core::{self, Body, Change, Reply, Request, State, routes};
use axum::Router;
use axum::extract;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// What is read of a body, in bytes. More than the core accepts, so that a body somewhat too large is read to its end and the client gets
/// to see the reply instead of a broken connection.
const READ_LIMIT: usize = 1024 * 1024;

/// The state, behind a lock that is never held across an await, and where it is stored.
pub(super) struct Shell {
    state: Mutex<State>,
    store: Option<Store>,
}

pub(super) fn router(shell: Arc<Shell>) -> Router {
    // One table of routes is enough: it is the core's.
    Router::new().fallback(respond).with_state(shell)
}

async fn respond(
    extract::State(shell): extract::State<Arc<Shell>>,
    request: extract::Request,
) -> Response<axum::body::Body> {
    let started = Instant::now();
    let (parts, body) = request.into_parts();
    let headers = parts
        .headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    let body = match axum::body::to_bytes(body, READ_LIMIT).await {
        Ok(bytes) if bytes.is_empty() => Body::Empty,
        Ok(bytes) => Body::Bytes(bytes.into()),
        Err(_) => Body::TooLarge,
    };
    let mut entropy = [0; 64];
    if let Err(error) = getrandom::fill(&mut entropy) {
        tracing::error!(%error, "the system gives no random bytes");
        return plain(StatusCode::INTERNAL_SERVER_ERROR);
    }
    let request = Request {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers,
        body,
        now: super::now(),
        entropy,
    };
    let reply = shell.serve(&request).await;
    tracing::info!(
        method = %request.method,
        path = %routes::loggable(&request.path),
        status = reply.status,
        app = reply.app.as_deref().unwrap_or("-"),
        code = reply.code.unwrap_or("-"),
        ms = started.elapsed().as_millis() as u64,
        "request"
    );
    into_http(reply)
}

impl Shell {
    pub(super) fn new(state: State, store: Option<Store>) -> Self {
        Self { state: Mutex::new(state), store }
    }

    async fn serve(&self, request: &Request) -> Reply {
        // Under the one lock: decide, change, queue for storing. So the order on disk is the order in memory.
        let (reply, stored) = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            let (reply, changes) = core::handle(&state, request);
            changes.iter().for_each(|change| state.apply(change));
            let rows: Vec<Change> = changes.into_iter().filter(Change::is_row).collect();
            let stored = self.store.as_ref().filter(|_| !rows.is_empty()).map(|store| store.commit(rows));
            (reply, stored)
        };
        match stored {
            None => reply,
            Some(stored) => match stored.await {
                Ok(()) => reply,
                Err(error) => {
                    tracing::error!(%error, "changes could not be stored");
                    Reply::not_stored()
                }
            },
        }
    }

    /// Closes the database file once everything queued is in it.
    pub(super) async fn close(&self) {
        if let Some(store) = &self.store {
            store.close().await;
        }
    }
}

fn into_http(reply: Reply) -> Response<axum::body::Body> {
    let mut response = Response::new(axum::body::Body::from(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if let Some(content_type) = reply.content_type {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    for (name, value) in reply.headers {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.append(HeaderName::from_static(name), value);
        }
    }
    response
}

fn plain(status: StatusCode) -> Response<axum::body::Body> {
    let mut response = Response::new(axum::body::Body::empty());
    *response.status_mut() = status;
    response
}
