//! The response that a shell sends, and how it sends it.

use super::faults::{Act, Hang};
use crate::core::Response as ServiceResponse;
use serde_json::{Value, json};

/// An HTTP response.
#[derive(Debug, Clone)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The header fields, with names in lower case and without `content-length`.
    pub headers: Vec<(String, String)>,
    /// The steps of sending the body, in order.
    pub steps: Vec<Step>,
    /// `content-length`, if the body is not sent in one piece.
    pub length: Option<usize>,
}

/// One step of sending a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Send these bytes.
    Bytes(Vec<u8>),
    /// Wait for so many milliseconds.
    Wait(u64),
    /// Send nothing more and keep the connection open until the emulator stops.
    Hang,
    /// Close the connection.
    Cut,
}

/// The outcome of a request, for the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// The request is in flight.
    Open,
    /// The response was sent.
    Answered,
    /// The connection was closed without a response.
    Dropped,
    /// The emulator stopped responding.
    Hung,
    /// The connection was closed in the middle of the body.
    Cut,
}

impl Response {
    /// A response whose body is sent in one piece.
    pub fn new(status: u16, content_type: Option<&str>, body: Vec<u8>) -> Self {
        let headers = content_type
            .map(|content_type| ("content-type".to_owned(), content_type.to_owned()))
            .into_iter()
            .collect();
        let steps = if body.is_empty() { Vec::new() } else { vec![Step::Bytes(body)] };
        Self { status, headers, steps, length: None }
    }

    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::new(status, Some("application/json"), body.to_string().into_bytes())
    }

    pub(crate) fn error(status: u16, code: &str, message: &str) -> Self {
        Self::json(status, &json!({ "error": { "code": code, "message": message } }))
    }

    /// Sets a header field. It replaces other fields with the same name.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.set(name, value);
        self
    }

    fn set(&mut self, name: &str, value: &str) {
        self.remove(name);
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    fn remove(&mut self, name: &str) {
        self.headers.retain(|(known, _)| known != name);
    }

    /// Modifies the response as a fault rule says, and returns the outcome of the request.
    pub(crate) fn apply_fault(&mut self, act: &Act) -> Outcome {
        if let Some(content_type) = &act.content_type {
            self.set("content-type", content_type);
        }
        if act.cors == Some(false) {
            self.headers.retain(|(name, _)| !name.starts_with("access-control-"));
        }
        for (name, value) in &act.headers {
            let name = name.to_ascii_lowercase();
            match value.as_str() {
                Some(value) => self.set(&name, value),
                None => self.remove(&name),
            }
        }
        let body = self.take_body();
        let cut = act.truncate.filter(|count| *count < body.len());
        let hangs = act.hang == Some(Hang::Body);
        if cut.is_none() && act.body_delay_ms.is_none() && !hangs {
            self.steps.push(Step::Bytes(body));
            return Outcome::Answered;
        }
        self.length = Some(body.len());
        let shown = body.get(..cut.unwrap_or(body.len())).unwrap_or_default();
        let (first, second) = shown.split_at(shown.len().div_ceil(2));
        self.steps.push(Step::Bytes(first.to_vec()));
        self.steps.extend(act.body_delay_ms.map(Step::Wait));
        if hangs {
            self.steps.push(Step::Hang);
        }
        self.steps.push(Step::Bytes(second.to_vec()));
        if cut.is_some() {
            // The bytes must reach the client before the connection is closed.
            self.steps.extend([Step::Wait(50), Step::Cut]);
        }
        self.steps.retain(|step| *step != Step::Bytes(Vec::new()));
        match (hangs, cut) {
            (true, _) => Outcome::Hung,
            (false, Some(_)) => Outcome::Cut,
            (false, None) => Outcome::Answered,
        }
    }

    fn take_body(&mut self) -> Vec<u8> {
        let mut body = Vec::new();
        for step in std::mem::take(&mut self.steps) {
            if let Step::Bytes(bytes) = step {
                body.extend(bytes);
            }
        }
        body
    }
}

impl From<ServiceResponse> for Response {
    fn from(response: ServiceResponse) -> Self {
        let ServiceResponse { status, content_type, headers, body, .. } = response;
        let mut response = Self::new(status, content_type, body.into_bytes());
        let others = headers.into_iter().map(|(name, value)| (name.to_owned(), value));
        response.headers.extend(others);
        response
    }
}
