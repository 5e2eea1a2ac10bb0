//! What a fresh app holds: the ten test users the documentation speaks of, one Auth Key, one REST API key; on request what the
//! documentation's code snippets name.

use super::state::{ApiKey, App, Change, Role, Scope, State, Token, User};
use super::users::AVATARS;

/// The app when none is named.
pub const APP_ID: &str = "emulator-app";
/// The Auth Key of every app.
pub const AUTH_KEY: &str = "emulator-auth-key";
/// The REST API key of every app.
pub const REST_API_KEY: &str = "emulator-rest-api-key";

const USERS: [(&str, &str); 10] = [
    ("cometchat-uid-1", "Andrew Joseph"),
    ("cometchat-uid-2", "George Alan"),
    ("cometchat-uid-3", "Nancy Grace"),
    ("cometchat-uid-4", "Susan Marie"),
    ("cometchat-uid-5", "John Paul"),
    ("superhero1", "Iron Man"),
    ("superhero2", "Captain America"),
    ("superhero3", "Spiderman"),
    ("superhero4", "Wolverine"),
    ("superhero5", "Cyclops"),
];

/// What the documentation's snippets name literally. The uid is there in lower case, as every uid.
const DOCS_UID: &str = "uid";
const DOCS_KEY: &str = "AUTH_KEY";
const DOCS_TOKEN: &str = "AUTH_TOKEN";

/// A new app with its users and keys. Nothing if there is such an app already: what was deleted stays deleted.
pub fn app(state: &State, id: &str, now: u64) -> Vec<Change> {
    if state.app(id).is_some() {
        return Vec::new();
    }
    let app = || id.to_owned();
    let mut changes = vec![Change::AddApp { app: app() }];
    for ((uid, name), seq) in USERS.iter().zip(state.next_seq..) {
        changes.push(Change::PutUser { app: app(), user: user(uid, name, now, seq) });
    }
    let seq = state.next_seq + USERS.len() as u64;
    changes.push(Change::PutKey {
        app: app(),
        key: key(AUTH_KEY, "Auth Key", Scope::AuthOnly, now, seq),
    });
    changes.push(Change::PutKey {
        app: app(),
        key: key(REST_API_KEY, "Rest API Key", Scope::FullAccess, now, seq + 1),
    });
    let role = Role { created_at: now, seq: seq + 2, ..Role::default_role() };
    changes.push(Change::PutRole { app: app(), role });
    changes
}

/// What the documentation's snippets name, as far as it is not there: the user `UID`, the key `AUTH_KEY`, the user's token `AUTH_TOKEN`
/// (which logging out does not revoke, so that the snippets can be run again).
pub fn docs(state: &State, app: &App, now: u64) -> Vec<Change> {
    let id = || app.id.clone();
    let mut changes = Vec::new();
    if !app.users.contains_key(DOCS_UID) {
        let user = user(DOCS_UID, "UID of the documentation", now, state.next_seq);
        changes.push(Change::PutUser { app: id(), user });
    }
    if !app.keys.contains_key(DOCS_KEY) {
        changes.push(Change::PutKey {
            app: id(),
            key: key(
                DOCS_KEY,
                "AUTH_KEY of the documentation",
                Scope::AuthOnly,
                now,
                state.next_seq + 2,
            ),
        });
    }
    if !app.tokens.contains_key(DOCS_TOKEN) {
        let token = Token {
            token: DOCS_TOKEN.to_owned(),
            uid: DOCS_UID.to_owned(),
            created_at: now,
            seq: state.next_seq + 1,
            platform: None,
            user_agent: None,
            app_info: None,
            device_id: None,
            jwt: None,
            channel_secret: None,
            used: false,
            pinned: true,
        };
        changes.push(Change::PutToken { app: id(), token });
    }
    changes
}

fn user(uid: &str, name: &str, now: u64, seq: u64) -> User {
    User {
        uid: uid.to_owned(),
        name: name.to_owned(),
        avatar: Some(format!("{AVATARS}{uid}.svg")),
        link: None,
        status_message: None,
        metadata: None,
        role: "default".to_owned(),
        tags: Vec::new(),
        created_at: now,
        updated_at: None,
        deactivated_at: None,
        seq,
    }
}

fn key(api_key: &str, name: &str, scope: Scope, now: u64, seq: u64) -> ApiKey {
    ApiKey { api_key: api_key.to_owned(), name: name.to_owned(), scope, created_at: now, seq }
}
