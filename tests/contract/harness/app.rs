//! The app of the tests: its keys in storage, the tokens and settings of its users, and its entries
//! as the official client writes them.

use serde_json::{Value, json};

use super::storage::Storage;

pub const APP: &str = "myapp";
pub const AUTH_KEY: &str = "an-auth-key";
pub const USER: &str = "myapp:common_store/user";
pub const SETTINGS: &str = "myapp:common_store/app_settings";

pub fn first_token(uid: &str) -> String {
    format!("{uid}-token-1")
}

pub fn uid_and_token(uid: &str, token: &str) -> Option<(String, String)> {
    Some((uid.into(), token.into()))
}

/// The settings of the service. Each user has another host, so that a mix of two sessions is
/// visible.
pub fn settings_of(uid: &str) -> Value {
    json!({
        "ADMIN_API_HOST": format!("{uid}.api-us.cometchat.io"),
        "CLIENT_API_HOST": format!("{uid}.apiclient-us.cometchat.io"),
        "CHAT_API_VERSION": "v3.0",
        "APP_VERSION": 4,
    })
}

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
