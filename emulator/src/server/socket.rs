//! The web socket: takes the client's `auth` frame, answers it and its pings, and ends when the session does. Nothing else is spoken here:
//! the emulator has no messages.

use super::http::Shell;
use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use serde_json::{Value, json};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

/// How long a client may take to say who it is.
const AUTH: Duration = Duration::from_secs(10);
/// How long a client may be silent; the official one pings every 15 seconds.
const SILENCE: Duration = Duration::from_secs(120);
/// How long a farewell may take.
const FAREWELL: Duration = Duration::from_secs(1);
/// The largest frame taken, in bytes.
pub(super) const LARGEST: usize = 64 * 1024;

struct Session {
    app: String,
    token: String,
}

/// Holds the conversation to its end. `entry` is its line in the journal.
pub(super) async fn talk(mut socket: WebSocket, shell: Arc<Shell>, entry: u64) {
    let mut sessions = shell.sessions();
    let mut stopping = pin!(shell.stopping());
    let mut session: Option<Session> = None;
    let end = loop {
        let patience = if session.is_some() { SILENCE } else { AUTH };
        let message = tokio::select! {
            () = stopping.as_mut() => break Some((close_code::AWAY, "the emulator stops")),
            _ = sessions.changed() => match &session {
                Some(session) if !shell.has_session(&session.app, &session.token) => {
                    // A client that logs out closes by itself once it has the reply.
                    match tokio::time::timeout(FAREWELL, socket.recv()).await {
                        Err(_) => break Some((close_code::POLICY, "the session has ended")),
                        message => message,
                    }
                }
                _ => continue,
            },
            message = tokio::time::timeout(patience, socket.recv()) => message,
        };
        let text = match message {
            Err(_) if session.is_none() => break Some((close_code::POLICY, "no auth frame came")),
            Err(_) => break Some((close_code::AWAY, "no ping came")),
            Ok(None) => break None,
            Ok(Some(Err(error))) => {
                tracing::debug!(%error, "a web socket broke");
                break None;
            }
            Ok(Some(Ok(Message::Text(text)))) => text,
            Ok(Some(Ok(Message::Close(frame)))) => {
                let (code, reason) = frame.map_or((close_code::STATUS, String::new()), |frame| {
                    (frame.code, frame.reason.to_string())
                });
                shell.note_frame(
                    entry,
                    json!({ "closed": { "by": "client", "code": code, "reason": reason } }),
                );
                // The library answers it while the stream is read to its end.
                while let Ok(Some(Ok(_))) = tokio::time::timeout(FAREWELL, socket.recv()).await {}
                return;
            }
            Ok(Some(Ok(Message::Binary(_)))) => {
                break Some((close_code::UNSUPPORTED, "text frames only"));
            }
            // Pings of the protocol itself are answered by the library.
            Ok(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => continue,
        };
        let Ok(frame) = serde_json::from_str::<Value>(&text) else {
            break Some((close_code::INVALID, "a frame was no JSON"));
        };
        shell.note_frame(entry, json!({ "received": frame.clone() }));
        let word = |name: &str| frame.get(name).and_then(Value::as_str);
        if session.as_ref().is_some_and(|session| !shell.has_session(&session.app, &session.token))
        {
            break Some((close_code::POLICY, "the session has ended"));
        }
        let reply = if word("type") == Some("auth") {
            session = authenticate(&shell, &frame);
            if session.is_none() {
                let _gone = send(
                    &mut socket,
                    &shell,
                    entry,
                    &auth_reply(&frame, "401", "AUTH_ERR_AUTH_TOKEN_NOT_FOUND"),
                )
                .await;
                break Some((close_code::POLICY, "the pass is not valid"));
            }
            auth_reply(&frame, "200", "OK")
        } else if session.is_some() && word("action") == Some("ping") {
            json!({ "action": "pong", "ack": "true" })
        } else {
            continue;
        };
        if send(&mut socket, &shell, entry, &reply).await.is_none() {
            break None;
        }
    };
    let Some((code, reason)) = end else {
        shell.note_frame(entry, json!({ "closed": { "by": "connection" } }));
        return;
    };
    shell.note_frame(
        entry,
        json!({ "closed": { "by": "emulator", "code": code, "reason": reason } }),
    );
    let farewell = async {
        let _gone =
            socket.send(Message::Close(Some(CloseFrame { code, reason: reason.into() }))).await;
        while let Some(Ok(_)) = socket.recv().await {}
    };
    let _late = tokio::time::timeout(FAREWELL, farewell).await;
}

async fn send(socket: &mut WebSocket, shell: &Shell, entry: u64, frame: &Value) -> Option<()> {
    shell.note_frame(entry, json!({ "sent": frame }));
    tokio::time::timeout(FAREWELL, socket.send(Message::Text(frame.to_string().into())))
        .await
        .ok()?
        .ok()
}

/// The session of an `auth` frame: its pass must be one that `me` gave out and that still counts, and be the sender's.
fn authenticate(shell: &Shell, frame: &Value) -> Option<Session> {
    let app = frame.get("appId").and_then(Value::as_str)?;
    let pass = frame.get("body").and_then(|body| body.get("auth")).and_then(Value::as_str)?;
    let (app, uid, token) = shell.session_of_pass(app, pass)?;
    let sender = frame.get("sender").and_then(Value::as_str).unwrap_or(&uid);
    sender.eq_ignore_ascii_case(&uid).then_some(Session { app, token })
}

fn auth_reply(frame: &Value, code: &str, status: &str) -> Value {
    let same = |name: &str| frame.get(name).cloned().unwrap_or(Value::Null);
    json!({
        "appId": same("appId"), "type": "auth", "deviceId": same("deviceId"), "receiver": "", "receiverType": "", "sender": same("sender"),
        "body": { "code": code, "status": status },
    })
}
