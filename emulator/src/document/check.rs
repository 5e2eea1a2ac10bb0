//! The checks of a document.

use super::model::{AppDocument, Document, VERSION};
use crate::core::{ApiKey, Role, Token, valid_app_id};
use std::collections::BTreeSet;

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
                    "apps[{at}].id: \"{id}\" is not an app id. Use letters, digits, - and _, at \
                     most 63."
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

impl AppDocument {
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
                    "tokens[{at}].authToken needs 1 to 500 visible ASCII characters without spaces \
                     and /."
                ));
            }
            if !seen.insert(token) {
                return Err(format!("tokens[{at}].authToken is there twice."));
            }
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
