//! Values as JavaScript reads and writes them: JSON text and exceptions.

use cometchat_auth::protocol::error::{Exception, TABLE};
use serde_json::Value;

/// Writes JSON as the engine of a page does.
pub fn canonical(text: &str) -> Option<String> {
    serde_json::from_str::<Value>(text).ok().map(|value| value.to_string())
}

/// Collects every string of a value, member names included.
pub fn collect_strings(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::String(text) => out.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| collect_strings(item, out)),
        Value::Object(members) => members.iter().for_each(|(key, value)| {
            out.push(key.clone());
            collect_strings(value, out);
        }),
        _ => {}
    }
}

/// The fields of an exception as JavaScript reads them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExceptionFields {
    pub code: String,
    pub message: String,
    /// JSON text. `None` if masking a secret made the service's details invalid JSON.
    pub details: Option<String>,
    pub status: Option<u64>,
    pub retryable: bool,
    pub retry_after: Option<u32>,
    pub own: bool,
}

/// Reads an exception as the facade does.
pub fn exception_fields(exception: &Exception) -> ExceptionFields {
    let http = exception.http();
    let (code, message, details) = match exception {
        Exception::Own { code, subject, .. } => {
            let row = TABLE[*code as usize];
            let subject = if subject.is_empty() { String::new() } else { format!("{subject}: ") };
            (row.name.into(), format!("{subject}{}", row.text), String::new())
        }
        Exception::Service { error, .. } => {
            (error.code.clone(), error.message.clone(), error.details.clone())
        }
    };
    ExceptionFields {
        code,
        message,
        // JavaScript drops details that are falsy.
        details: canonical(&details)
            .filter(|details| !["null", "false", "0", "\"\""].contains(&&**details)),
        status: Some(u64::from(http.status)).filter(|status| *status > 0),
        retryable: exception.is_retryable(),
        retry_after: Some(http.retry_after).filter(|seconds| *seconds > 0),
        own: exception.code().is_some(),
    }
}
