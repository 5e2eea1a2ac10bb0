//! The app of the tests, its storage keys, and the tokens of its users.

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
