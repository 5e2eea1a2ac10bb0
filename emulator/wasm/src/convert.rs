//! The conversion between JavaScript's values and those of the lab.

use base64::Engine as _;
use cometchat_emulator::core::Body;
use cometchat_emulator::lab::{Head, Response, Step};
use serde::Deserialize;
use serde_json::{Value, json};
use wasm_bindgen::prelude::JsError;

/// The head of a request, as JavaScript passes it.
#[derive(Deserialize)]
struct JsHead {
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    local: bool,
}

pub(crate) fn head_of(text: &str) -> Result<Head, JsError> {
    let JsHead { method, path, query, headers, local } = serde_json::from_str(text)?;
    Ok(Head { method, path, query, headers, local })
}

pub(crate) fn body_of(bytes: Option<Vec<u8>>) -> Body {
    match bytes {
        None => Body::TooLarge,
        Some(bytes) if bytes.is_empty() => Body::Empty,
        Some(bytes) => Body::Bytes(bytes),
    }
}

pub(crate) fn array<const N: usize>(bytes: &[u8]) -> Result<[u8; N], JsError> {
    bytes.try_into().map_err(|_| JsError::new(&format!("{N} random bytes are needed.")))
}

pub(crate) fn response_of(response: &Response) -> Value {
    let steps: Vec<Value> = response
        .steps
        .iter()
        .map(|step| match step {
            Step::Bytes(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => json!({ "text": text }),
                Err(_) => {
                    json!({ "base64": base64::engine::general_purpose::STANDARD.encode(bytes) })
                }
            },
            Step::Wait(ms) => json!({ "wait": ms }),
            Step::Hang => json!({ "end": "hang" }),
            Step::Cut => json!({ "end": "cut" }),
        })
        .collect();
    json!({
        "status": response.status,
        "headers": response.headers,
        "steps": steps,
        "length": response.length,
    })
}
