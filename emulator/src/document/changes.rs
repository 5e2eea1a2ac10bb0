//! The changes that add a document to a state.

use super::model::{AppDocument, Document};
use crate::core::{ApiKey, App, Change, Role, State, Token, User, seed};
use std::collections::{BTreeMap, BTreeSet};

/// CometChat's limit of bots per app.
const MOST_BOTS: usize = 25;

impl Document {
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

    /// CometChat's limit of bots per app.
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

    /// Adds the default content of a new app, where the document leaves it out.
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
