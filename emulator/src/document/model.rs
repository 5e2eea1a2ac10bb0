//! The shape of a document.

use crate::core::{ApiKey, App, Role, State, Token, User};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The version of the format, and the only one so far.
pub(super) const VERSION: u32 = 1;

fn version() -> u32 {
    VERSION
}

/// A document of one or more apps.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Document {
    /// The location of the schema, for editors.
    #[serde(rename = "$schema", default, skip_serializing)]
    pub(super) _schema: Option<String>,
    #[serde(default = "version")]
    pub(super) version: u32,
    pub(super) apps: Vec<AppDocument>,
    /// Fault rules for every app. The lab reads them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) faults: Vec<Value>,
}

/// One app of a document.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AppDocument {
    /// The app's id.
    pub id: String,
    /// The users. Left out: the ten test users, if the app is new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub users: Option<Vec<User>>,
    /// The API keys. Left out: the emulator's two keys, if the app is new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<Vec<ApiKey>>,
    /// The roles besides `default`, which every app has.
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
}
