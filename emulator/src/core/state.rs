//! The state of the service, and the only way to change it: [`Change`]s.

use super::entity::{ApiKey, Role, Token, User};
use super::rate::{RateClass, Rates};
use super::token_index::Tokens;
use super::user_index::Users;
use std::collections::BTreeMap;

/// The default app's id when none is named.
pub const DEFAULT_APP: &str = "emulator-app";

/// Where changes are kept, and whether that works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Storage {
    /// In memory only.
    #[default]
    Memory,
    /// In a database file.
    File,
    /// In a database file that cannot be written at the moment.
    Failing,
}

impl Storage {
    /// Its name in the ready document.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::File => "file",
            Self::Failing => "failing",
        }
    }
}

/// The settings of this emulator. They are not stored.
#[derive(Debug, Clone)]
pub struct Config {
    /// The address of the emulator, without a slash at the end. Its own links (avatars) begin with
    /// it.
    pub public_url: String,
    /// The regions it serves; the first is the default.
    pub regions: Vec<String>,
    /// The app of requests that name no app.
    pub default_app: String,
    /// Whether an auth token outlives `DELETE /me`. The documentation contradicts itself.
    pub logout_keeps_token: bool,
    /// Whether an auth token allows one login only. The documentation contradicts itself.
    pub single_use_tokens: bool,
    /// Whether an Auth Key may create auth tokens and nothing else. The documentation contradicts
    /// itself.
    pub strict_auth_keys: bool,
    /// Core operations a minute and app; 0 is no limit.
    pub core_limit: u64,
    /// Standard operations a minute and app; 0 is no limit.
    pub standard_limit: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            public_url: String::new(),
            regions: vec!["us".to_owned()],
            default_app: DEFAULT_APP.to_owned(),
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

    /// How many users there are, deactivated ones included.
    pub fn user_count(&self) -> usize {
        self.users.len()
    }

    /// How many auth tokens there are.
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

/// One change of one thing. The same changes in the same order give the same state.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields say what the variants do")]
pub enum Change {
    /// Removes everything: all apps with all they hold.
    Clear,
    /// Adds an app.
    AddApp { app: String },
    /// Removes an app with all it holds.
    RemoveApp { app: String },
    /// Adds or replaces a user.
    PutUser { app: String, user: User },
    /// Removes a user with all of the user's tokens.
    RemoveUser { app: String, uid: String },
    /// Adds or replaces a token.
    PutToken { app: String, token: Token },
    /// Removes a token.
    RemoveToken { app: String, token: String },
    /// Adds or replaces an API key.
    PutKey { app: String, key: ApiKey },
    /// Removes an API key.
    RemoveKey { app: String, api_key: String },
    /// Adds or replaces a role.
    PutRole { app: String, role: Role },
    /// Removes a role. Its users got another one before.
    RemoveRole { app: String, role: String },
    /// Counts a request against its rate limit. Not stored.
    Counted { app: String, class: RateClass, at: u64 },
}

impl Change {
    /// The app that it changes; [`Change::Clear`] changes all.
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

    /// Whether the change is stored.
    pub fn is_row(&self) -> bool {
        !matches!(self, Self::Counted { .. })
    }
}

/// Everything the service knows.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// The settings.
    pub config: Config,
    /// Where changes are kept. The shell sets it; the ready page shows it.
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
