//! Transports the frames of a web socket between a client and the lab's conversation, and runs its
//! timers.

use super::shell::Shell;
use super::system;
use crate::lab::{Conversation, Event, Reaction, bounds};
use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

/// Runs the conversation until the socket is closed.
pub(super) async fn run(mut socket: WebSocket, shell: Arc<Shell>, mut conversation: Conversation) {
    let mut sessions = shell.sessions();
    let mut stopping = pin!(shell.stopping());
    loop {
        let left = conversation.deadline().saturating_sub(system::now_ms());
        let event = tokio::select! {
            () = stopping.as_mut() => Event::Stopping,
            _ = sessions.changed() => {
                if !conversation.has_ended(&shell.lab()) {
                    continue;
                }
                // A client that logs out closes the socket itself once it has the response.
                match tokio::time::timeout(bounds::SOCKET_FAREWELL, socket.recv()).await {
                    Err(_) => Event::Time,
                    Ok(message) => event_of(message),
                }
            }
            message = socket.recv() => event_of(message),
            () = tokio::time::sleep(Duration::from_millis(left)) => Event::Time,
        };
        let closed_by_client = matches!(event, Event::Closed(..));
        let reaction = shell.with(|lab| conversation.take(lab, event, system::now_ms()));
        let Reaction { send, close, gone } = reaction;
        if let Some(text) = send
            && !send_message(&mut socket, Message::Text(text.into())).await
        {
            shell.with(|lab| conversation.take(lab, Event::Broke, system::now_ms()));
            return;
        }
        if let Some((code, reason)) = close {
            send_message(
                &mut socket,
                Message::Close(Some(CloseFrame { code, reason: reason.into() })),
            )
            .await;
        }
        if close.is_some() || closed_by_client {
            // The library completes the closing handshake while the stream is read to its end.
            let rest = async { while let Some(Ok(_)) = socket.recv().await {} };
            let _late = tokio::time::timeout(bounds::SOCKET_FAREWELL, rest).await;
        }
        if close.is_some() || gone {
            return;
        }
    }
}

fn event_of(message: Option<Result<Message, axum::Error>>) -> Event {
    match message {
        None => Event::Broke,
        Some(Err(error)) => {
            tracing::debug!(%error, "a web socket broke");
            Event::Broke
        }
        Some(Ok(Message::Text(text))) => Event::Text(text.as_str().to_owned()),
        Some(Ok(Message::Binary(_))) => Event::Binary,
        // The library answers pings.
        Some(Ok(Message::Ping(_) | Message::Pong(_))) => Event::Ping,
        Some(Ok(Message::Close(frame))) => {
            let (code, reason) = frame.map_or((close_code::STATUS, String::new()), |frame| {
                (frame.code, frame.reason.as_str().to_owned())
            });
            Event::Closed(code, reason)
        }
    }
}

/// Sends a message. False if the client does not accept it.
async fn send_message(socket: &mut WebSocket, message: Message) -> bool {
    let sending = tokio::time::timeout(bounds::SOCKET_FAREWELL, socket.send(message));
    matches!(sending.await, Ok(Ok(())))
}
