//! The failure of a call.

use super::error::ErrorKind;
use super::http::Response;
use serde_json::{Map, Value, json};

/// The reason why a call failed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) kind: ErrorKind,
    pub(crate) message: String,
    pub(crate) dev_message: Option<String>,
    /// The problems of each invalid field. Boxed: failures are passed up often, most have none.
    pub(crate) details: Option<Box<Map<String, Value>>>,
}

impl Failure {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), dev_message: None, details: None }
    }

    pub(crate) fn dev(mut self, message: String) -> Self {
        self.dev_message = Some(message);
        self
    }

    /// The failure for a uid that no active user has.
    pub(crate) fn unknown_user(uid: &str) -> Self {
        Self::new(
            ErrorKind::UidNotFound,
            format!(
                "The UID {uid} does not exist, please make sure you have created a user with UID \
                 {uid}."
            ),
        )
    }

    pub(crate) fn response(&self) -> Response {
        let mut error = Map::new();
        error.insert("message".into(), json!(self.message));
        error
            .insert("devMessage".into(), json!(self.dev_message.as_ref().unwrap_or(&self.message)));
        error.insert("source".into(), json!("chat-api"));
        error.insert("code".into(), json!(self.kind.code()));
        if let Some(details) = &self.details {
            error.insert("details".into(), Value::Object(Map::clone(details)));
        }
        let mut response = Response::json(self.kind.status(), &json!({ "error": error }));
        response.code = Some(self.kind.code());
        response
    }
}
