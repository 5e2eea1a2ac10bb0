//! The content of a new app: the documentation's ten test users, an Auth Key and a REST API key; on
//! request also what the documentation's snippets name.

use super::avatar;
use super::change::Change;
use super::config::DEFAULT_APP;
use super::entity::{ApiKey, Role, Scope, Token, User};
use super::state::{App, State};

/// The app when none is named.
pub const APP_ID: &str = DEFAULT_APP;
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

/// The names of the documentation's snippets. The uid is in lower case, as all uids are.
const DOCS_UID: &str = "uid";
const DOCS_KEY: &str = "AUTH_KEY";
const DOCS_TOKEN: &str = "AUTH_TOKEN";

/// A new app with its users and keys. No changes if the app exists: what was deleted stays deleted.
pub fn app(state: &State, id: &str, now: u64) -> Vec<Change> {
    if state.app(id).is_some() {
        return Vec::new();
    }
    let app = || id.to_owned();
    let mut seqs = state.next_seq..;
    let mut seq = || seqs.next().unwrap_or_default();
    let mut changes = vec![Change::AddApp { app: app() }];
    for (uid, name) in USERS {
        changes.push(Change::PutUser { app: app(), user: user(uid, name, now, seq()) });
    }
    for (api_key, scope) in [(AUTH_KEY, Scope::AuthOnly), (REST_API_KEY, Scope::FullAccess)] {
        let key = key(api_key, scope.key_name(), scope, now, seq());
        changes.push(Change::PutKey { app: app(), key });
    }
    changes.push(Change::PutRole { app: app(), role: Role::default_role(now, seq()) });
    changes
}

/// The user `UID`, the key `AUTH_KEY` and the token `AUTH_TOKEN` of the documentation's snippets,
/// as far as they are missing. A logout does not revoke the token, so that the snippets run again.
pub fn docs(state: &State, app: &App, now: u64) -> Vec<Change> {
    let id = || app.id.clone();
    let seq = state.next_seq;
    let mut changes = Vec::new();
    if !app.users.contains(DOCS_UID) {
        let user = user(DOCS_UID, "UID of the documentation", now, seq);
        changes.push(Change::PutUser { app: id(), user });
    }
    if app.tokens.get(DOCS_TOKEN).is_none() {
        let (token, uid) = (DOCS_TOKEN.to_owned(), DOCS_UID.to_owned());
        let created_at = now;
        let token =
            Token { token, uid, created_at, seq: seq + 1, pinned: true, ..Token::default() };
        changes.push(Change::PutToken { app: id(), token });
    }
    if !app.keys.contains_key(DOCS_KEY) {
        let name = "AUTH_KEY of the documentation";
        let key = key(DOCS_KEY, name, Scope::AuthOnly, now, seq + 2);
        changes.push(Change::PutKey { app: id(), key });
    }
    changes
}

fn user(uid: &str, name: &str, now: u64, seq: u64) -> User {
    let avatar = Some(format!("{}{uid}.svg", avatar::PATH));
    User { avatar, ..User::new(uid, name, now, seq) }
}

fn key(api_key: &str, name: &str, scope: Scope, now: u64, seq: u64) -> ApiKey {
    ApiKey { api_key: api_key.to_owned(), name: name.to_owned(), scope, created_at: now, seq }
}
