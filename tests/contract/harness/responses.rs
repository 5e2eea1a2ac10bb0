//! Responses of the service.

use cometchat_auth::client::ports::{NoResponse, Outcome, Received};
use cometchat_auth::protocol::error::Http;
use serde_json::{Value, json};

use super::app::{APP, settings_of};

pub fn body(status: u16, body: &str) -> Outcome {
    Ok(Received { http: Http { status, retry_after: 0 }, body: body.into() }.into())
}

pub fn data(value: Value) -> Outcome {
    body(200, &json!({ "data": value }).to_string())
}

pub fn error_response(status: u16, code: &str) -> Outcome {
    body(status, &json!({"error": {"code": code, "message": "The service says no."}}).to_string())
}

pub const NO_RESPONSE: Outcome = Err(NoResponse);

/// A response to `POST auth_tokens`.
pub fn token(uid: &str, token: &str) -> Outcome {
    data(json!({"uid": uid, "authToken": token, "createdAt": 1_800_000_000}))
}

/// A response to `PUT me`.
pub fn me(uid: &str) -> Outcome {
    data(json!({
        "uid": uid,
        "name": uid.to_uppercase(),
        "status": "offline",
        "role": "default",
        "createdAt": 1_800_000_000,
        "wsChannel": {"identity": format!("[{APP}]{uid}")},
        "jwt": "a.b.c",
        "settings": settings_of(uid),
    }))
}
