//! The state as one JSON document: the format of seeds, exports and imports. Pure: it reads and
//! writes no file.
//!
//! The entities in it are those of [`core::entity`](crate::core::entity). Lists are oldest first;
//! that order is the order of creation.

use crate::core::{ApiKey, App, Change, Role, State, Token, User, seed, valid_app_id};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The version of the format, and the only one so far.
const VERSION: u32 = 1;

/// CometChat's limit of bots an app.
const MOST_BOTS: usize = 25;

fn version() -> u32 {
    VERSION
}

/// A document of one or more apps.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Document {
    /// Where the schema is, for editors.
    #[serde(rename = "$schema", default, skip_serializing)]
    _schema: Option<String>,
    #[serde(default = "version")]
    version: u32,
    apps: Vec<AppDocument>,
    /// Fault rules for every app. The lab reads them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    faults: Vec<Value>,
}

/// One app of a document.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AppDocument {
    /// The app's id.
    pub id: String,
    /// Left out: the ten test users, if the app is new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub users: Option<Vec<User>>,
    /// Left out: the emulator's two keys, if the app is new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<Vec<ApiKey>>,
    /// Every app has the role `default` in any case.
    #[serde(default)]
    pub roles: Vec<Role>,
    /// The auth tokens.
    #[serde(default)]
    pub tokens: Vec<Token>,
    /// Fault rules for this app. The lab reads them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<Value>,
}

impl Document {
    /// Reads and checks a document. The error says where it is invalid.
    ///
    /// # Errors
    ///
    /// When the text is not a document, and when an id, a name or a secret in it is invalid or is
    /// there twice.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        let document: Self = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        document.check()?;
        Ok(document)
    }

    /// A document of one app, checked.
    ///
    /// # Errors
    ///
    /// As for [`Document::parse`].
    pub fn of_app(app: AppDocument) -> Result<Self, String> {
        let document =
            Self { _schema: None, version: VERSION, apps: vec![app], faults: Vec::new() };
        document.check()?;
        Ok(document)
    }

    /// The ids of its apps.
    pub fn apps(&self) -> impl Iterator<Item = &str> {
        self.apps.iter().map(|app| app.id.as_str())
    }

    /// The same document without the apps that a state has.
    pub fn without_apps_of(&self, state: &State) -> Self {
        let apps = self.apps.iter().filter(|app| state.app(&app.id).is_none()).cloned().collect();
        Self { _schema: None, version: self.version, apps, faults: self.faults.clone() }
    }

    /// The document of a whole state.
    pub fn of(state: &State) -> Self {
        let apps = state.apps().map(AppDocument::of).collect();
        Self { _schema: None, version: VERSION, apps, faults: Vec::new() }
    }

    /// Removes all apps but one.
    pub fn keep_app(&mut self, id: &str) {
        self.apps.retain(|app| app.id.eq_ignore_ascii_case(id));
    }

    /// The fault rules as written: their place in the document, their app, and the rules.
    pub fn faults(&self) -> impl Iterator<Item = (String, Option<&str>, &[Value])> {
        let of_apps = self.apps.iter().enumerate().map(|(at, app)| {
            (format!("apps[{at}]."), Some(app.id.as_str()), app.faults.as_slice())
        });
        std::iter::once((String::new(), None, self.faults.as_slice())).chain(of_apps)
    }

    /// Sets the fault rules: those for all apps, and those of each.
    pub fn set_faults(&mut self, rules: impl Fn(Option<&str>) -> Vec<Value>) {
        self.faults = rules(None);
        for app in &mut self.apps {
            app.faults = rules(Some(&app.id));
        }
    }

    /// The changes that add the document to a state. They replace what has the same name, and keep
    /// everything else.
    ///
    /// # Errors
    ///
    /// When a user has a role that the app does not have, or a token a user.
    pub fn changes(&self, state: &State, now: u64) -> Result<Vec<Change>, String> {
        let mut adding = Adding { changes: Vec::new(), next_seq: state.next_seq, now };
        for (at, app) in self.apps.iter().enumerate() {
            app.add_to(state, &mut adding).map_err(|error| format!("apps[{at}].{error}"))?;
        }
        Ok(adding.changes)
    }

    fn check(&self) -> Result<(), String> {
        if self.version != VERSION {
            return Err(format!(
                "version {} is not supported; this emulator reads version {VERSION}.",
                self.version
            ));
        }
        let mut ids = BTreeSet::new();
        for (at, app) in self.apps.iter().enumerate() {
            let id = &app.id;
            if !valid_app_id(id) {
                return Err(format!(
                    "apps[{at}].id: \"{id}\" is not an app id. Use letters, digits, - and _, at most 63."
                ));
            }
            if !ids.insert(id.to_ascii_lowercase()) {
                return Err(format!("apps[{at}].id: \"{id}\" is there twice."));
            }
            app.check().map_err(|error| format!("apps[{at}].{error}"))?;
        }
        Ok(())
    }
}

/// Changes that are being collected.
struct Adding {
    changes: Vec<Change>,
    next_seq: u64,
    now: u64,
}

impl Adding {
    fn seq(&mut self) -> u64 {
        self.next_seq += 1;
        self.next_seq - 1
    }

    /// The given time, or the time of loading where the document leaves it out.
    fn time(&self, created_at: u64) -> u64 {
        if created_at == 0 { self.now } else { created_at }
    }
}

impl AppDocument {
    /// The document of an app.
    pub fn of(app: &App) -> Self {
        let mut tokens: Vec<Token> = app.tokens.iter().cloned().collect();
        tokens.sort_by_key(|token| token.seq);
        let mut keys: Vec<ApiKey> = app.keys.values().cloned().collect();
        keys.sort_by_key(|key| key.seq);
        let mut roles: Vec<Role> = app.roles.values().cloned().collect();
        roles.sort_by_key(|role| role.seq);
        Self {
            id: app.id.clone(),
            users: Some(app.users.iter().cloned().collect()),
            keys: Some(keys),
            roles,
            tokens,
            faults: Vec::new(),
        }
    }

    fn check(&self) -> Result<(), String> {
        let mut seen = BTreeSet::new();
        for (at, user) in self.users.iter().flatten().enumerate() {
            let uid = user.uid.to_lowercase();
            if !is_id(&uid) {
                return Err(format!(
                    "users[{at}].uid: \"{uid}\" is not a uid. Use a-z, 0-9, - and _, at most 100."
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
        for (at, Role { role, name, .. }) in self.roles.iter().enumerate() {
            if !is_id(role) || name.trim().is_empty() {
                return Err(format!(
                    "roles[{at}]: \"{role}\" needs a name, and an id of a-z, 0-9, - and _."
                ));
            }
            if !seen.insert(role) {
                return Err(format!("roles[{at}].role: \"{role}\" is there twice."));
            }
        }
        // The messages do not quote secrets.
        let mut seen = BTreeSet::new();
        for (at, ApiKey { api_key, .. }) in self.keys.iter().flatten().enumerate() {
            if !is_sendable(api_key) {
                return Err(format!(
                    "keys[{at}].apiKey needs 1 to 500 visible ASCII characters without spaces."
                ));
            }
            if !seen.insert(api_key) {
                return Err(format!("keys[{at}].apiKey is there twice."));
            }
        }
        let mut seen = BTreeSet::new();
        for (at, Token { token, .. }) in self.tokens.iter().enumerate() {
            if !is_sendable(token) || token.contains('/') {
                return Err(format!(
                    "tokens[{at}].authToken needs 1 to 500 visible ASCII characters without spaces and /."
                ));
            }
            if !seen.insert(token) {
                return Err(format!("tokens[{at}].authToken is there twice."));
            }
        }
        Ok(())
    }

    fn add_to(&self, state: &State, adding: &mut Adding) -> Result<(), String> {
        let old = state.app(&self.id);
        let id = old.map_or(&self.id, |old| &old.id);
        if old.is_none() {
            self.add_defaults(adding);
        }
        for role in &self.roles {
            let before = old.and_then(|old| old.roles.get(&role.role));
            let seq = before.map_or_else(|| adding.seq(), |role| role.seq);
            let role = Role { created_at: adding.time(role.created_at), seq, ..role.clone() };
            adding.changes.push(Change::PutRole { app: id.clone(), role });
        }
        let roles: BTreeSet<&str> = self.roles.iter().map(|role| role.role.as_str()).collect();
        for (at, user) in self.users.iter().flatten().enumerate() {
            let role = user.role.as_str();
            let known = role == Role::DEFAULT
                || roles.contains(role)
                || old.is_some_and(|old| old.roles.contains_key(role));
            if !known {
                return Err(format!(
                    "users[{at}].role: this app has no role \"{role}\". Add it to \"roles\"."
                ));
            }
            let uid = user.uid.to_lowercase();
            let before = old.and_then(|old| old.users.get(&uid));
            let seq = before.map_or_else(|| adding.seq(), |user| user.seq);
            let created_at = adding.time(user.created_at);
            let user = User { uid, created_at, seq, ..user.clone() };
            adding.changes.push(Change::PutUser { app: id.clone(), user });
        }
        self.check_bots(old)?;
        for key in self.keys.iter().flatten() {
            let name = Some(key.name.clone()).filter(|name| !name.is_empty());
            let name = name.unwrap_or_else(|| key.scope.key_name().to_owned());
            let before = old.and_then(|old| old.keys.get(&key.api_key));
            let seq = before.map_or_else(|| adding.seq(), |key| key.seq);
            let key = ApiKey { name, created_at: adding.time(key.created_at), seq, ..key.clone() };
            adding.changes.push(Change::PutKey { app: id.clone(), key });
        }
        self.add_tokens(id, old, adding)
    }

    /// CometChat's limit of bots an app.
    fn check_bots(&self, old: Option<&App>) -> Result<(), String> {
        let listed = self.users.as_deref().unwrap_or_default();
        let is_listed = |uid: &str| listed.iter().any(|user| user.uid.eq_ignore_ascii_case(uid));
        let kept =
            old.into_iter().flat_map(App::users).filter(|user| user.bot && !is_listed(&user.uid));
        let bots = listed.iter().filter(|user| user.bot).count() + kept.count();
        if bots > MOST_BOTS {
            return Err(format!("users: {bots} of them are bots; an app has {MOST_BOTS} at most."));
        }
        Ok(())
    }

    /// What a new app has where the document leaves it out.
    fn add_defaults(&self, adding: &mut Adding) {
        for mut change in seed::app(&State::default(), &self.id, adding.now) {
            match &mut change {
                Change::PutUser { .. } if self.users.is_some() => continue,
                Change::PutKey { .. } if self.keys.is_some() => continue,
                Change::PutUser { user, .. } => user.seq = adding.seq(),
                Change::PutKey { key, .. } => key.seq = adding.seq(),
                Change::PutRole { role, .. } => role.seq = adding.seq(),
                _ => {}
            }
            adding.changes.push(change);
        }
    }

    fn add_tokens(&self, id: &str, old: Option<&App>, adding: &mut Adding) -> Result<(), String> {
        let added: BTreeMap<String, bool> = adding
            .changes
            .iter()
            .filter_map(|change| match change {
                Change::PutUser { app, user } if app == id => Some((user.uid.clone(), user.bot)),
                _ => None,
            })
            .collect();
        for (at, token) in self.tokens.iter().enumerate() {
            let uid = token.uid.to_lowercase();
            let old_user = || old.and_then(|old| old.users.get(&uid)).map(|user| user.bot);
            match added.get(&uid).copied().or_else(old_user) {
                None => return Err(format!("tokens[{at}].uid: this app has no user \"{uid}\".")),
                Some(true) => {
                    return Err(format!(
                        "tokens[{at}].uid: \"{uid}\" is a bot. Bots have no auth tokens."
                    ));
                }
                Some(false) => {}
            }
            let (created_at, seq) = (adding.time(token.created_at), adding.seq());
            let token = Token { uid, created_at, seq, ..token.clone() };
            adding.changes.push(Change::PutToken { app: id.to_owned(), token });
        }
        Ok(())
    }
}

fn is_id(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    (1..=100).contains(&text.len()) && text.chars().all(allowed)
}

fn is_sendable(text: &str) -> bool {
    (1..=500).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}
