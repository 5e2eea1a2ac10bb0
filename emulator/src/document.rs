//! The whole state as one JSON document: what `--seed FILE` and `/emulator/v1/seed` read, and what export writes and import reads.

use crate::core::seed;
use crate::core::{ApiKey, App, Change, Role, Scope, State, Token, User, valid_app_id};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// The version this emulator writes, and the only one there has been.
const VERSION: u32 = 1;

fn version() -> u32 {
    VERSION
}

fn default_role() -> String {
    "default".to_owned()
}

/// The document.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Document {
    #[serde(default = "version")]
    version: u32,
    apps: Vec<AppPart>,
    /// Fault rules for every app. What they mean is the lab's to say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    faults: Vec<Value>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AppPart {
    id: String,
    /// Oldest first. Left out: the ten test users, if the app is new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    users: Option<Vec<UserPart>>,
    /// Left out: the emulator's two keys, if the app is new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    keys: Option<Vec<KeyPart>>,
    /// Every app has the role "default" anyway.
    #[serde(default)]
    roles: Vec<RolePart>,
    /// Oldest first.
    #[serde(default)]
    tokens: Vec<TokenPart>,
    /// Fault rules for this app.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    faults: Vec<Value>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RolePart {
    role: String,
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    metadata: Option<Map<String, Value>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    settings: Option<Map<String, Value>>,
    #[serde(default)]
    created_at: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    updated_at: Option<u64>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct UserPart {
    uid: String,
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    avatar: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    link: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status_message: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    metadata: Option<Map<String, Value>>,
    #[serde(default = "default_role")]
    role: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    /// UNIX seconds; now, if left out.
    #[serde(default)]
    created_at: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    updated_at: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deactivated_at: Option<u64>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct KeyPart {
    api_key: String,
    #[serde(default)]
    name: Option<String>,
    scope: Scope,
    #[serde(default)]
    created_at: Option<u64>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct TokenPart {
    auth_token: String,
    uid: String,
    #[serde(default)]
    created_at: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    platform: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user_agent: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    app_info: Option<Map<String, Value>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    device_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    jwt: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    channel_secret: Option<String>,
    /// Whether somebody logged in with it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    used: bool,
    /// Outlives logging out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pinned: bool,
}

impl Document {
    /// Reads and checks a document. The error says where it is wrong.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        let document: Self = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        document.check()?;
        Ok(document)
    }

    /// The ids of its apps.
    pub fn apps(&self) -> impl Iterator<Item = &str> {
        self.apps.iter().map(|app| app.id.as_str())
    }

    /// The same without the apps that are there already.
    pub fn without_apps_of(&self, state: &State) -> Self {
        let apps = self.apps.iter().filter(|app| state.app(&app.id).is_none()).cloned().collect();
        Self { version: self.version, apps, faults: self.faults.clone() }
    }

    /// What the state holds.
    pub fn of(state: &State) -> Self {
        let apps = state.apps().map(AppPart::of).collect();
        Self { version: VERSION, apps, faults: Vec::new() }
    }

    /// Leaves out all apps but one.
    pub fn keep_app(&mut self, id: &str) {
        self.apps.retain(|app| app.id.eq_ignore_ascii_case(id));
    }

    /// The fault rules as written: where they stand, the app they are for, the rules.
    pub fn faults(&self) -> impl Iterator<Item = (String, Option<&str>, &[Value])> {
        let of_apps = self.apps.iter().enumerate().map(|(at, app)| {
            (format!("apps[{at}]."), Some(app.id.as_str()), app.faults.as_slice())
        });
        std::iter::once((String::new(), None, self.faults.as_slice())).chain(of_apps)
    }

    /// Sets the fault rules: those for all apps, and those for each.
    pub fn set_faults(&mut self, rules: impl Fn(Option<&str>) -> Vec<Value>) {
        self.faults = rules(None);
        for app in &mut self.apps {
            app.faults = rules(Some(&app.id));
        }
    }

    /// The changes that add the document to the state: what is there under the same name is replaced, all else stays.
    pub fn changes(&self, state: &State, now: u64) -> Result<Vec<Change>, String> {
        let mut changes = Vec::new();
        let mut seq = state.next_seq;
        for (at, app) in self.apps.iter().enumerate() {
            app.changes(state, now, &mut seq, &mut changes)
                .map_err(|error| format!("apps[{at}].{error}"))?;
        }
        Ok(changes)
    }

    fn check(&self) -> Result<(), String> {
        if self.version != VERSION {
            return Err(format!("version {} is not known here, only {VERSION}.", self.version));
        }
        let mut ids = BTreeSet::new();
        for (at, app) in self.apps.iter().enumerate() {
            if !valid_app_id(&app.id) {
                return Err(format!(
                    "apps[{at}].id: \"{}\" is no app id: letters, digits, - and _ only, at most 63.",
                    app.id
                ));
            }
            if !ids.insert(app.id.to_ascii_lowercase()) {
                return Err(format!("apps[{at}].id: \"{}\" is there twice.", app.id));
            }
            app.check().map_err(|error| format!("apps[{at}].{error}"))?;
        }
        Ok(())
    }
}

impl AppPart {
    fn of(app: &App) -> Self {
        let mut users: Vec<&User> = app.users.values().collect();
        users.sort_by_key(|user| user.seq);
        let mut tokens: Vec<&Token> = app.tokens.values().collect();
        tokens.sort_by_key(|token| token.seq);
        let mut keys: Vec<&ApiKey> = app.keys.values().collect();
        keys.sort_by_key(|key| key.seq);
        let mut roles: Vec<&Role> = app.roles.values().collect();
        roles.sort_by_key(|role| role.seq);
        Self {
            id: app.id.clone(),
            users: Some(users.into_iter().map(UserPart::of).collect()),
            keys: Some(keys.into_iter().map(KeyPart::of).collect()),
            roles: roles.into_iter().map(RolePart::of).collect(),
            tokens: tokens.into_iter().map(TokenPart::of).collect(),
            faults: Vec::new(),
        }
    }

    fn check(&self) -> Result<(), String> {
        let mut seen = BTreeSet::new();
        for (at, user) in self.users.iter().flatten().enumerate() {
            let uid = user.uid.to_lowercase();
            let plain =
                |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
            if uid.is_empty() || uid.len() > 100 || !uid.chars().all(plain) {
                return Err(format!(
                    "users[{at}].uid: \"{uid}\" is no uid: a-z, 0-9, - and _ only, at most 100."
                ));
            }
            if user.name.trim().is_empty() {
                return Err(format!("users[{at}].name is empty."));
            }
            if !seen.insert(uid) {
                return Err(format!("users[{at}].uid: \"{}\" is there twice.", user.uid));
            }
        }
        let mut seen = BTreeSet::new();
        for (at, role) in self.roles.iter().enumerate() {
            let id = &role.role;
            let plain =
                |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
            if id.is_empty()
                || id.len() > 100
                || !id.chars().all(plain)
                || role.name.trim().is_empty()
            {
                return Err(format!(
                    "roles[{at}]: \"{id}\" needs a name, and an id of a-z, 0-9, - and _ only."
                ));
            }
            if !seen.insert(id) {
                return Err(format!("roles[{at}].role: \"{id}\" is there twice."));
            }
        }
        // Never quoted: they are secrets.
        let sendable = |text: &str| {
            !text.is_empty()
                && text.len() <= 500
                && text.bytes().all(|byte| byte.is_ascii_graphic())
        };
        let mut seen = BTreeSet::new();
        for (at, key) in self.keys.iter().flatten().enumerate() {
            if !sendable(&key.api_key) {
                return Err(format!(
                    "keys[{at}].apiKey: visible ASCII characters only, 1 to 500, no spaces."
                ));
            }
            if !seen.insert(&key.api_key) {
                return Err(format!("keys[{at}].apiKey is there twice."));
            }
        }
        let mut seen = BTreeSet::new();
        for (at, token) in self.tokens.iter().enumerate() {
            if !sendable(&token.auth_token) || token.auth_token.contains('/') {
                return Err(format!(
                    "tokens[{at}].authToken: visible ASCII characters only, 1 to 500, no spaces, no /."
                ));
            }
            if !seen.insert(&token.auth_token) {
                return Err(format!("tokens[{at}].authToken is there twice."));
            }
        }
        Ok(())
    }

    fn changes(
        &self,
        state: &State,
        now: u64,
        seq: &mut u64,
        changes: &mut Vec<Change>,
    ) -> Result<(), String> {
        let old = state.app(&self.id);
        let app = || old.map_or_else(|| self.id.clone(), |old| old.id.clone());
        let mut next = || {
            *seq += 1;
            *seq - 1
        };
        if old.is_none() {
            changes.push(Change::AddApp { app: app() });
            for change in seed::app(&State::default(), &self.id, now) {
                match change {
                    Change::PutUser { app, mut user } if self.users.is_none() => {
                        user.seq = next();
                        changes.push(Change::PutUser { app, user });
                    }
                    Change::PutKey { app, mut key } if self.keys.is_none() => {
                        key.seq = next();
                        changes.push(Change::PutKey { app, key });
                    }
                    Change::PutRole { app, mut role } => {
                        role.seq = next();
                        changes.push(Change::PutRole { app, role });
                    }
                    _ => {}
                }
            }
        }
        for part in &self.roles {
            let id = part.role.to_lowercase();
            let before = old.and_then(|old| old.roles.get(&id));
            let role = Role {
                role: id,
                name: part.name.clone(),
                description: part.description.clone(),
                metadata: part.metadata.clone(),
                settings: part.settings.clone(),
                created_at: part.created_at.unwrap_or(now),
                updated_at: part.updated_at,
                seq: before.map_or_else(&mut next, |role| role.seq),
            };
            changes.push(Change::PutRole { app: app(), role });
        }
        let roles: BTreeSet<&str> = self.roles.iter().map(|part| part.role.as_str()).collect();
        for (at, part) in self.users.iter().flatten().enumerate() {
            let role = part.role.as_str();
            let known = role == Role::DEFAULT
                || roles.contains(role)
                || old.is_some_and(|old| old.roles.contains_key(role));
            if !known {
                return Err(format!(
                    "users[{at}].role: there is no role \"{role}\" in this app; add it to \"roles\"."
                ));
            }
            let uid = part.uid.to_lowercase();
            let before = old.and_then(|old| old.users.get(&uid));
            let user = User {
                uid,
                name: part.name.clone(),
                avatar: part.avatar.clone(),
                link: part.link.clone(),
                status_message: part.status_message.clone(),
                metadata: part.metadata.clone(),
                role: part.role.clone(),
                tags: part.tags.clone(),
                created_at: part.created_at.unwrap_or(now),
                updated_at: part.updated_at,
                deactivated_at: part.deactivated_at,
                seq: before.map_or_else(&mut next, |user| user.seq),
            };
            changes.push(Change::PutUser { app: app(), user });
        }
        for part in self.keys.iter().flatten() {
            let name = || {
                if part.scope == Scope::AuthOnly { "Auth Key" } else { "Rest API Key" }.to_owned()
            };
            let key = ApiKey {
                api_key: part.api_key.clone(),
                name: part.name.clone().unwrap_or_else(name),
                scope: part.scope,
                created_at: part.created_at.unwrap_or(now),
                seq: old
                    .and_then(|old| old.keys.get(&part.api_key))
                    .map_or_else(&mut next, |key| key.seq),
            };
            changes.push(Change::PutKey { app: app(), key });
        }
        let known: BTreeSet<String> = changes
            .iter()
            .filter_map(|change| match change {
                Change::PutUser { app: of, user } if *of == app() => Some(user.uid.clone()),
                _ => None,
            })
            .chain(old.into_iter().flat_map(|old| old.users.keys().cloned()))
            .collect();
        for (at, part) in self.tokens.iter().enumerate() {
            let uid = part.uid.to_lowercase();
            if !known.contains(&uid) {
                return Err(format!("tokens[{at}].uid: there is no user \"{uid}\" in this app."));
            }
            // A token's place in the order is part of how it is found, so one that is replaced is taken out first.
            if old.is_some_and(|old| old.tokens.contains_key(&part.auth_token)) {
                changes.push(Change::RemoveToken { app: app(), token: part.auth_token.clone() });
            }
            let token = Token {
                token: part.auth_token.clone(),
                uid,
                created_at: part.created_at.unwrap_or(now),
                seq: next(),
                platform: part.platform.clone(),
                user_agent: part.user_agent.clone(),
                app_info: part.app_info.clone(),
                device_id: part.device_id.clone(),
                jwt: part.jwt.clone(),
                channel_secret: part.channel_secret.clone(),
                used: part.used,
                pinned: part.pinned,
            };
            changes.push(Change::PutToken { app: app(), token });
        }
        Ok(())
    }
}

impl RolePart {
    fn of(role: &Role) -> Self {
        Self {
            role: role.role.clone(),
            name: role.name.clone(),
            description: role.description.clone(),
            metadata: role.metadata.clone(),
            settings: role.settings.clone(),
            created_at: Some(role.created_at),
            updated_at: role.updated_at,
        }
    }
}

impl UserPart {
    fn of(user: &User) -> Self {
        Self {
            uid: user.uid.clone(),
            name: user.name.clone(),
            avatar: user.avatar.clone(),
            link: user.link.clone(),
            status_message: user.status_message.clone(),
            metadata: user.metadata.clone(),
            role: user.role.clone(),
            tags: user.tags.clone(),
            created_at: Some(user.created_at),
            updated_at: user.updated_at,
            deactivated_at: user.deactivated_at,
        }
    }
}

impl KeyPart {
    fn of(key: &ApiKey) -> Self {
        Self {
            api_key: key.api_key.clone(),
            name: Some(key.name.clone()),
            scope: key.scope,
            created_at: Some(key.created_at),
        }
    }
}

impl TokenPart {
    fn of(token: &Token) -> Self {
        Self {
            auth_token: token.token.clone(),
            uid: token.uid.clone(),
            created_at: Some(token.created_at),
            platform: token.platform.clone(),
            user_agent: token.user_agent.clone(),
            app_info: token.app_info.clone(),
            device_id: token.device_id.clone(),
            jwt: token.jwt.clone(),
            channel_secret: token.channel_secret.clone(),
            used: token.used,
            pinned: token.pinned,
        }
    }
}
