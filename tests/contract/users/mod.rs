//! B10, B11, B23, B29: the calls that write and read users, and `verifySession`.

mod arguments;
mod ending;
mod refresh;
mod requests;
mod secrets;
mod settling;
mod verify;

use cometchat_auth::client::Call;
use cometchat_auth::client::ports::{CallId, Outcome};
use serde_json::{Value, json};

use crate::harness::*;

fn user() -> Value {
    json!({"uid": "carol", "name": "Carol"})
}

impl Tab {
    fn create(&mut self, user: &Value) -> CallId {
        self.call(Call::CreateUser, 0, &json!({"user": user, "authKey": AUTH_KEY}))
    }

    fn update(&mut self, user: &Value) -> CallId {
        self.call(Call::UpdateUser, 0, &json!({"user": user, "authKey": AUTH_KEY}))
    }

    fn update_me(&mut self, user: &Value) -> CallId {
        self.call(Call::UpdateMe, 0, &json!({"user": user}))
    }

    fn get_user(&mut self, uid: &str) -> CallId {
        self.call(Call::GetUser, 0, &json!({"uid": uid}))
    }

    fn verify(&mut self) -> CallId {
        self.call(Call::Verify, 0, &json!({}))
    }

    /// The stored user.
    fn stored(&self) -> Value {
        let text = self.platform.local.get(USER).expect("a session on disk");
        serde_json::from_str(&serde_json::from_str::<String>(&text).unwrap()).unwrap()
    }
}

/// A response about a user. It also has fields that must not reach the app.
fn user_response(uid: &str, name: &str) -> Outcome {
    data(json!({
        "uid": uid,
        "name": name,
        "status": "online",
        "createdAt": 1_800_000_000,
        "custom": {"a": [1]},
        "authToken": "echoed-token-9",
        "jwt": "new.jwt",
        "wsChannel": {"identity": "new"},
        "settings": settings_of("new"),
    }))
}

fn token_unknown() -> Outcome {
    error_response(401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND")
}

type MakeCall = fn(&mut Tab) -> CallId;

/// Every call with the session's token, except `logout`.
const SESSION_CALLS: [(&str, MakeCall); 3] = [
    ("updateCurrentUserDetails", |tab| tab.update_me(&user())),
    ("getUser", |tab| tab.get_user("carol")),
    ("verifySession", Tab::verify),
];

/// Every call that sends a request, except `login`.
fn all_calls() -> Vec<(&'static str, MakeCall)> {
    let mut all = SESSION_CALLS.to_vec();
    all.push(("createUser", |tab| tab.create(&user())));
    all.push(("updateUser", |tab| tab.update(&user())));
    all.push(("logout", Tab::logout));
    all
}
