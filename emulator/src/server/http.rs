//! HTTP around the lab: reads a request, asks for a plan, carries it out, stores the changes and writes one line of log.

use super::shell::{OpenSocket, Shell};
use super::{control, dashboard, socket};
use crate::core;
use crate::lab::{
    Conversation, Destination, Exchange, Head, Lab, Outcome, Plan, Response, Sending, Step, bounds,
};
use axum::body::{Body, Bytes};
use axum::extract::{FromRequestParts as _, WebSocketUpgrade};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Response as HttpResponse, StatusCode, header};
use futures_util::{StreamExt as _, stream};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The connection is to be closed without a (whole) response.
#[derive(Debug, thiserror::Error)]
#[error("dropped by a fault rule or by the emulator's end")]
pub(super) struct Dropped;

impl Shell {
    /// Answers a request. An error closes the connection.
    pub(super) async fn respond(
        self: &Arc<Self>,
        request: axum::http::Request<Body>,
        peer: IpAddr,
    ) -> Result<HttpResponse<Body>, Dropped> {
        let (mut parts, body) = request.into_parts();
        let head = head_of(&parts, peer);
        let admitted = self.lab().admit(&head);
        match admitted {
            Err(refusal) => {
                tracing::warn!("{}", refusal.log);
                return Ok(self.to_http(refusal.response));
            }
            Ok(Destination::Control) => return Ok(control::respond(self, &head, body).await),
            Ok(Destination::Dashboard(path)) => {
                // Without a dashboard in this build it is for the service, whose page says that it is ready.
                if let Some(response) = dashboard::respond(&path) {
                    return Ok(response);
                }
            }
            Ok(Destination::Service) => {}
        }
        let started = Instant::now();
        let read = read_body(body, bounds::BODY_KEPT, bounds::BODY_READ);
        let Ok(body) = tokio::time::timeout(self.limits().body, read).await else {
            return Ok(self.to_http(slow_body(self.limits().body)));
        };
        let Some(entropy) = entropy() else {
            return Ok(self.to_http(Response::new(500, None, Vec::new())));
        };
        let method = head.method.clone();
        let exchange = self.with(|lab| lab.begin(head, body, super::now_ms(), entropy));
        let plan = self.plan(&exchange).await;
        let (response, sent) = match plan {
            Plan::Drop => (Err(Dropped), Sent::nothing(Outcome::Dropped)),
            Plan::Hang => {
                self.stopping().await;
                (Err(Dropped), Sent::nothing(Outcome::Hung))
            }
            Plan::Open(conversation) => {
                let response = self.open_socket(&mut parts, conversation).await;
                let status = Some(response.status().as_u16());
                (Ok(response), Sent { status, ..Sent::nothing(Outcome::Answered) })
            }
            Plan::Send(Sending { response, outcome, app, code }) => {
                let sent = Sent { status: Some(response.status), outcome, app, code };
                (Ok(self.to_http(response)), sent)
            }
        };
        let ms = started.elapsed().as_millis() as u64;
        tracing::info!(
            method = %method,
            path = %exchange.path,
            status = sent.status.unwrap_or(0),
            app = sent.app.as_deref().unwrap_or("-"),
            code = sent.code.unwrap_or("-"),
            ms,
            fault = exchange.fault,
            "request"
        );
        self.with(|lab| lab.finish(&exchange, sent.status, sent.code, sent.outcome, ms));
        response
    }

    /// What to do about a request, once its delay is over and its changes are stored.
    async fn plan(self: &Arc<Self>, exchange: &Exchange) -> Plan {
        if exchange.delay_ms > 0 {
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(exchange.delay_ms)) => {}
                () = self.stopping() => return Plan::Drop,
            }
        }
        let serve = |lab: &mut Lab| lab.serve(exchange, super::now_ms());
        if !exchange.may_store() {
            return self.read(serve).await;
        }
        match self.change(serve).await {
            Ok(plan) => plan,
            Err(error) => {
                tracing::error!(%error, "changes could not be stored");
                self.with(|lab| lab.not_stored(exchange))
            }
        }
    }

    async fn open_socket(
        self: &Arc<Self>,
        parts: &mut Parts,
        conversation: Conversation,
    ) -> HttpResponse<Body> {
        let open = OpenSocket(Arc::clone(self));
        let upgrade = match WebSocketUpgrade::from_request_parts(parts, &()).await {
            Ok(upgrade) => upgrade,
            Err(rejection) => {
                let message = format!("This is no proper web socket handshake: {rejection}.");
                return self.to_http(Response::error(400, "EMULATOR_BAD_HANDSHAKE", &message));
            }
        };
        let shell = Arc::clone(self);
        // Twice the bound: the conversation itself says what is wrong with a frame that is too large.
        upgrade.max_message_size(2 * bounds::FRAME).max_frame_size(2 * bounds::FRAME).on_upgrade(
            move |socket| async move {
                socket::run(socket, shell, conversation).await;
                drop(open);
            },
        )
    }

    /// The response as hyper sends it.
    pub(super) fn to_http(&self, response: Response) -> HttpResponse<Body> {
        let Response { status, headers, mut steps, length } = response;
        let body = match (steps.pop(), steps.is_empty()) {
            (None, _) => Body::empty(),
            (Some(Step::Bytes(bytes)), true) if length.is_none() => Body::from(bytes),
            (Some(last), _) => {
                steps.push(last);
                stepped(steps, self.stopping())
            }
        };
        let mut response = HttpResponse::new(body);
        *response.status_mut() =
            StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in headers {
            if let (Ok(name), Ok(value)) =
                (HeaderName::try_from(name), HeaderValue::try_from(value))
            {
                response.headers_mut().append(name, value);
            }
        }
        if let Some(length) = length {
            response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        }
        response
    }
}

/// What was sent, for the log and the journal.
struct Sent {
    status: Option<u16>,
    outcome: Outcome,
    app: Option<String>,
    code: Option<&'static str>,
}

impl Sent {
    fn nothing(outcome: Outcome) -> Self {
        Self { status: None, outcome, app: None, code: None }
    }
}

fn head_of(parts: &Parts, peer: IpAddr) -> Head {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    Head {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts
            .headers
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), text(value)))
            .collect(),
        local: peer.to_canonical().is_loopback(),
    }
}

/// Reads a body of at most `most` bytes and keeps it if it has at most `kept`.
pub(super) async fn read_body(body: Body, kept: usize, most: usize) -> core::Body {
    let mut chunks = body.into_data_stream();
    let mut bytes = Vec::new();
    let mut count = 0_usize;
    while let Some(chunk) = chunks.next().await {
        let Ok(chunk) = chunk else { return core::Body::TooLarge };
        count = count.saturating_add(chunk.len());
        if count > most {
            return core::Body::TooLarge;
        }
        if count <= kept {
            bytes.extend_from_slice(&chunk);
        } else {
            bytes = Vec::new();
        }
    }
    match count {
        0 => core::Body::Empty,
        _ if count > kept => core::Body::TooLarge,
        _ => core::Body::Bytes(bytes),
    }
}

/// Random bytes, or nothing if the system gives none.
pub(super) fn entropy() -> Option<[u8; 64]> {
    let mut bytes = [0; 64];
    match getrandom::fill(&mut bytes) {
        Ok(()) => Some(bytes),
        Err(error) => {
            tracing::error!(%error, "the system gives no random bytes");
            None
        }
    }
}

pub(super) fn slow_body(limit: Duration) -> Response {
    let message = format!("The request's body did not come within {} seconds.", limit.as_secs());
    Response::error(408, "EMULATOR_SLOW_BODY", &message)
        .with("access-control-allow-origin", "*")
        .with("connection", "close")
}

/// A body that does not come in one piece.
fn stepped(steps: Vec<Step>, stopping: impl Future<Output = ()> + Send + 'static) -> Body {
    let broken = || std::io::Error::from(std::io::ErrorKind::ConnectionAborted);
    Body::from_stream(stream::unfold(
        (steps.into_iter(), Box::pin(stopping)),
        move |(mut steps, mut stopping)| async move {
            loop {
                let item = match steps.next()? {
                    Step::Bytes(bytes) => Ok(Bytes::from(bytes)),
                    Step::Cut => Err(broken()),
                    Step::Hang => {
                        stopping.as_mut().await;
                        Err(broken())
                    }
                    Step::Wait(ms) => tokio::select! {
                        () = tokio::time::sleep(Duration::from_millis(ms)) => continue,
                        () = stopping.as_mut() => Err(broken()),
                    },
                };
                return Some((item, (steps, stopping)));
            }
        },
    ))
}
