//! HTTP around the core: reads a request, lets the core answer it, stores the changes, sends the reply, writes one line of log and one of
//! the journal; and lets fault rules meddle with all that.

use super::document::Document;
use super::faults::{Act, Faults, Hang, Rule, When};
use super::hosts::Hosts;
use super::journal::Journal;
use super::serve::Limits;
use super::store::Store;
use super::{control, socket};
use crate::core::{self, Change, Reply, Request, State, routes};
use axum::body::{Body, Bytes};
use axum::extract::{FromRequestParts as _, WebSocketUpgrade};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, Response, StatusCode, header};
use futures_util::stream;
use serde_json::{Value, json};
use std::net::IpAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// What is read of a body, in bytes. More than the core accepts, so that a body somewhat too large is read to its end and the client gets
/// to see the reply instead of a broken connection.
const READ_LIMIT: usize = 1024 * 1024;

/// The connection is to be closed without a (whole) reply.
#[derive(Debug, thiserror::Error)]
#[error("dropped by a fault rule or by the emulator's end")]
pub(super) struct Dropped;

/// What a [`Shell`] is made of.
pub(super) struct Ingredients {
    pub(super) state: State,
    pub(super) store: Option<Store>,
    pub(super) hosts: Hosts,
    pub(super) limits: Limits,
    /// What a reset goes back to: the changes that lead from nothing to a first start's state.
    pub(super) initial: Vec<Change>,
}

/// The state, behind a lock that is never held across an await, where it is stored, and what surrounds it.
pub(super) struct Shell {
    state: Mutex<State>,
    store: Option<Store>,
    hosts: Hosts,
    limits: Limits,
    initial: Vec<Change>,
    faults: Faults,
    journal: Journal,
    /// Seconds that the emulator's clock is ahead of the machine's.
    clock: AtomicI64,
    stop: watch::Sender<bool>,
    /// Rings whenever a session may have ended.
    sessions: watch::Sender<()>,
    /// How many web sockets are open.
    sockets: watch::Sender<usize>,
}

impl Shell {
    pub(super) fn new(parts: Ingredients) -> Self {
        let Ingredients { state, store, hosts, limits, initial } = parts;
        Self {
            state: Mutex::new(state),
            store,
            hosts,
            limits,
            initial,
            faults: Faults::default(),
            journal: Journal::default(),
            clock: AtomicI64::new(0),
            stop: watch::Sender::new(false),
            sessions: watch::Sender::new(()),
            sockets: watch::Sender::new(0),
        }
    }

    // ---- what the other files of this room ask for

    pub(super) fn limits(&self) -> Limits {
        self.limits
    }

    pub(super) fn faults(&self) -> &Faults {
        &self.faults
    }

    pub(super) fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Tells everything that runs to end.
    pub(super) fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Ready once the emulator was told to stop.
    pub(super) fn stopping(&self) -> impl Future<Output = ()> + Send + Sync + use<> {
        let mut told = self.stop.subscribe();
        async move {
            // An error means that the emulator is gone, which says the same.
            let _ = told.wait_for(|stop| *stop).await;
        }
    }

    /// Rings whenever a session may have ended.
    pub(super) fn sessions(&self) -> watch::Receiver<()> {
        self.sessions.subscribe()
    }

    /// Ready when no web socket is open.
    pub(super) async fn no_sockets(&self) {
        let mut sockets = self.sockets.subscribe();
        // The sender is in `self`, so it is there.
        let _ = sockets.wait_for(|count| *count == 0).await;
    }

    pub(super) fn has_session(&self, app: &str, token: &str) -> bool {
        self.lock().has_session(app, token)
    }

    /// Whose pass this is: app, uid, auth token.
    pub(super) fn session_of_pass(
        &self,
        app: &str,
        pass: &str,
    ) -> Option<(String, String, String)> {
        let state = self.lock();
        let (app, user, token) = state.session_of_pass(app, pass)?;
        Some((app.id.clone(), user.uid.clone(), token.token.clone()))
    }

    /// Adds a frame, or a socket's end, to the journal.
    pub(super) fn note_frame(&self, entry: u64, frame: Value) {
        let frame = self.journal.without_secrets(frame);
        self.journal.amend(entry, |entry| {
            // Pings go on for hours; the first few tell enough.
            if entry.socket.len() < 100 {
                entry.socket.push(frame);
            }
        });
    }

    pub(super) fn clock_offset(&self) -> i64 {
        self.clock.load(Ordering::Relaxed)
    }

    pub(super) fn set_clock(&self, offset: i64) {
        self.clock.store(offset, Ordering::Relaxed);
    }

    /// The emulator's time, in UNIX seconds.
    pub(super) fn now(&self) -> u64 {
        super::now().saturating_add_signed(self.clock_offset())
    }

    /// Back to a first start: the data, no fault rules, an empty journal, the machine's time.
    pub(super) async fn reset(&self) -> Result<(), String> {
        self.faults.clear();
        self.journal.clear();
        self.set_clock(0);
        let stored = {
            let mut state = self.lock();
            let changes =
                std::iter::once(Change::Clear).chain(self.initial.iter().cloned()).collect();
            self.make(&mut state, changes)
        };
        stored.await
    }

    /// Adds a document, or puts it in place of everything. The outer error is the document's, the inner the database file's.
    pub(super) async fn load(
        &self,
        document: &Document,
        replace: bool,
    ) -> Result<Result<(), String>, String> {
        let stored = {
            let mut state = self.lock();
            let changes = if replace {
                let mut changes = vec![Change::Clear];
                changes.extend(document.changes(&State::default(), self.now())?);
                changes
            } else {
                document.changes(&state, self.now())?
            };
            self.make(&mut state, changes)
        };
        Ok(stored.await)
    }

    pub(super) fn export(&self) -> Document {
        Document::of(&self.lock())
    }

    /// Closes the database file once everything queued is in it.
    pub(super) async fn close(&self) {
        if let Some(store) = &self.store {
            store.close().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes changes in memory and queues them for storing, under the one lock: so the order on disk is the order in memory. The future
    /// is ready when they are stored.
    fn make(
        &self,
        state: &mut State,
        changes: Vec<Change>,
    ) -> impl Future<Output = Result<(), String>> + use<> {
        let ends_sessions = |change: &Change| match change {
            Change::Clear | Change::RemoveToken { .. } | Change::RemoveUser { .. } => true,
            Change::PutUser { user, .. } => user.deactivated_at.is_some(),
            _ => false,
        };
        let ring = changes.iter().any(ends_sessions);
        changes.iter().for_each(|change| state.apply(change));
        if ring {
            self.sessions.send_replace(());
        }
        let rows: Vec<Change> = changes.into_iter().filter(Change::is_row).collect();
        let stored =
            self.store.as_ref().filter(|_| !rows.is_empty()).map(|store| store.commit(rows));
        async move {
            match stored {
                None => Ok(()),
                Some(stored) => stored.await,
            }
        }
    }

    // ---- a request's way

    /// Answers a request. An error closes the connection.
    pub(super) async fn respond(
        self: &Arc<Self>,
        request: axum::http::Request<Body>,
        peer: IpAddr,
    ) -> Result<Response<Body>, Dropped> {
        let (mut parts, body) = request.into_parts();
        let host = parts
            .headers
            .get(header::HOST)
            .map(|host| host.to_str().unwrap_or_default().to_owned());
        if let Some(host) = host.filter(|host| !self.hosts.allow(host)) {
            return Ok(refuse_host(&host));
        }
        if let Some(path) = control::path_of(parts.uri.path()).map(str::to_owned) {
            return Ok(control::respond(self, &parts, &path, peer, body).await);
        }
        let started = Instant::now();
        let body =
            match tokio::time::timeout(self.limits.body, axum::body::to_bytes(body, READ_LIMIT))
                .await
            {
                Ok(Ok(bytes)) if bytes.is_empty() => core::Body::Empty,
                Ok(Ok(bytes)) => core::Body::Bytes(bytes.into()),
                Ok(Err(_)) => core::Body::TooLarge,
                Err(_) => return Ok(slow_body(self.limits.body)),
            };
        let mut entropy = [0; 64];
        if let Err(error) = getrandom::fill(&mut entropy) {
            tracing::error!(%error, "the system gives no random bytes");
            return Ok(json_response(StatusCode::INTERNAL_SERVER_ERROR, None));
        }
        let headers = parts
            .headers
            .iter()
            .map(|(name, value)| {
                (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect();
        let request = Request {
            method: parts.method.as_str().to_owned(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers,
            body,
            now: self.now(),
            entropy,
        };
        let about = core::about(&self.lock(), &request);
        let fault = self.faults.find(&request, about.0.as_deref(), about.1.as_deref());
        let number = fault.as_ref().map(|(id, _)| *id);
        let query = parts.uri.query().unwrap_or_default();
        let entry = self.journal.open(super::now_ms(), &request, query, about, number);
        let outcome =
            self.outcome(&mut parts, &request, fault.as_ref().map(|(_, rule)| rule), entry).await;
        let (response, word, app, code) = match outcome {
            Ok(Outcome { response, word, app, code }) => (Ok(response), word, app, code),
            Err(word) => (Err(Dropped), word, None, None),
        };
        let status = response.as_ref().ok().map(|response| response.status().as_u16());
        let ms = started.elapsed().as_millis() as u64;
        tracing::info!(
            method = %request.method,
            path = %routes::loggable(&request.path),
            status = status.unwrap_or(0),
            app = app.as_deref().unwrap_or("-"),
            code = code.unwrap_or("-"),
            ms,
            fault = number,
            "request"
        );
        self.journal.amend(entry, |entry| {
            entry.status = status;
            entry.code = code.map(str::to_owned);
            entry.outcome = word;
            entry.ms = Some(ms);
        });
        response
    }

    /// What becomes of a request, with the rule that meddles with it. The error is the journal's word for how it was dropped.
    async fn outcome(
        self: &Arc<Self>,
        parts: &mut Parts,
        request: &Request,
        rule: Option<&Arc<Rule>>,
        entry: u64,
    ) -> Result<Outcome, &'static str> {
        let none = Act::default();
        let act = rule.map_or(&none, |rule| &rule.act);
        if let Some(delay) = act.delay() {
            self.pause(delay).await?;
        }
        if act.drop == Some(When::Before) {
            return Err("dropped");
        }
        if act.hang == Some(Hang::Before) {
            return Err(self.hang(entry).await);
        }
        let reply = match act.reply() {
            Some((status, content_type, body)) => Reply::foreign(status, content_type, body),
            None if is_socket(parts) => return self.open_socket(parts, entry).await,
            None => self.serve(request).await,
        };
        match (act.drop, act.hang) {
            (Some(When::After), _) => return Err("dropped"),
            (_, Some(Hang::After)) => return Err(self.hang(entry).await),
            _ => {}
        }
        let (app, code) = (reply.app.clone(), reply.code);
        let (response, word) = match rule {
            None => (into_http(reply), "answered"),
            Some(_) => self.tampered(reply, act),
        };
        Ok(Outcome { response, word, app, code })
    }

    async fn open_socket(
        self: &Arc<Self>,
        parts: &mut Parts,
        entry: u64,
    ) -> Result<Outcome, &'static str> {
        let done = |response| Outcome { response, word: "answered", app: None, code: None };
        let upgrade = match WebSocketUpgrade::from_request_parts(parts, &()).await {
            Ok(upgrade) => upgrade,
            Err(rejection) => {
                let message = format!("This is no proper web socket handshake: {rejection}.");
                let body =
                    json!({ "error": { "code": "EMULATOR_BAD_HANDSHAKE", "message": message } });
                return Ok(done(json_response(StatusCode::BAD_REQUEST, Some(&body))));
            }
        };
        let shell = Arc::clone(self);
        self.sockets.send_modify(|count| *count += 1);
        let open = OpenSocket(Arc::clone(self));
        let response = upgrade
            .max_message_size(socket::LARGEST)
            .max_frame_size(socket::LARGEST)
            .on_upgrade(move |socket| async move {
                socket::talk(socket, shell, entry).await;
                drop(open);
            });
        Ok(done(response))
    }

    async fn serve(&self, request: &Request) -> Reply {
        let (reply, stored) = {
            let mut state = self.lock();
            let (reply, changes) = core::handle(&state, request);
            (reply, self.make(&mut state, changes))
        };
        match stored.await {
            Ok(()) => reply,
            Err(error) => {
                tracing::error!(%error, "changes could not be stored");
                Reply::not_stored()
            }
        }
    }

    async fn pause(&self, time: Duration) -> Result<(), &'static str> {
        tokio::select! {
            () = tokio::time::sleep(time) => Ok(()),
            () = self.stopping() => Err("dropped"),
        }
    }

    async fn hang(&self, entry: u64) -> &'static str {
        self.journal.amend(entry, |entry| entry.outcome = "hung");
        self.stopping().await;
        "hung"
    }

    fn tampered(&self, reply: Reply, act: &Act) -> (Response<Body>, &'static str) {
        let content = Bytes::from(reply.body.clone().into_bytes());
        let mut response = into_http(reply);
        let headers = response.headers_mut();
        if let Some(content_type) = act.content_type() {
            headers.insert(header::CONTENT_TYPE, content_type);
        }
        if act.cors == Some(false) {
            let names: Vec<HeaderName> = headers
                .keys()
                .filter(|name| name.as_str().starts_with("access-control-"))
                .cloned()
                .collect();
            for name in names {
                headers.remove(name);
            }
        }
        for (name, value) in &act.headers {
            // Both were checked when the rule came in.
            let Ok(name) = HeaderName::try_from(name) else { continue };
            match value.as_str().map(HeaderValue::try_from) {
                Some(Ok(value)) => drop(headers.insert(name, value)),
                _ => drop(headers.remove(name)),
            }
        }
        let cut = act.truncate.filter(|count| *count < content.len());
        if cut.is_none() && act.body_delay().is_none() && act.hang != Some(Hang::Body) {
            return (response, "answered");
        }
        response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(content.len()));
        let shown = cut.unwrap_or(content.len());
        let mut rest = content.slice(..shown);
        let mut steps = vec![Step::Bytes(rest.split_to(shown.div_ceil(2)))];
        if let Some(delay) = act.body_delay() {
            steps.push(Step::Wait(delay));
        }
        if act.hang == Some(Hang::Body) {
            steps.push(Step::Hang);
        }
        steps.push(Step::Bytes(rest));
        if cut.is_some() {
            // What was written so far must be on its way before the connection breaks.
            steps.push(Step::Wait(Duration::from_millis(50)));
            steps.push(Step::Cut);
        }
        *response.body_mut() = stepped(steps, self.stopping());
        let word = if act.hang == Some(Hang::Body) {
            "hung"
        } else if cut.is_some() {
            "cut"
        } else {
            "answered"
        };
        (response, word)
    }
}

struct Outcome {
    response: Response<Body>,
    word: &'static str,
    app: Option<String>,
    code: Option<&'static str>,
}

/// Counts a web socket as open while it lives.
struct OpenSocket(Arc<Shell>);

impl Drop for OpenSocket {
    fn drop(&mut self) {
        self.0.sockets.send_modify(|count| *count = count.saturating_sub(1));
    }
}

/// A body that does not come in one piece.
enum Step {
    Bytes(Bytes),
    Wait(Duration),
    Hang,
    Cut,
}

fn stepped(steps: Vec<Step>, stopping: impl Future<Output = ()> + Send + 'static) -> Body {
    let broken = || std::io::Error::from(std::io::ErrorKind::ConnectionAborted);
    Body::from_stream(stream::unfold(
        (steps.into_iter(), Box::pin(stopping)),
        move |(mut steps, mut stopping)| async move {
            loop {
                let item = match steps.next()? {
                    Step::Bytes(bytes) if bytes.is_empty() => continue,
                    Step::Bytes(bytes) => Ok(bytes),
                    Step::Cut => Err(broken()),
                    Step::Hang => {
                        stopping.as_mut().await;
                        Err(broken())
                    }
                    Step::Wait(time) => tokio::select! {
                        () = tokio::time::sleep(time) => continue,
                        () = stopping.as_mut() => Err(broken()),
                    },
                };
                return Some((item, (steps, stopping)));
            }
        },
    ))
}

/// Web sockets are opened at `/`, on whatever host.
fn is_socket(parts: &Parts) -> bool {
    let upgrade = parts
        .headers
        .get(header::UPGRADE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    parts.method == Method::GET
        && parts.uri.path() == "/"
        && upgrade.eq_ignore_ascii_case("websocket")
}

fn refuse_host(host: &str) -> Response<Body> {
    let shown: String = host.chars().take(100).collect();
    tracing::warn!(host = %shown, "refused a request for a name that is not the emulator's; --allow-host adds one");
    let message = format!(
        "This emulator does not answer to the name \"{shown}\", lest any web site could point its own name here. Start it with --allow-host {shown} if this name is yours."
    );
    let body = json!({ "error": { "code": "EMULATOR_HOST_NOT_ALLOWED", "message": message } });
    let mut response = json_response(StatusCode::FORBIDDEN, Some(&body));
    response
        .headers_mut()
        .insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

fn slow_body(limit: Duration) -> Response<Body> {
    let message = format!("The request's body did not come within {} seconds.", limit.as_secs());
    let body = json!({ "error": { "code": "EMULATOR_SLOW_BODY", "message": message } });
    let mut response = json_response(StatusCode::REQUEST_TIMEOUT, Some(&body));
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

fn into_http(reply: Reply) -> Response<Body> {
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() =
        StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
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

pub(super) fn json_response(status: StatusCode, body: Option<&Value>) -> Response<Body> {
    let mut response =
        Response::new(body.map_or_else(Body::empty, |body| Body::from(body.to_string())));
    *response.status_mut() = status;
    if body.is_some() {
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    response
}
