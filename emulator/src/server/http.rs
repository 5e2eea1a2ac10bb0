//! The way of a request: reads it, asks the lab for a plan, stores the changes, carries out the
//! plan and writes a line to the log.

use super::message::{head_of, read_body, slow_body};
use super::shell::{OpenSocket, Shell};
use super::{control, dashboard, socket, system};
use crate::lab::{
    Conversation, Destination, Exchange, Lab, Outcome, Plan, Response, Sending, bounds,
};
use axum::body::Body;
use axum::extract::{FromRequestParts as _, WebSocketUpgrade};
use axum::http::Response as HttpResponse;
use axum::http::request::Parts;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The connection must be closed without a complete response.
#[derive(Debug, thiserror::Error)]
#[error("dropped by a fault rule, or because the emulator stops")]
pub(super) struct Dropped;

/// Answers a request. An error closes the connection.
pub(super) async fn respond(
    shell: &Arc<Shell>,
    request: axum::http::Request<Body>,
    peer: IpAddr,
) -> Result<HttpResponse<Body>, Dropped> {
    let (mut parts, body) = request.into_parts();
    let head = head_of(&parts, peer);
    let admitted = shell.lab().admit(&head);
    match admitted {
        Err(refusal) => {
            tracing::warn!("{}", refusal.log);
            return Ok(shell.to_http(refusal.response));
        }
        Ok(Destination::Control) => return Ok(control::respond(shell, &head, body).await),
        Ok(Destination::Dashboard(path)) => {
            // A build without a dashboard passes the request to the service, which has a ready
            // page.
            if let Some(response) = dashboard::respond(&path) {
                return Ok(response);
            }
        }
        Ok(Destination::Service) => {}
    }
    let started = Instant::now();
    let read = read_body(body, bounds::BODY_KEPT, bounds::BODY_READ);
    let Ok(body) = tokio::time::timeout(shell.limits().body, read).await else {
        return Ok(shell.to_http(slow_body(shell.limits().body)));
    };
    let Some(entropy) = system::entropy() else {
        return Ok(shell.to_http(Response::new(500, None, Vec::new())));
    };
    let method = head.method.clone();
    let exchange = shell.with(|lab| lab.begin(head, body, system::now_ms(), entropy));
    let plan = plan_for(shell, &exchange).await;
    let (response, sent) = match plan {
        Plan::Drop => (Err(Dropped), Sent::nothing(Outcome::Dropped)),
        Plan::Hang => {
            shell.stopping().await;
            (Err(Dropped), Sent::nothing(Outcome::Hung))
        }
        Plan::Open(conversation) => {
            let response = open_socket(shell, &mut parts, conversation).await;
            let status = Some(response.status().as_u16());
            (Ok(response), Sent { status, ..Sent::nothing(Outcome::Answered) })
        }
        Plan::Send(Sending { response, outcome, app, code }) => {
            let sent = Sent { status: Some(response.status), outcome, app, code };
            (Ok(shell.to_http(response)), sent)
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
    shell.with(|lab| lab.finish(&exchange, sent.status, sent.code, sent.outcome, ms));
    response
}

/// Waits for the delay, and returns the plan once its changes are stored.
async fn plan_for(shell: &Arc<Shell>, exchange: &Exchange) -> Plan {
    if exchange.delay_ms > 0 {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(exchange.delay_ms)) => {}
            () = shell.stopping() => return Plan::Drop,
        }
    }
    let serve = |lab: &mut Lab| lab.serve(exchange, system::now_ms());
    if !exchange.may_store() {
        return shell.read(serve).await;
    }
    match shell.change(serve).await {
        Ok(plan) => plan,
        Err(error) => {
            tracing::error!(%error, "changes could not be stored");
            shell.with(|lab| lab.not_stored(exchange))
        }
    }
}

async fn open_socket(
    shell: &Arc<Shell>,
    parts: &mut Parts,
    conversation: Conversation,
) -> HttpResponse<Body> {
    let open = OpenSocket(Arc::clone(shell));
    let upgrade = match WebSocketUpgrade::from_request_parts(parts, &()).await {
        Ok(upgrade) => upgrade,
        Err(rejection) => {
            let message = format!("The web socket handshake is invalid: {rejection}.");
            return shell.to_http(Response::error(400, "EMULATOR_BAD_HANDSHAKE", &message));
        }
    };
    let shell = Arc::clone(shell);
    // Twice the bound, so that the conversation can report a frame that is too large.
    upgrade.max_message_size(2 * bounds::FRAME).max_frame_size(2 * bounds::FRAME).on_upgrade(
        move |socket| async move {
            socket::run(socket, shell, conversation).await;
            drop(open);
        },
    )
}

/// The response as the log and the journal record it.
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
