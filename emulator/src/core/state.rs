//! The state of the service, and the only way to change it: [`Change`]s.

use super::change::Change;
use super::config::{Config, Storage};
use super::entity::{ApiKey, Role, Token, User};
use super::rate::Rates;
use super::token_index::Tokens;
use super::user_index::Users;
use std::collections::BTreeMap;

/// One app: its users, tokens, keys and roles.
#[derive(Debug, Clone)]
pub struct App {
    /// The id, in the letter case it was given.
    pub id: String,
    pub(crate) users: Users,
    pub(crate) tokens: Tokens,
    pub(crate) keys: BTreeMap<String, ApiKey>,
    pub(crate) roles: BTreeMap<String, Role>,
    pub(crate) rates: Rates,
}

impl App {
    fn new(id: String) -> Self {
        let default_role = Role::default_role(0, 0);
        Self {
            id,
            users: Users::default(),
            tokens: Tokens::default(),
            keys: BTreeMap::new(),
            roles: BTreeMap::from([(default_role.role.clone(), default_role)]),
            rates: Rates::default(),
        }
    }

    /// The user of a (lower-case) uid, unless deactivated.
    pub fn active_user(&self, uid: &str) -> Option<&User> {
        self.users.get(uid).filter(|user| user.is_active())
    }

    /// The uids of the active users, oldest first.
    pub fn uids(&self) -> impl Iterator<Item = &str> {
        self.users.active().map(|user| user.uid.as_str())
    }

    /// All users, oldest first.
    pub fn users(&self) -> impl Iterator<Item = &User> {
        self.users.iter()
    }

    /// The API keys.
    pub fn keys(&self) -> impl Iterator<Item = &ApiKey> {
        self.keys.values()
    }

    /// The auth tokens.
    pub fn tokens(&self) -> impl Iterator<Item = &Token> {
        self.tokens.iter()
    }

    /// The number of users, deactivated ones included.
    pub fn user_count(&self) -> usize {
        self.users.len()
    }

    /// The number of auth tokens.
    pub fn token_count(&self) -> usize {
        self.tokens.len()
    }

    /// Whether a text is a secret of this app: an API key, an auth token or a web socket pass.
    pub fn is_secret(&self, text: &str) -> bool {
        self.keys.contains_key(text)
            || self.tokens.get(text).is_some()
            || self.tokens.of_pass(text).is_some()
    }
}

/// The state of the service.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// The settings.
    pub config: Config,
    /// The place where changes are kept. The shell sets it, the ready page shows it.
    pub storage: Storage,
    apps: BTreeMap<String, App>,
    pub(crate) next_seq: u64,
}

impl State {
    /// A state without apps.
    pub fn new(config: Config) -> Self {
        Self { config, ..Self::default() }
    }

    /// The app of an id, in any letter case: host names have none.
    pub fn app(&self, id: &str) -> Option<&App> {
        self.apps.get(&id.to_ascii_lowercase())
    }

    /// All apps, in the order of their ids.
    pub fn apps(&self) -> impl Iterator<Item = &App> {
        self.apps.values()
    }

    /// The app, user and auth token of a web socket pass, while the session lasts.
    pub fn session_of_pass(&self, app: &str, pass: &str) -> Option<(&App, &User, &Token)> {
        let app = self.app(app)?;
        let token = app.tokens.of_pass(pass)?;
        Some((app, app.active_user(&token.uid)?, token))
    }

    /// Whether a session lasts.
    pub fn has_session(&self, app: &str, token: &str) -> bool {
        let app = self.app(app);
        let user = app.and_then(|app| app.active_user(&app.tokens.get(token)?.uid));
        user.is_some()
    }

    /// The app of requests that name no app.
    pub fn default_app(&self) -> Option<&App> {
        self.app(&self.config.default_app)
    }

    fn app_mut(&mut self, id: &str) -> &mut App {
        self.apps.entry(id.to_ascii_lowercase()).or_insert_with(|| App::new(id.to_owned()))
    }

    fn use_seq(&mut self, seq: u64) {
        self.next_seq = self.next_seq.max(seq + 1);
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
                self.use_seq(user.seq);
                self.app_mut(app).users.put(user.clone());
            }
            Change::RemoveUser { app, uid } => {
                let app = self.app_mut(app);
                app.users.remove(uid);
                app.tokens.remove_user(uid);
            }
            Change::PutToken { app, token } => {
                self.use_seq(token.seq);
                self.app_mut(app).tokens.put(token.clone());
            }
            Change::RemoveToken { app, token } => self.app_mut(app).tokens.remove(token),
            Change::PutKey { app, key } => {
                self.use_seq(key.seq);
                self.app_mut(app).keys.insert(key.api_key.clone(), key.clone());
            }
            Change::RemoveKey { app, api_key } => {
                self.app_mut(app).keys.remove(api_key);
            }
            Change::PutRole { app, role } => {
                self.use_seq(role.seq);
                self.app_mut(app).roles.insert(role.role.clone(), role.clone());
            }
            Change::RemoveRole { app, role } => {
                self.app_mut(app).roles.remove(role);
            }
            Change::Counted { app, class, at } => self.app_mut(app).rates.count(*class, *at),
        }
    }
}
