//! The outputs of the client, as a test reads them.

use std::collections::BTreeMap;

use cometchat_auth::client::ports::{CallId, Event, RequestId};
use serde_json::Value;

use super::javascript::exception_fields;

/// A request that was sent.
#[derive(Clone, Debug)]
pub struct SentRequest {
    pub id: RequestId,
    pub method: &'static str,
    pub url: String,
    pub headers: BTreeMap<String, String>,
    pub body: Value,
    pub keepalive: bool,
    /// The client no longer waits for the response: it arrived, the request was cancelled or timed
    /// out.
    pub done: bool,
}

impl SentRequest {
    /// The method and the end of the URL, such as `PUT /me`.
    pub fn request_line(&self) -> String {
        let path = self.url.split_once("/v3.0").map_or(self.url.as_str(), |(_, path)| path);
        format!("{} {path}", self.method)
    }
}

/// One observable output of the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogEntry {
    Sent(RequestId),
    Event(Event),
    Settled(CallId),
    Warning(&'static str),
}

/// An event as one line: `loginSuccess alice`, `loginFailure ERR_X`.
pub fn event_text(event: &Event) -> String {
    match event {
        Event::LoginSuccess(session) => format!("loginSuccess {}", session.uid),
        Event::LoginFailure(exception) => {
            format!("loginFailure {}", exception_fields(exception).code)
        }
        Event::LogoutSuccess => "logoutSuccess".into(),
        Event::LogoutFailure(exception) => {
            format!("logoutFailure {}", exception_fields(exception).code)
        }
    }
}
