//! What the service knows, and the only way to change it: [`Change`]s.

use super::rate::{RateClass, Rates};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// How this emulator was set up. Not part of what is stored.
#[derive(Debug, Clone)]
pub struct Config {
    /// The address it can be reached at, without a slash at the end: where its own links (avatars) point.
    pub public_url: String,
    /// The regions it answers for; the first is the one of requests that name none.
    pub regions: Vec<String>,
    /// The app of requests that name none.
    pub default_app: String,
    /// Whether an auth token outlives `DELETE /me`. The documentation says both.
    pub logout_keeps_token: bool,
    /// Whether an auth token serves for one login only. The documentation says both.
    pub single_use_tokens: bool,
    /// Whether an Auth Key may create auth tokens and nothing else. The documentation says several things.
    pub strict_auth_keys: bool,
    /// Requests a minute and app, 0 for no limit: core operations.
    pub core_limit: u64,
    /// Requests a minute and app, 0 for no limit: standard operations.
    pub standard_limit: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            public_url: String::new(),
            regions: vec!["us".to_owned()],
            default_app: super::seed::APP_ID.to_owned(),
            logout_keeps_token: false,
            single_use_tokens: false,
            strict_auth_keys: false,
            core_limit: 10_000,
            standard_limit: 20_000,
        }
    }
}

impl Config {
    pub(crate) fn rate_limit(&self, class: RateClass) -> u64 {
        match class {
            RateClass::Core => self.core_limit,
            RateClass::Standard => self.standard_limit,
        }
    }

    pub(crate) fn default_region(&self) -> &str {
        self.regions.first().map_or("us", String::as_str)
    }
}

/// A user, as kept. What callers see is made from it in `users.rs`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// Lower-case, unique in the app.
    pub uid: String,
    /// The name shown.
    pub name: String,
    /// Picture: an absolute URL, or a path of this emulator (made absolute when shown, so that it survives a change of port).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
    /// Profile link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Status text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_message: Option<String>,
    /// Free data; its `@private` part is not shown to other users.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Map<String, Value>>,
    /// One of the app's roles.
    pub role: String,
    /// Labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// UNIX seconds.
    pub created_at: u64,
    /// UNIX seconds; absent until the first update.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<u64>,
    /// UNIX seconds; absent while active.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deactivated_at: Option<u64>,
    /// Order of creation: lists show the newest first, and a second is too coarse for that.
    pub seq: u64,
}

/// An auth token: one session of one user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Token {
    /// The secret itself.
    pub token: String,
    /// Whose it is.
    pub uid: String,
    /// UNIX seconds.
    pub created_at: u64,
    /// Order of creation.
    pub seq: u64,
    /// What the client told about itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// What the client told about itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// What the client told about itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_info: Option<Map<String, Value>>,
    /// What the client told about itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_id: Option<String>,
    /// The pass for the web socket, given out by `me`; made when first asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwt: Option<String>,
    /// The socket channel's secret, given out by `me`; made together with `jwt`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel_secret: Option<String>,
    /// Whether somebody logged in with it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub used: bool,
    /// Outlives logging out and the ring of 100: the documentation's `AUTH_TOKEN`, whose snippets are run again and again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pinned: bool,
}

/// What an API key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Scope {
    /// "Auth Key": create and update users, create auth tokens.
    AuthOnly,
    /// "REST API key": everything.
    FullAccess,
}

impl Scope {
    /// Its name in requests and replies.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AuthOnly => "authOnly",
            Self::FullAccess => "fullAccess",
        }
    }
}

/// An API key of an app.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiKey {
    /// The secret itself.
    pub api_key: String,
    /// Its name in lists.
    pub name: String,
    /// What it may do.
    pub scope: Scope,
    /// UNIX seconds.
    pub created_at: u64,
    /// Order of creation. Rows of before there was one count as the oldest.
    #[serde(default)]
    pub seq: u64,
}

/// A role that users can have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Role {
    /// Its id: lower-case, unique in the app.
    pub role: String,
    /// The name shown.
    pub name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Free data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Map<String, Value>>,
    /// Whom its users may see and write to. Kept and shown; the emulator has nothing to apply it to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<Map<String, Value>>,
    /// UNIX seconds.
    pub created_at: u64,
    /// UNIX seconds; absent until the first update.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<u64>,
    /// Order of creation.
    pub seq: u64,
}

impl Role {
    /// The id of the role of users for whom none is named. Every app has it, and keeps it.
    pub const DEFAULT: &'static str = "default";

    pub(crate) fn default_role() -> Self {
        Self {
            role: Self::DEFAULT.to_owned(),
            name: "Default Role".to_owned(),
            description: None,
            metadata: None,
            settings: None,
            created_at: 0,
            updated_at: None,
            seq: 0,
        }
    }
}

/// One app: its users, tokens and keys.
#[derive(Debug, Clone)]
pub struct App {
    /// The id, in the letter case it was given.
    pub id: String,
    pub(crate) users: BTreeMap<String, User>,
    pub(crate) tokens: BTreeMap<String, Token>,
    /// Tokens of each user, oldest first.
    pub(crate) tokens_of: BTreeMap<String, BTreeMap<u64, String>>,
    pub(crate) keys: BTreeMap<String, ApiKey>,
    pub(crate) roles: BTreeMap<String, Role>,
    pub(crate) rates: Rates,
}

impl App {
    fn new(id: String) -> Self {
        Self {
            id,
            users: BTreeMap::new(),
            tokens: BTreeMap::new(),
            tokens_of: BTreeMap::new(),
            keys: BTreeMap::new(),
            roles: BTreeMap::from([(Role::DEFAULT.to_owned(), Role::default_role())]),
            rates: Rates::default(),
        }
    }

    /// The user of that (lower-case) uid, unless deactivated.
    pub fn active_user(&self, uid: &str) -> Option<&User> {
        self.users.get(uid).filter(|user| user.deactivated_at.is_none())
    }

    /// The uids of the active users, in the order of creation.
    pub fn uids(&self) -> Vec<String> {
        let mut users: Vec<&User> =
            self.users.values().filter(|user| user.deactivated_at.is_none()).collect();
        users.sort_by_key(|user| user.seq);
        users.into_iter().map(|user| user.uid.clone()).collect()
    }

    /// The API keys.
    pub fn keys(&self) -> impl Iterator<Item = &ApiKey> {
        self.keys.values()
    }

    /// The auth tokens.
    pub fn tokens(&self) -> impl Iterator<Item = &Token> {
        self.tokens.values()
    }

    /// How many users there are, deactivated ones included.
    pub fn user_count(&self) -> usize {
        self.users.len()
    }

    /// How many auth tokens there are.
    pub fn token_count(&self) -> usize {
        self.tokens.len()
    }

    fn remove_token(&mut self, token: &str) {
        if let Some(old) = self.tokens.remove(token)
            && let Some(of) = self.tokens_of.get_mut(&old.uid)
        {
            of.remove(&old.seq);
        }
    }
}

/// One change of one thing. Applying the same changes in the same order gives the same state.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields say what the variants do")]
pub enum Change {
    /// Everything is gone: all apps with all they hold.
    Clear,
    /// An app comes to be.
    AddApp { app: String },
    /// An app is gone with all it held.
    RemoveApp { app: String },
    /// A user is there, new or changed.
    PutUser { app: String, user: User },
    /// A user and all of the user's tokens are gone.
    RemoveUser { app: String, uid: String },
    /// A token is there, new or changed.
    PutToken { app: String, token: Token },
    /// A token is gone.
    RemoveToken { app: String, token: String },
    /// A key is there, new or changed.
    PutKey { app: String, key: ApiKey },
    /// An API key is gone.
    RemoveKey { app: String, api_key: String },
    /// A role is there, new or changed.
    PutRole { app: String, role: Role },
    /// A role is gone. Users who had it were given another before.
    RemoveRole { app: String, role: String },
    /// A request was counted against its budget. Not stored.
    Counted { app: String, class: RateClass, at: u64 },
}

impl Change {
    /// The app it is about; [`Change::Clear`] is about all.
    pub fn app(&self) -> Option<&str> {
        match self {
            Self::Clear => None,
            Self::AddApp { app }
            | Self::RemoveApp { app }
            | Self::PutUser { app, .. }
            | Self::RemoveUser { app, .. }
            | Self::PutToken { app, .. }
            | Self::RemoveToken { app, .. }
            | Self::PutKey { app, .. }
            | Self::RemoveKey { app, .. }
            | Self::PutRole { app, .. }
            | Self::RemoveRole { app, .. }
            | Self::Counted { app, .. } => Some(app),
        }
    }

    /// Whether this is something to store.
    pub fn is_row(&self) -> bool {
        !matches!(self, Self::Counted { .. })
    }
}

/// Everything the service knows.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// How it was set up.
    pub config: Config,
    apps: BTreeMap<String, App>,
    pub(crate) next_seq: u64,
}

impl State {
    /// A state without apps.
    pub fn new(config: Config) -> Self {
        Self { config, ..Self::default() }
    }

    /// The app of that id. Letter case does not count: a host name has none.
    pub fn app(&self, id: &str) -> Option<&App> {
        self.apps.get(&id.to_ascii_lowercase())
    }

    /// All apps, in the order of their ids.
    pub fn apps(&self) -> impl Iterator<Item = &App> {
        self.apps.values()
    }

    /// Whose session a web socket's pass belongs to, while the session lasts: app, user and auth token.
    pub fn session_of_pass(&self, app: &str, jwt: &str) -> Option<(&App, &User, &Token)> {
        let app = self.app(app)?;
        let token = app.tokens.values().find(|token| token.jwt.as_deref() == Some(jwt))?;
        Some((app, app.active_user(&token.uid)?, token))
    }

    /// Whether a session still lasts.
    pub fn has_session(&self, app: &str, token: &str) -> bool {
        let alive = |app: &App| {
            app.tokens.get(token).is_some_and(|token| app.active_user(&token.uid).is_some())
        };
        self.app(app).is_some_and(alive)
    }

    /// The app of requests that name none.
    pub fn default_app(&self) -> Option<&App> {
        self.app(&self.config.default_app)
    }

    fn app_mut(&mut self, id: &str) -> &mut App {
        self.apps.entry(id.to_ascii_lowercase()).or_insert_with(|| App::new(id.to_owned()))
    }

    /// Makes a change.
    pub fn apply(&mut self, change: &Change) {
        match change {
            Change::Clear => {
                self.apps.clear();
                self.next_seq = 0;
            }
            Change::AddApp { app } => {
                self.app_mut(app);
            }
            Change::RemoveApp { app } => {
                self.apps.remove(&app.to_ascii_lowercase());
            }
            Change::PutUser { app, user } => {
                self.next_seq = self.next_seq.max(user.seq + 1);
                self.app_mut(app).users.insert(user.uid.clone(), user.clone());
            }
            Change::RemoveUser { app, uid } => {
                let app = self.app_mut(app);
                app.users.remove(uid);
                for token in app.tokens_of.remove(uid).unwrap_or_default().into_values() {
                    app.tokens.remove(&token);
                }
            }
            Change::PutToken { app, token } => {
                self.next_seq = self.next_seq.max(token.seq + 1);
                let app = self.app_mut(app);
                app.tokens_of
                    .entry(token.uid.clone())
                    .or_default()
                    .insert(token.seq, token.token.clone());
                app.tokens.insert(token.token.clone(), token.clone());
            }
            Change::RemoveToken { app, token } => self.app_mut(app).remove_token(token),
            Change::PutKey { app, key } => {
                self.next_seq = self.next_seq.max(key.seq + 1);
                self.app_mut(app).keys.insert(key.api_key.clone(), key.clone());
            }
            Change::RemoveKey { app, api_key } => {
                self.app_mut(app).keys.remove(api_key);
            }
            Change::PutRole { app, role } => {
                self.next_seq = self.next_seq.max(role.seq + 1);
                self.app_mut(app).roles.insert(role.role.clone(), role.clone());
            }
            Change::RemoveRole { app, role } => {
                self.app_mut(app).roles.remove(role);
            }
            Change::Counted { app, class, at } => self.app_mut(app).rates.count(*class, *at),
        }
    }
}
