//! The emulator's own pages.

use super::models::closed;
use crate::core::avatar;
use crate::core::config::Storage;
use serde_json::{Value, json};

/// The ready page has two statuses with the same content.
fn ready_page(text: &Value, ready: &Value) -> Value {
    let content = json!({ "text/html": text, "application/json": { "schema": ready } });
    json!({
        "get": {
            "operationId": "ready",
            "summary": "Says whether the emulator is ready.",
            "tags": ["emulator"],
            "security": [],
            "parameters": [],
            "responses": {
                "200": { "description": "Ready.", "content": content },
                "503": {
                    "description": "The database file cannot be written.",
                    "content": content,
                },
            },
        },
    })
}

/// The emulator's own pages.
pub(super) fn own_pages() -> Vec<(String, Value)> {
    let get = |name: &str, about: &str, parameters: Value, content: Value| {
        json!({
            "get": {
                "operationId": name,
                "summary": about,
                "tags": ["emulator"],
                "security": [],
                "parameters": parameters,
                "responses": { "200": { "description": "Done.", "content": content } },
            },
        })
    };
    let ready = closed(
        json!({
            "ready": { "type": "boolean" },
            "url": { "type": "string" },
            "appId": { "type": "string" },
            "region": { "type": "string" },
            "users": {
                "type": "array",
                "items": { "type": "string" },
                "description": "The uids of the oldest 100 users.",
            },
            "userCount": {
                "type": "integer",
                "minimum": 0,
                "description": "The number of active users.",
            },
            "storage": {
                "type": "string",
                "enum": [Storage::Memory.name(), Storage::File.name(), Storage::Failing.name()],
                "description": "Where changes are kept; `failing` while the database file cannot \
                    be written.",
            },
        }),
        &["ready", "url", "appId", "region", "users", "userCount", "storage"],
    );
    let text = json!({ "schema": { "type": "string" } });
    let uid = json!([
        {
            "name": "uid",
            "in": "path",
            "required": true,
            "schema": { "type": "string", "minLength": 1 },
        },
    ]);
    vec![
        ("/".to_owned(), ready_page(&text, &ready)),
        (
            format!("{}{{uid}}.svg", avatar::PATH),
            get("avatar", "Draws a picture, for any uid.", uid, json!({ "image/svg+xml": text })),
        ),
        (
            "/openapi.json".to_owned(),
            get(
                "openapi",
                "This description.",
                json!([]),
                json!({
                    "application/json": {
                        "schema": { "type": "object", "required": ["openapi", "paths"] },
                    },
                }),
            ),
        ),
    ]
}
