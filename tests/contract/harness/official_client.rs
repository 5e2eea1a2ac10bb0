//! Entries of the official client.

use serde_json::{Value, json};

use super::app::{APP, SETTINGS, USER};
use super::responses::settings_of;
use super::storage::Storage;

/// An entry as the official client writes it: JSON inside a JSON string.
pub fn double_encoded(value: &Value) -> String {
    serde_json::to_string(&value.to_string()).unwrap()
}

/// Writes a session as another program does, such as the official client.
pub fn write_session(storage: &Storage, uid: &str, token: &str) {
    storage.put("myapp:common_store/appId", &double_encoded(&json!(APP)));
    storage.put(SETTINGS, &double_encoded(&settings_of(uid)));
    storage.put(USER, &double_encoded(&json!({"uid": uid, "name": uid, "authToken": token})));
}
